// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/families/family_config.hpp: small configs read by one family, and what must be refused.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/config_reader.hpp>

#include <doctest/doctest.h>

namespace ingot::test {

/// Members of a JSON object, values as JSON text; an empty one leaves its key out.
using Members = std::map<std::string, std::string>;

inline std::string json_text(Members members, const Members& changes = {}) {
  for (const auto& [key, value] : changes) members[key] = value;
  std::string text;
  for (const auto& [key, value] : members)
    if (!value.empty()) text.append(text.empty() ? "{\"" : ",\"").append(key).append("\":").append(value);
  return text.empty() ? "{}" : text + "}";
}

/// What most families call the extents of two layers.
inline Members small_config(const std::string& model_type, const Members& changes = {}) {
  Members members{{"model_type", "\"" + model_type + "\""},
                  {"hidden_size", "64"},
                  {"num_hidden_layers", "2"},
                  {"num_attention_heads", "4"},
                  {"num_key_value_heads", "2"},
                  {"intermediate_size", "96"},
                  {"vocab_size", "131"},
                  {"max_position_embeddings", "512"},
                  {"eos_token_id", "2"}};
  for (const auto& [key, value] : changes) members[key] = value;
  return members;
}

/// As open() does it: the family must be the one that the config asks for.
template <class Family>
Result<model::Config> try_family(const Members& members, const Members& changes = {}) {
  INGOT_TRY(const auto document, json::Document::parse(json_text(members, changes), "config.json"));
  INGOT_TRY(const auto type, model::model_type_of(document.root()));
  CHECK(std::find(std::begin(Family::model_types), std::end(Family::model_types), type) != std::end(Family::model_types));
  return Family::read(document.root());
}

template <class Family>
model::Config read_family(const Members& members, const Members& changes = {}) {
  auto config = try_family<Family>(members, changes);
  INFO((config ? std::string{} : config.error().message()));
  REQUIRE(config);
  CHECK(config->layers.size() == config->shape.layers);
  for (const model::Layer& layer : config->layers) CHECK(layer.rope < static_cast<int>(config->ropes.size()));
  return *std::move(config);
}

/// Each of `values` of `key` is damage, and the key is named.
template <class Family>
void refuse(const Members& members, const std::string& key, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    CAPTURE(key);
    CAPTURE(value);
    const auto config = try_family<Family>(members, {{key, value}});
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::damaged);
    CHECK(config.error().message().find(key) != std::string::npos);
  }
}

/// With `changes` the model is one that we lack.
template <class Family>
void refuse_as_unsupported(const Members& members, const Members& changes) {
  const auto config = try_family<Family>(members, changes);
  REQUIRE_FALSE(config);
  CHECK(config.error().code == ErrorCode::unsupported);
}

/// One number of all layers.
template <class Number>
auto by_layer(const model::Config& config, Number model::Layer::*number) {
  std::vector<int> numbers;
  for (const model::Layer& layer : config.layers) numbers.push_back(static_cast<int>(layer.*number));
  return numbers;
}

using Ints = std::vector<int>;

}  // namespace ingot::test
