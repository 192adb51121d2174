// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/sentencepiece_normalizer.hpp: what libsentencepiece does to a text before it looks for pieces.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/charsmap.hpp>
#include <ingot/text/text_finder.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// Where the blank goes that makes a text's first word look like the others.
enum class DummyPrefix : std::uint8_t { none, always, first, suffix };  ///< first: only where the whole input starts
constexpr DummyPrefix last_enumerator(DummyPrefix) noexcept { return DummyPrefix::suffix; }

namespace normalize {
/// A NormalizerSpec of SentencePiece: the longest rule for what lies ahead, blanks, and their escape as U+2581.
struct SentencePiece {
  Charsmap rules = {};
  std::vector<std::string> kept = {};  ///< user-defined symbols, to which no rule applies
  DummyPrefix prefix = DummyPrefix::always;
  bool remove_extra_whitespaces = true, escape_whitespaces = true;
  static void fields(auto& self, auto& archive) {
    archive(self.rules, self.kept, self.prefix, self.remove_extra_whitespaces, self.escape_whitespaces);
  }
};
}  // namespace normalize

/// The texts that a normalizer keeps, ready to be found.
[[nodiscard]] inline TextFinder kept_texts(const normalize::SentencePiece& spec) {
  std::vector<std::pair<std::string_view, std::uint32_t>> texts;
  for (const std::string& text : spec.kept) texts.emplace_back(text, 0);
  return TextFinder{std::move(texts)};
}

/// Appends the normal form of `text` to `out`.
inline void normalize_sentencepiece(const normalize::SentencePiece& spec, const TextFinder& kept, std::string_view text, bool starts_input,
                                    std::string& out) {
  constexpr std::string_view mark = "▁";
  const std::string_view blank = spec.escape_whitespaces ? mark : " ";
  // What replaces the first of the bytes from `at` on, and how many those are.
  const auto rule_at = [&](std::size_t at) -> Charsmap::Rule {
    const std::string_view rest = text.substr(at);
    if (const AddedEntry* entry = kept.longest_at(text, at)) return {entry->size, rest.substr(0, entry->size)};
    if (const auto rule = spec.rules.longest(rest)) return *rule;
    const std::size_t size = std::min(code_point_size(rest[0]), rest.size());
    return {size, rest.substr(0, size)};
  };
  const std::size_t start = out.size();
  // Transformers' way without `legacy` to keep a blank at the start: it encodes <unk> in front.
  const bool as_if_within = spec.prefix == DummyPrefix::first && (starts_input || text.starts_with(' ') || text.starts_with(mark));
  bool after_blank = spec.remove_extra_whitespaces && !as_if_within;
  std::size_t at = 0;
  while (after_blank && at < text.size()) {
    const auto rule = rule_at(at);
    if (rule.replacement != " ") break;
    at += rule.size;
  }
  if (at == text.size()) return;
  if (spec.prefix == DummyPrefix::always || (spec.prefix == DummyPrefix::first && starts_input)) out += blank;
  while (at < text.size()) {
    auto [size, replacement] = rule_at(at);
    at += size;
    while (after_blank && replacement.starts_with(' ')) replacement.remove_prefix(1);
    if (replacement.empty()) continue;
    for (const char c : replacement) c == ' ' ? out.append(blank) : out.append(1, c);
    after_blank = spec.remove_extra_whitespaces && replacement.ends_with(' ');
  }
  while (spec.remove_extra_whitespaces && out.size() > start && std::string_view{out}.substr(start).ends_with(blank))
    out.resize(out.size() - blank.size());
  if (spec.prefix == DummyPrefix::suffix) out += blank;
}

}  // namespace ingot::text
