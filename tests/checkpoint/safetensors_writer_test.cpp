// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/safetensors_writer.hpp>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/safetensors.hpp>
#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
const std::vector<TensorDeclaration> five{
    {"a\"\xc3\xa9\n", ElementType::f32, {3, 5}}, {"aligned", ElementType::u8, {64}},  {"scalar", ElementType::f16, {}},
    {"empty", ElementType::i8, {0, 7}},          {"last", ElementType::bf16, {2, 2}},
};
std::size_t size_of(const TensorDeclaration& tensor) { return *stored_bytes(tensor.type, tensor.shape); }
std::vector<std::byte> bytes_of(std::size_t tensor) { return {size_of(five[tensor]), static_cast<std::byte>(tensor + 1)}; }
bool has_no_entries(const std::filesystem::path& directory) {
  return std::filesystem::directory_iterator{directory} == std::filesystem::directory_iterator{};
}
}  // namespace

TEST_CASE("what was written is read back, every tensor aligned") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "weights.safetensors";
  auto writer = SafetensorsWriter::create(path, five, {{"format", "ingot \"1\""}});
  REQUIRE(writer);
  for (const std::size_t tensor : {4u, 0u, 2u, 1u}) {  // in any order; empty tensors need no call
    const auto bytes = bytes_of(tensor);
    REQUIRE(writer->write(tensor, std::span{bytes}.first(bytes.size() / 2)));
    REQUIRE(writer->write(tensor, std::span{bytes}.subspan(bytes.size() / 2)));
  }
  CHECK(!std::filesystem::exists(path));
  REQUIRE(writer->finish());

  const auto file = open_safetensors(path);
  REQUIRE(file);
  CHECK(file->metadata.at("format") == "ingot \"1\"");
  for (std::size_t i = 0; i < five.size(); ++i) {
    const TensorInfo* tensor = file->tensors.find(five[i].name);
    REQUIRE(tensor != nullptr);
    CHECK(tensor->shape == five[i].shape);
    CHECK(tensor->type == five[i].type);
    CHECK(std::vector(tensor->bytes.begin(), tensor->bytes.end()) == bytes_of(i));
    CHECK((tensor->bytes.data() - file->tensors.files()[0].bytes().data()) % 64 == 0);
  }
  for (const TensorInfo& tensor : file->tensors)
    if (tensor.name.starts_with(padding_prefix))
      for (const std::byte byte : tensor.bytes) CHECK(byte == std::byte{0});
  CHECK(file->tensors.size() == five.size() + 2);
}

TEST_CASE("a file without tensors") {
  const test::TemporaryDirectory directory;
  auto writer = SafetensorsWriter::create(directory.path() / "f", {}, {});
  REQUIRE(writer);
  CHECK(!writer->write(0, {}));
  REQUIRE(writer->finish());
  CHECK(std::filesystem::file_size(directory.path() / "f") == 64);
  CHECK(open_safetensors(directory.path() / "f")->tensors.size() == 0);
}

TEST_CASE("too many bytes, too few: an error and no file") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "f";
  const std::vector<std::byte> bytes(65);
  {
    auto writer = SafetensorsWriter::create(path, five, {});
    REQUIRE(writer->write(0, std::span{bytes}.first(60)));
    CHECK(!writer->write(0, std::span{bytes}.first(1)));
    CHECK(writer->write(1, bytes).error().message().find("aligned") != std::string::npos);
    REQUIRE(writer->write(1, std::span{bytes}.first(64)));
    CHECK(!writer->write(9, {}));
    CHECK(!writer->finish());
  }
  CHECK(has_no_entries(directory.path()));
}

TEST_CASE("declarations that no file can hold") {
  const test::TemporaryDirectory directory;
  const std::size_t large = std::numeric_limits<std::size_t>::max() / 4;
  const auto refused = [&](std::vector<TensorDeclaration> tensors) {
    const auto writer = SafetensorsWriter::create(directory.path() / "f", tensors, {});
    return !writer && writer.error().code == ErrorCode::other;
  };
  CHECK(refused({{"a", ElementType::u8, {1}}, {"a", ElementType::u8, {1}}}));
  CHECK(refused({{"__metadata__", ElementType::u8, {1}}}));
  CHECK(refused({{std::string{padding_prefix} + "3", ElementType::u8, {1}}}));
  CHECK(refused({{"a", ElementType::q4_0, {32}}}));
  CHECK(refused({{"a", ElementType::f64, {large}}}));
  CHECK(refused({{"a", ElementType::u8, {large}}, {"b", ElementType::u8, {large}}, {"c", ElementType::u8, {large}}}));
  CHECK(has_no_entries(directory.path()));
  CHECK(SafetensorsWriter::create(directory.path() / "none" / "f", five, {}).error().code == ErrorCode::not_found);
}
