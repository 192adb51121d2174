// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/listing.hpp: which tensors of a checkpoint a decoder would bind, without loading any: the exporter's work list.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/weights.hpp>

namespace ingot::model {

/// One tensor that a decoder binds; its shape has been checked.
struct WeightRequest {
  std::string name;
  const checkpoint::TensorInfo* tensor = nullptr;
  bool is_matrix = false;
  std::vector<Role> roles;  ///< of a matrix: several when it is tied
};

/// Writes down what is asked for. The tensors outlive it.
class ListingSource final : public WeightSource {
 public:
  explicit ListingSource(const checkpoint::TensorIndex& tensors) : tensors_{tensors} {}

  [[nodiscard]] bool has(std::string_view name) const override { return tensors_.find(name) != nullptr; }
  Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) override {
    for (WeightRequest& request : requests_)
      if (request.name == name) {
        request.roles.push_back(role);
        return quant::MatrixView{};
      }
    INGOT_TRY(const auto* tensor, find_tensor(tensors_, name, rows, columns, false));
    requests_.push_back({std::string{name}, tensor, true, {role}});
    return quant::MatrixView{};
  }
  Result<const float*> vector(std::string_view name, std::uint32_t size) override {
    INGOT_TRY(const auto* tensor, find_tensor(tensors_, name, size, 1, true));
    requests_.push_back({std::string{name}, tensor, false, {}});
    return static_cast<const float*>(nullptr);
  }
  [[nodiscard]] std::vector<WeightRequest> requests() && { return std::move(requests_); }

 private:
  const checkpoint::TensorIndex& tensors_;
  std::vector<WeightRequest> requests_;
};

/// A backend that binds nothing.
struct ListingBackend {
  Shape shape;
  struct Nothing {};
  template <Role>
  using matrix = Nothing;
  template <Role>
  [[nodiscard]] Result<Nothing> bind(const quant::MatrixView&) const {
    return Nothing{};
  }
};

}  // namespace ingot::model
