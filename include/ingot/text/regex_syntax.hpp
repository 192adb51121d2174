// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/regex_syntax.hpp: rewrites Oniguruma (Ruby) patterns, as tokenizers ship them, for PCRE2.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

inline constexpr std::size_t max_pattern_bytes = std::size_t{1} << 16;

/// One pattern on its way from Oniguruma to PCRE2 10.42 with UTF, UCP and MULTILINE. What differs, measured on every
/// assigned code point: `\s` (PCRE2 adds U+180E), `\w`, `\h`, `{1,3}+` (a repeated group there, possessive here), `{,n}`,
/// `&&` and nested sets (10.42 has neither), `\p{Han}` (script there, script extensions here), `(?m:` (dot matches all).
class RegexTranslator {
 public:
  explicit RegexTranslator(std::string_view source) noexcept : source_{source} {}

  /// Errors: damaged (unbalanced, too long), unsupported (a construct with no equivalent).
  [[nodiscard]] Result<std::string> translate() && {
    if (source_.size() > max_pattern_bytes) return problem(ErrorCode::damaged, "regex longer than 65536 bytes");
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '\\') {
        atom_ = out_.size();
        INGOT_CHECK(escape(false, out_));
      } else if (c == '[') {
        atom_ = out_.size();
        INGOT_TRY(const std::string set, character_class(0));
        out_ += set;
      } else if (c == '(') {
        open_group();
      } else if (c == ')') {
        if (groups_.empty()) return problem(ErrorCode::damaged, "unbalanced ) in regex");
        atom_ = groups_.back();
        groups_.pop_back();
        out_ += source_[at_++];
      } else if (c == '{' && interval()) {
        continue;
      } else {
        if (c != '*' && c != '+' && c != '?') atom_ = out_.size();
        const std::size_t size = std::min(code_point_size(c), source_.size() - at_);
        out_ += source_.substr(at_, size);
        at_ += size;
      }
    }
    return std::move(out_);
  }

 private:
  static constexpr int max_nesting = 32;
  static constexpr std::string_view space_set = R"(\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
  static constexpr std::string_view not_space_set =
      R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
      R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff})";
  static constexpr std::string_view word_set = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";
  static constexpr std::string_view hex_set = "0-9A-Fa-f";

  [[nodiscard]] Error problem(ErrorCode code, std::string_view what) const {
    return {code, std::string{what}, "\"" + std::string{source_.substr(0, 80)} + "\" at " + std::to_string(at_), {}};
  }

  /// Copies `(` and, for `(?flags`, the flags with Ruby's m (dot matches all) as PCRE2's s.
  void open_group() {
    groups_.push_back(out_.size());
    out_ += source_[at_++];
    if (at_ == source_.size() || source_[at_] != '?') return;
    out_ += source_[at_++];
    std::size_t end = at_;
    while (end < source_.size() && std::string_view{"imx-"}.find(source_[end]) != std::string_view::npos) ++end;
    if (end == source_.size() || (source_[end] != ':' && source_[end] != ')')) return;
    for (; at_ < end; ++at_) out_ += source_[at_] == 'm' ? 's' : source_[at_];
  }

  /// Takes `{m,n}` with what follows it; false when the brace is an ordinary character.
  bool interval() {
    const auto digits = [&](std::size_t from) {
      while (from < source_.size() && source_[from] >= '0' && source_[from] <= '9') ++from;
      return from;
    };
    const std::size_t low = at_ + 1, low_end = digits(low);
    std::size_t end = low_end;
    const bool comma = end < source_.size() && source_[end] == ',';
    if (comma) end = digits(end + 1);
    if (end >= source_.size() || source_[end] != '}' || (low_end == low && end <= low_end + 1)) return false;
    std::string quantifier{source_.substr(at_, end + 1 - at_)};
    if (low_end == low) quantifier.insert(1, "0");
    at_ = end + 1;
    if (at_ < source_.size() && source_[at_] == '+') {
      out_.insert(std::min(atom_, out_.size()), "(?:");
      quantifier += ")";
    }
    out_ += quantifier;
    return true;
  }

  /// Takes one escape, inside or outside a set, and appends its PCRE2 form to `out`.
  [[nodiscard]] Status escape(bool in_set, std::string& out) {
    if (at_ + 1 >= source_.size()) return problem(ErrorCode::damaged, "regex ends in a backslash");
    const char kind = source_[at_ + 1];
    const auto set = [&](std::string_view members, bool negate) {
      at_ += 2;
      if (in_set)
        out.append(members);
      else
        out.append(negate ? "[^" : "[").append(members).append("]");
    };
    switch (kind) {
      case 's':
        set(space_set, false);
        break;
      case 'S':
        in_set ? set(not_space_set, false) : set(space_set, true);
        break;
      case 'w':
        set(word_set, false);
        break;
      case 'h':
        set(hex_set, false);
        break;
      case 'W':
      case 'H':
        if (in_set) return problem(ErrorCode::unsupported, "\\W or \\H inside a set of a regex");
        set(kind == 'W' ? word_set : hex_set, true);
        break;
      case 'p':
      case 'P':
        return property(out);
      case 'u': {
        const std::string_view digits = source_.substr(at_ + 2, 4);
        if (digits.size() < 4) return problem(ErrorCode::damaged, "\\u without four digits in a regex");
        out.append("\\x{").append(digits).append("}");
        at_ += 6;
        break;
      }
      default: {
        const std::size_t size = std::min(code_point_size(kind), source_.size() - at_ - 1);
        out += source_.substr(at_, 1 + size);
        at_ += 1 + size;
      }
    }
    return {};
  }

  /// `\p{Name}`: long category names become short ones, scripts become `sc:`.
  [[nodiscard]] Status property(std::string& out) {
    const std::size_t open = at_ + 2, close = source_.find('}', open);
    if (open >= source_.size() || source_[open] != '{') {  // \pL
      out += source_.substr(at_, 3);
      at_ = std::min(at_ + 3, source_.size());
      return {};
    }
    if (close == std::string_view::npos) return problem(ErrorCode::damaged, "\\p{ without } in a regex");
    std::string_view name = source_.substr(open + 1, close - open - 1);
    out += source_.substr(at_, 3);
    if (name.starts_with('^')) {
      out += '^';
      name.remove_prefix(1);
    }
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> categories{{{"Letter", "L"},
                                                                                               {"Mark", "M"},
                                                                                               {"Number", "N"},
                                                                                               {"Punctuation", "P"},
                                                                                               {"Punct", "P"},
                                                                                               {"Symbol", "S"},
                                                                                               {"Separator", "Z"},
                                                                                               {"Other", "C"},
                                                                                               {"Alpha", "Alphabetic"},
                                                                                               {"Alphabetic", "Alphabetic"},
                                                                                               {"Upper", "Uppercase"},
                                                                                               {"Lower", "Lowercase"},
                                                                                               {"Uppercase", "Uppercase"},
                                                                                               {"Lowercase", "Lowercase"},
                                                                                               {"Digit", "Nd"},
                                                                                               {"Any", "Any"}}};
    const auto* known = std::find_if(categories.begin(), categories.end(), [&](const auto& entry) { return entry.first == name; });
    if (known != categories.end())
      out += known->second;
    else
      out.append(name.size() <= 2 || name.find(':') != std::string_view::npos || name.starts_with("Emoji") ? "" : "sc:").append(name);
    out += '}';
    at_ = close + 1;
    return {};
  }

  /// Takes `[...]`. Nested sets are unions, `&&` intersections (as lookaheads before the first operand).
  [[nodiscard]] Result<std::string> character_class(int depth) {
    if (depth == max_nesting) return problem(ErrorCode::unsupported, "sets nested too deeply in a regex");
    ++at_;
    const bool negated = at_ < source_.size() && source_[at_] == '^';
    if (negated) ++at_;
    std::vector<std::string> operands(1);
    for (bool first = true;; first = false) {
      if (at_ >= source_.size()) return problem(ErrorCode::damaged, "[ without ] in a regex");
      const char c = source_[at_];
      std::string& members = operands.back();
      if (c == ']' && !first) break;
      if (c == '\\') {
        INGOT_CHECK(escape(true, members));
      } else if (c == '&' && source_.substr(at_).starts_with("&&")) {
        operands.emplace_back();
        at_ += 2;
      } else if (c == '[' && source_.substr(at_).starts_with("[:")) {
        const std::size_t end = source_.find(":]", at_);
        if (end == std::string_view::npos) return problem(ErrorCode::damaged, "[: without :] in a regex");
        members += source_.substr(at_, end + 2 - at_);
        at_ = end + 2;
      } else if (c == '[') {
        INGOT_TRY(const std::string inner, character_class(depth + 1));
        if (inner.starts_with("[^") && members.empty() && (source_.substr(at_).starts_with(']') || source_.substr(at_).starts_with("&&")))
          members = inner.substr(1, inner.size() - 2);  // a whole operand that is itself negated
        else if (inner.starts_with("[") && !inner.starts_with("[^"))
          members += inner.substr(1, inner.size() - 2);
        else
          return problem(ErrorCode::unsupported, "union with a negated set in a regex");
      } else {
        members += c == ']' ? "\\]" : std::string{c};
        ++at_;
      }
    }
    ++at_;
    if (operands.size() == 1) return (negated ? "[^" : "[") + operands[0] + "]";
    if (negated || depth > 0) return problem(ErrorCode::unsupported, "a negated or nested intersection of sets in a regex");
    std::string out = "(?:";
    for (std::size_t i = 1; i < operands.size(); ++i) out += "(?=[" + operands[i] + "])";
    return out + "[" + operands[0] + "])";
  }

  std::string_view source_;
  std::size_t at_ = 0, atom_ = 0;  // atom_: where in out_ the thing that a quantifier repeats begins
  std::string out_;
  std::vector<std::size_t> groups_;
};

/// The PCRE2 form of an Oniguruma pattern.
[[nodiscard]] inline Result<std::string> translate_oniguruma(std::string_view pattern) { return RegexTranslator{pattern}.translate(); }

}  // namespace ingot::text
