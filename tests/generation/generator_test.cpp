// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/generator.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/generation/sampler.hpp>
#include <ingot/model/kv_cache.hpp>

#include "model/golden.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::generation;
using namespace ingot::test;

namespace {

using Tokens = std::vector<std::int32_t>;

struct Opened {
  TemporaryDirectory temporary;
  std::unique_ptr<model::Model> model;
  explicit Opened(std::uint32_t positions = 512, const TinyModel& tiny = {})
      : model{open_model(write_checkpoint(temporary.path() / "m", tiny), {.threads = 2, .positions = positions, .kv = quant::f32})} {}
};

Settings greedy(std::uint32_t chunk = 512) {
  Settings settings;
  settings.sampler.temperature = 0;
  settings.chunk = chunk;
  return settings;
}

/// `count` tokens after `prompt`, which must work.
Tokens answer(Generator& generator, const Tokens& prompt, std::size_t count) {
  const auto begun = generator.prompt(prompt);
  INFO((begun ? std::string{} : begun.error().message()));
  REQUIRE(begun);
  Tokens tokens;
  while (tokens.size() < count) {
    const auto token = generator.next();
    REQUIRE(token);
    tokens.push_back(*token);
  }
  return tokens;
}

Tokens joined(Tokens a, const Tokens& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// What greedy decoding gives when every token comes from a full recomputation.
Tokens plainly(model::Model& model, Tokens text, std::size_t count) {
  Tokens tokens;
  while (tokens.size() < count) {
    const auto logits = logits_of(model, text);
    tokens.push_back(argmax(std::span{logits}.last(model.config().shape.vocabulary)));
    text.push_back(tokens.back());
  }
  return tokens;
}

}  // namespace

TEST_CASE("greedy decoding is the golden's, for every chunk size") {
  for (const char* name : {"llama", "llama-rope3", "qwen2"}) {
    const Golden golden = read_golden(name);
    for (const std::uint32_t chunk : {512u, 1u, 2u, 7u, 0u}) {
      CAPTURE(name);
      CAPTURE(chunk);
      const auto model = open_model(golden.path, reference_mode);
      Generator generator{*model, greedy(chunk)};
      CHECK(answer(generator, golden.tokens, golden.greedy.size()) == golden.greedy);
    }
  }
}

TEST_CASE("a prompt that continues the text computes only what is new") {
  Opened m;
  Generator generator{*m.model, greedy()};
  const Tokens prompt = random_tokens(30, 131, 1), more = random_tokens(12, 131, 2);
  const Tokens first = answer(generator, prompt, 5);
  CHECK(first == plainly(*m.model, prompt, 5));
  CHECK(generator.statistics().prompt_tokens == 30);
  CHECK(generator.statistics().reused_tokens == 0);
  CHECK(generator.statistics().decoded_tokens == 4);  // the first comes from the prompt's logits
  CHECK(generator.room() == 512 - 34);

  const Tokens second = joined(joined(prompt, first), more);
  CHECK(answer(generator, second, 4) == plainly(*m.model, second, 4));
  CHECK(generator.statistics().prompt_tokens == 47);
  CHECK(generator.statistics().reused_tokens == 34);  // the last token of the answer had not been computed
  CHECK(generator.statistics().decoded_tokens == 3);
}

TEST_CASE("what a window has left behind is computed again") {
  Opened m{4096,
           {.model_type = "qwen2", .bias = true, .more = ",\"use_sliding_window\":true,\"sliding_window\":9,\"max_window_layers\":1"}};
  Generator generator{*m.model, greedy(100)};
  const Tokens prompt = random_tokens(600, 131, 1), end = random_tokens(3, 131, 2);
  static_cast<void>(answer(generator, prompt, 2));
  for (const std::uint32_t common : {560u, 100u}) {
    const Tokens changed = joined({prompt.begin(), prompt.begin() + common}, end);
    CHECK(answer(generator, changed, 3) == plainly(*m.model, changed, 3));
    CHECK(generator.statistics().reused_tokens == (common == 560 ? 560 : 0));
  }
}

TEST_CASE("a prompt that differs keeps the common beginning and drops the rest") {
  Opened m;
  Generator generator{*m.model, greedy()};
  const Tokens prompt = random_tokens(80, 131, 1);
  static_cast<void>(answer(generator, prompt, 3));
  for (const std::size_t common : {79u, 64u, 63u, 10u, 0u}) {
    CAPTURE(common);
    Tokens other{prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(common)};
    other.push_back(prompt[common] == 5 ? 6 : 5);
    other = joined(other, random_tokens(7, 131, 9));
    CHECK(answer(generator, other, 3) == plainly(*m.model, other, 3));
    CHECK(generator.statistics().reused_tokens == common);
    CHECK(answer(generator, prompt, 3) == plainly(*m.model, prompt, 3));
  }
}

TEST_CASE("a prompt that is already there, or only its beginning, computes its last token again") {
  Opened m;
  Generator generator{*m.model, greedy()};
  const Tokens prompt = random_tokens(20, 131, 1);
  const Tokens expected = answer(generator, prompt, 3);
  CHECK(answer(generator, prompt, 3) == expected);
  CHECK(generator.statistics().reused_tokens == 19);
  const Tokens beginning{prompt.begin(), prompt.begin() + 8};
  CHECK(answer(generator, beginning, 3) == plainly(*m.model, beginning, 3));
  CHECK(generator.statistics().reused_tokens == 7);
  CHECK(answer(generator, {4}, 2) == plainly(*m.model, {4}, 2));
  CHECK(generator.statistics().reused_tokens == 0);
}

TEST_CASE("the penalties know the prompt, and only this one") {
  Opened m;
  Settings settings = greedy();
  settings.sampler.presence_penalty = 1000;  // nothing is ever said twice
  Generator generator{*m.model, settings};
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    const Tokens prompt = random_tokens(40, 131, seed);
    Tokens seen = prompt;
    for (const std::int32_t token : answer(generator, prompt, 20)) {
      CHECK(std::find(seen.begin(), seen.end(), token) == seen.end());
      seen.push_back(token);
    }
  }
}

