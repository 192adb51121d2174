// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/sampler.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::generation;

namespace {

using Logits = std::vector<float>;

std::int32_t pick_once(const SamplerSettings& settings, Logits logits, const std::vector<std::int32_t>& history = {}) {
  Sampler sampler{settings};
  for (const std::int32_t token : history) sampler.accept(token);
  return sampler.pick(logits);
}

/// How often each token comes in `draws` draws from the same logits.
std::vector<int> histogram(const SamplerSettings& settings, const Logits& logits, int draws) {
  Sampler sampler{settings};
  std::vector<int> counts(logits.size());
  for (int i = 0; i < draws; ++i) {
    Logits copy = logits;
    ++counts[static_cast<std::size_t>(sampler.pick(copy))];
  }
  return counts;
}

/// Tokens that ever come.
std::set<std::size_t> support(const SamplerSettings& settings, const Logits& logits) {
  const auto counts = histogram(settings, logits, 4000);
  std::set<std::size_t> tokens;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) tokens.insert(i);
  return tokens;
}

using Tokens = std::set<std::size_t>;

Logits of_probabilities(const std::vector<double>& probabilities) {
  Logits logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p) + 3));  // any constant may be added
  return logits;
}

/// Five standard deviations of a binomial count.
bool plausible(int count, int draws, double p) { return std::abs(count - draws * p) <= 5 * std::sqrt(draws * p * (1 - p)) + 1; }

}  // namespace

TEST_CASE("temperature 0 takes the largest, the first among equals") {
  const SamplerSettings greedy{.temperature = 0};
  CHECK(pick_once(greedy, {1, 5, 3}) == 1);
  CHECK(pick_once(greedy, {-3, -1, -1, -2}) == 1);
  CHECK(pick_once(greedy, {7}) == 0);
  CHECK(pick_once({.temperature = 0, .top_k = 2, .top_p = 0.1f, .min_p = 1, .seed = 9}, {0, 0, 0}) == 0);
}

TEST_CASE("draws follow the softmax of logits over temperature") {
  const std::vector<double> p{0.5, 0.25, 0.15, 0.1};
  const int draws = 20000;
  for (const double temperature : {1.0, 0.5, 2.0}) {
    CAPTURE(temperature);
    double total = 0;
    for (const double x : p) total += std::pow(x, 1 / temperature);
    const auto counts = histogram({.temperature = static_cast<float>(temperature), .seed = 11}, of_probabilities(p), draws);
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(plausible(counts[i], draws, std::pow(p[i], 1 / temperature) / total));
  }
}

TEST_CASE("the smallest temperatures are greedy, the largest uniform") {
  const Logits logits{20, 21, 19, -5};
  for (const float temperature : {1e-3f, 1e-30f, 1e-38f, std::numeric_limits<float>::denorm_min()})
    CHECK(support({.temperature = temperature}, logits) == Tokens{1});
  const auto counts = histogram({.temperature = 1e6f}, logits, 20000);
  for (const int count : counts) CHECK(plausible(count, 20000, 0.25));
}

TEST_CASE("top-k keeps the k likeliest, lower ids among equals") {
  const Logits logits{1, 3, 2, 3, 1};
  CHECK(support({.top_k = 1}, logits) == Tokens{1});
  CHECK(support({.top_k = 2}, logits) == Tokens{1, 3});
  CHECK(support({.top_k = 3}, logits) == Tokens{1, 2, 3});
  CHECK(support({.top_k = 4}, logits) == Tokens{0, 1, 2, 3});
  CHECK(support({.top_k = 5}, logits).size() == 5);
  CHECK(support({.top_k = 100}, logits).size() == 5);
  CHECK(support({.top_k = 0}, logits).size() == 5);
}

