// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/family.hpp>

#include <type_traits>

#include <doctest/doctest.h>

using namespace ingot::model;

namespace {
/// Traits are template arguments, and equal traits make one type.
template <Family F>
struct Graph {
  static constexpr bool normalizes_heads = F.qk_norm != QkNorm::none;
};
constexpr Family plain{}, normed{.qk_norm = QkNorm::before_rope};
static_assert(std::is_same_v<Graph<plain>, Graph<Family{}>> && !std::is_same_v<Graph<plain>, Graph<normed>>);
}  // namespace

TEST_CASE("traits select at compile time") {
  CHECK_FALSE(Graph<plain>::normalizes_heads);
  CHECK(Graph<normed>::normalizes_heads);
}
