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
    auto grown = ranges_.upper_bound(range.begin);
    if (grown != ranges_.begin() && std::prev(grown)->second >= range.begin)
      --grown;  // it begins in or right after this one, as what a stream brings does every 16 KiB
    else
      grown = ranges_.emplace_hint(grown, range.begin, range.begin);
    std::uint64_t end = std::max(grown->second, range.end);
    for (auto next = std::next(grown); next != ranges_.end() && next->first <= end; next = ranges_.erase(next)) {
      end = std::max(end, next->second);
      covered_ -= next->second - next->first;
    }
    covered_ += end - grown->second;
    grown->second = end;
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