TEST_CASE("top-p keeps the likeliest whose probabilities reach p") {
  const Logits logits = of_probabilities({0.1, 0.4, 0.2, 0.3});
  CHECK(support({.top_p = 0.0f}, logits) == Tokens{1});
  CHECK(support({.top_p = 0.39f}, logits) == Tokens{1});
  CHECK(support({.top_p = 0.41f}, logits) == Tokens{1, 3});
  CHECK(support({.top_p = 0.69f}, logits) == Tokens{1, 3});
  CHECK(support({.top_p = 0.71f}, logits) == Tokens{1, 2, 3});
  CHECK(support({.top_p = 1.0f}, logits).size() == 4);
  // What is kept is drawn by its renormalized probability.
  const auto counts = histogram({.top_p = 0.69f, .seed = 3}, logits, 20000);
  CHECK(plausible(counts[1], 20000, 4.0 / 7));
}

TEST_CASE("min-p is relative to the best token") {
  const Logits logits = of_probabilities({0.5, 0.26, 0.19, 0.05});
  CHECK(support({.min_p = 1.0f}, logits) == Tokens{0});
  CHECK(support({.min_p = 0.51f}, logits) == Tokens{0, 1});
  CHECK(support({.min_p = 0.37f}, logits) == Tokens{0, 1, 2});
  CHECK(support({.min_p = 0.39f}, logits) == Tokens{0, 1});
  CHECK(support({.min_p = 0.09f}, logits).size() == 4);
  CHECK(support({.min_p = 0.0f}, logits).size() == 4);
  CHECK(support({.min_p = 1.0f}, {4, 4, 1}) == Tokens{0, 1});
}

TEST_CASE("filters act in the order of the chain, and those that are not in it not at all") {
  const Logits logits = of_probabilities({0.5, 0.3, 0.2});
  SamplerSettings hot{.temperature = 5, .top_p = 0.55f, .chain = {Filter::top_p, Filter::temperature}};
  SamplerSettings reversed = hot;
  reversed.chain = {Filter::temperature, Filter::top_p};
  CHECK(support(hot, logits) == Tokens{0, 1});
  CHECK(support(reversed, logits) == Tokens{0, 1});
  reversed.top_p = hot.top_p = 0.49f;
  CHECK(support(hot, logits) == Tokens{0});
  CHECK(support(reversed, logits) == Tokens{0, 1});  // temperature 5 made them nearly equal: 0.37, 0.33, 0.30

  CHECK(support({.top_k = 1, .chain = {Filter::temperature}}, logits).size() == 3);
  CHECK(support({.temperature = 1e-6f, .chain = {}}, logits).size() == 3);
  CHECK(support({.top_k = 2, .min_p = 0.1f, .chain = {Filter::min_p, Filter::top_k}}, logits) == Tokens{0, 1});
}

TEST_CASE("the repetition penalty divides positive and multiplies negative logits") {
  const SamplerSettings settings{.temperature = 0, .repetition_penalty = 2};
  CHECK(pick_once(settings, {3, 2, 0}, {0}) == 1);
  CHECK(pick_once(settings, {5, 2, 0}, {0}) == 0);
  CHECK(pick_once(settings, {-1, -1.5f, -9}, {0}) == 1);
  CHECK(pick_once(settings, {-1, -2.5f, -9}, {0}) == 0);
  CHECK(pick_once(settings, {3, 2, 0}, {0, 0, 0, 0}) == 1);  // once, however often it was said
  CHECK(pick_once(settings, {4.5f, 2, 0}, {0, 0, 0, 0}) == 0);
}

TEST_CASE("presence counts once, frequency every time") {
  CHECK(pick_once({.temperature = 0, .presence_penalty = 1}, {3, 2.5f}, {0, 0, 0}) == 1);
  CHECK(pick_once({.temperature = 0, .presence_penalty = 1}, {3, 1.5f}, {0, 0, 0}) == 0);
  CHECK(pick_once({.temperature = 0, .frequency_penalty = 1}, {3, 1.5f}, {0}) == 0);
  CHECK(pick_once({.temperature = 0, .frequency_penalty = 1}, {3, 1.5f}, {0, 0}) == 1);
  CHECK(pick_once({.temperature = 0, .presence_penalty = -2}, {3, 2}, {1}) == 1);
}

