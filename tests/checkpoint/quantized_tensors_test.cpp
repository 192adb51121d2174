// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/quantized_tensors.hpp>

#include <filesystem>
#include <list>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/arrangement.hpp>
#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/checkpoint/source.hpp>

using namespace ingot;
using namespace ingot::checkpoint;
namespace fs = std::filesystem;

namespace {
const fs::path golden = INGOT_GOLDEN_DIR "/checkpoint/quantized";

std::vector<float> decoded(const TensorInfo& tensor) {
  std::vector<float> values(tensor.elements());
  REQUIRE(decode_rows(tensor, 0, tensor.rows(), values));
  return values;
}

/// Tensors of zeros.
struct Parts {
  std::list<std::vector<std::byte>> bytes;
  std::vector<TensorInfo> tensors;
  Parts& add(std::string name, ElementType type, std::vector<std::size_t> shape) {
    bytes.emplace_back(*stored_bytes(type, shape));
    tensors.push_back({.name = std::move(name), .type = type, .shape = std::move(shape), .bytes = bytes.back(), .file = "f"});
    return *this;
  }
  Result<TensorIndex> together(const QuantizationConfig& config) const { return put_together(*TensorIndex::create({}, tensors), config); }
};
using Method = QuantizationConfig::Method;
}  // namespace

TEST_CASE("every form decodes to the values that its own tools give") {
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator{golden}) {
    INFO(entry.path().filename().string());
    ++cases;
    const auto checkpoint = open(entry.path());
    REQUIRE_MESSAGE(checkpoint, checkpoint.error().message());
    const auto expected = open_safetensors(entry.path() / "expected.safetensors");
    REQUIRE(expected);
    for (const TensorInfo& values : expected->tensors) {
      const TensorInfo* tensor = checkpoint->tensors.find(values.name);
      REQUIRE(tensor != nullptr);
      CHECK(tensor->shape == values.shape);
      CHECK(decoded(*tensor) == decoded(values));
      std::vector<float> some(3 * tensor->columns());
      REQUIRE(decode_rows(*tensor, 5, 8, some));
      const auto all = decoded(values);
      CHECK(std::equal(some.begin(), some.end(), all.begin() + static_cast<std::ptrdiff_t>(5 * tensor->columns())));
    }
    for (const TensorInfo& tensor : checkpoint->tensors)  // parts are gone, others stay
      CHECK_MESSAGE((tensor.name.ends_with("weight") || tensor.name.ends_with("bias") || tensor.name.ends_with("_proj")), tensor.name);
  }
  CHECK(cases == 16);
}

TEST_CASE("what is put together comes apart again as other tensors do") {
  for (const std::string name : {"gptq", "awq", "pack-zeros", "int8-zeros", "fp8-block"}) {
    INFO(name);
    auto checkpoint = open(golden / name);
    REQUIRE(checkpoint);
    const auto expected = decoded(*open_safetensors(golden / name / "expected.safetensors")->tensors.begin());
    auto arrangement = Arrangement{std::move(checkpoint->tensors)};
    arrangement.copy("m.x_proj", "t").transpose("t").split("m.x_proj", Split{4, {{"q", 2}, {"k", 4}}});
    const auto index = std::move(arrangement).finish();
    REQUIRE_MESSAGE(index, index.error().message());
    const auto k = decoded(*index->find("k.weight")), t = decoded(*index->find("t.weight"));
    const std::size_t columns = 64, rows = 24;
    for (std::size_t row = 0; row < 16; ++row)
      for (std::size_t c = 0; c < columns; ++c) REQUIRE(k[row * columns + c] == expected[(row / 4 * 6 + 2 + row % 4) * columns + c]);
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t c = 0; c < columns; ++c) REQUIRE(t[c * rows + row] == expected[row * columns + c]);
  }
}

