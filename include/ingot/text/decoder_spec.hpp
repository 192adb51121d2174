// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/decoder_spec.hpp: the decoders of tokenizer.json as plain data.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ingot/text/pattern.hpp>
#include <ingot/text/pre_tokenizer.hpp>

namespace ingot::text {

/// One decoder each, with the fields of tokenizer.json. Each maps a list of tokens to a list of tokens.
namespace decode {
/// The bytes that the byte alphabet spells, all in one.
struct ByteLevel {
  static void fields(auto&, auto&) {}
};
struct Replace {
  Pattern pattern;
  std::string content;
  static void fields(auto& self, auto& archive) { archive(self.pattern, self.content); }
};
/// A run of <0x..> tokens becomes its text; one U+FFFD for each byte of a run that is not UTF-8.
struct ByteFallback {
  static void fields(auto&, auto&) {}
};
/// Joins all tokens.
struct Fuse {
  static void fields(auto&, auto&) {}
};
/// Removes up to `start` times `content` (one character) at the start of each token, up to `stop` times at its end.
struct Strip {
  std::string content = " ";
  std::uint32_t start = 0, stop = 0;
  static void fields(auto& self, auto& archive) { archive(self.content, self.start, self.stop); }
};
struct Metaspace {
  std::string replacement = "▁";
  PrependScheme scheme = PrependScheme::always;
  static void fields(auto& self, auto& archive) { archive(self.replacement, self.scheme); }
};
/// Tokens that begin with `prefix` go on with the word before them, all others follow a blank. `cleanup`: see clean_up_spaces.
struct WordPiece {
  std::string prefix = "##";
  bool cleanup = true;
  static void fields(auto& self, auto& archive) { archive(self.prefix, self.cleanup); }
};
/// `suffix` becomes a blank, in the last token nothing.
struct Bpe {
  std::string suffix = "</w>";
  static void fields(auto& self, auto& archive) { archive(self.suffix); }
};
/// Of equal tokens in a row one stays, without `pad`; if that leaves nothing it is no token. `cleanup` also makes blanks of `delimiter`.
struct Ctc {
  std::string pad = "<pad>", delimiter = "|";
  bool cleanup = true;
  static void fields(auto& self, auto& archive) { archive(self.pad, self.delimiter, self.cleanup); }
};
/// libsentencepiece's: U+2581 is a blank, a run of <0x..> tokens its bytes (if `bytes`) with one U+FFFD for each that is not part of
/// a character, and the blank at the start goes: one, or one of each token until there is text.
struct SentencePiece {
  bool bytes = false, strip_first = true, strip_all = false;
  static void fields(auto& self, auto& archive) { archive(self.bytes, self.strip_first, self.strip_all); }
};
/// What a tokenizer without a decoder does: blanks between the tokens.
struct Blanks {
  static void fields(auto&, auto&) {}
};
}  // namespace decode

using DecoderSpec = std::variant<decode::ByteLevel, decode::Replace, decode::ByteFallback, decode::Fuse, decode::Strip, decode::Metaspace,
                                 decode::Blanks, decode::WordPiece, decode::Bpe, decode::Ctc, decode::SentencePiece>;

/// The byte that a token like <0x0A> stands for.
[[nodiscard]] inline std::optional<std::uint8_t> fallback_byte(std::string_view token) noexcept {
  if (token.size() != 6 || token[0] != '<' || token[1] != '0' || token[2] != 'x' || token[5] != '>') return std::nullopt;
  const auto digit = [](char c) noexcept {
    const auto lower = static_cast<unsigned char>(c | 32);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  const int high = digit(token[3]), low = digit(token[4]);
  return high < 0 || low < 0 ? std::nullopt : std::optional{static_cast<std::uint8_t>(high << 4 | low)};
}

/// True where a token is <0x..> behind the step exactly if it is before it.
[[nodiscard]] inline bool keeps_byte_tokens(const DecoderSpec& spec) {
  const auto* replace = std::get_if<decode::Replace>(&spec);
  return replace && !replace->pattern.is_regex && replace->content == " " &&
         replace->pattern.text.find_first_of("<0xABCDEFabcdef123456789>") == std::string::npos && !replace->pattern.text.empty();
}
/// True where what becomes of a token's start depends on its end. Short literals are looked for as the token comes.
[[nodiscard]] inline bool needs_whole_token(const DecoderSpec& spec) {
  constexpr std::size_t max_streamed_literal = 64;
  if (const auto* replace = std::get_if<decode::Replace>(&spec))
    return replace->pattern.is_regex || replace->pattern.text.empty() || replace->pattern.text.size() > max_streamed_literal;
  if (const auto* pieces = std::get_if<decode::WordPiece>(&spec)) return pieces->cleanup;
  return std::holds_alternative<decode::ByteFallback>(spec) || std::holds_alternative<decode::ByteLevel>(spec) ||
         std::holds_alternative<decode::Bpe>(spec) || std::holds_alternative<decode::Ctc>(spec);
}

/// True for the chain of Llama's and Gemma's tokenizers: a replacement in each token, runs of <0x..> tokens and perhaps what is
/// stripped from the start. Behind the start and outside such runs the replacement alone is left of it.
[[nodiscard]] inline bool leaves_replacement_alone(const std::vector<DecoderSpec>& specs) {
  if (specs.size() < 2 || specs.size() > 4 || !keeps_byte_tokens(specs[0])) return false;
  if (!std::holds_alternative<decode::ByteFallback>(specs[1])) return false;
  if (specs.size() > 2 && !std::holds_alternative<decode::Fuse>(specs[2])) return false;
  const auto* strip = specs.size() == 4 ? std::get_if<decode::Strip>(&specs[3]) : nullptr;
  return specs.size() < 4 || (strip != nullptr && strip->stop == 0);
}
/// Appends `token` with the replacement of a literal made. Most have it at the start or nowhere.
inline void append_replaced(std::string_view token, const decode::Replace& spec, std::string& out) {
  const std::string_view text = spec.pattern.text;
  for (; token.starts_with(text); token.remove_prefix(text.size())) out.append(spec.content);
  for (std::size_t found; (found = token.find(text)) != std::string_view::npos; token.remove_prefix(found + text.size()))
    out.append(token.substr(0, found)).append(spec.content);
  out.append(token);
}

}  // namespace ingot::text