TEST_CASE("the same seed gives the same answer for every number of threads and chunk size") {
  const TemporaryDirectory temporary;
  const auto path = write_checkpoint(temporary.path() / "m", TinyModel{});
  Settings settings;
  settings.sampler.seed = 5;
  std::optional<Tokens> expected;
  for (const std::uint32_t threads : {1u, 3u})
    for (const std::uint32_t chunk : {512u, 5u}) {
      settings.chunk = chunk;
      const auto model = open_model(path, {.threads = threads, .positions = 256});
      Generator generator{*model, settings};
      const Tokens tokens = answer(generator, random_tokens(33, 131), 40);
      if (!expected) expected = tokens;
      CHECK(tokens == *expected);
    }
  settings.sampler.seed = 6;
  const auto model = open_model(path, {.threads = 1, .positions = 256});
  Generator generator{*model, settings};
  CHECK(answer(generator, random_tokens(33, 131), 40) != *expected);
}

TEST_CASE("a full context is an error, and the text stays usable") {
  Opened m{64};
  Generator generator{*m.model, greedy(16)};
  const Tokens prompt = random_tokens(60, 131);
  const Tokens tokens = answer(generator, prompt, 5);  // the fifth is chosen at position 64
  CHECK(generator.room() == 0);
  const auto next = generator.next();
  REQUIRE_FALSE(next);
  CHECK(next.error().code == ErrorCode::other);
  CHECK(next.error().message().find("context is full") != std::string::npos);

  const auto too_long = generator.prompt(random_tokens(65, 131, 3));
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().message().find("max_all_tokens") != std::string::npos);
  CHECK(answer(generator, prompt, 4) == Tokens(tokens.begin(), tokens.begin() + 4));
}