TEST_CASE("experts of MXFP4 are never transposed") {
  auto checkpoint = open(golden / "mxfp4");
  REQUIRE(checkpoint);
  const auto expected = decoded(*open_safetensors(golden / "mxfp4" / "expected.safetensors")->tensors.begin());
  auto arrangement = Arrangement{std::move(checkpoint->tensors)};
  const auto index =
      std::move(arrangement.experts("m.experts.down_proj", {"e.#.a", "e.#.b"}, {.transposed = true, .interleaved = true})).finish();
  REQUIRE(index);
  CHECK(index->find("e.1.b")->shape == std::vector<std::size_t>{4, 64});
  const auto values = decoded(*index->find("e.1.b"));
  for (std::size_t row = 0; row < 4; ++row)
    for (std::size_t c = 0; c < 64; ++c) CHECK(values[row * 64 + c] == expected[(8 + 2 * row + 1) * 64 + c]);
}

TEST_CASE("scales are found without a config, and nothing else changes without one") {
  Parts parts;
  parts.add("a.weight", ElementType::f8_e4m3, {4, 8})
      .add("a.weight_scale", ElementType::bf16, {4, 1})
      .add("a.input_scale", ElementType::f32, {});
  parts.add("b.qweight", ElementType::i32, {1, 8})
      .add("c.weight", ElementType::f8_e4m3, {4, 8})
      .add("d.weight_scale", ElementType::f32, {1});
  parts.add("e", ElementType::f32, {2}).add("e_scale", ElementType::f32, {2});
  const auto index = parts.together({});
  REQUIRE(index);
  CHECK(index->find("a.weight")->values);
  CHECK(index->find("a.weight_scale") == nullptr);
  CHECK(index->find("b.qweight") != nullptr);
  CHECK(!index->find("c.weight")->values);
  CHECK(index->find("d.weight_scale") != nullptr);
  CHECK(index->find("e_scale") != nullptr);
}

