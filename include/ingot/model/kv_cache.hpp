// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/kv_cache.hpp: keys and values in pages of 64 positions, shared between sequences by reference count.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/result.hpp>
#include <ingot/kernels/attention_task.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::model {

using kernels::page_positions;

/// Pages whose parts for one layer and KV head lie side by side in memory: a span of attention is one stretch, which the hardware
/// prefetcher follows. With whole pages one after the other, a span from memory took half as long again.
inline constexpr std::uint32_t group_pages = kernels::span_positions / page_positions;

/// What a page holds: for each layer and KV head a part, the keys of its 64 positions and then their values
/// (kernels/attention_task.hpp). A group of pages is [layers, kv_heads, group_pages, part].
struct KvShape {
  std::uint32_t layers = 0, kv_heads = 0, head_dim = 0;
  quant::Scheme scheme = kernels::int8_kv;

  [[nodiscard]] constexpr kernels::HeadShape head() const noexcept { return {head_dim, head_dim}; }
  [[nodiscard]] constexpr std::size_t parts() const noexcept { return std::size_t{layers} * kv_heads; }
  [[nodiscard]] constexpr std::size_t part_bytes() const noexcept {
    return kernels::key_bytes(scheme, head()) + kernels::value_bytes(scheme, head());
  }
  /// From a page's address, which is that of its first part, to the keys of a layer and head.
  [[nodiscard]] constexpr std::size_t key_offset(std::uint32_t layer, std::uint32_t kv_head) const noexcept {
    return (std::size_t{layer} * kv_heads + kv_head) * group_pages * part_bytes();
  }
  [[nodiscard]] constexpr std::size_t value_offset(std::uint32_t layer, std::uint32_t kv_head) const noexcept {
    return key_offset(layer, kv_head) + kernels::key_bytes(scheme, head());
  }
  [[nodiscard]] constexpr std::size_t page_bytes() const noexcept { return parts() * part_bytes(); }
};

/// Pages and the sequences that point to them. Pages are allocated as sequences grow, and recycled.
class KvCache {
 public:
  /// `positions` limits all sequences together (rounded up to pages).
  KvCache(const KvShape& shape, std::uint32_t positions)
      : shape_{shape}, max_pages_{static_cast<std::uint32_t>(divide_up(positions, page_positions))} {}

  [[nodiscard]] const KvShape& shape() const noexcept { return shape_; }
  /// Bytes of the pages that have ever been in use.
  [[nodiscard]] std::size_t bytes() const noexcept { return touched_ * shape_.page_bytes(); }
  /// Positions that can still be appended to a sequence on its own pages and fresh ones.
  [[nodiscard]] std::uint32_t room(SequenceId id) const noexcept {
    std::uint32_t unused = max_pages_ - pages_in_use();
    if (must_copy(at(id)) && unused-- == 0) return 0;
    return unused * page_positions + (page_positions - length(id) % page_positions) % page_positions;
  }

  [[nodiscard]] SequenceId create() {
    for (std::size_t i = 0; i < sequences_.size(); ++i)
      if (!sequences_[i].alive) {
        sequences_[i].alive = true;
        return SequenceId{static_cast<std::uint32_t>(i)};
      }
    sequences_.push_back({});
    return SequenceId{static_cast<std::uint32_t>(sequences_.size() - 1)};
  }
  void release(SequenceId id) noexcept {
    truncate(id, 0);
    at(id).alive = false;
  }
  [[nodiscard]] bool valid(SequenceId id) const noexcept {
    return static_cast<std::size_t>(id) < sequences_.size() && sequences_[static_cast<std::size_t>(id)].alive;
  }
  [[nodiscard]] std::uint32_t length(SequenceId id) const noexcept { return at(id).length; }

  /// A second sequence with the same `length(id)` positions. Its pages are shared until one of the two writes to them.
  [[nodiscard]] SequenceId fork(SequenceId id) {
    const SequenceId copy = create();
    Sequence& target = at(copy);
    target.table = at(id).table;
    target.length = at(id).length;
    target.numbers = at(id).numbers;
    for (const std::uint32_t number : target.numbers) ++references_[number];
    return copy;
  }

