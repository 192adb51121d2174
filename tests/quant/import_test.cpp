// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/import.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <limits>
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

TEST_CASE("codes with zero points stay what they are; only scales and minimums round to binary16") {
  Team team{2};
  struct Case {
    const char *name, *scheme;
  };
  for (const Case& c : {Case{"gptq", "int4-g32-min"}, Case{"gptq-3bit", "int4-g32-min"}, Case{"gptq-8bit-v2", "int8-channel-min"},
                        Case{"awq", "int4-g32-min"}}) {
    INFO(c.name);
    const auto opened = checkpoint::open(std::string{INGOT_GOLDEN_DIR "/checkpoint/quantized/"} + c.name);
    REQUIRE(opened);
    TensorInfo tensor = *opened->tensors.find("m.x_proj.weight");
    REQUIRE(!native_scheme(tensor));
    REQUIRE(kept_scheme(tensor));
    CHECK(to_string(*kept_scheme(tensor)) == c.scheme);
    tensor.shape = {16, 64}, tensor.selection = {1, 2, 3};
    const auto packed = pack_native(tensor, team);
    REQUIRE(packed);
    const checkpoint::GroupCodes& codes = *tensor.values->group_codes();
    std::vector<float> expected(64), row(64);
    double worst = 0;
    for (std::size_t r = 0; r < 16; ++r) {
      REQUIRE(checkpoint::decode_rows(tensor, r, r + 1, expected));
      unpack_row(packed->view(), r, row);
      for (std::size_t i = 0; i < 64; ++i) {
        const float scale = codes.scale(tensor.stored(r), i);
        const auto most = static_cast<float>(1 << codes.bits());
        worst = std::max(worst, static_cast<double>(std::abs(row[i] - expected[i]) / scale));
        CHECK(std::abs(row[i] - expected[i]) <= 0x1p-11f * scale * most);  // of the codes, one is 1
      }
    }
    CHECK(worst > 0);
    tensor.unit_rows = true;
    CHECK(!kept_scheme(tensor));
  }
  for (const char* name : {"gptq-order", "pack-zeros", "fp8-channel"}) {  // columns in other groups; groups of 16; no codes
    INFO(name);
    const auto opened = checkpoint::open(std::string{INGOT_GOLDEN_DIR "/checkpoint/quantized/"} + name);
    REQUIRE(opened);
    CHECK(!kept_scheme(*opened->tensors.find("m.x_proj.weight")));
  }
}

TEST_CASE("symmetric codes whose scales are no binary16 keep them with a minimum; scales beyond it do not") {
  struct Codes final : checkpoint::StoredValues, checkpoint::GroupCodes {
    float value = 1;
    [[nodiscard]] std::string_view form() const noexcept override { return "test"; }
    void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = value * (static_cast<float>((row + column + i) % 16) - 8);
    }
    [[nodiscard]] const GroupCodes* group_codes() const noexcept override { return this; }
    [[nodiscard]] std::uint8_t bits() const noexcept override { return 4; }
    [[nodiscard]] std::size_t columns() const noexcept override { return 32; }
    [[nodiscard]] float scale(std::size_t, std::size_t) const noexcept override { return value; }
    void codes(std::size_t row, std::size_t column, std::span<std::uint8_t> out) const noexcept override {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>((row + column + i) % 16);
    }
  };
  const auto tensor = [](float scale) {
    const auto values = std::make_shared<Codes>();
    values->value = scale;
    return TensorInfo{.name = "w", .shape = {2, 64}, .file = "f", .values = values};
  };
  Team team{1};
  for (const float scale : {1.0f, 0.1f, 0x1p-14f}) {
    const TensorInfo w = tensor(scale);
    REQUIRE(kept_scheme(w) == Scheme{.bits = 4, .group = 32, .zero = Zero::min});
    const auto packed = pack_native(w, team);
    REQUIRE(packed);
    std::vector<float> expected(64), row(64);
    REQUIRE(checkpoint::decode_rows(w, 1, 2, expected));
    unpack_row(packed->view(), 1, row);
    for (std::size_t i = 0; i < 64; ++i) CHECK(std::abs(row[i] - expected[i]) <= scale * 16 / 2048);
  }
  for (const float scale : {0x1.01p-20f, 9000.0f, 1e6f, -0.5f, std::numeric_limits<float>::quiet_NaN()})
    CHECK_MESSAGE(kept_scheme(tensor(scale)).has_value() == (scale == -0.5f), scale);
}
