// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/charsmap.hpp: SentencePiece's compiled normalization rules, from strings to strings.

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/archive.hpp>

namespace ingot::text {

/// A `precompiled_charsmap`: a Darts-clone double array whose values are places in a pool of NUL-terminated strings. The array is
/// somebody else's, so every step of a walk is checked: a damaged one has fewer rules.
class Charsmap {
 public:
  /// A rule that applies: how many bytes it replaces, and by what.
  struct Rule {
    std::size_t size = 0;
    std::string_view replacement;
  };

  Charsmap() = default;
  /// `blob`: size of the array in bytes (u32), the array, the pool. Errors: damaged.
  [[nodiscard]] static Result<Charsmap> parse(std::string_view blob) {
    const auto damaged = [](std::string what) { return Error{ErrorCode::damaged, std::move(what), "precompiled_charsmap", {}}; };
    std::uint32_t size = 0;
    if (blob.size() < sizeof size) return damaged("too short for a table of rules");
    std::memcpy(&size, blob.data(), sizeof size);
    blob.remove_prefix(sizeof size);
    if (size % sizeof(std::uint32_t) != 0 || size > blob.size()) return damaged("the rules' array does not fit the file");
    Charsmap map;
    map.units_.resize(size / sizeof(std::uint32_t));
    if (size > 0) std::memcpy(map.units_.data(), blob.data(), size);
    map.pool_ = blob.substr(size);
    if (!is_utf8(map.pool_)) return damaged("replacements that are not UTF-8");
    return map;
  }
  static void fields(auto& self, auto& archive) { archive(self.units_, self.pool_); }

  [[nodiscard]] bool empty() const noexcept { return units_.empty(); }
  /// The rule for the longest prefix of `text`, as SentencePiece applies them.
  [[nodiscard]] std::optional<Rule> longest(std::string_view text) const noexcept { return find<false>(text); }
  /// The rule for the shortest prefix, as Hugging Face's tokenizers does.
  [[nodiscard]] std::optional<Rule> shortest(std::string_view text) const noexcept { return find<true>(text); }

 private:
  /// Darts-clone: bits 0-7 and 31 label, bit 8 has a value, bits 9-30 offset of the children (bit 9: times 256).
  template <bool first>
  [[nodiscard]] std::optional<Rule> find(std::string_view text) const noexcept {
    std::optional<Rule> found;
    if (units_.empty()) return found;
    const auto offset = [](std::uint32_t unit) { return std::size_t{unit >> 10} << ((unit & 0x200) >> 6); };
    std::size_t at = offset(units_[0]);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      at ^= byte;
      if (byte == 0 || at >= units_.size() || (units_[at] & 0x8000'00FF) != byte) break;
      const bool ends = (units_[at] & 0x100) != 0;
      at ^= offset(units_[at]);
      if (!ends || at >= units_.size()) continue;
      const std::size_t place = units_[at] & 0x7FFF'FFFF;
      if (place >= pool_.size() || is_continuation(pool_[place])) continue;
      const std::string_view rest = std::string_view{pool_}.substr(place);
      found = Rule{i + 1, rest.substr(0, rest.find('\0'))};
      if constexpr (first) break;
    }
    return found;
  }

  std::vector<std::uint32_t> units_;
  std::string pool_;
};

}  // namespace ingot::text
