// SPDX-License-Identifier: Apache-2.0
// SmolLM2-135M-Instruct in the reference mode against transformers' logits (tools/golden_smollm2.py).
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/json.hpp>

#include "model/golden.hpp"
#include "support/skip.hpp"

using namespace ingot;
using namespace ingot::test;

namespace {

struct Position {
  std::vector<std::int32_t> top_ids;
  std::vector<float> top_logits, strided;
};
struct Reference {
  std::filesystem::path model;
  std::size_t vocabulary = 0, stride = 0;
  double deviation = 0;
  std::vector<std::int32_t> tokens;
  std::vector<Position> positions;
};

template <class T>
std::vector<T> list(const json::Value& root, const char* key) {
  std::vector<T> values;
  const auto array = root.at(key);
  REQUIRE(array);
  REQUIRE(array->each_element([&](const json::Value& value) -> Status {
    INGOT_TRY(const T x, value.as<T>(key));
    values.push_back(x);
    return {};
  }));
  return values;
}

Reference read_reference() {
  const auto document =
      json::Document::parse(read_file(std::filesystem::path{INGOT_GOLDEN_DIR} / "smollm2" / "logits.json"), "logits.json");
  REQUIRE(document);
  const json::Value root = document->root();
  Reference reference;
  reference.model = std::filesystem::path{INGOT_MODEL_DIR} / *root.get<std::string>("file", {});
  reference.vocabulary = *root.get<std::size_t>("vocabulary", 0);
  reference.stride = *root.get<std::size_t>("stride", 1);
  reference.deviation = *root.get<double>("deviation", 0);
  reference.tokens = list<std::int32_t>(root, "tokens");
  const auto positions = root.at("positions");
  REQUIRE(positions);
  REQUIRE(positions->each_element([&](const json::Value& p) -> Status {
    reference.positions.push_back({list<std::int32_t>(p, "top_ids"), list<float>(p, "top_logits"), list<float>(p, "strided")});
    return {};
  }));
  REQUIRE(reference.positions.size() == reference.tokens.size());
  return reference;
}

/// Of the kept logits of all positions to those computed.
struct Distance {
  double largest = 0, rms = 0;
};
Distance distance(const Reference& reference, std::span<const float> logits) {
  Distance distance;
  std::size_t count = 0;
  const auto note = [&](float expected, float value) {
    const double difference = std::abs(static_cast<double>(expected) - static_cast<double>(value));
    distance.largest = std::max(distance.largest, difference);
    distance.rms += difference * difference;
    ++count;
  };
  for (std::size_t t = 0; t < reference.tokens.size(); ++t) {
    const Position& position = reference.positions[t];
    const auto row = logits.subspan(t * reference.vocabulary, reference.vocabulary);
    for (std::size_t i = 0; i < position.top_ids.size(); ++i)
      note(position.top_logits[i], row[static_cast<std::size_t>(position.top_ids[i])]);
    for (std::size_t i = 0; i < position.strided.size(); ++i) note(position.strided[i], row[i * reference.stride]);
  }
  distance.rms = std::sqrt(distance.rms / static_cast<double>(count));
  return distance;
}

std::size_t agreeing(const Reference& reference, std::span<const float> logits) {
  std::size_t count = 0;
  for (std::size_t t = 0; t < reference.tokens.size(); ++t)
    count += argmax(logits.subspan(t * reference.vocabulary, reference.vocabulary)) == reference.positions[t].top_ids[0];
  return count;
}

}  // namespace

TEST_CASE("the real model's logits are the reference's") {
  const Reference reference = read_reference();
  if (skip_without(reference.model)) return;
  const auto model = open_model(reference.model, {.threads = 2, .positions = 64, .kv = quant::f32, .float_weights = true});
  REQUIRE(model->config().shape.vocabulary == reference.vocabulary);
  for (const std::size_t chunk : {reference.tokens.size(), std::size_t{1}}) {
    const auto logits = logits_of(*model, reference.tokens, chunk);
    // The golden keeps four decimals; float sums in another order over 30 layers add about 1e-4.
    CHECK(distance(reference, logits).largest <= 2e-4 * reference.deviation);
    CHECK(agreeing(reference, logits) == reference.tokens.size());
  }
}

TEST_CASE("the integer kernels on its blocks stay within what int8 activations explain") {
  const Reference reference = read_reference();
  if (skip_without(reference.model)) return;
  for (const std::string& isa : runnable_isas()) {
    CAPTURE(isa);
    const auto model = open_model(reference.model, {.threads = 2, .positions = 64, .isa = isa});
    const auto logits = logits_of(*model, reference.tokens);
    CHECK(distance(reference, logits).rms <= 0.25 * reference.deviation);
    CHECK(agreeing(reference, logits) * 4 >= reference.tokens.size() * 3);
  }
}
