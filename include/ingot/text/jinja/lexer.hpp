// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/lexer.hpp: template text into tokens; white space control happens here.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/literal_lexer.hpp>
#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

/// The text as it is lexed: every line break is "\n" and one at the end is dropped.
[[nodiscard]] inline std::string normalized_source(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out.push_back(text[i] == '\r' ? '\n' : text[i]);
  }
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

/// Splits a template with trim_blocks and lstrip_blocks: the line break after a block or comment tag is dropped, and so are
/// blanks between the start of a line and such a tag; `-` strips all white space on its side, `+` none.
class Lexer : LiteralLexer {
 public:
  Lexer(const Program& program, const Limits& limits) noexcept : LiteralLexer{program, limits} {}

  [[nodiscard]] Result<std::vector<Token>> run() {
    while (at_ < source_.size()) {
      std::size_t tag = at_;
      for (;; ++tag) {
        tag = source_.find('{', tag);
        if (tag == source_.npos) break;
        const char next = peek(tag + 1);
        if (next == '%' || next == '{' || next == '#') break;
      }
      if (tag == source_.npos) {
        INGOT_CHECK(add(Token::Kind::data, at_, std::string{source_.substr(at_)}));
        break;
      }
      const char kind = source_[tag + 1];
      INGOT_CHECK(add_data(tag, tag + 2, kind != '{'));
      at_ = tag + 2 + (peek(tag + 2) == '-' || peek(tag + 2) == '+');
      if (kind == '#')
        INGOT_CHECK(comment(tag));
      else if (const std::size_t raw = kind == '%' ? raw_begin() : 0; raw != 0)
        INGOT_CHECK(raw_text(tag, raw));
      else
        INGOT_CHECK(inside(tag, kind == '%'));
    }
    INGOT_CHECK(add(Token::Kind::end, source_.size()));
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] bool matches(std::size_t at, std::string_view text) const noexcept {
    return source_.substr(std::min(at, source_.size())).starts_with(text);
  }
  [[nodiscard]] std::size_t skip_space(std::size_t at) const noexcept {
    while (at < source_.size()) {
      std::size_t next = at;
      if (!unicode::is_space(unicode::next(source_, next))) break;
      at = next;
    }
    return at;
  }

  /// The text before the tag at `tag`, whose white space sign stands at `sign`.
  Status add_data(std::size_t tag, std::size_t sign, bool block) {
    std::string_view text = source_.substr(at_, tag - at_);
    if (peek(sign) == '-') {
      text = unicode::strip(text, false, true, unicode::is_space);
    } else if (peek(sign) != '+' && block) {
      const std::size_t line = text.rfind('\n') + 1;  // 0 when there is none
      const bool starts_line = line > 0 || at_ == 0 || source_[at_ - 1] == '\n';
      if (starts_line && unicode::strip(text.substr(line)).empty()) text = text.substr(0, line);
    }
    return text.empty() ? Status{} : add(Token::Kind::data, at_, std::string{text});
  }

  /// The end of a block or comment tag that starts at `at` with its sign, if any; 0 when there is none.
  [[nodiscard]] std::size_t tag_end(std::size_t at, std::string_view mark, bool block) const noexcept {
    const char sign = peek(at);
    if (sign == '-' && matches(at + 1, mark)) return skip_space(at + 1 + mark.size());
    if (block && sign == '+' && matches(at + 1, mark)) return at + 1 + mark.size();
    if (!matches(at, mark)) return 0;
    return at + mark.size() + (block && peek(at + mark.size()) == '\n');
  }

  Status comment(std::size_t tag) {
    const std::size_t close = source_.find("#}", at_);
    if (close == source_.npos && at_ < source_.size()) return problem(tag, "Missing end of comment tag");
    if (close == source_.npos) return {};  // the reference forgives a tag that ends the template
    const bool sign = close > at_ && (source_[close - 1] == '-' || source_[close - 1] == '+');
    at_ = tag_end(close - sign, "#}", true);
    return {};
  }

