// SPDX-License-Identifier: Apache-2.0
// The golden models (tools/golden_models.py) in the reference mode against transformers' logits, for every instruction set here.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::test;

namespace {

/// Float sums in another order than the reference's differ by about 1e-5; the limit of the project's family check is 2e-3.
constexpr double limit = 1e-4;

void check_against(const Golden& golden, std::span<const float> logits) {
  CHECK(largest_difference(logits, golden.logits) <= limit * std::max(1.0, deviation(golden.logits)));
  const std::size_t v = golden.vocabulary;
  for (std::size_t t = 0; t < golden.tokens.size(); ++t) {
    const auto expected = std::span{golden.logits}.subspan(t * v, v);
    std::vector<float> sorted{expected.begin(), expected.end()};
    std::nth_element(sorted.begin(), sorted.begin() + 1, sorted.end(), std::greater<>{});
    if (*std::max_element(sorted.begin(), sorted.end()) - sorted[1] <= 1e-3f) continue;
    CHECK(argmax(logits.subspan(t * v, v)) == argmax(expected));
  }
}

}  // namespace

TEST_CASE("logits are the reference's: all tokens at once, in chunks of 7, one by one") {
  for (const std::string& name : golden_names) {
    const Golden golden = read_golden(name);
    for (const std::string& isa : runnable_isas()) {
      CAPTURE(name);
      CAPTURE(isa);
      model::Options options = reference_mode;
      options.isa = isa;
      const auto model = open_model(golden.path, options);
      REQUIRE(model->config().shape.vocabulary == golden.vocabulary);
      for (const std::size_t chunk : {golden.tokens.size(), std::size_t{7}, std::size_t{1}}) {
        CAPTURE(chunk);
        check_against(golden, logits_of(*model, golden.tokens, chunk));
      }
    }
  }
}

TEST_CASE("greedy decoding continues as the reference does") {
  for (const std::string& name : golden_names) {
    const Golden golden = read_golden(name);
    for (const std::string& isa : runnable_isas()) {
      CAPTURE(name);
      CAPTURE(isa);
      model::Options options = reference_mode;
      options.isa = isa;
      const auto model = open_model(golden.path, options);
      const auto sequence = model->cache().create();
      const auto prompt = logits_of(*model, sequence, golden.tokens, golden.tokens.size());
      std::int32_t token = argmax(std::span{prompt}.last(golden.vocabulary));
      std::vector<std::int32_t> answer{token};
      while (answer.size() < golden.greedy.size()) {
        token = argmax(logits_of(*model, sequence, std::span{&token, 1}, 1));
        answer.push_back(token);
      }
      CHECK(answer == golden.greedy);
    }
  }
}

TEST_CASE("weights as stored and keys in 16 bits stay close to the reference") {
  for (const std::string& name : golden_names) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    const auto model = open_model(golden.path, {.threads = 1, .positions = 256});
    CHECK(cosine(logits_of(*model, golden.tokens), golden.logits) > 0.9995);
  }
}
