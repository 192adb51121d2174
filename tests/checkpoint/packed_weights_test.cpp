// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/packed_weights.hpp>

#include <cstring>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
struct Zeros {
  std::vector<std::byte> bytes = std::vector<std::byte>(4096);
  TensorInfo operator()(const char* name, ElementType type, std::vector<std::size_t> shape) const {
    const std::size_t size = *stored_bytes(type, shape);
    return {.name = name, .type = type, .shape = std::move(shape), .bytes = std::span{bytes}.first(size), .file = "f"};
  }
};
}  // namespace

TEST_CASE("bits and groups of a single matrix may differ from the config's") {
  using enum ElementType;
  const Zeros of;
  const QuantizationConfig config{.method = QuantizationConfig::Method::gptq, .bits = 4, .group = 128};
  const auto parts = gptq_parts(of("w", i32, {16, 8}), of("z", i32, {4, 2}), of("s", f16, {4, 8}), nullptr, {.bits = 8, .group = 128});
  REQUIRE(parts);  // 64 columns in 4 groups, not in one of 128
  CHECK(parts->columns == 64);
  CHECK(parts->group == 16);
  auto order = of("o", i32, {64});
  std::vector<std::int32_t> groups(64, 1);
  order.bytes = std::as_bytes(std::span{groups});
  const auto eight = gptq_parts(of("w", i32, {16, 8}), of("z", i32, {4, 2}), of("s", f16, {4, 8}), &order, config);
  REQUIRE(eight);  // 16 words for 64 columns
  CHECK(eight->codes.bits == 8);
  CHECK(!eight->order.empty());
  for (std::size_t i = 0; i < 64; ++i) groups[i] = static_cast<std::int32_t>(i / 16);
  CHECK(gptq_parts(of("w", i32, {16, 8}), of("z", i32, {4, 2}), of("s", f16, {4, 8}), &order, config)->order.empty());
  const auto padded = gptq_parts(of("w", i32, {8, 8}), of("z", i32, {3, 1}), of("s", f16, {3, 8}), nullptr, {.bits = 4, .group = 24});
  REQUIRE(padded);  // the last group is smaller
  CHECK(padded->group == 24);
  CHECK(gptq_parts(of("w", i32, {16, 8}), of("z", i32, {4, 2}), of("s", f16, {4, 8}), nullptr, {.bits = 5}).error().code ==
        ErrorCode::unsupported);
  CHECK(!gptq_parts(of("w", i32, {4, 8}), of("z", i32, {1, 1}), of("s", f16, {1, 8}), nullptr, {.bits = 3}));
}

TEST_CASE("what the words of a packed weight say about its bits") {
  using enum ElementType;
  const Zeros of;
  const std::int64_t sizes[2]{4, 48};
  auto shape = of("n", i64, {2});
  shape.bytes = std::as_bytes(std::span{sizes});
  for (std::uint8_t bits = 2; bits <= 8; ++bits) {
    const auto parts = compressed_parts(of("w", i32, {4, (48u * bits + 31) / 32}), shape, of("s", bf16, {4, 3}), nullptr, nullptr);
    REQUIRE(parts);
    CHECK(parts->codes.bits == bits);
    CHECK(parts->group == 16);
  }
  CHECK(compressed_parts(of("w", i32, {4, 6}), shape, of("s", bf16, {1}), nullptr, nullptr)->scale_row == 0);
  CHECK(!compressed_parts(of("w", i32, {4, 6}), shape, of("s", bf16, {4, 5}), nullptr, nullptr));
  CHECK(!compressed_parts(of("w", i32, {4, 13}), shape, of("s", bf16, {4, 1}), nullptr, nullptr));
  auto unset = of("o", i32, {48});
  const std::vector<std::int32_t> none(48, -1);
  unset.bytes = std::as_bytes(std::span{none});
  const auto parts = compressed_parts(of("w", i32, {4, 6}), shape, of("s", bf16, {4, 3}), nullptr, &unset);
  REQUIRE(parts);
  CHECK(parts->order.empty());
}
