// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/text/charsmap_cases.hpp: a compiled map of three rules, written by hand.

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace charsmap_cases {

/// "A" becomes "a", "A" with a ring "xyz", and a tab a blank.
inline std::string blob() {
  std::vector<std::uint32_t> units(512);
  const auto node = [](std::uint32_t label, bool ends) { return label | (ends ? 0x100u : 0u) | 1u << 10; };  // children at ^ 1
  units[0] = 1u << 10 | 0x200;                                                                               // at 256
  units[256 ^ 'A'] = node('A', true);
  units[256 ^ 'A' ^ 1] = 0x8000'0000;                 // "a"
  units[256 ^ 'A' ^ 1 ^ 0xCC] = node(0xCC, false);    // U+030A is CC 8A
  units[256 ^ 'A' ^ 0xCC ^ 0x8A] = node(0x8A, true);  // the two ^ 1 cancel
  units[256 ^ 'A' ^ 0xCC ^ 0x8A ^ 1] = 0x8000'0002;   // "xyz"
  units[256 ^ '\t'] = node('\t', true);
  units[256 ^ '\t' ^ 1] = 0x8000'0006;  // " "
  const auto size = static_cast<std::uint32_t>(units.size() * sizeof(std::uint32_t));
  std::string out(sizeof size + size, '\0');
  std::memcpy(out.data(), &size, sizeof size);
  std::memcpy(out.data() + sizeof size, units.data(), size);
  return out += std::string{"a\0xyz\0 \0", 8};
}

}  // namespace charsmap_cases
