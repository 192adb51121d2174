// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/kv_shape.hpp: what the layers of a model keep of a sequence, and where each layer's part of it stands.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ingot/core/checked.hpp>
#include <ingot/kernels/attention_task.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::model {

using kernels::page_positions;

/// Pages whose parts for one layer and KV head lie side by side in memory: a span of attention is one stretch, which the hardware
/// prefetcher follows. With whole pages one after the other, a span from memory took half as long again.
inline constexpr std::uint32_t group_pages = kernels::span_positions / page_positions;

/// What one layer keeps of a sequence.
struct KvLayer {
  std::uint32_t kv_heads = 0;  ///< 0: neither keys nor values (delta rule, convolution, keys of another layer)
  std::uint32_t window = 0;    ///< 0: all positions; else no query sees more than the latest `window`, its own included
  std::size_t state = 0;       ///< floats of recurrent state; 0: none
};

/// What all layers keep of a sequence. Heads are of one shape, as many as a layer has.
struct KvShape {
  kernels::HeadShape head;
  quant::Scheme scheme = kernels::int8_kv;
  std::vector<KvLayer> layers;
  bool in_turn = false;  ///< each layer's keys and values take the place of the layer's before: for steps that read whole texts

  /// The keys of 64 positions for one KV head, and then their values (kernels/attention_task.hpp). No heads: nothing.
  [[nodiscard]] constexpr std::size_t key_bytes() const noexcept { return head.key == 0 ? 0 : kernels::key_bytes(scheme, head); }
  [[nodiscard]] constexpr std::size_t part_bytes() const noexcept {
    return head.key == 0 ? 0 : key_bytes() + kernels::value_bytes(scheme, head);
  }
  /// What 64 positions take in all layers together, if they do not take turns.
  [[nodiscard]] std::size_t page_bytes() const noexcept {
    std::size_t parts = 0;
    for (const KvLayer& layer : layers) parts += layer.kv_heads;
    return parts * part_bytes();
  }
};

/// The first position that the query at `position` sees.
[[nodiscard]] constexpr std::uint32_t first_seen(std::uint32_t window, std::uint32_t position) noexcept {
  return window != 0 && position >= window ? position + 1 - window : 0;
}

/// Where things stand. Layers that need the same positions share a *plane*: pages of its own, and one page table a sequence. Plane 0
/// keeps all positions; it is there even if no layer is in it, and what it has room for limits the others, which hold no page that it
/// does not hold, too. A page has a part for each KV head of its plane's layers; a group of pages is [parts, group_pages, part].
/// States of all layers form one row of floats, each on a cache line of its own.
class KvLayout {
 public:
  explicit KvLayout(const KvShape& shape) : part_bytes_{shape.part_bytes()}, key_bytes_{shape.key_bytes()} {
    for (const KvLayer& layer : shape.layers) {
      const std::uint32_t window = layer.kv_heads == 0 ? 0 : layer.window;
      const auto found = std::find_if(planes_.begin(), planes_.end(), [&](const Plane& plane) { return plane.window == window; });
      const std::size_t plane = static_cast<std::size_t>(found - planes_.begin());
      if (found == planes_.end()) planes_.push_back({window, 0});
      std::size_t& parts = planes_[plane].parts;
      layers_.push_back({plane, shape.in_turn ? 0 : parts, state_floats_});
      parts = shape.in_turn ? std::max<std::size_t>(parts, layer.kv_heads) : parts + layer.kv_heads;
      state_floats_ += round_up(std::size_t{layer.state}, 16);
    }
  }

  [[nodiscard]] std::size_t planes() const noexcept { return planes_.size(); }
  [[nodiscard]] std::uint32_t window(std::size_t plane) const noexcept { return planes_[plane].window; }
  /// Layers and KV heads that have a part in a page of the plane; layers that take turns have the same.
  [[nodiscard]] std::size_t parts(std::size_t plane) const noexcept { return planes_[plane].parts; }
  [[nodiscard]] std::size_t part_bytes() const noexcept { return part_bytes_; }
  [[nodiscard]] std::size_t plane(std::uint32_t layer) const noexcept { return layers_[layer].plane; }
  /// From a page's address, which is that of its first part, to the keys of a layer and head, in bytes.
  [[nodiscard]] std::size_t key_offset(std::uint32_t layer, std::uint32_t kv_head) const noexcept {
    return (layers_[layer].first_part + kv_head) * group_pages * part_bytes_;
  }
  [[nodiscard]] std::size_t value_offset(std::uint32_t layer, std::uint32_t kv_head) const noexcept {
    return key_offset(layer, kv_head) + key_bytes_;
  }
  /// Floats of the states of all layers, and where those of a layer begin.
  [[nodiscard]] std::size_t state_floats() const noexcept { return state_floats_; }
  [[nodiscard]] std::size_t state_offset(std::uint32_t layer) const noexcept { return layers_[layer].state; }

 private:
  struct Plane {
    std::uint32_t window = 0;
    std::size_t parts = 0;
  };
  struct Place {
    std::size_t plane = 0, first_part = 0, state = 0;
  };
  std::size_t part_bytes_, key_bytes_, state_floats_ = 0;
  std::vector<Plane> planes_{Plane{}};
  std::vector<Place> layers_;
};

}  // namespace ingot::model
