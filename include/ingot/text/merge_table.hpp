// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/merge_table.hpp: which two tokens of a BPE model become one, and in which order.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/text/token_table.hpp>

namespace ingot::text {

/// Two neighbouring tokens and the one that replaces them; the lowest rank goes first.
struct Merge {
  std::uint32_t left = no_token, right = no_token, rank = 0, result = no_token;
};
static_assert(sizeof(Merge) == 16, "stored as it lies in memory");

/// Open-addressing table from a pair of ids to its merge. Non-owning; a damaged table finds less, never outside it.
class MergeTable {
 public:
  MergeTable() noexcept = default;
  /// `slots`: a power of two; free ones have left == no_token.
  explicit MergeTable(std::span<const Merge> slots) noexcept : slots_{slots} {}

  /// The merge of `left` and `right`, or nothing.
  [[nodiscard]] const Merge* find(std::uint32_t left, std::uint32_t right) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = home(left, right, slots_.size()), tries = 0; tries < slots_.size(); slot = (slot + 1) & mask, ++tries) {
      const Merge& merge = slots_[slot];
      if (merge.left == left && merge.right == right) return &merge;
      if (merge.left == no_token) break;
    }
    return nullptr;
  }

  /// Of several merges of one pair the last counts.
  [[nodiscard]] static std::vector<Merge> make_slots(std::span<const Merge> merges) {
    std::vector<Merge> slots(table_slots(merges.size()));
    const std::size_t mask = slots.size() - 1;
    for (const Merge& merge : merges) {
      std::size_t slot = home(merge.left, merge.right, slots.size());
      while (slots[slot].left != no_token && (slots[slot].left != merge.left || slots[slot].right != merge.right)) slot = (slot + 1) & mask;
      slots[slot] = merge;
    }
    return slots;
  }

 private:
  static std::size_t home(std::uint32_t left, std::uint32_t right, std::size_t slots) noexcept {
    const std::uint64_t key = std::uint64_t{left} << 32 | right;
    return static_cast<std::size_t>((key ^ key >> 29) * 0x9E37'79B9'7F4A'7C15 >> 32) & (slots - 1);
  }
  std::span<const Merge> slots_;
};

}  // namespace ingot::text
