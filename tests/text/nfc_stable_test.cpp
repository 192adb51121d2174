// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/nfc_stable.hpp>

#include <cstdlib>
#include <random>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <ingot/text/normalizer.hpp>

using namespace ingot::text;

namespace {

std::string mapped(const std::string& text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &out,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | options));
  REQUIRE(size >= 0);
  const std::string result{reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
  std::free(out);
  return result;
}

std::string spelled(char32_t c) {
  std::string text;
  append_utf8(text, c);
  return text;
}

}  // namespace

TEST_CASE("stable characters are starters, their own form, and no second part of one") {
  std::set<char32_t> seconds;
  for (char32_t c = 0x1161; c < 0x1176; ++c) seconds.insert(c);  // Hangul vowels and final consonants compose by arithmetic
  for (char32_t c = 0x11A8; c < 0x11C3; ++c) seconds.insert(c);
  std::size_t stable = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if ((c >= 0xD800 && c < 0xE000) || category(c) == UTF8PROC_CATEGORY_CN) continue;
    const std::string full = mapped(spelled(c), UTF8PROC_DECOMPOSE);
    for (std::size_t at = code_point_size(full[0]); at < full.size();) seconds.insert(next_code_point(full, at));
  }
  for (const char32_t c : seconds) {
    CAPTURE(static_cast<unsigned>(c));
    CHECK((!is_nfc_stable(c) || c < 0x300));
  }
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    if (!is_nfc_stable(c)) continue;
    ++stable;
    const bool right =
        utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class == 0 && mapped(spelled(c), UTF8PROC_COMPOSE) == spelled(c);
    if (!right) FAIL("U+" << static_cast<unsigned>(c));
  }
  CHECK(stable > 100'000);
  for (const char32_t c : seconds) CHECK(c >= 0x300);
}

TEST_CASE("normalizing stretches is normalizing everything") {
  constexpr std::u32string_view alphabet =
      U"aeou "
      U"\u00E9\u0301\u0323\u0327\u4F60\uAC00\u1100\u1161\u11A8\u0928\u093C\u0915\u0E19\u0E38\u0E48\u212B\u1E9B\u03B1\u0345\u304B\u3099"
      U"\U0001F600"
      U"\uF900\u0958\u0344";
  const auto normalizer = Normalizer::compile({normalize::Unicode{normalize::Form::nfc}});
  REQUIRE(normalizer);
  std::mt19937 random{3};
  RegexScratch scratch;
  for (int round = 0; round < 20'000; ++round) {
    std::string text, storage;
    for (std::size_t size = random() % 60; size > 0; --size) {
      if (random() % 16 == 0)
        text.append(random() % 90, 'x');
      else
        append_utf8(text, alphabet[random() % alphabet.size()]);
    }
    const auto normal = normalizer->apply(text, storage, scratch);
    REQUIRE(normal);
    REQUIRE(*normal == mapped(text, UTF8PROC_COMPOSE));
  }
}

TEST_CASE("stretches begin before what may change and end behind it") {
  CHECK(next_nfc_stretch("plain", 0).size() == 0);
  const std::string text = "abe\u0301" + std::string(100, 'x') + "o\u0302";
  CHECK(next_nfc_stretch(text, 0) == Span{2, 5});
  CHECK(next_nfc_stretch(text, 5) == Span{105, 108});
  CHECK(next_nfc_stretch(text, 108) == Span{108, 108});
}
