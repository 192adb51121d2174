// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/import.hpp>

#include <bit>
#include <cstring>
#include <random>
#include <set>
#include <vector>

#include <ingot/checkpoint/source.hpp>
#include <ingot/quant/unpack.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::quant;
using checkpoint::ElementType;
using checkpoint::TensorInfo;

namespace {

constexpr ElementType block_types[] = {ElementType::q4_0, ElementType::q4_1, ElementType::q5_0, ElementType::q5_1, ElementType::q8_0,
                                       ElementType::q2_k, ElementType::q3_k, ElementType::q4_k, ElementType::q5_k, ElementType::q6_k};

/// Random bits are valid codes; the binary16 factors among them must be finite, so the top exponent bit of every byte pair that
/// might be one is cleared where a block keeps them.
std::vector<std::byte> random_blocks(ElementType type, std::size_t count, unsigned seed) {
  std::mt19937 random{seed};
  std::vector<std::byte> bytes(count * checkpoint::info(type).bytes);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  checkpoint::visit_block(type, [&]<class Block>() {
    for (std::size_t i = 0; i < count; ++i) {
      auto block = checkpoint::load_block<Block>(bytes, i);
      block.d.bits &= 0xbfff;
      if constexpr (requires { block.m; }) block.m.bits &= 0xbfff;
      if constexpr (requires { block.d_min; }) block.d_min.bits &= 0xbfff;
      if (i == 0) block.d.bits = 0x8000;  // -0
      if (i == 1) block.d.bits = 0x8001;  // negative and subnormal
      std::memcpy(bytes.data() + i * sizeof block, static_cast<const void*>(&block), sizeof block);
    }
  });
  return bytes;
}

void check_exact(const TensorInfo& tensor, Team& team) {
  const auto packed = pack_native(tensor, team);
  REQUIRE(packed);
  std::vector<float> expected(tensor.columns()), row(tensor.columns());
  for (std::size_t r = 0; r < tensor.rows(); ++r) {
    REQUIRE(checkpoint::decode_rows(tensor, r, r + 1, expected));
    unpack_row(packed->view(), r, row);
    REQUIRE(std::memcmp(row.data(), expected.data(), row.size() * sizeof(float)) == 0);
  }
}

}  // namespace

TEST_CASE("blocks import bit for bit, with and without a row permutation") {
  Team team{2};
  for (const ElementType type : block_types)
    for (const std::size_t rows : {1u, 16u, 24u, 40u})
      for (const std::size_t head_rows : {0u, 8u}) {
        if (rows % 8 != 0 && head_rows != 0) continue;
        INFO(checkpoint::name(type), " ", rows);
        const std::size_t columns = 512;
        const auto bytes = random_blocks(type, rows * columns / checkpoint::info(type).elements, static_cast<unsigned>(rows));
        check_exact({.name = "w", .type = type, .shape = {rows, columns}, .bytes = bytes, .file = "f", .permutation = {head_rows}}, team);
      }
}

TEST_CASE("rows of a single small block need no padding") {
  Team team{1};
  for (const ElementType type : block_types) {
    const std::size_t columns = checkpoint::info(type).elements;
    const auto bytes = random_blocks(type, 3, 5);
    check_exact({.name = "w", .type = type, .shape = {3, columns}, .bytes = bytes, .file = "f"}, team);
  }
}

TEST_CASE("float types stay what they are") {
  Team team{1};
  std::mt19937 random{6};
  std::vector<std::byte> bytes(4 * 5 * 21);
  for (const ElementType type : {ElementType::f32, ElementType::f16, ElementType::bf16}) {
    const std::size_t size = checkpoint::info(type).bytes;
    for (std::size_t i = 0; i < bytes.size(); i += size) {  // any finite bits
      const std::uint32_t value = random() & (type == ElementType::f16 ? 0xbfffu : type == ElementType::bf16 ? 0xbf7fu : 0xff7fffffu);
      std::memcpy(bytes.data() + i, &value, size);
    }
    check_exact({.name = "w", .type = type, .shape = {5, 21}, .bytes = std::span{bytes}.first(size * 5 * 21), .file = "f"}, team);
    CHECK(to_string(*native_scheme(type)) == (type == ElementType::f32 ? "f32" : type == ElementType::f16 ? "f16" : "bf16"));
  }
}

