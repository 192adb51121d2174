// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/families/family_config.hpp: a config.json of two layers, read by one family.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/model/config.hpp>

#include <doctest/doctest.h>

namespace ingot::test {

/// `more`: members with a leading comma. A config without its numbers must be refused, too.
template <class Family>
model::Config read_family(const std::string& model_type, const std::string& more) {
  CHECK(Family::name == model_type);
  CHECK(std::find(std::begin(Family::model_types), std::end(Family::model_types), model_type) != std::end(Family::model_types));
  const std::string opening = "{\"model_type\":\"" + model_type + "\"";
  const auto empty = json::Document::parse(opening + "}", "config.json");
  REQUIRE(empty);
  CHECK_FALSE(Family::read(empty->root()));

  const auto document = json::Document::parse(
      opening + R"(,"hidden_size":64,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,"intermediate_size":96,
      "vocab_size":100,"rope_theta":500000.0,"eos_token_id":[128001,128008,128009])" +
          more + "}",
      "config.json");
  REQUIRE(document);
  auto config = Family::read(document->root());
  REQUIRE(config);
  return *std::move(config);
}

}  // namespace ingot::test
