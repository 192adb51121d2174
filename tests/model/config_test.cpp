// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/config.hpp>

#include <type_traits>

#include <doctest/doctest.h>

using namespace ingot::model;

namespace {
constexpr Shape smol{.hidden = 576, .layers = 30, .heads = 9, .kv_heads = 3, .head_dim = 64, .intermediate = 1536, .vocabulary = 49152};
static_assert(smol.group() == 3 && smol.q_width() == 576 && smol.k_width() == 192);
static_assert(smol == smol && smol != Shape{});
/// A shape is a template argument of exact-shape models.
template <Shape S>
struct Uses {};
static_assert(std::is_empty_v<Uses<smol>>);
}  // namespace

TEST_CASE("widths follow from heads, not from the hidden width") {
  const Shape wide{.hidden = 48, .heads = 3, .kv_heads = 1, .head_dim = 32};
  CHECK(wide.q_width() == 96);
  CHECK(wide.k_width() == 32);
  CHECK(wide.group() == 3);
}

TEST_CASE("layers have the model's extents unless they have their own") {
  Config config;
  config.shape = smol;
  CHECK(&config.extents_of(29) == &config.shape);
  config.extents.assign(2, smol);
  config.extents[1].heads = 6;
  CHECK(config.extents_of(0).heads == 9);
  CHECK(config.extents_of(1).heads == 6);
}

TEST_CASE("a config that nobody filled is neutral") {
  const Config config;
  CHECK(RopeConfig{}.scaling == RopeScaling::none);
  CHECK(RopeConfig{}.factor == 1);
  CHECK(config.bos == -1);
  CHECK(config.eos.empty());
  CHECK_FALSE(config.tied);
}
