// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/name_pattern.hpp: tensor names with numbers in them: `model.layers.#.mlp`.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::checkpoint {

/// How a name fits a pattern; views into the name.
struct NameMatch {
  std::vector<std::string_view> numbers;  ///< what the '#' stand for, in order
  std::string_view rest;                  ///< what follows the pattern: nothing, or from a '.' on
};

/// Whether `name` is `pattern`, in which each '#' stands for a decimal number, or goes on after it with a '.': patterns are whole
/// components. An empty pattern fits every name.
[[nodiscard]] inline std::optional<NameMatch> match_name(std::string_view pattern, std::string_view name) {
  NameMatch match{.numbers = {}, .rest = name};
  for (const char c : pattern) {
    std::size_t size = 1;
    if (c == '#') {
      size = std::min(match.rest.find_first_not_of("0123456789"), match.rest.size());
      if (size == 0) return std::nullopt;
      match.numbers.push_back(match.rest.substr(0, size));
    } else if (!match.rest.starts_with(c)) {
      return std::nullopt;
    }
    match.rest.remove_prefix(size);
  }
  if (!pattern.empty() && !match.rest.empty() && match.rest.front() != '.') return std::nullopt;
  return match;
}

/// `pattern` with `numbers` in place of its '#', and `rest`, after a '.'. It has no more '#' than there are numbers.
[[nodiscard]] inline std::string fill_name(std::string_view pattern, std::span<const std::string_view> numbers, std::string_view rest) {
  std::string name;
  std::size_t number = 0;
  for (const char c : pattern) {
    assert(c != '#' || number < numbers.size());
    if (c == '#')
      name += numbers[number++];
    else
      name += c;
  }
  if (rest.starts_with('.')) rest.remove_prefix(1);
  if (!name.empty() && !rest.empty()) name += '.';
  return name.append(rest);
}

}  // namespace ingot::checkpoint
