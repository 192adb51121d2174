// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/regex_syntax.hpp: rewrites Oniguruma (Ruby) patterns, as tokenizers ship them, for PCRE2.

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/regex_properties.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

inline constexpr std::size_t max_pattern_bytes = std::size_t{1} << 16;

/// One pattern on its way from Oniguruma to PCRE2 10.42 with UTF, UCP and MULTILINE. What differs, measured on every
/// assigned code point: `\s` (PCRE2 adds U+180E), `\w`, `\b`, `\h`, `{1,3}+` (a repeated group there, possessive here), `{,n}`,
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
        INGOT_CHECK(escape(nullptr));
      } else if (c == '[') {
        atom_ = out_.size();
        INGOT_TRY(const Set set, character_class(0));
        out_ += set.expression();
      } else if (c == '(') {
        if (source_.substr(at_).starts_with("(?~")) return problem(ErrorCode::unsupported, "an absent repeater (?~...) in a regex");
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
  static constexpr std::string_view any_character = "(?s:.)";

  /// What a set has: members as PCRE2 writes them, and expressions of one character for what cannot be written as members.
  struct Set {
    std::string members;
    std::vector<std::string> others;
    [[nodiscard]] std::string expression() const {
      if (others.empty()) return "[" + members + "]";
      if (members.empty() && others.size() == 1) return others.front();
      std::string out = members.empty() ? "(?:" : "(?:[" + members + "]|";
      for (const std::string& other : others) out += (&other == others.data() ? "" : "|") + other;
      return out + ")";
    }
  };

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

  /// Appends a class, or its complement, to `set`, or as an expression where there is none.
  void add_class(std::string_view members, bool complement, Set* set) {
    const bool single = members.starts_with("\\p{") && members.find('}') + 1 == members.size();
    std::string text{members};
    if (single && complement) text[1] = 'P';
    if (set == nullptr)
      out_ += single ? text : (complement ? "[^" : "[") + text + "]";
    else if (single || !complement)
      set->members += text;
    else
      set->others.push_back("[^" + text + "]");
  }

  /// Takes one escape outside a set, or inside `set`.
  [[nodiscard]] Status escape(Set* set) {
    if (at_ + 1 >= source_.size()) return problem(ErrorCode::damaged, "regex ends in a backslash");
    const char kind = source_[at_ + 1];
    std::string& out = set == nullptr ? out_ : set->members;
    if (kind == 'p' || kind == 'P') return property(set);
    if (kind == 'u') {
      const std::string_view digits = source_.substr(at_ + 2, 4);
      if (digits.size() < 4) return problem(ErrorCode::damaged, "\\u without four digits in a regex");
      out.append("\\x{").append(digits).append("}");
      at_ += 6;
      return {};
    }
    const std::size_t size = 1 + std::min(code_point_size(kind), source_.size() - at_ - 1);
    const std::string_view whole = source_.substr(at_, size);
    at_ += size;
    switch (kind) {
      case 's':
      case 'S':
        if (set != nullptr && kind == 'S')
          add_class(regex_properties::not_space, false, set);
        else
          add_class(regex_properties::space, kind == 'S', set);
        return {};
      case 'w':
      case 'W':
        add_class(set == nullptr ? regex_properties::lone_word : regex_properties::word, kind == 'W', set);
        return {};
      case 'h':
      case 'H':
        add_class(regex_properties::hex_digit, kind == 'H', set);
        return {};
      case 'v':
        out += "\\x{b}";
        return {};
      case 'b':
      case 'B':
        if (set == nullptr) return word_boundary(kind == 'b');
        break;
      case 'O':
        if (set == nullptr) {
          out += any_character;
          return {};
        }
        break;
      case 'y':
      case 'Y':
        return problem(ErrorCode::unsupported, "\\y or \\Y in a regex");
      default:
        break;
    }
    const bool letter = (kind >= 'a' && kind <= 'z') || (kind >= 'A' && kind <= 'Z');
    const bool special = std::string_view{"abcdDefgGkKnNorRtxXAzZCM"}.find(kind) != std::string_view::npos;
    out += letter && !special ? whole.substr(1) : whole;  // PCRE2 gives more letters a meaning
    return {};
  }

  /// PCRE2's knows other word characters.
  [[nodiscard]] Status word_boundary(bool at_boundary) {
    const std::string in = "[" + std::string{regex_properties::lone_word} + "])", behind = "(?<=" + in, not_behind = "(?<!" + in,
                      ahead = "(?=" + in, not_ahead = "(?!" + in;
    out_ += "(?:" + behind + (at_boundary ? not_ahead : ahead) + "|" + not_behind + (at_boundary ? ahead : not_ahead) + ")";
    return {};
  }

  /// `\p{Name}`, `\P{Name}`, `\p{^Name}`.
  [[nodiscard]] Status property(Set* set) {
    const std::size_t open = at_ + 2, close = source_.find('}', open);
    if (open >= source_.size() || source_[open] != '{') {  // \pL
      (set == nullptr ? out_ : set->members) += source_.substr(at_, 3);
      at_ = std::min(at_ + 3, source_.size());
      return {};
    }
    if (close == std::string_view::npos) return problem(ErrorCode::damaged, "\\p{ without } in a regex");
    std::string_view name = source_.substr(open + 1, close - open - 1);
    bool complement = source_[at_ + 1] == 'P';
    if (name.starts_with('^')) {
      complement = !complement;
      name.remove_prefix(1);
    }
    add_class(regex_properties::members(name), complement, set);
    at_ = close + 1;
    return {};
  }

  /// Takes `[:name:]` or `[:^name:]` within a set.
  [[nodiscard]] Status posix_class(Set& set) {
    const std::size_t end = source_.find(":]", at_);
    if (end == std::string_view::npos) return problem(ErrorCode::damaged, "[: without :] in a regex");
    std::string_view name = source_.substr(at_ + 2, end - at_ - 2);
    const bool complement = name.starts_with('^');
    if (complement) name.remove_prefix(1);
    const std::string_view members = regex_properties::find(regex_properties::posix, name);
    if (members.empty()) return problem(ErrorCode::damaged, "unknown [:class:] in a regex");
    add_class(members, complement, &set);
    at_ = end + 2;
    return {};
  }

  /// Takes `[...]`. Nested sets are unions, `&&` intersections (as lookaheads before the first operand).
  [[nodiscard]] Result<Set> character_class(int depth) {
    if (depth == max_nesting) return problem(ErrorCode::unsupported, "sets nested too deeply in a regex");
    ++at_;
    const bool negated = at_ < source_.size() && source_[at_] == '^';
    if (negated) ++at_;
    std::vector<Set> operands(1);
    for (bool first = true;; first = false) {
      if (at_ >= source_.size()) return problem(ErrorCode::damaged, "[ without ] in a regex");
      const char c = source_[at_];
      Set& set = operands.back();
      if (c == ']' && !first) break;
      if (c == '\\') {
        INGOT_CHECK(escape(&set));
      } else if (c == '&' && source_.substr(at_).starts_with("&&")) {
        operands.emplace_back();
        at_ += 2;
      } else if (c == '[' && source_.substr(at_).starts_with("[:")) {
        INGOT_CHECK(posix_class(set));
      } else if (c == '[') {
        INGOT_TRY(Set inner, character_class(depth + 1));
        set.members += inner.members;
        std::move(inner.others.begin(), inner.others.end(), std::back_inserter(set.others));
      } else {
        set.members += c == ']' ? "\\]" : std::string{c};
        ++at_;
      }
    }
    ++at_;
    const Set& base = operands.front();
    if (operands.size() == 1 && !negated) return base;
    if (operands.size() == 1 && base.others.empty()) return Set{{}, {"[^" + base.members + "]"}};
    std::string all;
    for (std::size_t i = 1; i < operands.size(); ++i) all += "(?=" + operands[i].expression() + ")";
    all += base.expression();
    return Set{{}, {negated ? "(?:(?!" + all + ")" + std::string{any_character} + ")" : "(?:" + all + ")"}};
  }

  std::string_view source_;
  std::size_t at_ = 0, atom_ = 0;  // atom_: where in out_ the thing that a quantifier repeats begins
  std::string out_;
  std::vector<std::size_t> groups_;
};

/// The PCRE2 form of an Oniguruma pattern.
[[nodiscard]] inline Result<std::string> translate_oniguruma(std::string_view pattern) { return RegexTranslator{pattern}.translate(); }

}  // namespace ingot::text
