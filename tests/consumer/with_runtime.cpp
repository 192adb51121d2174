// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/functions.hpp>
#include <ingot/model/open.hpp>

#include <iostream>

int main() {
  const auto model = ingot::model::open("no_such_model", {});
  if (model) return 1;
  std::cout << model.error() << '\n';
  return model.error().code == ingot::ErrorCode::not_found && ingot::kernels::best_functions().name() != "" ? 0 : 2;
}