TEST_CASE("penalties look back as far as their window") {
  SamplerSettings settings{.temperature = 0, .frequency_penalty = 1, .penalty_window = 3};
  CHECK(pick_once(settings, {5, 4.5f}, {0, 2, 2}) == 1);
  CHECK(pick_once(settings, {5, 4.5f}, {0, 2, 2, 2}) == 0);
  CHECK(pick_once(settings, {5, 3.5f}, {0, 0, 2, 0}) == 1);  // two of the three are inside
  CHECK(pick_once(settings, {5, 2.5f}, {0, 0, 2, 0}) == 0);
  settings.penalty_window = 0;
  CHECK(pick_once(settings, {5, 2.5f}, {0, 0, 2, 0}) == 1);
  settings.penalty_window = 1;
  CHECK(pick_once(settings, {5, 4.5f}, {0, 0, 0, 1}) == 0);
}

TEST_CASE("forgotten history has no say, tokens from elsewhere do no harm") {
  const SamplerSettings settings{.temperature = 0, .repetition_penalty = 5};
  Sampler sampler{settings};
  sampler.accept(0);
  sampler.forget();
  Logits logits{3, 2};
  CHECK(sampler.pick(logits) == 0);
  CHECK(pick_once(settings, {3, 2}, {-1, 2, 1000000000, std::numeric_limits<std::int32_t>::min()}) == 0);
}

TEST_CASE("the same seed gives the same tokens, another one others") {
  Logits flat(1000, 0.0f);
  const auto sequence = [&](std::uint64_t seed) {
    Sampler sampler{{.seed = seed}};
    std::vector<std::int32_t> tokens;
    for (int i = 0; i < 50; ++i) tokens.push_back(sampler.pick(flat));
    return tokens;
  };
  CHECK(sequence(1) == sequence(1));
  CHECK(sequence(1) != sequence(2));
  CHECK(sequence(0) == sequence(0));
  // The generator and the draw are fixed by the standard and by us: these are the tokens everywhere.
  Sampler sampler{{.seed = 42}};
  std::mt19937_64 random{42};
  for (int i = 0; i < 20; ++i) CHECK(sampler.pick(flat) == static_cast<std::int32_t>(static_cast<double>(random() >> 11) * 0x1p-53 * 1000));
}

TEST_CASE("of a large vocabulary the same tokens are chosen as by sorting all of it") {
  std::mt19937 random{3};
  std::normal_distribution<float> normal;
  for (const std::size_t size : {std::size_t{129}, std::size_t{5000}, std::size_t{40000}})
    for (int round = 0; round < (size > 10000 ? 4 : 20); ++round) {  // each kind of logits once, or five times
      std::vector<float> logits(size);
      for (float& x : logits) x = std::round(8 * normal(random)) / 4;  // many equals
      if (round % 4 == 1) std::fill(logits.begin(), logits.begin() + static_cast<std::ptrdiff_t>(size / 2), -INFINITY);
      if (round % 4 == 2) logits[size - 1] = logits[size / 2] = INFINITY;
      if (round % 4 == 3) logits[0] = logits[size / 3] = NAN;
      std::vector<std::int32_t> sorted(size);
      std::iota(sorted.begin(), sorted.end(), 0);
      std::stable_sort(sorted.begin(), sorted.end(), [&](std::int32_t a, std::int32_t b) {
        const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
        return x > y || (std::isnan(y) && !std::isnan(x));
      });
      std::vector<float> copy = logits;
      CHECK(Sampler{{.temperature = 0}}.pick(copy) == sorted[0]);
      for (const std::uint32_t k : {1u, 3u, 20u, 300u}) {
        Sampler drawn{{.temperature = 1e6f, .top_k = k, .seed = static_cast<std::uint64_t>(round)}};  // all k alike
        for (int draw = 0; draw < 10; ++draw) {
          const auto rank = std::find(sorted.begin(), sorted.end(), drawn.pick(copy)) - sorted.begin();
          CHECK(rank < k);
        }
      }
      if (round % 4 != 0) continue;       // finite ones
      std::vector<double> reached(size);  // the probability of a token and all before it
      for (std::size_t i = 0; i < size; ++i)
        reached[i] = (i == 0 ? 0 : reached[i - 1]) + std::exp(static_cast<double>(logits[static_cast<std::size_t>(sorted[i])]) -
                                                              static_cast<double>(logits[static_cast<std::size_t>(sorted[0])]));
      for (const float p : {0.1f, 0.5f, 0.9f, 0.99f}) {
        const auto allowed = std::find_if(reached.begin(), reached.end(), [&](double r) { return r > p * 1.00001 * reached.back(); });
        Sampler drawn{{.temperature = 1e6f, .top_p = p, .seed = static_cast<std::uint64_t>(round)}};
        std::ptrdiff_t last = 0;
        for (int draw = 0; draw < 50; ++draw)
          last = std::max(last, std::find(sorted.begin(), sorted.end(), drawn.pick(copy)) - sorted.begin());
        CHECK(last <= allowed - reached.begin());
        CHECK(last >= (allowed - reached.begin()) / 2);  // of 50 draws of all alike
      }
      const float best = logits[static_cast<std::size_t>(sorted[0])];
      Sampler relative{{.temperature = 1e6f, .min_p = 0.02f, .seed = 5}};
      for (int draw = 0; draw < 50; ++draw) CHECK(logits[static_cast<std::size_t>(relative.pick(copy))] >= best + std::log(0.02f));
    }
}

