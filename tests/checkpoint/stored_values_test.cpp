// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/stored_values.hpp>

#include <memory>
#include <vector>

#include <doctest/doctest.h>
#include <ingot/checkpoint/decode.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
/// 100 * row + column.
class Coordinates final : public StoredValues {
 public:
  [[nodiscard]] std::string_view form() const noexcept override { return "coordinates"; }
  void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(100 * row + column + i);
  }
};
}  // namespace

TEST_CASE("views pick rows of values that have no type, and transpose them") {
  TensorInfo tensor{.name = "w", .type = ElementType::i32, .shape = {2, 5}, .values = std::make_shared<Coordinates>()};
  tensor.selection = {1, 1, 2};
  CHECK(tensor.values->symmetric_codes() == nullptr);
  std::vector<float> out(10);
  REQUIRE(decode_rows(tensor, 0, 2, out));
  CHECK(out == std::vector<float>{100, 101, 102, 103, 104, 300, 301, 302, 303, 304});

  tensor.selection = {}, tensor.shape = {5, 2}, tensor.column_step = 5;
  REQUIRE(decode_rows(tensor, 0, 5, out));
  CHECK(out == std::vector<float>{0, 100, 1, 101, 2, 102, 3, 103, 4, 104});
}
