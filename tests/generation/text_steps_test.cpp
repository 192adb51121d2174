// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/text_steps.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/team.hpp>
#include <ingot/model/cached_heads.hpp>

using namespace ingot;
using namespace ingot::generation;

namespace {

model::Config config_of(bool causal) {
  model::Config config;
  config.shape = {.hidden = 8, .layers = 1, .heads = 1, .kv_heads = 1, .head_dim = 8, .intermediate = 8, .vocabulary = 1000};
  config.layers.resize(1);
  config.causal = causal;
  return config;
}

/// A model that computes nothing: its cache counts, and that is all that steps look at.
struct Silent final : model::Model {
  explicit Silent(bool causal)
      : Model{config_of(causal), *kv_shape(config_of(causal), quant::f32), {.threads = 1, .positions = 1u << 16}} {}
  [[nodiscard]] model::Cost cost() const noexcept override { return {}; }

 private:
  void run(const model::Batch&, const model::Output&) override {}
  void run(const model::Batch&, Slice, Rows<float>) override {}
};

/// Token of position `p` of text `i`.
std::int32_t token_of(std::size_t i, std::size_t p) { return static_cast<std::int32_t>((i * 37 + p) % 1000); }

struct Texts {
  Silent model;
  std::vector<std::vector<std::int32_t>> tokens = {};
  std::vector<model::SequenceId> sequences = {};
  std::vector<std::size_t> steps = {};                          // rows of each
  std::vector<std::pair<std::size_t, std::size_t>> taken = {};  // text, position

  Texts(bool causal, std::span<const std::size_t> lengths) : model{causal} {
    for (std::size_t i = 0; i < lengths.size(); ++i)
      for (std::size_t p = tokens.emplace_back().size(); p < lengths[i]; ++p) tokens.back().push_back(token_of(i, p));
  }

  /// Runs all texts; every row that is taken has to carry the token of the text and position that it is said to be of.
  Status run(WantedRows wanted, const Cancellation* cancellation = nullptr, std::size_t failing_step = 1000) {
    steps.clear(), taken.clear(), sequences.clear();
    model::Batch current;
    const auto begin = [&](std::size_t i) {
      sequences.push_back(model.cache().create());
      return TextSteps::Text{sequences.back(), tokens[i]};
    };
    const auto compute = [&](const model::Batch& batch) -> Status {
      if (steps.size() == failing_step) return Error{ErrorCode::other, "no more", {}, {}};
      CHECK(batch.rows() != 0);
      CHECK(batch.runs().size() <= step_texts);
      steps.push_back(batch.rows());
      current = batch;
      std::vector<float> hidden(batch.logit_rows().size() * 8);
      return model.embed(batch, hidden);
    };
    const auto take = [&](std::size_t i, std::size_t position, std::size_t row) {
      CHECK(current.tokens()[current.logit_rows()[row]] == token_of(i, position));
      taken.emplace_back(i, position);
    };
    return TextSteps{model, wanted, cancellation}.run(tokens.size(), begin, compute, take);
  }
  /// All rows that `wanted` asks for, in order.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> expected(WantedRows wanted) const {
    std::vector<std::pair<std::size_t, std::size_t>> rows;
    for (std::size_t i = 0; i < tokens.size(); ++i)
      for (std::size_t p = 0; p < tokens[i].size(); ++p)
        if (wanted == WantedRows::all || p == (wanted == WantedRows::last ? tokens[i].size() - 1 : 0)) rows.emplace_back(i, p);
    return rows;
  }
  [[nodiscard]] bool all_released() const {
    for (const model::SequenceId sequence : sequences)
      if (model.cache().valid(sequence)) return false;
    return true;
  }
};

}  // namespace

TEST_CASE("texts share steps of 512 rows, longer ones are cut") {
  const std::size_t lengths[]{500, 20, 1, 1300, 7};
  Texts texts{true, lengths};
  for (const WantedRows wanted : {WantedRows::last, WantedRows::all}) {
    REQUIRE(texts.run(wanted));
    CHECK(texts.taken == texts.expected(wanted));
    CHECK(texts.steps == std::vector<std::size_t>{512, 512, 512, 292});
    CHECK(texts.all_released());
  }
  REQUIRE(texts.run(WantedRows::first));
  std::size_t firsts = 0;  // of a text's first part all rows come, the caller keeps that of position 0
  for (const auto& row : texts.taken) firsts += row.second == 0 ? 1 : 0;
  CHECK(firsts == 5);
}

TEST_CASE("no more than 64 texts share a step") {
  const std::vector<std::size_t> lengths(150, 2);
  Texts texts{true, lengths};
  REQUIRE(texts.run(WantedRows::last));
  CHECK(texts.taken == texts.expected(WantedRows::last));
  CHECK(texts.steps == std::vector<std::size_t>{128, 128, 44});
  CHECK(texts.all_released());
}

TEST_CASE("an encoder's texts stay whole") {
  const std::size_t lengths[]{300, 300, 900, 10, 502, 1};
  Texts texts{false, lengths};
  REQUIRE(texts.run(WantedRows::all));
  CHECK(texts.taken == texts.expected(WantedRows::all));
  CHECK(texts.steps == std::vector<std::size_t>{300, 300, 900, 512, 1});
  CHECK(texts.all_released());
}

TEST_CASE("a text may continue what its sequence holds") {
  Texts texts{true, {}};
  const model::SequenceId beginning = texts.model.cache().create();
  REQUIRE(texts.model.cache().extend(beginning, 5));
  texts.model.cache().settle(beginning);
  const std::vector<std::int32_t> rest{5, 6, 7};
  std::size_t last = 0;
  REQUIRE(TextSteps{texts.model, WantedRows::last, nullptr}.run(
      1,
      [&](std::size_t) {
        return TextSteps::Text{texts.model.cache().fork(beginning), rest};
      },
      [&](const model::Batch& batch) {
        std::vector<float> hidden(8);
        return texts.model.embed(batch, hidden);
      },
      [&](std::size_t, std::size_t position, std::size_t) { last = position; }));
  CHECK(last == 7);
  CHECK(texts.model.cache().valid(beginning));
}

TEST_CASE("a step that fails, or is cancelled, ends it and leaves no sequence behind") {
  const std::size_t lengths[]{500, 600, 700};
  Texts texts{true, lengths};
  for (std::size_t failing = 0; failing < 4; ++failing) {
    const Status ran = texts.run(WantedRows::last, nullptr, failing);
    REQUIRE_FALSE(ran);
    CHECK(ran.error().what == "no more");
    CHECK(texts.steps.size() == failing);
    CHECK(texts.all_released());
  }
  Cancellation cancellation;
  cancellation.request();
  const Status ran = texts.run(WantedRows::last, &cancellation);
  REQUIRE_FALSE(ran);
  CHECK(ran.error().code == ErrorCode::cancelled);
  CHECK(texts.steps.empty());
  CHECK(texts.all_released());
  CHECK(Texts{true, {}}.run(WantedRows::all));
}
