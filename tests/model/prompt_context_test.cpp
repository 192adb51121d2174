// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/prompt_context.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

constexpr std::int32_t gmask = 90, mask = 91, sop = 92;
using Positions = std::vector<std::uint32_t>;

Config glm() {
  Config config;
  config.context_end = sop, config.mask_tokens[0] = gmask, config.mask_tokens[1] = mask;
  return config;
}
KvCache cache_of_one_layer() {
  return {{.head = {16, 16}, .scheme = quant::f32, .layers = {{.kv_heads = 1, .window = 0, .state = 0}}}, 640};
}

/// Places `tokens` from `position` on and returns what they turn by.
PromptPositions place(const Config& config, KvCache& cache, SequenceId id, std::uint32_t position,
                      const std::vector<std::int32_t>& tokens) {
  Batch batch;
  batch.add(id, position, tokens, Batch::Logits::none);
  PromptPositions turns;
  place_prompts(config, batch, cache, turns);
  return turns;
}
std::uint32_t prefix(const Config& config, KvCache& cache, SequenceId id, std::uint32_t position, std::uint32_t rows) {
  return prompt_prefix(config, {id, 0, rows, position}, cache);
}

}  // namespace

TEST_CASE("a decoder's rows turn by their positions and see what is before them, an encoder's see all") {
  KvCache cache = cache_of_one_layer();
  const SequenceId id = cache.create();
  Config config;
  CHECK(place(config, cache, id, 5, {sop, 1, gmask}).first == Positions{5, 6, 7});
  CHECK(place(config, cache, id, 5, {sop, 1, gmask}).second.empty());
  CHECK(prefix(config, cache, id, 5, 3) == 0);
  config.causal = false;
  CHECK(prefix(config, cache, id, 0, 3) == 3);
}

TEST_CASE("behind its context a text stands at the mask token and counts a second position") {
  KvCache cache = cache_of_one_layer();
  const SequenceId id = cache.create();
  const Config config = glm();
  const auto turns = place(config, cache, id, 0, {7, 8, gmask, sop, 9, 10});
  CHECK(turns.first == Positions{0, 1, 2, 2, 2, 2});
  CHECK(turns.second == Positions{0, 0, 0, 1, 2, 3});
  CHECK(prefix(config, cache, id, 0, 6) == 3);
  const auto next = place(config, cache, id, 6, {11});
  CHECK(next.first == Positions{2});
  CHECK(next.second == Positions{4});
  CHECK(prefix(config, cache, id, 6, 1) == 3);
}

TEST_CASE("of both mask tokens the first kind counts, wherever it stands") {
  KvCache cache = cache_of_one_layer();
  const SequenceId id = cache.create();
  CHECK(place(glm(), cache, id, 0, {mask, 7, gmask, gmask, sop}).first == Positions{0, 1, 2, 3, 2});
  CHECK(place(glm(), cache, id, 0, {7, mask, 8, sop}).first == Positions{0, 1, 2, 1});
}

TEST_CASE("a context that has not ended sees itself; a fork knows it, and one taken back forgets its end") {
  KvCache cache = cache_of_one_layer();
  const SequenceId id = cache.create();
  const Config config = glm();
  CHECK(place(config, cache, id, 0, {7, gmask, 8}).first == Positions{0, 1, 2});
  CHECK(prefix(config, cache, id, 0, 3) == 3);
  CHECK(place(config, cache, id, 3, {sop, 9}).first == Positions{1, 1});
  const SequenceId copy = cache.fork(id);
  CHECK(place(config, cache, copy, 5, {9}).first == Positions{1});
  CHECK(place(config, cache, copy, 5, {9}).second == Positions{3});
  CHECK(prefix(config, cache, copy, 5, 1) == 3);

  CHECK(place(config, cache, id, 2, {9, 9}).first == Positions{2, 3});
  CHECK(prefix(config, cache, id, 2, 2) == 4);
  CHECK(place(config, cache, copy, 6, {9}).second == Positions{4});

  cache.release(id);
  const SequenceId again = cache.create();
  CHECK(again == id);
  CHECK(prefix(config, cache, again, 0, 5) == 5);
}
