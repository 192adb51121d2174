// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/kv_cache.hpp: what sequences keep: keys and values in pages of 64 positions, and recurrent states.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/checked.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/kv_pages.hpp>
#include <ingot/model/kv_shape.hpp>
#include <ingot/model/kv_states.hpp>

namespace ingot::model {

/// What is remembered of a sequence's tokens where positions depend on them (prompt_context.hpp).
struct PromptMarks {
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::uint32_t end = none;   ///< positions before the token that ends the context
  std::uint32_t mask = 0;     ///< position of the mask token
  std::uint32_t kind = none;  ///< which of Config::mask_tokens stands there
};

/// Sequences and what they keep. Pages are shared between sequences until one of them writes; layers with a window give back those that
/// no query can see any more; states return to the latest snapshot before the length that is wanted.
///
/// A step extends its sequences first, then computes, then settles them.
class KvCache {
 public:
  /// `positions` limits all sequences together (rounded up to pages). Those a window has left behind count, too.
  KvCache(KvShape shape, std::uint32_t positions) : shape_{std::move(shape)}, layout_{shape_}, states_{layout_.state_floats()} {
    max_pages_ = static_cast<std::uint32_t>(divide_up(std::min(positions, most_positions), page_positions));
    for (std::size_t plane = 0; plane < layout_.planes(); ++plane)
      pools_.emplace_back(layout_.parts(plane), layout_.part_bytes(), max_pages_);
  }

  [[nodiscard]] const KvShape& shape() const noexcept { return shape_; }
  [[nodiscard]] const KvLayout& layout() const noexcept { return layout_; }
  /// Bytes of the pages and states that have ever been in use.
  [[nodiscard]] std::size_t bytes() const noexcept {
    std::size_t sum = states_.bytes();
    for (const PagePool& pool : pools_) sum += pool.bytes();
    return sum;
  }
  /// Positions that can still be appended to a sequence on its own pages and fresh ones.
  [[nodiscard]] std::uint32_t room(SequenceId id) const noexcept {
    std::uint32_t unused = pools_.front().unused();
    if (at(id).tables.front().must_copy(pools_.front(), length(id)) && unused-- == 0) return 0;
    return unused * page_positions + (page_positions - length(id) % page_positions) % page_positions;
  }

  /// A sequence of no positions, its states zero.
  [[nodiscard]] SequenceId create() {
    const SequenceId id = add();
    at(id).states.begin(states_);
    at(id).marks = {};
    return id;
  }
  void release(SequenceId id) noexcept {
    Sequence& sequence = at(id);
    shrink(sequence, 0);
    sequence.states.end(states_);
    sequence.alive = false;
  }
  [[nodiscard]] bool valid(SequenceId id) const noexcept {
    return static_cast<std::size_t>(id) < sequences_.size() && sequences_[static_cast<std::size_t>(id)].alive;
  }
  [[nodiscard]] std::uint32_t length(SequenceId id) const noexcept { return at(id).length; }
  /// A decoder's own notes on a sequence; a fork has them, too.
  [[nodiscard]] PromptMarks& marks(SequenceId id) noexcept { return at(id).marks; }

  /// A second sequence with the same `length(id)` positions, which are settled. Pages are shared until one of the two writes to them.
  [[nodiscard]] SequenceId fork(SequenceId id) {
    const SequenceId copy = add();
    Sequence &target = at(copy), &source = at(id);
    for (std::size_t plane = 0; plane < pools_.size(); ++plane) target.tables[plane] = source.tables[plane].fork(pools_[plane]);
    target.states = source.states.fork(states_);
    target.length = source.length;
    target.marks = source.marks;
    return copy;
  }

  /// Makes room for `count` more positions and counts them as present; a page that is shared and about to be written is
  /// copied first. Error: the cache is full (nothing changed then).
  Status extend(SequenceId id, std::uint32_t count) {
    Sequence& sequence = at(id);
    if (count == 0) return {};
    const std::size_t wanted = divide_up(std::size_t{sequence.length} + count, page_positions);
    // Plane 0 speaks for all: the others copy and take a page only where it does.
    const bool copies = sequence.tables.front().must_copy(pools_.front(), sequence.length);
    if (wanted - sequence.tables.front().size() + (copies ? 1 : 0) > pools_.front().unused())
      return Error{ErrorCode::other, "the context is full", std::to_string(std::size_t{max_pages_} * page_positions) + " positions",
                   "raise max_all_tokens or start a new conversation"};
    for (std::size_t plane = 0; plane < pools_.size(); ++plane) {
      PageTable& table = sequence.tables[plane];
      if (table.must_copy(pools_[plane], sequence.length)) table.copy_last(pools_[plane]);
      table.grow(pools_[plane], wanted);
    }
    sequence.length += count;
    sequence.states.prepare(states_, sequence.length);
    return {};
  }

