// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/literal_lexer.hpp: tokens, and the numbers and strings among them.

#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/python_text.hpp>
#include <ingot/text/jinja/syntax.hpp>
#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

struct Token {
  enum class Kind : std::uint8_t { data, variable_begin, variable_end, block_begin, block_end, name, string, number, symbol, end };
  Kind kind;
  Position at;
  std::string text;  ///< of data, names and symbols; the value of a string
  Value value;       ///< of a number
};

/// The part of the lexer that reads literals: Python's numbers (with underscores, in four bases) and strings with escapes.
class LiteralLexer {
 protected:
  LiteralLexer(const Program& program, const Limits& limits) noexcept : program_{program}, source_{program.source}, limits_{limits} {}

  [[nodiscard]] char peek(std::size_t at) const noexcept { return at < source_.size() ? source_[at] : '\0'; }
  [[nodiscard]] Error problem(std::size_t at, std::string what) const {
    return {ErrorCode::damaged, std::move(what), program_.where(static_cast<Position>(at)), {}};
  }
  Status add(Token::Kind kind, std::size_t at, std::string text = {}, Value value = {}) {
    if (tokens_.size() >= limits_.nodes) return problem(at, "template of more than " + std::to_string(limits_.nodes) + " tokens");
    tokens_.push_back({kind, static_cast<Position>(at), std::move(text), std::move(value)});
    return {};
  }

  /// The end of digits with single underscores between them; `at` when there is no digit.
  [[nodiscard]] std::size_t digits_end(std::size_t at, unsigned base = 10) const noexcept {
    const auto digit = [&](char c) {
      const unsigned lower = static_cast<unsigned char>(c) | 32u;
      return c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0') < base : base == 16 && lower >= 'a' && lower <= 'f';
    };
    if (!digit(peek(at))) return at;
    while (digit(peek(at)) || (peek(at) == '_' && digit(peek(at + 1)))) ++at;
    return at;
  }
  [[nodiscard]] std::string without_underscores(std::size_t start, std::size_t end) const {
    std::string text{source_.substr(start, end - start)};
    std::erase(text, '_');
    return text;
  }

  Status number() {
    const std::size_t start = at_;
    std::size_t end = digits_end(start);
    bool real = false;
    if (start == 0 || source_[start - 1] != '.') {
      if (peek(end) == '.' && digits_end(end + 1) > end + 1) end = digits_end(end + 1), real = true;
      if ((peek(end) | 32) == 'e') {
        const std::size_t power = end + 1 + (peek(end + 1) == '+' || peek(end + 1) == '-');
        if (digits_end(power) > power) end = digits_end(power), real = true;
      }
    }
    if (real) {
      const std::string text = without_underscores(start, end);
      double value = 0;
      if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc::result_out_of_range)
        value = text.find('-') == text.npos ? std::numeric_limits<double>::infinity() : 0.0;
      at_ = end;
      return add(Token::Kind::number, start, {}, Value{value});
    }
    const char kind = static_cast<char>(peek(start + 1) | 32);
    const unsigned base = peek(start) != '0' ? 10 : kind == 'b' ? 2 : kind == 'o' ? 8 : kind == 'x' ? 16 : 10;
    std::size_t from = start;
    if (base != 10) {
      from = start + 2 + (peek(start + 2) == '_');
      end = digits_end(from, base);
    }
    if (base == 10 || end == from) {  // a number that starts with 0 is only zeros
      from = start;
      end = digits_end(start, source_[start] == '0' ? 1 : 10);
    }
    const std::string text = without_underscores(from, end);
    if (text.size() > limits_.digits) return problem(start, "integer of more than " + std::to_string(limits_.digits) + " digits");
    Integer value;
    if (base == 10 || from == start) {
      value = Integer{text};
    } else {
      for (const char c : text) value = value * Integer{base} + Integer{c <= '9' ? c - '0' : (c | 32) - 'a' + 10};
    }
    at_ = end;
    return add(Token::Kind::number, start, {}, Value{std::move(value)});
  }

  Status string() {
    const std::size_t start = at_;
    const char quote = source_[at_++];
    std::string out;
    while (at_ < source_.size() && source_[at_] != quote) {
      if (source_[at_] != '\\') {
        out.push_back(source_[at_++]);
      } else if (++at_ < source_.size()) {
        INGOT_CHECK(escape(out));
      }
    }
    if (at_ >= source_.size()) return problem(start, "unexpected char " + in_quotes(std::string{quote}) + ": the string does not end");
    ++at_;
    return add(Token::Kind::string, start, std::move(out));
  }

  /// One escape of Python's strings, at its character after the backslash.
  Status escape(std::string& out) {
    static constexpr std::string_view plain = "abfnrtv\\'\"", meaning = "\a\b\f\n\r\t\v\\'\"";
    const std::size_t start = at_ - 1;
    const char c = source_[at_++];
    if (const std::size_t i = plain.find(c); i != plain.npos) return out.push_back(meaning[i]), Status{};
    if (c == '\n') return {};
    if (c == 'N') return problem(start, "escapes by character name are not supported");
    const bool octal = c >= '0' && c <= '7';
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : octal ? 3 : 0;
    if (digits == 0) {
      out.push_back('\\');
      --at_;
      const std::size_t from = at_;
      unicode::next(source_, at_);
      out += source_.substr(from, at_ - from);
      return {};
    }
    at_ -= octal;
    std::uint64_t point = 0;
    std::size_t n = 0;
    for (; n < digits; ++n, ++at_) {
      const char d = peek(at_);
      const auto lower = static_cast<char>(d | 32);
      if (d >= '0' && d <= (octal ? '7' : '9'))
        point = point * (octal ? 8 : 16) + static_cast<std::uint64_t>(d - '0');
      else if (!octal && lower >= 'a' && lower <= 'f')
        point = point * 16 + static_cast<std::uint64_t>(lower - 'a' + 10);
      else
        break;
    }
    if (!octal && n < digits) return problem(start, "truncated escape in a string");
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return problem(start, "escape that is no character");
    unicode::append(out, static_cast<char32_t>(point));
    return {};
  }

  const Program& program_;
  std::string_view source_;
  const Limits& limits_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace ingot::text::jinja