TEST_CASE("parts that are missing or do not fit are named") {
  const QuantizationConfig gptq{.method = Method::gptq, .bits = 4, .group = 32}, awq{.method = Method::awq, .bits = 4, .group = 32},
      compressed{.method = Method::compressed};
  const auto fails = [](const Parts& parts, const QuantizationConfig& config, ErrorCode code, std::string_view what) {
    const auto index = parts.together(config);
    REQUIRE(!index);
    CHECK(index.error().code == code);
    CHECK_MESSAGE(index.error().message().find(what) != std::string::npos, index.error().message());
  };
  using enum ElementType;
  const auto base = [] { return Parts{}.add("m.qweight", i32, {8, 16}).add("m.qzeros", i32, {2, 2}).add("m.scales", f16, {2, 16}); };
  CHECK(base().together(gptq));
  CHECK(Parts{}.add("m.qweight", i32, {64, 2}).add("m.qzeros", i32, {2, 2}).add("m.scales", f16, {2, 16}).together(awq));
  fails(Parts{}.add("m.qweight", i32, {8, 16}).add("m.scales", f16, {2, 16}), gptq, ErrorCode::damaged, "m.qzeros");
  fails(Parts{}.add("m.qweight", i32, {8, 16}).add("m.qzeros", i32, {2, 2}), gptq, ErrorCode::damaged, "m.scales");
  fails(Parts{}.add("m.qweight", f32, {8, 16}).add("m.qzeros", i32, {2, 2}).add("m.scales", f16, {2, 16}), gptq, ErrorCode::damaged,
        "f: m.qweight");
  fails(Parts{}.add("m.qweight", i32, {8, 16}).add("m.qzeros", i32, {2, 3}).add("m.scales", f16, {2, 16}), gptq, ErrorCode::damaged,
        "f: m.qzeros");
  fails(Parts{}.add("m.qweight", i32, {8, 16}).add("m.qzeros", i32, {3, 2}).add("m.scales", f16, {3, 16}), gptq, ErrorCode::damaged,
        "f: m.scales");
  fails(Parts{}.add("m.qweight", i32, {8, 16}).add("m.qzeros", i32, {2, 2}).add("m.scales", i32, {2, 16}), gptq, ErrorCode::damaged,
        "of type I32");
  fails(Parts{}.add("m.qweight", i32, {8, 16}).add("m.qzeros", i32, {2, 2}).add("m.scales", f16, {2, 15}), awq, ErrorCode::damaged,
        "f: m.scales");
  fails(Parts{}.add("m.qweight", i32, {0, 16}).add("m.qzeros", i32, {2, 2}).add("m.scales", f16, {2, 16}), gptq, ErrorCode::damaged,
        "f: m.qweight");
  fails(base().add("m.g_idx", i32, {63}), gptq, ErrorCode::damaged, "m.");
  fails(base().add("m.g_idx", i32, {0}), gptq, ErrorCode::damaged, "f: m.g_idx");
  auto wrong = base().add("m.g_idx", i32, {64});
  wrong.bytes.back()[255] = std::byte{0x80};
  wrong.tensors.back().bytes = wrong.bytes.back();
  fails(wrong, gptq, ErrorCode::damaged, "column 63 is in group -2147483648 of 2");
  fails(base().add("m.weight", f32, {16, 64}), gptq, ErrorCode::damaged, "two tensors");

  const auto packed = [](std::int64_t rows, std::int64_t columns) {
    Parts parts;
    parts.add("m.weight_packed", i32, {4, 8}).add("m.weight_shape", i64, {2});
    std::memcpy(parts.bytes.back().data(), &rows, 8);
    std::memcpy(parts.bytes.back().data() + 8, &columns, 8);
    return parts;
  };
  CHECK(packed(4, 64).add("m.weight_scale", f16, {4, 2}).together(compressed));
  fails(packed(4, 64).add("m.weight_scale", f16, {4, 3}), compressed, ErrorCode::damaged, "f: m.weight_scale");
  fails(packed(4, 64).add("m.weight_scale", f16, {0, 2}), compressed, ErrorCode::damaged, "f: m.weight_scale");
  fails(packed(5, 64).add("m.weight_scale", f16, {5, 2}), compressed, ErrorCode::damaged, "f: m.weight_shape");
  fails(packed(-4, 64).add("m.weight_scale", f16, {4, 2}), compressed, ErrorCode::damaged, "f: m.weight_shape");
  fails(packed(4, std::int64_t{1} << 62).add("m.weight_scale", f16, {4, 2}), compressed, ErrorCode::unsupported, "f: m.weight_packed");
  fails(packed(4, 64).add("m.weight_scale", f16, {4, 2}).add("m.weight_zero_point", i32, {2, 2}), compressed, ErrorCode::damaged,
        "zero_point");
  fails(packed(4, 64).add("m.weight_scale", f16, {4, 2}).add("m.weight_zero_point", i8, {4, 1}), compressed, ErrorCode::damaged,
        "zero_point");
  fails(Parts{}.add("m.weight_packed", u8, {4, 8}).add("m.weight_shape", i64, {2}).add("m.weight_scale", f16, {4, 2}), compressed,
        ErrorCode::unsupported, "f: m.weight_packed");

  const QuantizationConfig pairs{.method = Method::mxfp4};
  fails(Parts{}.add("e_blocks", u8, {2, 4, 2, 16}), pairs, ErrorCode::damaged, "e_scales");
  fails(Parts{}.add("e_blocks", u8, {2, 4, 2, 16}).add("e_scales", u8, {2, 2, 4}), pairs, ErrorCode::damaged, "f: e_scales");
  fails(Parts{}.add("e_blocks", u8, {2, 4, 2, 15}).add("e_scales", u8, {2, 4, 2}), pairs, ErrorCode::damaged, "f: e_blocks");
  const QuantizationConfig scaled{.method = Method::scaled, .block = ScaleBlock{4, 4}};
  fails(Parts{}.add("w", f8_e4m3, {8, 9}).add("w_scale_inv", f32, {2, 2}), scaled, ErrorCode::damaged, "f: w_scale_inv");
  fails(Parts{}.add("w", f8_e4m3, {8, 9}).add("w_scale_inv", i64, {2, 3}), scaled, ErrorCode::unsupported, "f: w_scale_inv");
  fails(Parts{}.add("w", f8_e4m3, {8, 9}).add("w_scale_inv", f32, {0}), scaled, ErrorCode::damaged, "f: w_scale_inv");
  fails(Parts{}.add("w", f8_e4m3, {8}).add("w_scale_inv", f32, {1}), scaled, ErrorCode::damaged, "f: w");
  fails(Parts{}.add("w", i8, {8, 4}).add("w_scale", f32, {8, 1}).add("w_zero_point", i8, {8}), scaled, ErrorCode::damaged,
        "f: w_zero_point");
}