TEST_CASE("factors that are not finite are refused with file, tensor and row") {
  Team team{1};
  for (const ElementType type : block_types) {
    const std::size_t columns = 512, blocks = 20 * columns / checkpoint::info(type).elements;
    checkpoint::visit_block(type, [&]<class Block>() {
      const auto check = [&](auto&& spoil) {
        auto bytes = random_blocks(type, blocks, 7);
        auto block = checkpoint::load_block<Block>(bytes, blocks - 1);
        spoil(block);
        std::memcpy(bytes.data() + (blocks - 1) * sizeof block, static_cast<const void*>(&block), sizeof block);
        const TensorInfo tensor{.name = "blk.0.w", .type = type, .shape = {20, columns}, .bytes = bytes, .file = "m.gguf"};
        const auto packed = pack_native(tensor, team);
        REQUIRE(!packed);
        CHECK(packed.error().code == ErrorCode::damaged);
        CHECK(packed.error().where == "m.gguf: blk.0.w: row 19");
      };
      check([](Block& block) { block.d.bits = 0x7c00; });
      if constexpr (requires(Block b) { b.m; }) check([](Block& block) { block.m.bits = 0x7e00; });
      if constexpr (requires(Block b) { b.d_min; }) check([](Block& block) { block.d_min.bits = 0xfc00; });
    });
  }
}

TEST_CASE("types without an exact scheme are unsupported") {
  Team team{1};
  const std::vector<std::byte> bytes(256);
  const TensorInfo tensor{.name = "w", .type = ElementType::i8, .shape = {16, 16}, .bytes = bytes, .file = "f"};
  const auto packed = pack_native(tensor, team);
  REQUIRE(!packed);
  CHECK(packed.error().code == ErrorCode::unsupported);
  CHECK(packed.error().where == "f: w");
  const TensorInfo empty{.name = "w", .type = ElementType::q4_0, .shape = {0, 32}, .file = "f"};
  CHECK(pack_native(empty, team).error().code == ErrorCode::damaged);
}

TEST_CASE("a view that edits values or takes blocks apart is not held by any scheme as it is stored") {
  const std::vector<std::byte> bytes(2 * 32 * 34);
  const TensorInfo blocks{.name = "w", .type = ElementType::q8_0, .shape = {2, 32}, .bytes = std::span{bytes}.first(68), .file = "f"};
  CHECK(native_scheme(blocks));
  TensorInfo tensor = blocks;
  tensor.unit_rows = true;
  CHECK(!native_scheme(tensor));
  tensor = blocks, tensor.plus_one = true;
  CHECK(!native_scheme(tensor));
  tensor = blocks, tensor.shape = {32, 2}, tensor.column_step = 32;
  CHECK(!native_scheme(tensor));
  Team team{1};
  CHECK(pack_native(tensor, team).error().code == ErrorCode::unsupported);
  tensor.type = ElementType::f16, tensor.bytes = std::span{bytes}.first(128);
  CHECK(native_scheme(tensor) == quant::f16);
  CHECK(pack_native(tensor, team));
}

TEST_CASE("symmetric codes of quantized checkpoints stay what they are, in the rows of the view") {
  struct Case {
    const char *name, *tensor, *scheme;
  };
  Team team{2};
  for (const Case& c : {Case{"gptq-sym", "m.x_proj.weight", "int4-g32"}, Case{"pack-8bit", "m.x_proj.weight", "int8-channel"},
                        Case{"int8", "m.x_proj.weight", "int8-channel"}, Case{"mxfp4", "m.experts.down_proj", "int8-g32"}}) {
    INFO(c.name);
    auto opened = checkpoint::open(std::string{INGOT_GOLDEN_DIR "/checkpoint/quantized/"} + c.name);
    REQUIRE(opened);
    TensorInfo tensor = *opened->tensors.find(c.tensor);
    REQUIRE(native_scheme(tensor));
    CHECK(to_string(*native_scheme(tensor)) == c.scheme);
    check_exact(tensor, team);
    tensor.shape = {5, 64}, tensor.selection = {2, 1, 3};
    check_exact(tensor, team);
    tensor.unit_rows = true;
    CHECK(!native_scheme(tensor));
  }
  for (const char* name : {"gptq", "gptq-order", "gptq-8bit-v2", "awq", "pack-zeros", "int8-zeros", "fp8-channel"}) {
    INFO(name);
    const auto opened = checkpoint::open(std::string{INGOT_GOLDEN_DIR "/checkpoint/quantized/"} + name);
    REQUIRE(opened);
    CHECK(!native_scheme(*opened->tensors.find("m.x_proj.weight")));
  }
}
