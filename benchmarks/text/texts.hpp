// SPDX-License-Identifier: Apache-2.0
#pragma once  // benchmarks/text/texts.hpp: megabytes of text from a seed: prose, mixed scripts, source code, and what is hard to tokenize.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/unicode.hpp>

#include "languages.hpp"

namespace bench {

/// SplitMix64: the same texts on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_{seed} {}
  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9E37'79B9'7F4A'7C15;
    z = (z ^ z >> 30) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ z >> 27) * 0x94D0'49BB'1331'11EB;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t count) noexcept { return static_cast<std::size_t>(next() % count); }
  double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

/// The words of one language, most frequent first: those of its sample, then 30,000 blends of two of them. Word n is drawn about
/// 1/n as often as the first, which is how words of natural text are distributed.
class Lexicon {
 public:
  explicit Lexicon(const Language& language) : spaced_{language.spaced} {
    for (std::size_t at = 0; at < language.text.size();) {
      const std::size_t end = spaced_ ? std::min(language.text.find(' ', at), language.text.size()) : after(language.text, at, 3);
      words_.emplace_back(language.text.substr(at, end - at));
      at = end + spaced_;
    }
    Random random{words_.size()};
    const std::size_t own = words_.size();
    while (words_.size() < own + blends) {
      const std::string &head = words_[random.below(own)], &tail = words_[random.below(own)];
      words_.push_back(head.substr(0, after(head, 0, 1 + random.below(5))) + tail.substr(after(tail, 0, random.below(3))));
    }
  }

  void append_word(std::string& out, Random& random) const {
    out += words_[static_cast<std::size_t>(std::pow(static_cast<double>(words_.size()), random.unit())) - 1];
    if (spaced_ && !out.ends_with('\n')) out += ' ';
  }

 private:
  static constexpr std::size_t blends = 30'000;
  static std::size_t after(std::string_view text, std::size_t at, std::size_t characters) {
    for (; characters > 0 && at < text.size(); --characters) at += ingot::text::code_point_size(text[at]);
    return at;
  }
  bool spaced_;
  std::vector<std::string> words_;
};

struct Text {
  std::string name, text;
};

/// Texts of about `size` bytes each, all valid UTF-8.
inline std::vector<Text> make_texts(std::size_t size) {
  Random random{5};
  std::vector<Lexicon> lexicons(languages.begin(), languages.end());
  std::vector<Text> texts;
  std::string prose, mixed, code;
  while (prose.size() < size) lexicons[0].append_word(prose, random);
  while (mixed.size() < size) {
    const Lexicon& lexicon = lexicons[random.below(lexicons.size())];
    for (std::size_t words = 5 + random.below(40); words > 0; --words) lexicon.append_word(mixed, random);
    for (std::size_t count = random.below(4); count > 0; --count) {
      std::size_t at = random.below(symbols.size());
      while (ingot::text::is_continuation(symbols[at])) --at;
      mixed += symbols.substr(at, ingot::text::code_point_size(symbols[at]));
    }
    mixed += random.below(3) == 0 ? "\n\n" : " ";
  }
  while (code.size() < size) {
    std::size_t line = random.below(source_code.size());
    line = line == 0 ? 0 : source_code.rfind('\n', line - 1) + 1;
    code += source_code.substr(line, source_code.find('\n', line) + 1 - line);
    if (random.below(4) == 0) code += "x_" + std::to_string(random.below(100'000)) + " = " + std::to_string(random.unit()) + "\n";
  }
  texts.push_back({"prose", std::move(prose)});
  texts.push_back({"mixed", std::move(mixed)});
  texts.push_back({"code", std::move(code)});
  const std::pair<const char*, std::string_view> units[] = {{"letter", "a"}, {"spaces", " "}, {"line-breaks", "\n"}, {"digits", "7"},
                                                            {"emoji", "😀"},  {"ab", "ab"},    {"ideograph", "你"},   {"linear-b", "𐀀"}};
  for (const auto& [name, unit] : units) {
    std::string text;
    while (text.size() + unit.size() <= size) text += unit;
    texts.push_back({name, std::move(text)});
  }
  return texts;
}

}  // namespace bench
