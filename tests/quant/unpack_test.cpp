// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/unpack.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::quant;

namespace {

void put(std::span<std::byte> plane, std::size_t at, std::uint8_t value) { plane[at] = static_cast<std::byte>(value); }
void put_half(std::span<std::byte> plane, std::size_t at, float value) {
  const ingot::f16 half = to_f16(value);
  std::memcpy(plane.data() + at, &half, sizeof half);
}

std::vector<float> row_of(const PackedStorage& storage, std::size_t row) {
  std::vector<float> out(storage.layout().columns);
  unpack_row(storage.view(), row, out);
  return out;
}

}  // namespace

TEST_CASE("bytes placed by hand, as packed_matrix.hpp describes them: 4 bits") {
  PackedStorage m{{.bits = 4, .group = 32}, 18, 40};
  // Row 17 is row 1 of panel 1, which has 8 lines; its columns 32..39 are line 4 and group 1.
  const std::size_t line = 512 + 4 * 64;
  put(m.quants(), line + 4 * 1 + 2, 0x9a);  // column 34: 10, column 38: 9
  put_half(m.scales(), 64 + 32 + 2, 0.5f);  // panel 1, group 1, row 1
  const auto row = row_of(m, 17);
  CHECK(row[34] == 0.5f * (10 - 8));
  CHECK(row[38] == 0.5f * (9 - 8));
  CHECK(row[33] == 0.5f * -8);
  CHECK(row[31] == 0);
}

TEST_CASE("8 bits with a min, and a scale for the whole row") {
  PackedStorage m{{.bits = 8, .group = 0, .zero = Zero::min}, 3, 6};
  put(m.quants(), 64 + 2 * 4 + 1, 200);  // row 2, column 5
  put_half(m.scales(), 2 * 2, 0.25f);
  put_half(m.scales(), 32 + 2 * 2, -3);
  const auto row = row_of(m, 2);
  CHECK(row[5] == 47);
  CHECK(row[0] == -3);
}

TEST_CASE("nested scales") {
  PackedStorage q4k{{.bits = 4, .group = 32, .zero = Zero::min, .scale = Scale::nested}, 1, 512};
  // A block of 256 columns: 32 bytes d, 32 bytes d_min, then 8 groups of 16 bytes s and 16 bytes m.
  put_half(q4k.scales(), 320, 0.5f);
  put_half(q4k.scales(), 320 + 32, 2);
  put(q4k.scales(), 320 + 64 + 3 * 32, 63);
  put(q4k.scales(), 320 + 64 + 3 * 32 + 16, 5);
  put(q4k.quants(), (256 + 96) / 8 * 64, 0x0f);
  CHECK(row_of(q4k, 0)[256 + 96] == 0.5f * 63 * 15 - 2 * 5);
  CHECK(row_of(q4k, 0)[256 + 97] == -10);

  PackedStorage q6k{{.bits = 8, .group = 16, .scale = Scale::nested}, 2, 256};
  put_half(q6k.scales(), 2, -2);                                       // row 1: d
  put(q6k.scales(), 32 + 15 * 16 + 1, static_cast<std::uint8_t>(-7));  // row 1, group 15
  put(q6k.quants(), 63 * 64 + 4 + 3, 128 - 32);                        // row 1, column 255
  CHECK(row_of(q6k, 1)[255] == -2.0f * -7 * -32);
}

TEST_CASE("a zero keeps the sign of its scale, as a product does") {
  PackedStorage m{{.bits = 8, .group = 32}, 1, 1};
  put(m.quants(), 0, 128);
  put_half(m.scales(), 0, -1);
  CHECK(std::signbit(row_of(m, 0)[0]));
}

TEST_CASE("floats of 16 and 32 bits") {
  PackedStorage half{quant::f16, 2, 3}, brain{quant::bf16, 2, 3}, full{quant::f32, 2, 3};
  put_half(half.quants(), 64 + 4, 1.5f);  // row 1, column 2
  CHECK(row_of(half, 1) == std::vector<float>{0, 0, 1.5f});
  put(brain.quants(), 4 + 3, 0x40);  // row 1, column 1: 0x4000
  CHECK(row_of(brain, 1) == std::vector<float>{0, 2, 0});
  const float value = 0.1f;
  std::memcpy(full.quants().data() + 128 + 4, &value, 4);
  CHECK(row_of(full, 1) == std::vector<float>{0, 0, 0.1f});
}
