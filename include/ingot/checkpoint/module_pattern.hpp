// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/module_pattern.hpp: the regular expressions that name modules, in time linear in the name.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// Longest expression: the steps of a match are at most twice its length times that of the name.
inline constexpr std::size_t module_pattern_limit = 1024;

/// A Python expression as adapters use them for module names: characters, `.`, classes, `\d` `\w` `\s`, groups, `|`, `*`, `+`, `?`, `^`,
/// `$`. All alternatives are followed at once (Thompson, CACM 11(6), 1968), so that no expression takes more than linear time.
class ModulePattern {
 public:
  /// Errors: unsupported (what is not listed above, by its place; too long), damaged (not an expression).
  [[nodiscard]] static Result<ModulePattern> parse(std::string_view text);

  /// Whether `name`, or what follows one of its dots, is what the expression describes: `re.match(rf"(.*\.)?({text})$", name)`.
  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  friend class ModulePatternParser;
  enum class Kind : std::uint8_t { byte_set, fork, begin, end, accept };
  struct State {
    Kind kind = Kind::accept;
    std::uint32_t next = 0, other = 0;  // other: of a fork
    std::bitset<256> set = {};
  };
  std::vector<State> states_;
  std::uint32_t start_ = 0;
};

}  // namespace ingot::checkpoint
