// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/cached_heads.hpp: what the layers of a model keep in the KV cache.

#include <algorithm>
#include <cstdint>
#include <string>

#include <ingot/core/result.hpp>
#include <ingot/kernels/attention_task.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/layer_state.hpp>

namespace ingot::model {

/// The heads of one layer as the cache sees them.
struct CachedHeads {
  std::uint32_t kv_heads = 0;  ///< 0: the layer keeps no keys
  std::uint32_t parts = 1;     ///< into which lanes cut the query heads of a KV head
  std::uint32_t group = 0;     ///< query heads of a part

  [[nodiscard]] constexpr std::uint32_t tasks() const noexcept { return kv_heads * parts; }
};

/// Latent attention keeps one row a position for all heads, whose queries are cut into parts of at most 16.
[[nodiscard]] inline CachedHeads cached_heads(const Config& config, std::uint32_t layer) noexcept {
  const Shape& s = config.extents_of(layer);
  if (config.layers[layer].mixer != Mixer::attention) return {};
  if (s.kv_rank == 0) return {.kv_heads = s.kv_heads, .group = s.group()};
  std::uint32_t group = std::min(s.heads, 16u);
  while (s.heads % group != 0) --group;
  return {.kv_heads = 1, .parts = s.heads / group, .group = group};
}

/// Widths of the cached keys and values of one layer. A latent row is the compressed one and the turned part of the key; its value is
/// the compressed row again.
[[nodiscard]] inline kernels::HeadShape cached_head(const Shape& s) noexcept {
  return s.kv_rank != 0 ? kernels::HeadShape{s.kv_rank + s.rope_dim, s.kv_rank} : kernels::HeadShape{s.head_dim, s.value_width()};
}
/// The same for a model, whose layers agree in it: see kv_shape().
[[nodiscard]] inline kernels::HeadShape cached_head(const Config& config) noexcept {
  for (std::uint32_t i = 0; i < config.shape.layers; ++i)
    if (config.layers[i].mixer == Mixer::attention) return cached_head(config.extents_of(i));
  return cached_head(config.shape);
}

/// The cache that a model needs; in_turn: KvShape's. Errors: unsupported (layers whose heads have different widths).
[[nodiscard]] inline Result<KvShape> kv_shape(const Config& config, const quant::Scheme& scheme, bool in_turn = false) {
  KvShape kv{.head = cached_head(config), .scheme = scheme, .layers = {}, .in_turn = in_turn};
  std::size_t states = 0;
  for (std::uint32_t i = 0; i < config.shape.layers; ++i) {
    const Shape& s = config.extents_of(i);
    const Layer& layer = config.layers[i];
    const kernels::HeadShape head = cached_head(s);
    if (layer.mixer == Mixer::attention && (head.key != kv.head.key || head.value != kv.head.value))
      return Error{
          ErrorCode::unsupported, "layer " + std::to_string(i) + " has heads of another width than the layers before", "config.json", {}};
    kv.layers.push_back({.kv_heads = cached_heads(config, i).kv_heads,
                         .window = layer.chunk != 0 ? layer.chunk : layer.window,
                         .state = state_floats(s, layer.mixer)});
    states += kv.layers.back().state;
    if (states > max_state_floats)
      return Error{ErrorCode::unsupported, "the states of the delta rule need more than 1 GiB a sequence", "config.json",
                   "the largest published models need a fifth of it"};
  }
  return kv;
}

}  // namespace ingot::model
