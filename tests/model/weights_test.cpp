// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/weights.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

using namespace ingot::model;

namespace {

constexpr Shape shape{.hidden = 64, .layers = 2, .heads = 6, .kv_heads = 2, .head_dim = 16, .intermediate = 88, .vocabulary = 131};
static_assert(extents(Role::embedding, shape) == std::pair{131u, 64u} && extents(Role::head, shape) == std::pair{131u, 64u});
static_assert(extents(Role::query, shape) == std::pair{96u, 64u} && extents(Role::output, shape) == std::pair{64u, 96u});
static_assert(extents(Role::key, shape) == std::pair{32u, 64u} && extents(Role::value, shape) == std::pair{32u, 64u});
static_assert(extents(Role::gate, shape) == std::pair{88u, 64u} && extents(Role::up, shape) == std::pair{88u, 64u});
static_assert(extents(Role::down, shape) == std::pair{64u, 88u});

/// Values narrower than keys, as in MiMo-V2.
constexpr Shape narrow{.hidden = 64, .heads = 6, .kv_heads = 2, .head_dim = 24, .value_dim = 16};
static_assert(extents(Role::value, narrow) == std::pair{32u, 64u} && extents(Role::output, narrow) == std::pair{64u, 96u});
static_assert(extents(Role::attention_gate, narrow) == std::pair{96u, 64u});

/// Latent attention: of 24 dimensions of a head 8 turn.
constexpr Shape latent{
    .hidden = 64, .heads = 4, .kv_heads = 4, .head_dim = 24, .value_dim = 16, .query_rank = 48, .kv_rank = 32, .rope_dim = 8};
static_assert(extents(Role::query_down, latent) == std::pair{48u, 64u} && extents(Role::query_up, latent) == std::pair{96u, 48u});
static_assert(extents(Role::kv_down, latent) == std::pair{40u, 64u} && extents(Role::key_up, latent) == std::pair{128u, 16u});
static_assert(extents(Role::value_up, latent) == std::pair{64u, 32u} && extents(Role::output, latent) == std::pair{64u, 64u});

constexpr Shape sparse{.hidden = 64, .experts = 6, .experts_used = 2, .expert_width = 40, .shared_width = 48};
static_assert(extents(Role::router, sparse) == std::pair{6u, 64u} && extents(Role::expert_gate, sparse) == std::pair{40u, 64u});
static_assert(extents(Role::expert_down, sparse) == std::pair{64u, 40u} && extents(Role::shared_up, sparse) == std::pair{48u, 64u});
static_assert(extents(Role::shared_down, sparse) == std::pair{64u, 48u} && extents(Role::shared_switch, sparse) == std::pair{1u, 64u});

/// Two heads of queries and keys for four of values, each 16 wide.
constexpr Shape delta{.hidden = 64, .delta_key_heads = 2, .delta_heads = 4, .delta_key = 16, .delta_value = 16, .taps = 4};
static_assert(extents(Role::delta_query, delta) == std::pair{32u, 64u} && extents(Role::delta_key, delta) == std::pair{32u, 64u});
static_assert(extents(Role::delta_value, delta) == std::pair{64u, 64u} && extents(Role::delta_gate, delta) == std::pair{64u, 64u});
static_assert(extents(Role::delta_beta, delta) == std::pair{4u, 64u} && extents(Role::delta_output, delta) == std::pair{64u, 64u});
static_assert(extents(Role::convolution_input, delta) == std::pair{192u, 64u});

struct Backend {
  struct Nothing {};
  template <Role>
  using matrix = Nothing;
};
static_assert(role_names.size() == static_cast<std::size_t>(Role::convolution_output) + 1);
static_assert(std::string_view{role_names[static_cast<std::size_t>(Role::shared_switch)]} == "shared_switch");

}  // namespace

TEST_CASE("a linear without a bias has none, and norms start empty") {
  CHECK(Linear<Backend, Role::query>{}.bias == nullptr);
  CHECK(NormWeights{}.weight == nullptr);
  CHECK(Weights<Backend>{}.has_head);
}
