// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/tensor_index.hpp>

#include <array>
#include <limits>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
TensorInfo tensor(std::string name, ElementType type = ElementType::f32, std::vector<std::size_t> shape = {}) {
  return {.name = std::move(name), .type = type, .shape = std::move(shape), .file = "file"};
}
}  // namespace

TEST_CASE("lookup by name and iteration in file order") {
  auto index = TensorIndex::create({}, {tensor("c"), tensor("a"), tensor("b")});
  REQUIRE(index);
  const TensorIndex moved = *std::move(index);
  CHECK(moved.find("a")->name == "a");
  CHECK(moved.find("c")->name == "c");
  CHECK(moved.find("") == nullptr);
  CHECK(moved.find("aa") == nullptr);
  CHECK(moved.size() == 3);
  CHECK(moved.begin()->name == "c");
  CHECK(moved.at("b"));
  const auto missing = moved.at("model.norm.weight");
  REQUIRE(!missing);
  CHECK(missing.error().code == ErrorCode::damaged);
  CHECK(missing.error().message().find("model.norm.weight") != std::string::npos);
  CHECK(TensorIndex{}.find("a") == nullptr);
}

TEST_CASE("one name for two tensors is an error, also after renaming") {
  const auto twins = TensorIndex::create({}, {tensor("a"), tensor("b"), tensor("a")});
  REQUIRE(!twins);
  CHECK(twins.error().message() == "two tensors have this name: file: a");
  auto index = TensorIndex::create({}, {tensor("a"), tensor("b")});
  auto renamed = std::move(*index).edited([](TensorInfo& t) { t.name += "x"; });
  REQUIRE(renamed);
  CHECK(renamed->find("ax") != nullptr);
  CHECK(!std::move(*renamed).edited([](TensorInfo& t) { t.name = "same"; }));
}

TEST_CASE("rows, columns and bytes of any rank") {
  CHECK(tensor("scalar").elements() == 1);
  CHECK(tensor("scalar").rows() == 1);
  CHECK(tensor("vector", ElementType::f32, {5}).rows() == 1);
  CHECK(tensor("vector", ElementType::f32, {5}).columns() == 5);
  CHECK(tensor("cube", ElementType::f32, {2, 3, 5}).rows() == 6);
  CHECK(tensor("empty", ElementType::f32, {0, 5}).elements() == 0);
  const std::size_t large = std::numeric_limits<std::size_t>::max() / 2;
  CHECK(stored_bytes(ElementType::q4_0, std::array<std::size_t, 2>{3, 64}) == 108);
  CHECK(!stored_bytes(ElementType::q4_0, std::array<std::size_t, 2>{64, 3}));
  CHECK(!stored_bytes(ElementType::u8, std::array<std::size_t, 3>{large, 3, 0}));
  CHECK(!stored_bytes(ElementType::u8, std::array<std::size_t, 3>{large, 3, 1}));
}

TEST_CASE("rows of a selection, in the order of the permutation") {
  std::array<std::byte, 4> bytes{std::byte{0}, std::byte{1}, std::byte{2}, std::byte{3}};
  TensorInfo matrix = tensor("q", ElementType::u8, {4, 1});
  matrix.bytes = bytes;
  matrix.permutation = {4};
  CHECK(matrix.row(1)[0] == std::byte{2});
  CHECK(matrix.row(2)[0] == std::byte{1});
  matrix.shape = {2, 1};
  matrix.selection = {1, 1, 2};
  CHECK(matrix.row(0)[0] == std::byte{2});
  CHECK(matrix.row(1)[0] == std::byte{3});
}
