// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/decode.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/safetensors.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

TEST_CASE("every type decodes bit for bit as in Python") {
  const auto golden = open_safetensors(INGOT_GOLDEN_DIR "/checkpoint/blocks.safetensors");
  REQUIRE(golden);
  int types = 0;
  for (const ElementTypeInfo& type : element_types) {
    const TensorInfo* stored = golden->tensors.find(std::string{type.name} + ".stored");
    CHECK((stored != nullptr) == is_decodable(type.type));
    if (stored == nullptr) continue;
    INFO(type.name);
    ++types;
    const TensorInfo* values = *golden->tensors.at(std::string{type.name} + ".values");
    const std::size_t elements = values->elements(), rows = stored->bytes.size() / type.bytes;
    TensorInfo tensor = *stored;
    tensor.type = type.type;
    tensor.shape = {rows, type.elements};
    for (const std::size_t columns : {std::size_t{type.elements}, elements}) {  // one block a row, all in one row
      tensor.shape = {elements / columns, columns};
      std::vector<float> decoded(elements);
      REQUIRE(decode_rows(tensor, 0, tensor.rows(), decoded));
      for (std::size_t i = 0; i < elements; ++i) {
        std::uint32_t expected;
        std::memcpy(&expected, values->bytes.data() + i * sizeof expected, sizeof expected);
        if (std::isnan(std::bit_cast<float>(expected)))
          CHECK(std::isnan(decoded[i]));
        else
          REQUIRE(std::bit_cast<std::uint32_t>(decoded[i]) == expected);
      }
    }
  }
  CHECK(types == 16);
}

TEST_CASE("one element of each type stands where its size says") {
  const std::array<std::uint8_t, 12> stored{0x00, 0x3C, 0x80, 0xBF, 0x00, 0x00, 0x20, 0x40, 0xFD, 0x38, 0x7F, 0x80};
  const auto at = [&](ElementType type, std::size_t index) { return detail::load_element(type, std::as_bytes(std::span{stored}), index); };
  CHECK(at(ElementType::f16, 0) == 1);
  CHECK(at(ElementType::bf16, 1) == -1);
  CHECK(at(ElementType::f32, 1) == 2.5f);
  CHECK(at(ElementType::i8, 8) == -3);
  CHECK(at(ElementType::f8_e4m3, 9) == 1);
  CHECK(at(ElementType::f8_e8m0, 10) == 1);
  CHECK(at(ElementType::f8_e8m0, 11) == 2);
  CHECK(at(ElementType::q8_0, 0) == 0);
}

TEST_CASE("some rows, in the order of the permutation") {
  std::vector<float> numbers{0, 1, 2, 3, 4, 5, 6, 7};
  TensorInfo tensor{.name = "q", .type = ElementType::f32, .shape = {8, 1}, .bytes = std::as_bytes(std::span{numbers})};
  tensor.permutation = {4};
  std::vector<float> out(3);
  REQUIRE(decode_rows(tensor, 1, 4, out));
  CHECK(out == std::vector<float>{2, 1, 3});
  REQUIRE(decode_rows(tensor, 5, 5, std::span<float>{}));
  tensor.shape = {8};  // the bias that belongs to it
  out.resize(8);
  REQUIRE(decode_rows(tensor, 0, 1, out));
  CHECK(out == std::vector<float>{0, 2, 1, 3, 4, 6, 5, 7});
}

TEST_CASE("a vector of blocks is permuted by its values") {
  std::vector<std::byte> bytes(34);
  bytes[1] = std::byte{0x3c};  // the scale, 1 as f16
  for (int i = 0; i < 32; ++i) bytes[2 + static_cast<std::size_t>(i)] = static_cast<std::byte>(i);
  const TensorInfo tensor{.name = "q", .type = ElementType::q8_0, .shape = {32}, .bytes = bytes, .permutation = {32}};
  std::vector<float> out(32);
  REQUIRE(decode_rows(tensor, 0, 1, out));
  for (std::size_t i = 0; i < 32; ++i) CHECK(out[i] == static_cast<float>(tensor.permutation(i)));
}

TEST_CASE("transposed rows come out as columns, more of them than are read at once") {
  const std::size_t in = 3, out_rows = 40;  // stored [in, 2 * out_rows]: halves, or every second column
  std::vector<float> numbers(in * 2 * out_rows);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  TensorInfo tensor{.name = "w", .type = ElementType::f32, .shape = {out_rows, in}, .bytes = std::as_bytes(std::span{numbers})};
  tensor.column_step = 2 * out_rows;
  for (const bool interleaved : {false, true}) {
    tensor.selection = interleaved ? RowSelection{1, 1, 2} : RowSelection{out_rows};
    std::vector<float> out(37 * in);
    REQUIRE(decode_rows(tensor, 2, 39, out));
    for (std::size_t row = 2; row < 39; ++row)
      for (std::size_t column = 0; column < in; ++column)
        CHECK(out[(row - 2) * in + column] == numbers[column * 2 * out_rows + (interleaved ? 2 * row + 1 : out_rows + row)]);
  }
}

TEST_CASE("blocks are transposed by their values") {
  std::vector<std::byte> bytes(4 * 34);  // [2, 64]: scale 1, 2 in the second row
  for (std::size_t block = 0; block < 4; ++block) {
    bytes[block * 34 + 1] = std::byte{block < 2 ? std::uint8_t{0x3c} : std::uint8_t{0x40}};
    for (std::size_t i = 0; i < 32; ++i) bytes[block * 34 + 2 + i] = static_cast<std::byte>(block % 2 * 32 + i);
  }
  TensorInfo tensor{.name = "w", .type = ElementType::q8_0, .shape = {60, 2}, .bytes = bytes, .selection = {4}};
  tensor.column_step = 64;
  std::vector<float> out(120);
  REQUIRE(decode_rows(tensor, 0, 60, out));
  for (std::size_t row = 0; row < 60; ++row) {
    CHECK(out[row * 2] == static_cast<float>(row + 4));
    CHECK(out[row * 2 + 1] == static_cast<float>(2 * (row + 4)));
  }
}

TEST_CASE("values are edited after they are decoded") {
  const std::vector<float> numbers{3, 4, 0, 0, -0.5f, 0};
  TensorInfo tensor{.name = "w", .type = ElementType::f32, .shape = {3, 2}, .bytes = std::as_bytes(std::span{numbers})};
  tensor.unit_rows = true;
  std::vector<float> out(6);
  REQUIRE(decode_rows(tensor, 0, 3, out));
  CHECK(out == std::vector<float>{0.6f, 0.8f, 0, 0, -1, 0});
  tensor.unit_rows = false, tensor.plus_one = true, tensor.shape = {2}, tensor.selection = {1, 1, 3};
  out.resize(2);
  REQUIRE(decode_rows(tensor, 0, 1, out));
  CHECK(out == std::vector<float>{5, 0.5f});
}

TEST_CASE("types that cannot be decoded are named") {
  const std::vector<std::byte> bytes(18);
  const TensorInfo tensor{.name = "blk.0.w", .type = ElementType::iq4_nl, .shape = {1, 32}, .bytes = bytes, .file = "f.gguf"};
  std::vector<float> out(32);
  const Status status = decode_rows(tensor, 0, 1, out);
  REQUIRE(!status);
  CHECK(status.error().code == ErrorCode::unsupported);
  CHECK(status.error().message().find("IQ4_NL") != std::string::npos);
  CHECK(status.error().message().find("f.gguf: blk.0.w") != std::string::npos);
  CHECK(!is_decodable(ElementType::i32));
}
