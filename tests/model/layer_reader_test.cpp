// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/layer_reader.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

/// `read(root, config)` on a config of four layers and eight experts.
template <class Read>
auto on(const std::string& text, Read&& read) {
  const auto document = json::Document::parse(text, "config.json");
  REQUIRE(document);
  Config config;
  config.shape.layers = 4;
  config.layers.resize(4);
  config.shape.experts = 8;
  config.shape.experts_used = 2;
  auto result = read(document->root(), config);
  return std::pair{std::move(result), std::move(config)};
}

}  // namespace

TEST_CASE("null is not absent") {
  const auto document = json::Document::parse(R"({"a":null,"b":0})", "config.json");
  REQUIRE(document);
  CHECK(is_none(document->root(), "a"));
  CHECK_FALSE(is_none(document->root(), "b"));
  CHECK_FALSE(is_none(document->root(), "c"));
  CHECK(*read_span(document->root(), "a", 7) == 0);
  CHECK(*read_span(document->root(), "c", 7) == 7);
  CHECK_FALSE(read_count(document->root(), "b", 9, 5));
  CHECK_FALSE(read_count(document->root(), "c", 9));
  CHECK(*read_count(document->root(), "c", 9, 5) == 5);
}

TEST_CASE("lists: one entry a layer at least, within the limit") {
  const auto list = [](const std::string& text) {
    return on(text, [](const json::Value& root, Config&) { return read_list(root, "x", 4, 9); }).first;
  };
  CHECK(*list(R"({"x":[1,0,9,3,77]})") == std::vector<std::uint32_t>{1, 0, 9, 3});
  CHECK(*list(R"({"x":[true,false,true,true]})") == std::vector<std::uint32_t>{1, 0, 1, 1});
  CHECK(list("{}")->empty());
  CHECK(list(R"({"x":[]})")->empty());
  for (const char* text : {R"({"x":[1,2,3]})", R"({"x":[1,2,3,10]})", R"({"x":[1,2,3,-1]})", R"({"x":[1,2,3,"4"]})", R"({"x":4})"})
    CHECK(list(text).error().code == ErrorCode::damaged);

  const auto set = [](const std::string& text) {
    return on(text, [](const json::Value& root, Config&) { return read_layer_set(root, "x", 4); }).first;
  };
  CHECK(*set(R"({"x":[3,0,3,9]})") == std::vector<bool>{true, false, false, true});
  CHECK(*set("{}") == std::vector<bool>(4, false));
  for (const char* text : {R"({"x":[-1]})", R"({"x":1})", R"({"x":[0.5]})"}) CHECK(set(text).error().code == ErrorCode::damaged);
}

TEST_CASE("sliding layers by type, and all but each n-th") {
  const auto read = [](const std::string& text, std::uint32_t pattern) {
    return on(text, [&](const json::Value& root, Config& config) { return read_sliding_layers(root, 8, pattern, config); });
  };
  const auto [sliding, config] = read("{}", 2);
  CHECK(*sliding == std::vector<bool>{true, false, true, false});
  CHECK(config.layers[0].window == 8);
  CHECK(config.layers[1].window == 0);
  const std::string types = R"({"layer_types":["full_attention","sliding_attention","full_attention","full_attention"]})";
  CHECK(*read(types, 2).first == std::vector<bool>{false, true, false, false});
  CHECK(read(R"({"layer_types":["full_attention"]})", 2).first.error().code == ErrorCode::damaged);
  CHECK(read(R"({"layer_types":["a","b","c","d"]})", 2).first.error().code == ErrorCode::unsupported);
}

TEST_CASE("groups of experts divide them and hold enough") {
  const auto read = [](const std::string& text, bool by_two) {
    return on(text, [&](const json::Value& root, Config& config) {
      config.routing.group_by_two = by_two;
      return read_groups(root, {4, 2}, config);
    });
  };
  const auto [status, config] = read("{}", true);
  REQUIRE(status);
  CHECK(config.routing.groups == 4);
  CHECK(config.routing.groups_used == 2);
  CHECK(read(R"({"n_group":8,"topk_group":2})", false).first);
  for (const char* text :
       {R"({"n_group":3})", R"({"n_group":0})", R"({"topk_group":5})", R"({"n_group":8,"topk_group":1})", R"({"n_group":8})"})
    CHECK_FALSE(read(text, true).first);
}
