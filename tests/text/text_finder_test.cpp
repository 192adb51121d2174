// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/text_finder.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("the longest text at a place") {
  const TextFinder finder{{{"ab", 1}, {"a", 2}, {"abcd", 3}, {"", 4}, {"b", 5}, {"a", 6}}};
  const auto id_at = [&](std::string_view text, std::size_t at) {
    const AddedEntry* entry = finder.longest_at(text, at);
    return entry == nullptr ? 0 : entry->id * 10 + entry->size;
  };
  CHECK(id_at("abcd", 0) == 34);
  CHECK(id_at("abc", 0) == 12);
  CHECK(id_at("abc", 1) == 51);
  CHECK(id_at("abc", 2) == 0);
  CHECK(id_at("ax", 0) == 61);  // of equal texts the last
}

TEST_CASE("copies outlive the original, and nothing is found in nothing") {
  TextFinder copy;
  CHECK((copy.empty() && copy.longest_at("a", 0) == nullptr));
  {
    const TextFinder finder{{{"a", 1}}};
    copy = finder;
  }
  CHECK(copy.longest_at("a", 0)->id == 1);
  CHECK(TextFinder{{{"", 1}}}.empty());
}
