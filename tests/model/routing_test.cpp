// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/routing.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "model/plain_mixture.hpp"

using namespace ingot;
using namespace ingot::test;
using model::ExpertBlock;
using model::Router;
using model::RoutingConfig;
using model::Visit;

namespace {

template <Router R>
std::vector<Visit> choose(const RoutingConfig& config, const std::vector<float>& logits, const std::vector<float>& correction,
                          std::size_t used) {
  model::ExpertChoice choice;
  choice.reserve(logits.size());
  std::vector<Visit> visits(used);
  choice.choose<R>(config, logits, correction.data(), visits);
  std::sort(visits.begin(), visits.end(), [](const Visit& a, const Visit& b) { return a.expert < b.expert; });
  return visits;
}

/// Logits of a tenth: many are equal, whatever is done to them.
std::vector<float> coarse_logits(std::size_t experts, std::mt19937& engine, float spread) {
  std::vector<float> logits(experts);
  std::normal_distribution<float> normal{0, spread};
  for (float& x : logits) x = std::round(normal(engine) * 10) / 10;
  return logits;
}

template <Router R>
void compare_with_definition(const RoutingConfig& config, bool corrected) {
  std::mt19937 engine{5};
  for (const std::size_t experts : {8u, 24u, 128u}) {
    for (const std::size_t used : {1u, 2u, 6u, 8u}) {
      for (int repeat = 0; repeat < 20; ++repeat) {
        CAPTURE(experts);
        CAPTURE(used);
        const auto logits = coarse_logits(experts, engine, 2);
        auto correction = coarse_logits(experts, engine, corrected ? 1.f : 0.f);
        if (repeat % 2 == 0)
          for (float& x : correction) x = 0;  // sigmoids of equal logits are equal
        const auto expected = plain_visits(R, config, {logits.begin(), logits.end()}, {correction.begin(), correction.end()}, used);
        const auto visits = choose<R>(config, logits, correction, used);
        REQUIRE(visits.size() == expected.size());
        for (std::size_t i = 0; i < visits.size(); ++i) {
          CHECK(visits[i].expert == expected[i].first);
          CHECK(std::abs(static_cast<double>(visits[i].weight) - expected[i].second) <= 1e-6 * std::abs(expected[i].second) + 1e-12);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("each router chooses and weighs as its definition does, the lower index first among equals") {
  compare_with_definition<Router::softmax_then_top>({}, false);
  compare_with_definition<Router::softmax_then_top>({.normalize = true}, false);
  compare_with_definition<Router::softmax_then_top>({.factor = 2.5f, .groups = 4, .groups_used = 2}, false);
  compare_with_definition<Router::top_then_softmax>({}, false);
  compare_with_definition<Router::sigmoid_input>({}, false);
  compare_with_definition<Router::sigmoid_biased>({}, true);
  compare_with_definition<Router::sigmoid_biased>({.normalize = true, .factor = 1.5f}, true);
  compare_with_definition<Router::sigmoid_biased>({.normalize = true, .groups = 4, .groups_used = 3, .group_by_two = true}, true);
  compare_with_definition<Router::sigmoid_biased>({.groups = 2, .groups_used = 1, .group_by_two = true}, true);
}

TEST_CASE("a correction decides who is chosen and not the weight") {
  const std::vector<float> logits{2, 1, 0, -1}, correction{-1, 0, 0, 1};
  const auto visits = choose<Router::sigmoid_biased>({}, logits, correction, 2);
  CHECK(visits[0].expert == 1);
  CHECK(visits[1].expert == 3);
  CHECK(visits[1].weight == doctest::Approx(1 / (1 + std::exp(1.0))));
}

TEST_CASE("large logits neither overflow nor vanish") {
  const std::vector<float> logits{1000, 999, -1000, 500};
  const auto visits = choose<Router::softmax_then_top>({}, logits, {}, 2);
  CHECK(visits[0].weight == doctest::Approx(1 / (1 + std::exp(-1.0))));
  CHECK(visits[0].weight + visits[1].weight == doctest::Approx(1));
  const auto none = choose<Router::sigmoid_biased>({.normalize = true}, std::vector<float>(4, -200), std::vector<float>(4), 2);
  CHECK(none[0].weight == 0);  // 0 / 1e-20
}

TEST_CASE("what no config should say ends in experts that exist") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& logits : {std::vector<float>{nan, nan, nan, nan, nan}, std::vector<float>{infinity, -infinity, nan, 1, 2},
                                           std::vector<float>(5, -infinity), std::vector<float>{0}}) {
    for (const RoutingConfig& config : {RoutingConfig{}, RoutingConfig{.groups = 2, .groups_used = 1}, RoutingConfig{.groups = 0},
                                        RoutingConfig{.groups = 3, .groups_used = 0, .group_by_two = true},
                                        RoutingConfig{.groups = 99, .groups_used = 98}, RoutingConfig{.groups = 1, .groups_used = 7}}) {
      const std::vector<float> correction(logits.size(), nan);
      const auto check = [&](const std::vector<Visit>& visits) {
        for (std::size_t i = 0; i < visits.size(); ++i) CHECK(visits[i].expert == i);  // all, as many as there are
      };
      check(choose<Router::softmax_then_top>(config, logits, {}, logits.size()));
      check(choose<Router::sigmoid_biased>(config, logits, correction, logits.size()));
    }
  }
}

TEST_CASE("visits are grouped by expert, experts and rows ascending, in blocks of like size") {
  std::mt19937 engine{9};
  const std::size_t rows = 211, used = 3, experts = 7, block_rows = 32;
  std::vector<Visit> visits;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < used; ++i)  // expert 5 gets none
      visits.push_back({static_cast<std::uint32_t>(engine() % 5 == 0 ? 6 : engine() % 5), static_cast<float>(visits.size())});
  model::Dispatch dispatch;
  dispatch.reserve(visits.size(), experts, block_rows);
  dispatch.group(visits, used, experts, block_rows);
  REQUIRE(dispatch.visitors.size() == visits.size());
  std::size_t next = 0;
  std::vector<std::size_t> count(experts);
  for (std::size_t b = 0; b < dispatch.blocks.size(); ++b) {
    const ExpertBlock& block = dispatch.blocks[b];
    CHECK(block.first == next);
    CHECK(block.rows > block_rows / 2);
    CHECK(block.rows <= block_rows);
    if (b != 0) CHECK(block.expert >= dispatch.blocks[b - 1].expert);
    for (const model::Visitor& visitor : dispatch.visitors_of(block)) {
      const auto index = static_cast<std::size_t>(visitor.weight);
      CHECK(visits[index].expert == block.expert);
      CHECK(visitor.row == index / used);
    }
    for (std::size_t i = 1; i < block.rows; ++i) CHECK(dispatch.visitors[next + i].row >= dispatch.visitors[next + i - 1].row);
    next += block.rows;
    count[block.expert] += block.rows;
  }
  CHECK(next == visits.size());
  CHECK(count[5] == 0);
  dispatch.group({}, used, experts, block_rows);
  CHECK(dispatch.blocks.empty());
}

TEST_CASE("lanes share the panels of all blocks without gaps, and about evenly") {
  std::mt19937 engine{4};
  for (const std::uint32_t lanes : {1u, 2u, 3u, 8u, 61u}) {
    for (const std::size_t panels : {1u, 5u, 48u}) {
      std::vector<ExpertBlock> blocks;
      for (std::uint32_t e = 0, first = 0; e < 9; ++e) {
        blocks.push_back({e, first, static_cast<std::uint32_t>(1 + engine() % 100)});
        first += blocks.back().rows;
      }
      Barrier barrier;
      std::vector<std::vector<int>> owners(blocks.size(), std::vector<int>(panels));
      std::vector<std::size_t> work(lanes);
      for (std::uint32_t rank = 0; rank < lanes; ++rank)
        model::each_share(Lane{rank, lanes, barrier}, blocks, panels, [&](const ExpertBlock& block, Slice part) {
          REQUIRE(part.end <= panels);
          for (std::size_t i = part.begin; i < part.end; ++i) ++owners[block.expert][i], work[rank] += block.rows;
        });
      for (const auto& of_block : owners)
        for (const int owner : of_block) CHECK(owner == 1);
      if (panels == 48 && lanes == 8) {
        const std::size_t total = std::accumulate(work.begin(), work.end(), std::size_t{0});
        for (const std::size_t mine : work) CHECK(mine * lanes < total * 5 / 4);
      }
    }
  }
}
