// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/token_table.hpp: id to text and text to id, over arrays that may be a mapped file.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ingot::text {

inline constexpr std::uint32_t no_token = 0xFFFF'FFFF;

/// 64 bits of `bytes`. Part of the stored format: never change it without a new format version.
[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view bytes) noexcept {
  constexpr std::uint64_t multiplier = 0x9E37'79B9'7F4A'7C15;  // 2^64 / golden ratio
  std::uint64_t hash = bytes.size() * multiplier;
  const auto mix = [&](std::uint64_t word) { hash = std::rotl(hash ^ word, 29) * multiplier; };
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    mix(word);
  }
  if (std::uint64_t word = 0; at < bytes.size()) {
    std::memcpy(&word, bytes.data() + at, bytes.size() - at);
    mix(word);
  }
  return hash ^ hash >> 32;
}

/// Slots of an open-addressing table for `count` entries: a power of two, at most two thirds full.
[[nodiscard]] constexpr std::size_t table_slots(std::size_t count) noexcept { return std::bit_ceil(count + count / 2 + 2); }

/// Non-owning. Nothing read from the arrays is trusted: a damaged table finds less or other tokens, never outside it.
class TokenTable {
 public:
  /// offsets [tokens + 1], rising and at most bytes.size(); slots: a power of two of ids, no_token where free.
  TokenTable(std::span<const std::uint32_t> offsets, std::string_view bytes, std::span<const std::uint32_t> slots) noexcept
      : offsets_{offsets}, bytes_{bytes}, slots_{slots} {}
  TokenTable() noexcept = default;

  /// Highest id + 1; not every id below need be in use.
  [[nodiscard]] std::size_t size() const noexcept { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  /// Empty where no token has this id.
  [[nodiscard]] std::string_view text(std::uint32_t id) const noexcept {
    return id < size() ? bytes_.substr(offsets_[id], offsets_[id + 1] - offsets_[id]) : std::string_view{};
  }
  /// The id of `token` in the model's vocabulary, or no_token.
  [[nodiscard]] std::uint32_t find(std::string_view token) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = hash_bytes(token) & mask, tries = 0; tries < slots_.size(); slot = (slot + 1) & mask, ++tries) {
      const std::uint32_t id = slots_[slot];
      if (id == no_token) break;
      if (id < size() && text(id) == token) return id;
    }
    return no_token;
  }

  /// The slots for the ids in `members`. Of equal texts the last member counts.
  [[nodiscard]] static std::vector<std::uint32_t> make_slots(const TokenTable& texts, std::span<const std::uint32_t> members) {
    std::vector<std::uint32_t> slots(table_slots(members.size()), no_token);
    const std::size_t mask = slots.size() - 1;
    for (const std::uint32_t id : members) {
      std::size_t slot = hash_bytes(texts.text(id)) & mask;
      while (slots[slot] != no_token && texts.text(slots[slot]) != texts.text(id)) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    return slots;
  }

 private:
  std::span<const std::uint32_t> offsets_;
  std::string_view bytes_;
  std::span<const std::uint32_t> slots_;
};

/// The tokens <0x00> … <0xFF>, which stand for single bytes; no_token where a vocabulary lacks one.
class ByteTokens {
 public:
  explicit ByteTokens(const TokenTable& tokens) noexcept {
    for (unsigned byte = 0; byte < ids_.size(); ++byte) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      const char name[] = {'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'};
      ids_[byte] = tokens.find({name, sizeof name});
    }
  }

  [[nodiscard]] std::uint32_t operator[](char byte) const noexcept { return ids_[static_cast<unsigned char>(byte)]; }
  /// True where every byte has a token.
  [[nodiscard]] bool complete() const noexcept { return std::find(ids_.begin(), ids_.end(), no_token) == ids_.end(); }
  /// True where every byte of `text` has one.
  [[nodiscard]] bool cover(std::string_view text) const noexcept {
    return std::none_of(text.begin(), text.end(), [this](char byte) { return (*this)[byte] == no_token; });
  }

 private:
  std::array<std::uint32_t, 256> ids_{};
};

}  // namespace ingot::text
