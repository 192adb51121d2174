// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/gguf.hpp>

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <checkpoint/gguf_builder.hpp>
#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::checkpoint;
using test::GgufBuilder;

namespace {
auto parse(const std::string& file) { return detail::parse_gguf(std::as_bytes(std::span{file}), "f.gguf"); }
Error error_of(const std::string& file) {
  const auto parsed = parse(file);
  REQUIRE(!parsed);
  CHECK(parsed.error().message().find("f.gguf") != std::string::npos);
  return parsed.error();
}
bool damaged(const std::string& file, std::string_view part) {
  const Error error = error_of(file);
  return error.code == ErrorCode::damaged && error.message().find(part) != std::string::npos;
}
bool unsupported(const std::string& file, std::string_view part) {
  const Error error = error_of(file);
  return error.code == ErrorCode::unsupported && error.message().find(part) != std::string::npos;
}
}  // namespace

TEST_CASE("shapes are outermost first") {
  const auto file = open_gguf(INGOT_GOLDEN_DIR "/checkpoint/llama.gguf");
  REQUIRE(file);
  const TensorInfo* k = file->tensors.find("blk.1.attn_k.weight");
  REQUIRE(k != nullptr);
  CHECK(k->shape == std::vector<std::size_t>{16, 16});
  CHECK(file->tensors.find("blk.0.ffn_gate.weight")->shape == std::vector<std::size_t>{24, 16});
  CHECK(file->tensors.find("blk.0.ffn_gate.weight")->type == ElementType::f16);
  CHECK(file->tensors.find("output_norm.weight")->shape == std::vector<std::size_t>{16});
}

TEST_CASE("version 2, and an alignment of the file's own") {
  const auto file = open_gguf(INGOT_GOLDEN_DIR "/checkpoint/v2.gguf");
  REQUIRE(file);
  CHECK(*file->metadata.get<int>("general.alignment") == 64);
  CHECK(file->tensors.find("a")->shape == std::vector<std::size_t>{2, 3});
  CHECK(detail::load<float>(file->tensors.find("a")->row(1).data()) == 3.0f);
  CHECK(file->tensors.find("b")->row_bytes() == 68);
}

TEST_CASE("every truncation of a file is an error, and none is a crash") {
  const std::string whole = test::read_file(INGOT_GOLDEN_DIR "/checkpoint/v2.gguf");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto parsed = parse(whole.substr(0, size));
    if (parsed)
      CHECK(size >= whole.size() - 64);  // only the padding at the end may go
    else
      CHECK(parsed.error().code == ErrorCode::damaged);
  }
}

TEST_CASE("other formats, versions and byte orders") {
  GgufBuilder builder;
  CHECK(parse(builder.file(0)));
  builder.version = 1;
  CHECK(unsupported(builder.file(0), "GGUF version 1"));
  builder.version = 4;
  CHECK(unsupported(builder.file(0), "GGUF version 4"));
  builder.version = 0x03000000;
  CHECK(unsupported(builder.file(0), "big-endian"));
  builder.magic = "GGML";
  CHECK(damaged(builder.file(0), "no GGUF file"));
}

TEST_CASE("counts beyond the file cost nothing") {
  for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    GgufBuilder entries, tensors;
    entries.entry_count = count;
    CHECK(damaged(entries.file(0), count == 1 ? "name is empty" : ""));
    tensors.tensor_count = count;
    CHECK(damaged(tensors.file(0), ""));
    if (count > 1) CHECK(damaged(GgufBuilder{}.add_array("a", GgufType::u32, count, "").file(0), "past the end"));
    if (count > 1) CHECK(damaged(GgufBuilder{}.add_array("a", GgufType::string, count, "").file(0), "past the end"));
    if (count > 1) CHECK(damaged(GgufBuilder{}.add_array("a", GgufType::array, count, "").file(0), "past the end"));
    if (count > 1) CHECK(damaged(GgufBuilder{}.add("a", GgufType::string, GgufBuilder::number(count)).file(0), "too early"));
  }
}