  /// Forgets the positions from `length` on: the rollback of a rejected draft, or of a changed prompt.
  void truncate(SequenceId id, std::uint32_t length) noexcept {
    Sequence& sequence = at(id);
    if (length >= sequence.length) return;
    sequence.length = length;
    for (const std::size_t keep = divide_up(length, page_positions); sequence.table.size() > keep;) {
      drop(sequence.numbers.back());
      sequence.table.pop_back(), sequence.numbers.pop_back();
    }
  }

  /// Makes room for `count` more positions and counts them as present; a page that is shared and about to be written is
  /// copied first. Error: the cache is full (nothing changed then).
  Status extend(SequenceId id, std::uint32_t count) {
    Sequence& sequence = at(id);
    const bool copies = must_copy(sequence);
    const std::size_t wanted = divide_up(std::size_t{sequence.length} + count, page_positions);
    const std::size_t fresh = wanted - sequence.table.size() + (copies ? 1 : 0);
    if (fresh > max_pages_ - pages_in_use())
      return Error{ErrorCode::other, "the context is full", std::to_string(std::size_t{max_pages_} * page_positions) + " positions",
                   "raise max_all_tokens or start a new conversation"};
    if (copies) {
      const std::uint32_t number = take();
      for (std::size_t part = 0; part < shape_.parts(); ++part) {
        const std::size_t offset = part * group_pages * shape_.part_bytes();
        std::memcpy(page(number) + offset, sequence.table.back() + offset, shape_.part_bytes());
      }
      drop(sequence.numbers.back());
      sequence.numbers.back() = number, sequence.table.back() = page(number);
    }
    while (sequence.table.size() < wanted) {
      sequence.numbers.push_back(take());
      sequence.table.push_back(page(sequence.numbers.back()));
    }
    sequence.length += count;
    return {};
  }

  /// The page table of a sequence: entry p holds positions 64p .. 64p+63.
  [[nodiscard]] std::byte* const* pages(SequenceId id) const noexcept { return at(id).table.data(); }

 private:
  struct Sequence {
    std::vector<std::byte*> table;
    std::vector<std::uint32_t> numbers;
    std::uint32_t length = 0;
    bool alive = true;
  };
  [[nodiscard]] Sequence& at(SequenceId id) noexcept {
    assert(valid(id));
    return sequences_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] const Sequence& at(SequenceId id) const noexcept { return const_cast<KvCache*>(this)->at(id); }
  /// Whether the next position goes to a page that another sequence holds, too.
  [[nodiscard]] bool must_copy(const Sequence& sequence) const noexcept {
    return sequence.length % page_positions != 0 && references_[sequence.numbers.back()] > 1;
  }
  /// The number of a page that nobody holds.
  [[nodiscard]] std::uint32_t take() {
    if (free_.empty()) add_slab();
    const std::uint32_t number = free_.back();
    free_.pop_back();
    references_[number] = 1;
    touched_ = std::max(touched_, number + 1);  // numbers are taken in order
    return number;
  }
  /// Groups come many at a time, in buffers large enough for huge pages.
  void add_slab() {
    slabs_.emplace_back(slab_pages() * shape_.page_bytes());
    for (std::size_t i = slab_pages(); i-- > 0;) free_.push_back(static_cast<std::uint32_t>(references_.size() + i));
    references_.resize(references_.size() + slab_pages());
  }
  [[nodiscard]] std::byte* page(std::uint32_t number) noexcept {
    const std::size_t group = number % slab_pages() / group_pages;
    return slabs_[number / slab_pages()].data() + group * group_bytes() + number % group_pages * shape_.part_bytes();
  }
  [[nodiscard]] std::size_t group_bytes() const noexcept { return group_pages * shape_.page_bytes(); }
  [[nodiscard]] std::size_t slab_pages() const noexcept {
    const std::size_t groups = divide_up(std::size_t{max_pages_}, group_pages);
    return group_pages * std::clamp<std::size_t>(divide_up(2 * Buffer<std::byte>::huge_page, group_bytes()), 1, groups);
  }
  [[nodiscard]] std::uint32_t pages_in_use() const noexcept { return static_cast<std::uint32_t>(references_.size() - free_.size()); }
  void drop(std::uint32_t number) noexcept {
    if (--references_[number] == 0) free_.push_back(number);
  }

  KvShape shape_;
  std::uint32_t max_pages_;
  std::vector<Buffer<std::byte>> slabs_;
  std::vector<std::uint32_t> references_, free_;  // references_: [pages]
  std::uint32_t touched_ = 0;
  std::vector<Sequence> sequences_;
};

}  // namespace ingot::model
