// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/gguf_metadata.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/gguf.hpp>

using namespace ingot;
using namespace ingot::checkpoint;

namespace {
Gguf golden() {
  auto opened = open_gguf(INGOT_GOLDEN_DIR "/checkpoint/llama.gguf");
  REQUIRE(opened);
  return *std::move(opened);
}
}  // namespace

TEST_CASE("numbers of every kind, range checked") {
  const Gguf file = golden();
  const GgufMetadata& metadata = file.metadata;
  CHECK(*metadata.get<std::uint8_t>("test.u8") == 200);
  CHECK(*metadata.get<std::int8_t>("test.i8") == -100);
  CHECK(*metadata.get<std::uint16_t>("test.u16") == 60000);
  CHECK(*metadata.get<std::int16_t>("test.i16") == -30000);
  CHECK(*metadata.get<std::uint32_t>("test.u32") == 4000000000u);
  CHECK(*metadata.get<std::int32_t>("test.i32") == -2000000000);
  CHECK(*metadata.get<std::uint64_t>("test.u64") == std::numeric_limits<std::uint64_t>::max());
  CHECK(*metadata.get<std::int64_t>("test.i64") == std::numeric_limits<std::int64_t>::min());
  CHECK(*metadata.get<float>("test.f32") == 0.5f);
  CHECK(*metadata.get<double>("test.f64") == 1e300);
  CHECK(*metadata.get<bool>("test.true"));
  CHECK(*metadata.get<std::string>("test.string") == std::string("a\0b", 3));

  CHECK(*metadata.get<std::uint64_t>("test.u8") == 200);  // any integer type that holds the value
  CHECK(*metadata.get<float>("test.u16") == 60000.0f);
  CHECK(!metadata.get<std::int8_t>("test.u8"));
  CHECK(!metadata.get<std::uint64_t>("test.i8"));
  CHECK(!metadata.get<std::int64_t>("test.u64"));
  CHECK(!metadata.get<int>("test.f32"));
  CHECK(!metadata.get<bool>("test.u8"));
  CHECK(!metadata.get<int>("test.true"));
  CHECK(!metadata.get<std::string_view>("test.u8"));
  CHECK(!metadata.get<int>("test.nested"));
}

TEST_CASE("absent keys") {
  const Gguf file = golden();
  CHECK(file.metadata.find("none") == nullptr);
  CHECK(*file.metadata.get<int>("none", 5) == 5);
  CHECK(!file.metadata.get<int>("test.string", 5));
  const auto missing = file.metadata.get<int>("llama.none");
  REQUIRE(!missing);
  CHECK(missing.error().code == ErrorCode::damaged);
  CHECK(missing.error().message().find("llama.gguf: llama.none") != std::string::npos);
}

TEST_CASE("arrays of strings, numbers and arrays") {
  const Gguf file = golden();
  const auto tokens = file.metadata.strings("tokenizer.ggml.tokens");
  REQUIRE(tokens);
  const std::vector<std::string_view> list(tokens->begin(), tokens->end());
  REQUIRE(list.size() == 20);
  CHECK(tokens->size() == 20);
  CHECK(list[0] == "token 0");
  CHECK(list[7] == "zw\xc3\xb6lf \xe2\x82\xac");
  CHECK(!file.metadata.strings("tokenizer.ggml.token_type"));
  CHECK(!file.metadata.strings("none"));

  CHECK((*file.metadata.numbers<int>("tokenizer.ggml.token_type"))[4] == 1);
  CHECK(file.metadata.numbers<std::uint8_t>("tokenizer.ggml.token_type")->size() == 20);
  CHECK(*file.metadata.numbers<float>("test.floats") == std::vector{0.25f, -1.5f});
  CHECK(!file.metadata.numbers<int>("test.floats"));
  CHECK(!file.metadata.numbers<int>("tokenizer.ggml.tokens"));
  CHECK(!file.metadata.numbers<int>("test.nested"));

  std::vector<std::vector<int>> nested;
  file.metadata.find("test.nested")->each_element([&](const GgufValue& value) { nested.push_back(*value.numbers<int>()); });
  CHECK(nested == std::vector<std::vector<int>>{{1, 2, 3}, {4}, {5, 6}});
  std::string joined;
  file.metadata.find("test.nested_strings")->each_element([&](const GgufValue& inner) {
    const GgufStrings strings = *inner.strings();
    for (const std::string_view text : strings) joined.append(text).append(",");
    inner.each_element([&](const GgufValue& text) { joined.append(*text.as<std::string_view>()).append(";"); });
  });
  CHECK(joined == "a,bc,a;bc;def,def;");
}

TEST_CASE("a key may stand only once; entries are sorted") {
  CHECK(!GgufMetadata::create({{"a", {}}, {"b", {}}, {"a", {}}}, "file"));
  const auto metadata = GgufMetadata::create({{"b", {}}, {"a", {}}}, "file");
  REQUIRE(metadata);
  CHECK(metadata->entries()[0].first == "a");
}