TEST_CASE("values of unknown types, nesting, names") {
  CHECK(damaged(GgufBuilder{}.add("a", static_cast<GgufType>(13), "x").file(0), "unknown value type 13"));
  CHECK(damaged(GgufBuilder{}.add_array("a", static_cast<GgufType>(13), 1, "xxxxxxxx").file(0), "unknown value type 13"));
  CHECK(damaged(GgufBuilder{}.add_array("a", static_cast<GgufType>(99), 0, "").file(0), "unknown value type"));
  const auto nested = [](int depth) {
    std::string array = GgufBuilder::number<std::uint32_t>(0) + GgufBuilder::number<std::uint64_t>(0);
    for (int i = 1; i < depth; ++i) array = GgufBuilder::number<std::uint32_t>(9) + GgufBuilder::number<std::uint64_t>(1) + array;
    return GgufBuilder{}.add("a", GgufType::array, array).file(0);
  };
  CHECK(parse(nested(4)));
  CHECK(damaged(nested(5), "nested too deeply"));
  CHECK(damaged(nested(1000), "nested too deeply"));
  CHECK(damaged(GgufBuilder{}.add("", 1u).file(0), "name is empty"));
  CHECK(damaged(GgufBuilder{}.add("\xff", 1u).file(0), "no UTF-8"));
  CHECK(damaged(GgufBuilder{}.add("a", 1u).add("a", 2u).file(0), "stands twice"));
}

TEST_CASE("alignments that are none") {
  for (const std::uint32_t alignment : {0u, 3u, 48u})
    CHECK(damaged(GgufBuilder{}.add("general.alignment", alignment).file(0), "power of two"));
  CHECK(damaged(GgufBuilder{}.add("general.alignment", "32").file(0), "wrong type"));
  const auto huge =
      GgufBuilder{}.add("general.alignment", GgufType::u64, GgufBuilder::number(std::uint64_t{1} << 63)).add_tensor("t", {1}, 0, 0);
  CHECK(damaged(huge.file(4), "past the end"));
}

TEST_CASE("tensors that do not fit") {
  constexpr std::uint64_t large = std::uint64_t{1} << 62;
  CHECK(parse(GgufBuilder{}.add_tensor("t", {8}, 0, 0).file(32)));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {9}, 0, 0).file(32), "past the end of the file"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {1}, 0, 32).file(32), "past the end of the file"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {1}, 0, 0xffffffffffffffe0).file(32), "past the end of the file"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {1}, 0, 4).file(32), "not aligned"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {large}, 0, 0).file(32), "overflows"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {large, 2, 2}, 24, 0).file(32), "overflows"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {0, large, 8}, 0, 0).file(32), "overflows"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", {33}, 2, 0).file(32), "whole blocks of Q4_0"));
  CHECK(damaged(GgufBuilder{}.add_tensor("t", std::vector<std::uint64_t>(9, 1), 0, 0).file(32), "dimensions"));
  CHECK(
      damaged(GgufBuilder{}.add_tensor("t", {16}, 0, 0).add_tensor("u", {8}, 0, 32).file(64), "overlaps the tensor before it: f.gguf: u"));
  CHECK(unsupported(GgufBuilder{}.add_tensor("t", {8}, 4, 0).file(32), "ggml type 4: f.gguf: t"));
  CHECK(unsupported(GgufBuilder{}.add_tensor("t", {8}, 77, 0).file(32), "ggml type 77"));
}

TEST_CASE("two tensors of one name, and missing files") {
  const test::TemporaryDirectory directory;
  const auto twins = directory.write("f.gguf", GgufBuilder{}.add_tensor("t", {8}, 0, 0).add_tensor("t", {8}, 0, 32).file(64));
  CHECK(open_gguf(twins).error().message().find("two tensors") != std::string::npos);
  CHECK(open_gguf(directory.path() / "none.gguf").error().code == ErrorCode::not_found);
}
