// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/python_version.hpp: versions of Python distributions in their order (PEP 440).

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace ingot::acquire {

/// A version; compares as PEP 440 orders: 1.0.dev1 < 1.0a1 < 1.0rc1 < 1.0 < 1.0+local < 1.0.post1.
class PythonVersion {
 public:
  /// Takes any spelling that PEP 440 normalizes (v1.0-Alpha.2, 1.0-1). Nothing when `text` is no version or one of its numbers is too
  /// large.
  [[nodiscard]] static std::optional<PythonVersion> parse(std::string_view text) {
    Reader in{text};
    PythonVersion v;
    in.skip(" \t");
    if (in.peek() == 'v') in.take();
    auto number = in.number();
    if (number && in.peek() == '!') {
      in.take();
      v.epoch_ = *number;
      number = in.number();
    }
    if (!number) return {};
    v.release_.push_back(*number);
    while (in.peek() == '.' && in.digit_at(1)) {
      in.take();
      if (!(number = in.number()) || v.release_.size() == 64) return {};
      v.release_.push_back(*number);
    }
    while (v.release_.size() > 1 && v.release_.back() == 0) v.release_.pop_back();  // 1.0 == 1
    for (const auto& [word, phase] :
         {std::pair{"alpha", 0}, {"beta", 1}, {"preview", 2}, {"pre", 2}, {"rc", 2}, {"a", 0}, {"b", 1}, {"c", 2}})
      if (!v.pre_ && in.word(word)) v.pre_ = std::pair{phase, in.suffix_number()};
    if (in.peek() == '-' && in.digit_at(1)) {
      in.take();
      v.post_ = in.number();
      if (!v.post_) return {};
    }
    for (const char* word : {"post", "rev", "r"})
      if (!v.post_ && in.word(word)) v.post_ = in.suffix_number();
    if (in.word("dev")) v.dev_ = in.suffix_number();
    if (in.peek() == '+') {
      in.take();
      do {
        std::string part;
        while (in.alphanumeric()) part.push_back(in.take());
        if (part.empty()) return {};
        v.local_.push_back(std::move(part));
      } while (in.separator());
    }
    in.skip(" \t");
    return in.failed || in.peek() != '\0' || !in.at_end() ? std::nullopt : std::optional{v};
  }

  /// Neither a pre-release nor a development release.
  [[nodiscard]] bool is_final() const noexcept { return !pre_ && !dev_; }
  [[nodiscard]] bool has_local() const noexcept { return !local_.empty(); }
  /// Without its local part: what `==` of a requirement without one compares.
  [[nodiscard]] PythonVersion without_local() const {
    PythonVersion v = *this;
    v.local_.clear();
    return v;
  }

  [[nodiscard]] friend std::strong_ordering operator<=>(const PythonVersion& a, const PythonVersion& b) {
    if (const auto order = std::tie(a.epoch_, a.release_) <=> std::tie(b.epoch_, b.release_); order != 0) return order;
    if (const auto order = a.pre_key() <=> b.pre_key(); order != 0) return order;
    if (const auto order = a.post_ <=> b.post_; order != 0) return order;  // none is before post0
    constexpr auto last = ~std::uint64_t{0};
    if (const auto order = a.dev_.value_or(last) <=> b.dev_.value_or(last); order != 0) return order;
    return std::lexicographical_compare_three_way(a.local_.begin(), a.local_.end(), b.local_.begin(), b.local_.end(), compare_local);
  }
  [[nodiscard]] friend bool operator==(const PythonVersion& a, const PythonVersion& b) { return (a <=> b) == 0; }

 private:
  struct Reader {
    std::string_view text;
    std::size_t at = 0;
    bool failed = false;

    [[nodiscard]] bool at_end() const noexcept { return at >= text.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
      if (at + ahead >= text.size()) return '\0';
      const char c = text[at + ahead];
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    char take() noexcept {
      const char c = peek();
      ++at;
      return c;
    }
    [[nodiscard]] bool digit_at(std::size_t ahead) const noexcept { return peek(ahead) >= '0' && peek(ahead) <= '9'; }
    [[nodiscard]] bool alphanumeric() const noexcept { return digit_at(0) || (peek() >= 'a' && peek() <= 'z'); }
    [[nodiscard]] static bool is_separator(char c) noexcept { return c == '.' || c == '-' || c == '_'; }
    void skip(std::string_view what) noexcept {
      while (!at_end() && what.find(peek()) != what.npos) ++at;
    }
    bool separator() noexcept {
      if (!is_separator(peek())) return false;
      ++at;
      return true;
    }
    std::optional<std::uint64_t> number() noexcept {
      if (!digit_at(0)) return {};
      std::uint64_t value = 0;
      while (digit_at(0)) {
        if (value > (~std::uint64_t{0} - 10) / 10) {
          failed = true;
          return {};
        }
        value = value * 10 + static_cast<std::uint64_t>(take() - '0');
      }
      return value;
    }
    /// [separator] word
    bool word(std::string_view what) noexcept {
      const std::size_t skipped = is_separator(peek()) ? 1 : 0;
      for (std::size_t i = 0; i < what.size(); ++i)
        if (peek(skipped + i) != what[i]) return false;
      at += skipped + what.size();
      return true;
    }
    /// [separator] number; 0 where there is none
    std::uint64_t suffix_number() noexcept {
      if (is_separator(peek()) && digit_at(1)) ++at;
      return number().value_or(0);
    }
  };

  /// Where a version stands among those of its release: development releases first, then pre-releases, then the release itself.
  [[nodiscard]] std::pair<int, std::uint64_t> pre_key() const noexcept {
    if (pre_) return *pre_;
    return {dev_ && !post_ ? -1 : 3, 0};
  }
  [[nodiscard]] static std::strong_ordering compare_local(const std::string& a, const std::string& b) noexcept {
    const auto is_number = [](const std::string& s) { return s.find_first_not_of("0123456789") == s.npos; };
    if (is_number(a) != is_number(b)) return is_number(a) ? std::strong_ordering::greater : std::strong_ordering::less;
    if (!is_number(a)) return a <=> b;
    const auto digits = [](const std::string& s) { return std::string_view{s}.substr(std::min(s.find_first_not_of('0'), s.size())); };
    const std::string_view x = digits(a), y = digits(b);
    return x.size() != y.size() ? x.size() <=> y.size() : x <=> y;
  }

  std::uint64_t epoch_ = 0;
  std::vector<std::uint64_t> release_;
  std::optional<std::pair<int, std::uint64_t>> pre_;
  std::optional<std::uint64_t> post_, dev_;
  std::vector<std::string> local_;
};

}  // namespace ingot::acquire
