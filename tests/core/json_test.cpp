// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/json.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using json::Document;

namespace {
Document parse(std::string_view text) {
  auto document = Document::parse(text, "test.json");
  REQUIRE(document);
  return *std::move(document);
}
}  // namespace

TEST_CASE("members by type, with fallbacks for what is absent or null") {
  const auto document = parse(R"({"i": -3, "u": 18446744073709551615, "f": 1.5, "b": true, "s": "x", "n": null})");
  const auto root = document.root();
  CHECK(*root.get<int>("i") == -3);
  CHECK(*root.get<std::uint64_t>("u") == ~std::uint64_t{0});
  CHECK(*root.get<float>("f") == 1.5f);
  CHECK(*root.get<double>("i") == -3.0);
  CHECK(*root.get<bool>("b"));
  CHECK(*root.get<std::string>("s") == "x");
  CHECK(*root.get<int>("n", 9) == 9);
  CHECK(*root.get<int>("absent", 9) == 9);
  CHECK(!root.find("n"));
  CHECK(root.size() == 6);
}

TEST_CASE("errors name the file and the key") {
  const auto document = parse(R"({"i": -3, "s": "x", "f": 1.0})");
  const auto root = document.root();
  for (const auto& error : {root.get<unsigned>("i").error(), root.get<int>("s", 1).error(), root.get<int>("f").error(),
                            root.get<std::string>("i").error(), root.get<bool>("i").error(), root.get<float>("s").error()}) {
    CHECK(error.code == ErrorCode::damaged);
    CHECK(error.where == "test.json");
  }
  CHECK(root.get<int>("lost").error().what.find("lost") != std::string::npos);
  CHECK(!root.get<std::int8_t>("lost"));
}

TEST_CASE("iteration keeps the order and shows duplicates") {
  const auto document = parse(R"({"b": [1, 2, 3], "a": 0, "b": 1})");
  std::string keys;
  CHECK(document.root().each_member([&](std::string_view key, const json::Value&) -> Status {
    keys += key;
    return {};
  }));
  CHECK(keys == "bab");
  int sum = 0;
  CHECK(document.root().find("b")->each_element([&](const json::Value& value) -> Status {
    INGOT_TRY(const int i, value.as<int>());
    sum += i;
    return {};
  }));
  CHECK(sum == 6);
  CHECK(!document.root().each_element([](const json::Value&) { return Status{}; }));
  const auto stopped = document.root().each_member([](std::string_view, const json::Value&) -> Status { return Error{}; });
  CHECK(!stopped);
}

TEST_CASE("damaged and oversized documents are refused") {
  for (const std::string_view text : {"", "{", "{\"a\":}", "[1,]", "nul", "{\"a\":1}x", "\"\xff\"", "[1e999]"})
    CHECK(!Document::parse(text, "bad.json"));
  const std::string deep(100, '[');
  CHECK(!Document::parse(deep + std::string(100, ']'), "deep.json"));
  CHECK(Document::parse(std::string(40, '[') + std::string(40, ']'), "deep.json"));
  CHECK(!Document::parse("[1, 2, 3]", "large.json", {.bytes = 4}));
  CHECK(Document::parse("[]", "small.json", {.bytes = 4}));
}

TEST_CASE("integers beyond 64 bits are numbers, not errors") {
  const auto document = ingot::json::Document::parse(
      R"({"a \" 1234567890123456789012": 1000000000000000019884624838656, "b": -12345678901234567890123, "c": [12345678901234567890123e-3, 18446744073709551615, 7]})",
      "test");
  REQUIRE(document);
  const auto root = document->root();
  CHECK(*root.get<double>("a \" 1234567890123456789012") == 1e30);
  CHECK(!root.get<std::int64_t>("b"));
  CHECK(*root.get<double>("b") == -12345678901234567890123.0);
  CHECK(!ingot::json::Document::parse("[1x]", "test"));
}
