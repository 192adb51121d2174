// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/unicode_scripts.hpp>

#include <string>

#include <ingot/text/pattern.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("pieces by script") {
  const auto matcher = Matcher::compile({unicode_scripts_pattern(), true});
  REQUIRE(matcher);
  const auto cut = [&](std::string_view text) {
    RegexScratch scratch;
    std::string joined;
    REQUIRE(matcher->each_match(text, scratch, [&](Span match) { joined.append(joined.empty() ? "" : "|").append(match.of(text)); }));
    return joined;
  };
  CHECK(cut("Apples are \u308a\u3093\u3054 \u6797\u6a8e") == "Apples are |\u308a\u3093\u3054 \u6797\u6a8e");
  CHECK(cut("\u3069\u3053\u30fc\u751f\u308c\u3002Yes") == "\u3069\u3053\u30fc\u751f\u308c|\u3002|Yes");
  CHECK(cut("  a\u0378b  1.") == "a\u0378b  |1.");
  CHECK(cut("e\u0301\u0433") == "e|\u0301|\u0433");
  CHECK(cut("  ").empty());
}
