// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/clean_up.hpp: replacements in decoded text as the decoders WordPiece, BPEDecoder and CTC make them.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// Replaces every `from`; an empty one stands at both ends and between all characters, as in Rust.
inline void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::size_t found = text.find(from);
  if (found == std::string::npos) return;
  std::string out;
  std::size_t at = 0;
  for (; found != std::string::npos; found = text.find(from, at + (from.empty() && at < text.size() ? code_point_size(text[at]) : 0))) {
    out.append(text, at, found - at).append(to);
    at = found + from.size();
    if (from.empty() && at == text.size()) break;
  }
  text = out.append(text, at);
}

/// Takes away blanks that stand before punctuation and short forms of English words.
inline void clean_up_spaces(std::string& text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> rules{{{" .", "."},
                                                                                        {" ?", "?"},
                                                                                        {" !", "!"},
                                                                                        {" ,", ","},
                                                                                        {" ' ", "'"},
                                                                                        {" n't", "n't"},
                                                                                        {" 'm", "'m"},
                                                                                        {" do not", " don't"},
                                                                                        {" 's", "'s"},
                                                                                        {" 've", "'ve"},
                                                                                        {" 're", "'re"}}};
  for (const auto& [from, to] : rules) replace_all(text, from, to);
}

}  // namespace ingot::text
