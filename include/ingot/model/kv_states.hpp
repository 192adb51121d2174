// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/kv_states.hpp: the recurrent state of a sequence, and the snapshots of it that a rollback returns to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/model/kv_shape.hpp>

namespace ingot::model {

/// A rollback of up to this many positions finds what it needs: drafts are shorter.
inline constexpr std::uint32_t rollback_positions = 64;
/// Positions from one snapshot of the states to the next. A state may be as large as the keys of a thousand positions.
inline constexpr std::uint32_t snapshot_positions = 64;
/// Snapshots that stay, the latest; the state of position 0 is zeros and needs none.
inline constexpr std::uint32_t kept_snapshots = 2;
static_assert(kept_snapshots * snapshot_positions >= rollback_positions + snapshot_positions);

/// Places for the states of all layers of one sequence, with reference counts. They are allocated as they are wanted, and recycled.
class StatePool {
 public:
  struct Slot {
    std::uint32_t number = 0;
    float* values = nullptr;  // [floats]
  };

  explicit StatePool(std::size_t floats) : floats_{floats} {}

  [[nodiscard]] std::size_t floats() const noexcept { return floats_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return slots_.size() * floats_ * sizeof(float); }

  /// A slot that nobody held. Its values are left from the last time.
  [[nodiscard]] Slot take() {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back(floats_);
      references_.push_back(0);
    }
    const std::uint32_t number = free_.back();
    free_.pop_back();
    references_[number] = 1;
    return {number, slots_[number].data()};
  }
  void share(const Slot& slot) noexcept { ++references_[slot.number]; }
  void drop(const Slot& slot) noexcept {
    if (--references_[slot.number] == 0) free_.push_back(slot.number);
  }

 private:
  std::size_t floats_;
  std::vector<Buffer<float>> slots_;
  std::vector<std::uint32_t> references_, free_;  // references_: [slots]
};

/// The states of one sequence: those after all tokens that have been computed, and after some multiples of 64 before. What a step is
/// yet to compute has places prepared, and counts when it is settled. A model without states keeps nothing here.
class StateHistory {
 public:
  void begin(StatePool& pool) {
    if (pool.floats() == 0) return;
    live_ = pool.take();
    std::fill_n(live_.values, pool.floats(), 0.f);
  }
  void end(StatePool& pool) noexcept {
    if (live_.values == nullptr) return;
    for (const Snapshot& snapshot : snapshots_) pool.drop(snapshot.slot);
    pool.drop(live_);
    *this = {};
  }
  /// A sequence of its own with the same states. Snapshots are never written again, so both hold them.
  [[nodiscard]] StateHistory fork(StatePool& pool) const {
    StateHistory copy;
    if (live_.values == nullptr) return copy;
    copy.live_ = pool.take();
    copy.position_ = position_;
    std::copy_n(live_.values, pool.floats(), copy.live_.values);
    for (const Snapshot& snapshot : snapshots_)
      if (snapshot.position <= position_) {
        pool.share(snapshot.slot);
        copy.snapshots_.push_back(snapshot);
      }
    return copy;
  }

  [[nodiscard]] float* live() const noexcept { return live_.values; }
  /// The place for the states after `position` tokens where the coming step is to store them; else null.
  [[nodiscard]] float* wanted(std::uint32_t position) const noexcept {
    if (position > position_)
      for (const Snapshot& snapshot : snapshots_)
        if (snapshot.position == position) return snapshot.slot.values;
    return nullptr;
  }

  /// Has places for the snapshots that will be the latest when there are `length` tokens.
  void prepare(StatePool& pool, std::uint32_t length) {
    if (live_.values == nullptr) return;
    while (!snapshots_.empty() && snapshots_.back().position > position_) drop_last(pool);
    const std::uint32_t last = length / snapshot_positions, computed = position_ / snapshot_positions;
    for (std::uint32_t i = std::max(computed, last - std::min(last, kept_snapshots)); i < last; ++i)
      snapshots_.push_back({(i + 1) * snapshot_positions, pool.take()});
  }
  /// The states are now those after `length` tokens, and the prepared snapshots written.
  void settle(StatePool& pool, std::uint32_t length) noexcept {
    position_ = length;
    while (snapshots_.size() > kept_snapshots) {
      pool.drop(snapshots_.front().slot);
      snapshots_.erase(snapshots_.begin());
    }
  }
  /// The most tokens, up to `length`, to which the states can return. Tokens that have not been computed can always be taken back.
  [[nodiscard]] std::uint32_t reach(std::uint32_t length) const noexcept {
    if (live_.values == nullptr || length >= position_) return length;
    std::uint32_t position = 0;
    for (const Snapshot& snapshot : snapshots_)
      if (snapshot.position <= length) position = snapshot.position;
    return position;
  }
  /// Returns to `length` tokens, which is 0 or something that reach() said.
  void restore(StatePool& pool, std::uint32_t length) noexcept {
    if (live_.values == nullptr || length >= position_) return;
    while (!snapshots_.empty() && snapshots_.back().position > length) drop_last(pool);
    if (length == 0)
      std::fill_n(live_.values, pool.floats(), 0.f);
    else
      std::copy_n(snapshots_.back().slot.values, pool.floats(), live_.values);
    position_ = length;
  }

 private:
  struct Snapshot {
    std::uint32_t position = 0;  // in tokens: a multiple of snapshot_positions
    StatePool::Slot slot;
  };
  void drop_last(StatePool& pool) noexcept {
    pool.drop(snapshots_.back().slot);
    snapshots_.pop_back();
  }

  StatePool::Slot live_;             // null: this model has no states
  std::uint32_t position_ = 0;       // tokens that live_ has seen
  std::vector<Snapshot> snapshots_;  // ascending; behind position_: prepared, not yet written
};

}  // namespace ingot::model
