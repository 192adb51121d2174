// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/regex_properties.hpp: what Oniguruma's names of character classes are in a set of PCRE2.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace ingot::text::regex_properties {

using Entry = std::pair<std::string_view, std::string_view>;

inline constexpr std::string_view space = R"(\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
/// Its complement, as members: an alternative in its place would make each repeat cost stack.
inline constexpr std::string_view not_space =
    R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff})";
inline constexpr std::string_view word = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";
/// What `\w` and `\p{Word}` are, but not `[[:word:]]` and `[\w]`: with Latin-1's fractions and superscripts.
inline constexpr std::string_view lone_word = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";
inline constexpr std::string_view hex_digit = "0-9A-Fa-f";
inline constexpr std::string_view graph = R"(\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Co})";
inline constexpr std::string_view print = R"(\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Co}\p{Z})";

/// The classes of POSIX, as Oniguruma has them with Unicode. PCRE2's own differ in alpha, alnum, lower, upper, word and punct.
inline constexpr std::array<Entry, 14> posix{{{"alnum", R"(\p{Alphabetic}\p{Nd})"},
                                              {"alpha", R"(\p{Alphabetic})"},
                                              {"ascii", R"(\x{0}-\x{7f})"},
                                              {"blank", R"(\t\p{Zs})"},
                                              {"cntrl", R"(\p{Cc})"},
                                              {"digit", R"(\p{Nd})"},
                                              {"graph", graph},
                                              {"lower", R"(\p{Lowercase})"},
                                              {"print", print},
                                              {"punct", R"(\p{P}\p{S})"},
                                              {"space", space},
                                              {"upper", R"(\p{Uppercase})"},
                                              {"word", word},
                                              {"xdigit", hex_digit}}};

/// \p{..}: long names of categories, and those POSIX names that PCRE2 lacks or has otherwise (punct: without symbols).
inline constexpr std::array<Entry, 46> named{{{"letter", R"(\p{L})"},
                                              {"uppercaseletter", R"(\p{Lu})"},
                                              {"lowercaseletter", R"(\p{Ll})"},
                                              {"titlecaseletter", R"(\p{Lt})"},
                                              {"casedletter", R"(\p{Lu}\p{Ll}\p{Lt})"},
                                              {"lc", R"(\p{Lu}\p{Ll}\p{Lt})"},
                                              {"modifierletter", R"(\p{Lm})"},
                                              {"otherletter", R"(\p{Lo})"},
                                              {"mark", R"(\p{M})"},
                                              {"combiningmark", R"(\p{M})"},
                                              {"nonspacingmark", R"(\p{Mn})"},
                                              {"spacingmark", R"(\p{Mc})"},
                                              {"enclosingmark", R"(\p{Me})"},
                                              {"number", R"(\p{N})"},
                                              {"decimalnumber", R"(\p{Nd})"},
                                              {"letternumber", R"(\p{Nl})"},
                                              {"othernumber", R"(\p{No})"},
                                              {"punctuation", R"(\p{P})"},
                                              {"punct", R"(\p{P})"},
                                              {"connectorpunctuation", R"(\p{Pc})"},
                                              {"dashpunctuation", R"(\p{Pd})"},
                                              {"openpunctuation", R"(\p{Ps})"},
                                              {"closepunctuation", R"(\p{Pe})"},
                                              {"initialpunctuation", R"(\p{Pi})"},
                                              {"finalpunctuation", R"(\p{Pf})"},
                                              {"otherpunctuation", R"(\p{Po})"},
                                              {"symbol", R"(\p{S})"},
                                              {"mathsymbol", R"(\p{Sm})"},
                                              {"currencysymbol", R"(\p{Sc})"},
                                              {"modifiersymbol", R"(\p{Sk})"},
                                              {"othersymbol", R"(\p{So})"},
                                              {"separator", R"(\p{Z})"},
                                              {"spaceseparator", R"(\p{Zs})"},
                                              {"lineseparator", R"(\p{Zl})"},
                                              {"paragraphseparator", R"(\p{Zp})"},
                                              {"other", R"(\p{C})"},
                                              {"control", R"(\p{Cc})"},
                                              {"format", R"(\p{Cf})"},
                                              {"surrogate", R"(\p{Cs})"},
                                              {"privateuse", R"(\p{Co})"},
                                              {"unassigned", R"(\p{Cn})"},
                                              {"assigned", R"(\P{Cn})"},
                                              {"any", R"(\p{Any})"},
                                              {"alphabetic", R"(\p{Alphabetic})"},
                                              {"whitespace", space},
                                              {"word", lone_word}}};

/// Properties of PCRE2 that are neither categories nor scripts.
inline constexpr std::array<std::string_view, 16> binary{"cased",
                                                         "caseignorable",
                                                         "dash",
                                                         "diacritic",
                                                         "emoji",
                                                         "emojicomponent",
                                                         "emojimodifier",
                                                         "emojimodifierbase",
                                                         "emojipresentation",
                                                         "extendedpictographic",
                                                         "idcontinue",
                                                         "ideographic",
                                                         "idstart",
                                                         "lowercase",
                                                         "math",
                                                         "uppercase"};

[[nodiscard]] inline std::string_view find(const auto& table, std::string_view name) noexcept {
  const auto* found = std::find_if(table.begin(), table.end(), [&](const Entry& entry) { return entry.first == name; });
  return found == table.end() ? std::string_view{} : found->second;
}

/// The members of a set that are \p{name}. What no table knows is a script (not its extensions, which PCRE2 10.42 takes else).
[[nodiscard]] inline std::string members(std::string_view name) {
  std::string folded;
  for (const char c : name)
    if (c != ' ' && c != '_' && c != '-') folded.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  for (const std::string_view known : {find(named, folded), find(posix, folded)})
    if (!known.empty()) return std::string{known};
  const bool plain =
      name.size() <= 2 || name.find(':') != std::string_view::npos || std::find(binary.begin(), binary.end(), folded) != binary.end();
  return (plain ? "\\p{" : "\\p{sc:") + std::string{name} + "}";
}

}  // namespace ingot::text::regex_properties
