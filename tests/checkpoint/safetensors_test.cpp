// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/safetensors.hpp>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
std::string file_of(std::string_view header, std::size_t data_bytes) {
  std::uint64_t length = header.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  return file.append(header).append(data_bytes, '\1');
}
/// The error of a file with this header, or an empty text.
std::string error_of(std::string_view header, std::size_t data_bytes, ErrorCode code = ErrorCode::damaged) {
  const std::string file = file_of(header, data_bytes);
  const auto parsed = checkpoint::detail::parse_safetensors(std::as_bytes(std::span{file}), "f.safetensors");
  if (parsed) return {};
  CHECK(parsed.error().code == code);
  CHECK(parsed.error().message().find("f.safetensors") != std::string::npos);
  return parsed.error().message();
}
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("tensors in any order, scalars, empty ones, metadata") {
  const test::TemporaryDirectory directory;
  const auto path = directory.write("model.safetensors", file_of(R"({"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},
      "__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},
      "none":{"dtype":"F16","shape":[0,9],"data_offsets":[4,4]}}   )",
                                                                 7));
  auto opened = open_safetensors(path);
  REQUIRE(opened);
  const Safetensors file = *std::move(opened);
  CHECK(file.metadata.at("format") == "pt");
  CHECK(file.tensors.size() == 3);
  CHECK(file.tensors.begin()->name == "a");
  CHECK(file.tensors.find("a")->elements() == 1);
  CHECK(file.tensors.find("none")->elements() == 0);
  CHECK(file.tensors.find("b")->bytes.size() == 3);
  CHECK(file.tensors.find("b")->file == path.string());
  CHECK(error_of("{}", 0).empty());
}

TEST_CASE("headers that lie about their length") {
  for (const std::uint64_t length : {std::uint64_t{3}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    std::string file(10, '{');
    std::memcpy(file.data(), &length, sizeof length);
    CHECK(checkpoint::detail::parse_safetensors(std::as_bytes(std::span{file}), "f").error().code == ErrorCode::damaged);
  }
  for (std::size_t size = 0; size < 10; ++size) {
    const std::string file = file_of("{}", 0).substr(0, size);
    CHECK(!checkpoint::detail::parse_safetensors(std::as_bytes(std::span{file}), "f"));
  }
}

TEST_CASE("headers that are not what they should be") {
  CHECK(contains(error_of(" {}", 0), "begin with {"));
  CHECK(contains(error_of("[]", 0), "begin with {"));
  CHECK(contains(error_of("{\"a\":", 0), "invalid JSON"));
  CHECK(contains(error_of("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", 0), "invalid JSON"));
  CHECK(contains(error_of(R"({"a":1})", 0), "dtype"));
  CHECK(contains(error_of(R"({"__metadata__":{"a":1}})", 0), "expected a string"));
  CHECK(contains(error_of(R"({"__metadata__":3})", 0), "expected an object"));
  CHECK(contains(error_of(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", 1, ErrorCode::unsupported), "F4"));
  CHECK(contains(error_of(R"({"a":{"dtype":3,"shape":[2],"data_offsets":[0,1]}})", 1), "dtype"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1), "integer"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1), "integer"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})", 1), "array"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1), "two numbers"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}})", 1), "two numbers"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1), "dimensions"));
}

TEST_CASE("offsets and shapes that do not fit the data") {
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1), "reach beyond"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,0]}})", 1), "reach beyond"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,18446744073709551615]}})", 2), "reach beyond"));
  CHECK(contains(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4), "need 8 bytes"));
  CHECK(contains(error_of(R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})", 4), "overflows"));
  CHECK(contains(error_of(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0), "overflows"));
}

TEST_CASE("overlaps, holes, leftovers and twins, as in the reference library") {
  constexpr auto two = [](std::string_view a, std::string_view b) {
    return R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)" + std::string{a} + R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" +
           std::string{b} + "}}";
  };
  CHECK(error_of(two("[0,2]", "[2,4]"), 4).empty());
  CHECK(contains(error_of(two("[0,2]", "[1,3]"), 3), "b"));
  CHECK(contains(error_of(two("[0,2]", "[1,3]"), 3), "overlaps"));
  CHECK(contains(error_of(two("[0,2]", "[0,2]"), 2), "overlaps"));
  CHECK(contains(error_of(two("[0,2]", "[3,5]"), 5), "hole"));
  CHECK(contains(error_of(two("[0,2]", "[2,4]"), 5), "no tensor covers"));
  const test::TemporaryDirectory directory;
  const auto twins = directory.write("f.safetensors", file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
      "a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                                                              2));
  CHECK(contains(open_safetensors(twins).error().message(), "two tensors have this name"));
}

TEST_CASE("missing and empty files") {
  const test::TemporaryDirectory directory;
  CHECK(open_safetensors(directory.path() / "none").error().code == ErrorCode::not_found);
  CHECK(open_safetensors(directory.path()).error().code == ErrorCode::disk);
  CHECK(open_safetensors(directory.write("empty", "")).error().code == ErrorCode::damaged);
}

TEST_CASE("shards") {
  const test::TemporaryDirectory directory;
  directory.write("1.safetensors", file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1));
  directory.write("2.safetensors", file_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
      "b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
                                           3));
  const auto open = [&](std::string_view weight_map) {
    return open_sharded_safetensors(directory.write("index.json", "{\"weight_map\":" + std::string{weight_map} + "}"));
  };
  const auto error = [&](std::string_view weight_map, ErrorCode code) {
    const auto opened = open(weight_map);
    REQUIRE(!opened);
    CHECK(opened.error().code == code);
    return opened.error().message();
  };
  const auto both = open(R"({"a":"1.safetensors","b":"2.safetensors"})");
  REQUIRE(both);
  CHECK(both->tensors.size() == 2);
  CHECK(both->tensors.find("a")->bytes.size() == 1);  // the index says which of the two

  CHECK(contains(error(R"({"a":"3.safetensors"})", ErrorCode::not_found), "3.safetensors"));
  CHECK(contains(error(R"({"b":"1.safetensors"})", ErrorCode::damaged), "1.safetensors: b"));
  CHECK(contains(error(R"({"a":"1.safetensors","a":"1.safetensors"})", ErrorCode::damaged), "repeats"));
  CHECK(contains(error(R"({"a":"1.safetensors","a":"2.safetensors"})", ErrorCode::damaged), "two tensors"));
  CHECK(contains(error(R"({"a":1})", ErrorCode::damaged), "string"));
  CHECK(contains(error(R"([])", ErrorCode::damaged), "object"));
  CHECK(contains(error(R"({})", ErrorCode::damaged), "weight_map"));
  for (const char* name : {"../1.safetensors", "/etc/passwd", "a\\\\b", "", ".", "..", "x\\u0000y"})
    CHECK(contains(error("{\"a\":\"" + std::string{name} + "\"}", ErrorCode::damaged), "plain file name"));
  CHECK(contains(open_sharded_safetensors(directory.write("index.json", "{}")).error().message(), "weight_map"));
}
