// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/decode.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
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
