// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/best_tokens.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::model;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();

float maximum(const float* x, std::size_t n) {
  float largest = -infinity;
  for (std::size_t i = 0; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

/// The best k of `logits`, offered in pieces of `piece`.
std::vector<Candidate> best_of(const std::vector<float>& logits, std::size_t k, std::size_t piece) {
  BestTokens best;
  best.begin(k);
  for (std::size_t i = 0; i < logits.size(); i += piece)
    best.offer(std::span{logits}.subspan(i, std::min(piece, logits.size() - i)), i, maximum);
  return {best.list().begin(), best.list().end()};
}

}  // namespace

TEST_CASE("the best tokens are the first of all in order") {
  std::mt19937 random{1};
  for (const std::size_t size : {1u, 100u, 128u, 1000u, 5000u})
    for (const int levels : {3, 100000}) {  // many ties, and few
      std::vector<float> logits(size);
      for (float& x : logits) x = static_cast<float>(static_cast<int>(random() % static_cast<unsigned>(levels)) - levels / 2);
      std::vector<Candidate> all;
      for (std::size_t i = 0; i < size; ++i) all.push_back({logits[i], static_cast<std::int32_t>(i)});
      std::sort(all.begin(), all.end(), likelier);
      for (const std::size_t k : {1u, 2u, 40u, 300u})
        for (const std::size_t piece : {1u, 100u, 128u, 4096u}) {
          const auto best = best_of(logits, k, piece);
          REQUIRE(best.size() == std::min(k, size));
          CHECK(std::equal(best.begin(), best.end(), all.begin()));
        }
    }
}

TEST_CASE("what is not a number is never among the best") {
  std::vector<float> logits(300, nan);
  CHECK(best_of(logits, 3, 300).empty());
  logits[7] = -infinity, logits[200] = 1, logits[130] = infinity;
  CHECK(best_of(logits, 3, 300) == std::vector<Candidate>{{infinity, 130}, {1, 200}});
}