TEST_CASE("logits that are not numbers never win and never crash") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  CHECK(pick_once({.temperature = 0}, {nan, 1, 3, nan}) == 2);
  CHECK(support({}, {nan, 1, -infinity, 1, nan}) == Tokens{1, 3});
  CHECK(support({.top_k = 3, .top_p = 0.9f, .min_p = 0.1f}, {nan, 1, -infinity, 1, nan}) == Tokens{1, 3});
  CHECK(support({}, {1, infinity, 2}) == Tokens{1});
  for (const float temperature : {0.0f, 1.0f}) {
    const std::int32_t token = pick_once({.temperature = temperature, .top_p = 0.5f}, {nan, nan, nan});
    CHECK((token >= 0 && token < 3));
    const std::int32_t other = pick_once({.temperature = temperature, .min_p = 0.5f}, {-infinity, -infinity});
    CHECK((other >= 0 && other < 2));
  }
  Logits many(5000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = i % 3 == 0 ? nan : static_cast<float>(i % 101);
  for (std::uint64_t seed = 0; seed < 20; ++seed) CHECK(pick_once({.top_k = 50, .seed = seed}, many) % 3 != 0);
}

TEST_CASE("a sampler content with the best tokens picks from them as from all logits") {
  using C = ingot::model::Candidate;
  CHECK(Sampler{{}}.content_with() == 0);
  CHECK(Sampler{{.top_k = 40, .repetition_penalty = 1.1f}}.content_with() == 0);
  CHECK(Sampler{{.top_k = 1000}}.content_with() == 0);
  CHECK(Sampler{{.top_p = 0.9f}}.content_with() == 0);
  CHECK(Sampler{{.top_k = 40, .chain = {Filter::temperature, Filter::top_k}}}.content_with() == 0);
  std::mt19937 random{3};
  Logits logits(5000);
  for (float& x : logits) x = static_cast<float>(random() % 1000) / 100;
  std::vector<C> all;
  for (std::size_t i = 0; i < logits.size(); ++i) all.push_back({logits[i], static_cast<std::int32_t>(i)});
  std::sort(all.begin(), all.end(), ingot::model::likelier);
  for (const SamplerSettings& settings :
       {SamplerSettings{.temperature = 0}, SamplerSettings{.temperature = 0.7f, .top_k = 1}, SamplerSettings{.top_k = 40, .seed = 1},
        SamplerSettings{.temperature = 1.3f, .top_k = 100, .top_p = 0.8f, .min_p = 0.1f, .seed = 2},
        SamplerSettings{
            .top_k = 20, .top_p = 0.5f, .seed = 3, .chain = {Filter::min_p, Filter::top_k, Filter::temperature, Filter::top_p}}}) {
    Sampler narrow{settings}, wide{settings};
    const std::size_t k = narrow.content_with();
    REQUIRE(k == (settings.temperature <= 0 ? 1 : settings.top_k));
    for (int i = 0; i < 50; ++i) CHECK(narrow.pick(std::span<const C>{all}.first(k)) == wide.pick(std::span{logits}));
  }
}
