// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/extents.hpp: which bytes of a file are there.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

#include <ingot/acquire/transport.hpp>

namespace ingot::acquire {

/// A set of bytes, as disjoint ranges that do not touch.
class Extents {
 public:
  void add(ByteRange range) {
    if (range.begin >= range.end) return;
    auto next = ranges_.upper_bound(range.begin);
    if (next != ranges_.begin() && std::prev(next)->second >= range.begin) {  // begins in or right after it
      const auto next_begin = next == ranges_.end() ? range.end + 1 : next->first;
      --next;
      if (next_begin > range.end) {  // what a stream does, every 16 KiB: only grows it
        const std::uint64_t end = std::max(next->second, range.end);
        covered_ += end - next->second;
        next->second = end;
        return;
      }
    }
    while (next != ranges_.end() && next->first <= range.end) {
      range = {std::min(range.begin, next->first), std::max(range.end, next->second)};
      covered_ -= next->second - next->first;
      next = ranges_.erase(next);
    }
    ranges_.emplace_hint(next, range.begin, range.end);
    covered_ += range.size();
  }
  void clear() noexcept {
    ranges_.clear();
    covered_ = 0;
  }

  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  [[nodiscard]] std::size_t count() const noexcept { return ranges_.size(); }
  /// Bytes in all.
  [[nodiscard]] std::uint64_t covered() const noexcept { return covered_; }
  /// How far the file is there without a gap.
  [[nodiscard]] std::uint64_t prefix() const noexcept {
    return ranges_.empty() || ranges_.begin()->first != 0 ? 0 : ranges_.begin()->second;
  }
  /// What a file of `size` bytes still lacks, in order.
  [[nodiscard]] std::vector<ByteRange> missing(std::uint64_t size) const {
    std::vector<ByteRange> gaps;
    std::uint64_t at = 0;
    for (const auto& [begin, end] : ranges_) {
      if (begin >= size) break;
      if (begin > at) gaps.push_back({at, begin});
      at = end;
    }
    if (at < size) gaps.push_back({at, size});
    return gaps;
  }
  [[nodiscard]] std::vector<ByteRange> ranges() const {
    std::vector<ByteRange> all;
    for (const auto& [begin, end] : ranges_) all.push_back({begin, end});
    return all;
  }

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  // begin -> end
  std::uint64_t covered_ = 0;
};

}  // namespace ingot::acquire
