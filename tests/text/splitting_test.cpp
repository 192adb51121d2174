// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/splitting.hpp>

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
/// "the-final--countdown" split at each '-', joined by '|'; the text starts at 3 in a larger one.
std::string split(SplitBehavior behavior, bool invert = false, std::string_view text = "the-final--countdown") {
  std::vector<Span> out{{0, 1}};
  SplitCollector collector{{3, 3 + text.size()}, behavior, invert, out};
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '-') collector.match({i, i + 1});
  collector.finish();
  CHECK(out[0] == Span{0, 1});
  std::string joined;
  for (std::size_t i = 1; i < out.size(); ++i) joined.append(i > 1 ? "|" : "").append(text.substr(out[i].begin - 3, out[i].size()));
  return joined;
}
}  // namespace

TEST_CASE("the five behaviours") {  // the example of the tokenizers documentation
  CHECK(split(SplitBehavior::removed) == "the|final|countdown");
  CHECK(split(SplitBehavior::isolated) == "the|-|final|-|-|countdown");
  CHECK(split(SplitBehavior::merged_with_previous) == "the-|final-|-|countdown");
  CHECK(split(SplitBehavior::merged_with_next) == "the|-final|-|-countdown");
  CHECK(split(SplitBehavior::contiguous) == "the|-|final|--|countdown");
}

TEST_CASE("inverted, what lies between is the match") {
  CHECK(split(SplitBehavior::removed, true) == "-|-|-");
  CHECK(split(SplitBehavior::merged_with_next, true) == "the-|final-|-|countdown");
}

TEST_CASE("edges") {
  CHECK(split(SplitBehavior::merged_with_previous, false, "-a-") == "-|a-");
  CHECK(split(SplitBehavior::merged_with_next, false, "-a-") == "-a|-");
  CHECK(split(SplitBehavior::contiguous, false, "--") == "--");
  CHECK(split(SplitBehavior::removed, false, "--").empty());
  CHECK(split(SplitBehavior::isolated, false, "ab") == "ab");
}
