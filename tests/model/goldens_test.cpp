// SPDX-License-Identifier: Apache-2.0
// Every golden model (tools/golden_models.py) against its reference's logits: in float32, int8 and int4, fed in every way, for every
// instruction set here.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model/exported.hpp"
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

/// How tokens are fed must not change a bit: in chunks, one by one, beside another sequence, after a rollback by five tokens.
void check_ways(model::Model& model, const Golden& golden) {
  const std::span<const std::int32_t> tokens = golden.tokens;
  const bool hidden = golden.hidden;
  const auto once = rows_of(model, tokens, at_once, hidden);
  if (golden.in_chunks)
    for (const std::size_t chunk : {7, 1}) {
      CAPTURE(chunk);
      CHECK(same_bits(rows_of(model, tokens, chunk, hidden), once));
    }

  const std::vector<std::int32_t> other{tokens.rbegin() + 3, tokens.rend()};
  const auto alone = rows_of(model, other, at_once, hidden);
  const auto left = model.cache().create(), right = model.cache().create();
  std::vector<float> rows(once.size() + alone.size());
  const std::size_t columns = golden.vocabulary;
  for (std::size_t done = 0; done < tokens.size();) {  // first some tokens of each, then the rest; all where chunks matter
    const std::size_t end = golden.in_chunks && done == 0 ? 6 : tokens.size(), other_end = std::min(end, other.size());
    model::Batch batch;
    batch.add(left, static_cast<std::uint32_t>(done), tokens.subspan(done, end - done), model::Batch::Logits::all);
    batch.add(right, static_cast<std::uint32_t>(done), std::span{other}.subspan(done, other_end - done), model::Batch::Logits::all);
    const auto out = std::span{rows}.first(batch.rows() * columns);
    REQUIRE((hidden ? model.embed(batch, out) : model.step(batch, out)));
    CHECK(same_bits(out.first((end - done) * columns), std::span{once}.subspan(done * columns, (end - done) * columns)));
    CHECK(same_bits(out.subspan((end - done) * columns), std::span{alone}.subspan(done * columns, (other_end - done) * columns)));
    done = end;
  }
  model.cache().release(left);
  model.cache().release(right);

  if (!model.config().causal) return;
  const auto sequence = model.cache().create();
  static_cast<void>(rows_of(model, sequence, tokens, golden.in_chunks ? 7 : at_once, hidden));
  const std::size_t wanted = golden.in_chunks ? tokens.size() - 5 : 0;
  const std::size_t kept = model.cache().truncate(sequence, static_cast<std::uint32_t>(wanted));
  CHECK(kept <= wanted);
  CHECK(same_bits(rows_of(model, sequence, tokens.subspan(kept), at_once, hidden), std::span{once}.subspan(kept * columns)));
  model.cache().release(sequence);
}

}  // namespace

TEST_CASE("rows are the reference's, however the tokens are fed") {
  for (const std::string& name : all_golden_names()) {
    const Golden golden = read_golden(name);
    for (const std::string& isa : runnable_isas()) {
      CAPTURE(name);
      CAPTURE(isa);
      model::Options options = reference_mode;
      options.isa = isa;
      const auto model = open_model(golden.path, options);
      const auto& shape = model->config().shape;
      REQUIRE(golden.vocabulary == (golden.hidden ? shape.hidden : shape.vocabulary));
      check_against(golden, rows_of(*model, golden.tokens, at_once, golden.hidden));
      check_ways(*model, golden);
    }
  }
}

TEST_CASE("greedy decoding continues as the reference does") {
  for (const std::string& name : all_golden_names()) {
    const Golden golden = read_golden(name);
    if (golden.hidden) continue;
    CAPTURE(name);
    const auto model = open_model(golden.path, reference_mode);
    const auto sequence = model->cache().create();
    std::vector<std::int32_t> text = golden.tokens, answer;
    while (answer.size() < golden.greedy.size()) {
      if (!golden.in_chunks) model->cache().truncate(sequence, 0);
      const auto rest = std::span{text}.subspan(model->cache().length(sequence));
      const auto logits = logits_of(*model, sequence, rest, at_once);
      answer.push_back(argmax(std::span{logits}.last(golden.vocabulary)));
      text.push_back(answer.back());
    }
    CHECK(answer == golden.greedy);
  }
}

TEST_CASE("weights as stored and keys in 16 bits stay close to the reference") {
  for (const std::string& name : all_golden_names()) {
    CAPTURE(name);
    const Golden golden = read_golden(name);
    const auto model = open_model(golden.path, {.threads = 1, .positions = 256});
    CHECK(cosine(rows_of(*model, golden.tokens, at_once, golden.hidden), golden.logits) > 0.9995);
  }
}

TEST_CASE("packages of int8 and int4 lose what rounding loses, however the tokens are fed") {
  for (const std::string& name : all_golden_names()) {
    const Golden golden = read_golden(name);
    for (const bool four : {false, true}) {
      CAPTURE(name);
      CAPTURE(four);
      const TemporaryDirectory temporary;
      const quant::Scheme eight{.bits = 8, .group = 32, .zero = quant::Zero::min};
      const quant::Scheme layers{.bits = static_cast<std::uint8_t>(four ? 4 : 8), .group = 32, .zero = quant::Zero::min};
      static_cast<void>(
          export_model(golden.path, temporary.path() / "p", {.layers = layers, .head = eight, .embedding = eight, .threads = 1}));
      // Rounding to nearest is the measure where a model of a few thousand weights cannot do better: twice its angle, which is
      // four times what it takes from the cosine; activations in eight bits and keys in sixteen have their part.
      const double least = std::min(four ? 0.9 : 0.99, 1 - 4 * (1 - golden.rounded[four ? 1 : 0]));
      for (const std::string& isa : runnable_isas()) {
        CAPTURE(isa);
        const auto model = open_model(temporary.path() / "p", {.threads = 2, .positions = 256, .isa = isa});
        CHECK(cosine(rows_of(*model, golden.tokens, at_once, golden.hidden), golden.logits) > least);
        check_ways(*model, golden);
      }
    }
  }
}
