// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/scaled_values.hpp>

#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
std::vector<std::byte> bytes_of(const std::vector<int>& values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}
}  // namespace

TEST_CASE("blocks with smaller ones at the edges, from the middle of a row on") {
  const std::vector<std::byte> ones(3 * 5, std::byte{0x38});  // 1 as E4M3
  const std::vector<float> scales{1, 2, 3, 4, 5, 6};
  const TensorInfo weight{.name = "w", .type = ElementType::f8_e4m3, .shape = {3, 5}, .bytes = ones, .file = "f"};
  const TensorInfo scale{.name = "s", .shape = {2, 3}, .bytes = std::as_bytes(std::span{scales}), .file = "f"};
  const auto values = ScaledValues::create(weight, scale, nullptr, ScaleBlock{2, 2});
  REQUIRE(values);
  std::vector<float> out(4);
  (*values)->decode(1, 1, out);
  CHECK(out == std::vector<float>{1, 2, 2, 3});
  (*values)->decode(2, 1, out);
  CHECK(out == std::vector<float>{4, 5, 5, 6});
  CHECK((*values)->symmetric_codes() == nullptr);
  CHECK((*values)->form() == "scaled F8_E4M3");
  CHECK(!ScaledValues::create(weight, scale, nullptr, ScaleBlock{1, 2}));
  CHECK(!ScaledValues::create(weight, scale, nullptr, std::nullopt));
}

TEST_CASE("scales as powers of two, and one for everything") {
  const auto weights = bytes_of({0x38, 0x40, 0xb8, 0x30}), exponents = bytes_of({128, 126});
  const TensorInfo weight{.name = "w", .type = ElementType::f8_e4m3, .shape = {2, 2}, .bytes = weights, .file = "f"};
  TensorInfo scale{.name = "s", .type = ElementType::f8_e8m0, .shape = {2, 1}, .bytes = exponents, .file = "f"};
  std::vector<float> out(2);
  (*ScaledValues::create(weight, scale, nullptr, std::nullopt))->decode(1, 0, out);
  CHECK(out == std::vector<float>{-0.5f, 0.25f});
  scale.shape = {}, scale.bytes = scale.bytes.first(1);
  (*ScaledValues::create(weight, scale, nullptr, std::nullopt))->decode(1, 0, out);
  CHECK(out == std::vector<float>{-2, 1});
}

TEST_CASE("INT8 by groups: codes where no group has a zero point") {
  const auto weights = bytes_of({-128, 127, 3, -4}), zeros = bytes_of({0, -2});
  const std::vector<float> scales{0.5f, 0.25f};
  const TensorInfo weight{.name = "w", .type = ElementType::i8, .shape = {1, 4}, .bytes = weights, .file = "f"};
  const TensorInfo scale{.name = "s", .shape = {1, 2}, .bytes = std::as_bytes(std::span{scales}), .file = "f"};
  const auto plain = ScaledValues::create(weight, scale, nullptr, std::nullopt);
  const GroupCodes* codes = (*plain)->symmetric_codes();
  REQUIRE(codes != nullptr);
  std::vector<std::uint8_t> out(4);
  codes->codes(0, 0, out);
  CHECK(out == std::vector<std::uint8_t>{0, 255, 131, 124});
  CHECK(codes->columns() == 2);
  CHECK(codes->scale(0, 3) == 0.25f);

  const TensorInfo zero{.name = "z", .type = ElementType::i8, .shape = {1, 2}, .bytes = zeros, .file = "f"};
  const auto shifted = ScaledValues::create(weight, scale, &zero, std::nullopt);
  CHECK((*shifted)->symmetric_codes() == nullptr);
  std::vector<float> values(4);
  (*shifted)->decode(0, 0, values);
  CHECK(values == std::vector<float>{-64, 63.5f, 1.25f, -0.5f});

  const std::vector<float> coarse{1e-9f, 0.25f};  // beyond binary16
  const TensorInfo fine{.name = "s", .shape = {1, 2}, .bytes = std::as_bytes(std::span{coarse}), .file = "f"};
  CHECK((*ScaledValues::create(weight, fine, nullptr, std::nullopt))->symmetric_codes() == nullptr);
}
