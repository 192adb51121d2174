// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/pattern.hpp: a literal or a regex to look for, and its compiled form.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/core/result.hpp>
#include <ingot/text/regex.hpp>
#include <ingot/text/word_pattern.hpp>

namespace ingot::text {

/// As tokenizer.json writes it: {"String": text} or {"Regex": text}.
struct Pattern {
  std::string text;
  bool is_regex = false;
  static void fields(auto& self, auto& archive) { archive(self.text, self.is_regex); }
};

/// A compiled Pattern.
class Matcher {
 public:
  [[nodiscard]] static Result<Matcher> compile(const Pattern& pattern) {
    Matcher matcher;
    if (pattern.is_regex || pattern.text.empty()) {  // an empty literal matches everywhere, as an empty regex does
      INGOT_TRY(Regex regex, Regex::compile(pattern.text));
      matcher.regex_ = std::move(regex);
      matcher.words_ = WordPattern::recognise(pattern.text);
    } else {
      matcher.literal_ = pattern.text;
    }
    return matcher;
  }

  /// Calls `visit(Span)` for each match from left to right; none overlap. An empty match right behind another match
  /// is skipped, as in Rust's and Oniguruma's iterators; empty text has no match, as in `tokenizers`. Errors: see Regex::find.
  template <class Visit>
  [[nodiscard]] Status each_match(std::string_view text, RegexScratch& scratch, Visit&& visit) const {
    if (text.empty()) return {};
    if (!regex_) {
      for (std::size_t at = text.find(literal_); at != std::string_view::npos; at = text.find(literal_, at + literal_.size()))
        visit(Span{at, at + literal_.size()});
      return {};
    }
    std::optional<std::size_t> last_end;
    for (std::size_t at = 0; at <= text.size();) {
      if (words_ && at < text.size()) {
        if (const std::optional<std::size_t> end = words_->match_end(text, at)) {
          visit(Span{at, *end});
          last_end = at = *end;
          continue;
        }
      }
      INGOT_TRY(const std::optional<Span> match, regex_->find(text, at, scratch));
      if (!match) break;
      at = match->end;
      if (match->begin == match->end) {
        at = match->end < text.size() ? match->end + code_point_size(text[match->end]) : text.size() + 1;
        if (last_end == match->end) continue;
      }
      last_end = match->end;
      visit(*match);
    }
    return {};
  }

  /// Appends `text` with `content` in the place of each match; false, and nothing appended, where there is none.
  [[nodiscard]] Result<bool> append_replaced(std::string_view text, std::string_view content, std::string& out,
                                             RegexScratch& scratch) const {
    bool found = false;
    std::size_t at = 0;
    INGOT_CHECK(each_match(text, scratch, [&](Span match) {
      out.append(text.substr(at, match.begin - at)).append(content);
      found = true;
      at = match.end;
    }));
    if (found) out.append(text.substr(at));
    return found;
  }

 private:
  Matcher() = default;
  std::string literal_;
  std::optional<Regex> regex_;
  std::optional<WordPattern> words_;  // beside regex_, for what it can tell
};

}  // namespace ingot::text