  /// The end of `raw %}` at at_, or 0: a raw tag keeps the line break after it.
  [[nodiscard]] std::size_t raw_begin() const noexcept {
    std::size_t at = skip_space(at_);
    if (!matches(at, "raw")) return 0;
    at = skip_space(at + 3);
    return matches(at, "-%}") ? skip_space(at + 3) : matches(at, "%}") ? at + 2 : 0;
  }
  Status raw_text(std::size_t tag, std::size_t begin) {
    at_ = begin;
    for (std::size_t open = begin; (open = source_.find("{%", open)) != source_.npos; open += 2) {
      std::size_t at = skip_space(open + 2 + (peek(open + 2) == '-' || peek(open + 2) == '+'));
      if (!matches(at, "endraw")) continue;
      const std::size_t end = tag_end(skip_space(at + 6), "%}", true);
      if (end == 0) continue;
      INGOT_CHECK(add_data(open, open + 2, true));
      at_ = end;
      return {};
    }
    if (begin < source_.size()) return problem(tag, "Missing end of raw directive");
    return {};
  }

  /// The tokens of `{% … %}` or `{{ … }}`.
  Status inside(std::size_t tag, bool block) {
    INGOT_CHECK(add(block ? Token::Kind::block_begin : Token::Kind::variable_begin, tag));
    const std::string_view mark = block ? "%}" : "}}";
    std::string open;  // brackets that wait for their ends
    while (at_ < source_.size()) {
      if (open.empty()) {
        if (const std::size_t end = tag_end(at_, mark, block)) {
          INGOT_CHECK(add(block ? Token::Kind::block_end : Token::Kind::variable_end, at_));
          at_ = end;
          return {};
        }
      }
      const std::size_t start = at_;
      at_ = skip_space(at_);
      if (at_ > start) continue;
      std::size_t next = at_;
      const char32_t c = unicode::next(source_, next);
      if (c >= '0' && c <= '9')
        INGOT_CHECK(number());
      else if (unicode::is_word(c))
        INGOT_CHECK(name());
      else if (c == '"' || c == '\'')
        INGOT_CHECK(string());
      else
        INGOT_CHECK(symbol(open));
    }
    return {};
  }

  Status name() {
    const std::size_t start = at_;
    for (std::size_t next = at_; next < source_.size(); at_ = next) {
      const char32_t c = unicode::next(source_, next);
      const auto kind = unicode::category(c);
      if (!unicode::is_word(c) && kind != UTF8PROC_CATEGORY_MN && kind != UTF8PROC_CATEGORY_MC) break;
    }
    std::size_t second = start;
    const char32_t first = unicode::next(source_, second);
    if (!unicode::is_alpha(first) && first != '_') return problem(start, "Invalid character in identifier");
    return add(Token::Kind::name, start, std::string{source_.substr(start, at_ - start)});
  }

  Status symbol(std::string& open) {
    static constexpr std::string_view pairs[] = {"==", "!=", ">=", "<=", "//", "**"};
    const std::size_t start = at_;
    for (const std::string_view pair : pairs) {
      if (!matches(at_, pair)) continue;
      at_ += 2;
      return add(Token::Kind::symbol, start, std::string{pair});
    }
    const char c = source_[at_];
    if (std::string_view{"+-/*%~[](){}>=<.:|,;"}.find(c) == std::string_view::npos) {
      std::size_t end = at_;
      unicode::next(source_, end);
      return problem(start, "unexpected char " + in_quotes(source_.substr(start, end - start)));
    }
    if (c == '(') open.push_back(')');
    if (c == '[') open.push_back(']');
    if (c == '{') open.push_back('}');
    if (c == ')' || c == ']' || c == '}') {
      if (open.empty()) return problem(start, "unexpected '" + std::string{c} + "'");
      if (open.back() != c) return problem(start, "unexpected '" + std::string{c} + "', expected '" + std::string{open.back()} + "'");
      open.pop_back();
    }
    ++at_;
    return add(Token::Kind::symbol, start, std::string{c});
  }
};

}  // namespace ingot::text::jinja
