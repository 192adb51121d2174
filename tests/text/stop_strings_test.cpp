// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/stop_strings.hpp>

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("text ends before a stop string that comes in pieces") {
  StopStrings stop{{"\nUser:", "###"}};
  CHECK(stop.push("Hello") == "Hello");
  CHECK(stop.push(" there\nUs") == " there");
  CHECK(stop.push("ual\n") == "\nUsual");
  CHECK(stop.push("User") == "");
  CHECK(!stop.stopped());
  CHECK(stop.push(": more") == "");
  CHECK(stop.stopped());
  CHECK(stop.push("more") == "");
  CHECK(stop.finish() == "");
}

TEST_CASE("what was held back comes at the end") {
  StopStrings stop{{"###"}};
  CHECK(stop.push("a##") == "a");
  CHECK(stop.finish() == "##");
  CHECK(!stop.stopped());
  StopStrings none{{""}};
  CHECK(none.push("abc") == "abc");
  CHECK(!none.stopped());
}

TEST_CASE("of several stop strings the first complete one counts, and the longest of those that end together") {
  StopStrings both{{"b", "abcd"}};
  CHECK(both.push("xabcd") == "xa");
  StopStrings together{{"c", "abc", "bc"}};
  CHECK(together.push("xabc") == "x");
  StopStrings overlapping{{"aab"}};
  CHECK(overlapping.push("aaa") == "a");
  CHECK(overlapping.push("b!") == "");
  CHECK(overlapping.stopped());
}

TEST_CASE("random pieces: exact, and never more held back than may become a stop string") {
  std::mt19937 random{11};
  const auto word = [&](std::size_t longest) {
    std::string text;
    for (std::size_t n = random() % longest + 1; n > 0; --n) text += "ab\xc3\xa9"[random() % 4];
    return text;
  };
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::string> strings;
    for (std::size_t n = random() % 3 + 1; n > 0; --n) strings.push_back(word(5));
    StopStrings stop{strings};
    std::string all, out;
    while (all.size() < 20 && !stop.stopped()) {
      const std::string piece = word(4);
      all += piece;
      out += stop.push(piece);
      if (stop.stopped()) break;
      std::size_t held = 0;  // the longest end of the text that begins a stop string
      for (const std::string& text : strings)
        for (std::size_t n = std::min(text.size() - 1, all.size()); n > held; --n)
          if (all.ends_with(text.substr(0, n))) held = n;
      REQUIRE(out == all.substr(0, all.size() - held));
    }
    std::size_t first_end = std::string::npos, begin = 0;
    for (const std::string& text : strings) {
      const std::size_t at = all.find(text);
      if (at == std::string::npos) continue;
      const std::size_t end = at + text.size();
      if (end < first_end || (end == first_end && at < begin)) first_end = end, begin = at;
    }
    REQUIRE(stop.stopped() == (first_end != std::string::npos));
    if (!stop.stopped()) out += stop.finish();
    REQUIRE(out == (first_end == std::string::npos ? all : all.substr(0, begin)));
  }
}
