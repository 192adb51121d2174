// SPDX-License-Identifier: Apache-2.0
// The choice of a token among 151 936 logits in the second-level cache, as a percentage of a sweep that reads them.
#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <ingot/generation/sampler.hpp>

#include "cache_probe.hpp"

namespace {

using namespace ingot;

std::vector<float>& logits() {
  static std::vector<float> values = [] {
    std::mt19937 random{5};
    std::normal_distribution<float> normal{0.0f, 3.0f};
    std::vector<float> v(151936);
    for (float& x : v) x = normal(random);
    return v;
  }();
  return values;
}

void sample(const std::string& name, generation::SamplerSettings settings) {
  generation::Sampler checked{settings};
  std::vector<float> sorted = logits();
  std::sort(sorted.begin(), sorted.end(), std::greater<>{});
  const std::size_t allowed = settings.temperature <= 0 ? 1 : settings.top_k != 0 ? settings.top_k : sorted.size();
  for (int i = 0; i < 20; ++i) bench::verify(logits()[static_cast<std::size_t>(checked.pick(logits()))] >= sorted[allowed - 1], "sampler");
  generation::Sampler* const sampler = new generation::Sampler{std::move(settings)};  // until the program ends, as all benchmarks
  bench::add_in_cache(name, kernels::best_functions(), logits().size() * sizeof(float),
                      [sampler] { benchmark::DoNotOptimize(sampler->pick(logits())); });
}

void register_all(const kernels::Functions& f) {
  const std::vector<float>& x = logits();
  bench::verify(f.maximum(x.data(), x.size()) == *std::max_element(x.begin(), x.end()), "maximum");
  bench::add_in_cache(std::string(f.isa) + "/maximum", f, x.size() * sizeof(float),
                      [&f, &x] { benchmark::DoNotOptimize(f.maximum(x.data(), x.size())); });
  for (const std::size_t k : {1u, 40u}) {
    std::vector<float> sorted = x;
    std::sort(sorted.begin(), sorted.end(), std::greater<>{});
    model::BestTokens* const best = new model::BestTokens;  // until the program ends, as all benchmarks
    const auto find = [&f, &x, best, k] {
      best->begin(k);
      best->offer(x, 0, f.maximum);
    };
    find();
    bench::verify(best->list().size() == k && best->list().back().logit == sorted[k - 1], "best tokens");
    bench::add_in_cache(std::string(f.isa) + "/best:" + std::to_string(k), f, x.size() * sizeof(float), find);
  }
}

}  // namespace

int main(int argc, char** argv) {
  sample("sampler/greedy", {.temperature = 0});
  sample("sampler/top_k:20/top_p:0.95", {.temperature = 0.6f, .top_k = 20, .top_p = 0.95f});
  sample("sampler/top_k:40", {.temperature = 0.8f, .top_k = 40});
  sample("sampler/top_p:0.95", {.top_p = 0.95f});
  bench::run_for_each_isa(argc, argv, register_all);
}