  /// The step that a sequence was extended for is computed: its states are those after length(id) tokens. Windows give back the pages
  /// that nobody will see, even after a rollback of rollback_positions.
  void settle(SequenceId id) noexcept {
    Sequence& sequence = at(id);
    sequence.states.settle(states_, sequence.length);
    const std::uint32_t margin = rollback_positions + (layout_.state_floats() == 0 ? 0 : snapshot_positions);
    const std::uint32_t oldest = sequence.length - std::min(sequence.length, margin);
    for (std::size_t plane = 0; plane < pools_.size(); ++plane)
      sequence.tables[plane].leave(pools_[plane], first_seen(layout_.window(plane), oldest) / kernels::span_positions * group_pages);
  }

  /// Forgets the positions from `length` on: the rollback of a rejected draft, or of a changed prompt. Returns how many remain, which
  /// the caller continues from: fewer than `length` where the states have only an older snapshot, none where a window has left behind
  /// what the next query would see. Models without states and windows return `length`, and so do all for what was not yet settled.
  std::uint32_t truncate(SequenceId id, std::uint32_t length) noexcept {
    Sequence& sequence = at(id);
    if (length >= sequence.length) return sequence.length;
    length = sequence.states.reach(length);
    for (std::size_t plane = 0; plane < pools_.size(); ++plane)
      if (first_seen(layout_.window(plane), length) / page_positions < sequence.tables[plane].first()) length = 0;
    shrink(sequence, length);
    sequence.states.restore(states_, length);
    sequence.states.prepare(states_, length);
    return length;
  }

  /// The page table that a layer reads: entry p holds positions 64p .. 64p+63, null where the layer's window has left them behind.
  [[nodiscard]] std::byte* const* pages(SequenceId id, std::uint32_t layer) const noexcept {
    return at(id).tables[layout_.plane(layer)].data();
  }
  /// From a page's address to the keys and values of a layer and head, in bytes.
  [[nodiscard]] std::size_t key_offset(std::uint32_t layer, std::uint32_t kv_head) const noexcept {
    return layout_.key_offset(layer, kv_head);
  }
  [[nodiscard]] std::size_t value_offset(std::uint32_t layer, std::uint32_t kv_head) const noexcept {
    return layout_.value_offset(layer, kv_head);
  }

  /// A layer's state after all tokens that were computed; a step advances it in place. [KvLayer::state]
  [[nodiscard]] float* state(SequenceId id, std::uint32_t layer) const noexcept {
    return at(id).states.live() + layout_.state_offset(layer);
  }
  /// Where a step stores a copy of a layer's state after `position` tokens, [KvLayer::state]; null where none is wanted, as for all but
  /// the latest few multiples of snapshot_positions. Only reads, so all lanes may ask.
  [[nodiscard]] float* snapshot(SequenceId id, std::uint32_t layer, std::uint32_t position) const noexcept {
    float* const states = at(id).states.wanted(position);
    return states == nullptr ? nullptr : states + layout_.state_offset(layer);
  }

 private:
  static constexpr std::uint32_t most_positions = std::uint32_t{1} << 31;  // so that sums with a page's do not overflow

  struct Sequence {
    std::vector<PageTable> tables;  // [planes]
    StateHistory states;
    PromptMarks marks;
    std::uint32_t length = 0;
    bool alive = true;
  };
  [[nodiscard]] Sequence& at(SequenceId id) noexcept {
    assert(valid(id));
    return sequences_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] const Sequence& at(SequenceId id) const noexcept { return const_cast<KvCache*>(this)->at(id); }
  /// A sequence without states; names of released ones are used again.
  [[nodiscard]] SequenceId add() {
    for (std::size_t i = 0; i < sequences_.size(); ++i)
      if (!sequences_[i].alive) {
        sequences_[i].alive = true;
        return SequenceId{static_cast<std::uint32_t>(i)};
      }
    sequences_.push_back({});
    sequences_.back().tables.resize(pools_.size());
    return SequenceId{static_cast<std::uint32_t>(sequences_.size() - 1)};
  }
  void shrink(Sequence& sequence, std::uint32_t length) noexcept {
    for (std::size_t plane = 0; plane < pools_.size(); ++plane)
      sequence.tables[plane].shrink(pools_[plane], divide_up(length, page_positions));
    sequence.length = length;
  }

  KvShape shape_;
  KvLayout layout_;
  std::uint32_t max_pages_ = 0;
  std::vector<PagePool> pools_;  // [planes]
  StatePool states_;
  std::vector<Sequence> sequences_;
};

}  // namespace ingot::model