TEST_CASE("bad prompts are refused") {
  Opened m;
  Generator generator{*m.model, greedy()};
  const auto empty = generator.prompt({});
  REQUIRE_FALSE(empty);
  CHECK(empty.error().code == ErrorCode::usage);
  CHECK_FALSE(generator.prompt(Tokens{1, 131}));
  CHECK_FALSE(generator.prompt(Tokens{-1}));
  const Tokens prompt = random_tokens(9, 131);
  CHECK(answer(generator, prompt, 3) == plainly(*m.model, prompt, 3));
}

TEST_CASE("a cancelled prompt keeps what was computed") {
  Opened m;
  Generator generator{*m.model, greedy(8)};
  Cancellation cancellation;
  const Tokens prompt = random_tokens(40, 131);
  const Tokens begun{prompt.begin(), prompt.begin() + 20};
  REQUIRE(generator.prompt(begun, &cancellation));
  cancellation.request();
  const auto cancelled = generator.prompt(prompt, &cancellation);
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == ErrorCode::cancelled);
  CHECK(answer(generator, prompt, 3) == plainly(*m.model, prompt, 3));
  CHECK(generator.statistics().reused_tokens == 20);
}

TEST_CASE("generators on one model do not disturb each other, and give their pages back") {
  Opened m{256};
  const Tokens one = random_tokens(30, 131, 1), other = random_tokens(30, 131, 2);
  const Tokens expected_one = plainly(*m.model, one, 6), expected_other = plainly(*m.model, other, 6);
  for (int round = 0; round < 5; ++round) {
    Generator a{*m.model, greedy()}, b{*m.model, greedy()};
    REQUIRE(a.prompt(one));
    REQUIRE(b.prompt(other));
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(*a.next() == expected_one[i]);
      CHECK(*b.next() == expected_other[i]);
    }
  }
  CHECK(m.model->cache().bytes() <= 3 * m.model->cache().shape().page_bytes());
}

TEST_CASE("speeds are tokens over seconds, and 0 before anything was done") {
  const Statistics statistics{.prompt_tokens = 30, .reused_tokens = 10, .prefill_seconds = 2, .decoded_tokens = 9, .decode_seconds = 3};
  CHECK(statistics.prefill_speed() == 10);
  CHECK(statistics.decode_speed() == 3);
  CHECK(Statistics{}.prefill_speed() == 0);
  CHECK(Statistics{}.decode_speed() == 0);
}

TEST_CASE("all logits of a prompt are kept when they are asked for, and change no answer") {
  const Tokens prompt{5, 9, 2, 77, 31, 4, 60};
  for (const std::uint32_t chunk : {2u, 3u, 512u}) {
    CAPTURE(chunk);
    Opened one, other;
    Settings all = greedy(chunk);
    all.all_logits = true;
    Generator plain{*one.model, greedy(chunk)}, keeping{*other.model, all};
    const Tokens expected = answer(plain, prompt, 6);
    CHECK(plain.prompt_logits().empty());
    CHECK(answer(keeping, prompt, 6) == expected);
    const std::size_t vocabulary = other.model->config().shape.vocabulary;
    REQUIRE(keeping.prompt_logits().size() == prompt.size() * vocabulary);

    Opened third;
    model::Batch batch;
    batch.add(third.model->cache().create(), 0, prompt, model::Batch::Logits::all);
    std::vector<float> logits(prompt.size() * vocabulary);
    REQUIRE(third.model->step(batch, logits));
    CHECK(std::equal(logits.begin(), logits.end(), keeping.prompt_logits().begin()));

    // What the cache holds is not computed again, and has no logits then.
    REQUIRE(keeping.prompt(joined(prompt, {8, 8})));
    CHECK(keeping.prompt_logits().size() == (keeping.statistics().prompt_tokens - keeping.statistics().reused_tokens) * vocabulary);
  }
}
