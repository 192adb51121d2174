// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/regex_syntax.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
std::string translated(std::string_view pattern) {
  auto result = translate_oniguruma(pattern);
  return result ? *result : "error: " + result.error().what;
}
}  // namespace

TEST_CASE("what is the same in both stays as it is") {
  for (const std::string_view same :
       {R"([^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})", R"((?i:'s|'t)|(?!x)(?<=y)\.)", "a{2,}?b{,x}{", R"(\x{4e00}-\$)", "é+|中?"})
    CHECK(translated(same) == same);
}

TEST_CASE("white space, words and hexadecimal digits") {
  CHECK(translated(R"(\s)").starts_with(R"([\t-\r )"));
  CHECK(translated(R"(\S)").starts_with(R"([^\t-\r )"));
  CHECK(translated(R"([^\s\p{L}])").starts_with(R"([^\t-\r )"));
  CHECK(translated(R"([\Sx])").find("x{200b}") != std::string::npos);
  CHECK(translated(R"(\h)") == "[0-9A-Fa-f]");
  CHECK(translated(R"(\W)").starts_with("[^\\p{Alphabetic}"));
  CHECK(translated(R"([\W])") == R"([^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}])");
  CHECK(translated(R"([^\W\d_])") == R"((?:(?!(?:[\d_]|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]))(?s:.)))");
  CHECK(translated(R"(\b)").find("(?<=[") != std::string::npos);
  CHECK(translated(R"([\b]\v\Q\O)") == R"([\b]\x{b}Q(?s:.))");
  CHECK(translated(R"(\y)").starts_with("error: "));
}

TEST_CASE("quantifiers") {
  CHECK(translated(R"(\p{N}{1,3}+)") == R"((?:\p{N}{1,3})+)");
  CHECK(translated(R"((ab){2}+c)") == R"((?:(ab){2})+c)");
  CHECK(translated(R"([ab]{2}+)") == R"((?:[ab]{2})+)");
  CHECK(translated("a{,3}") == "a{0,3}");
  CHECK(translated("é{1,2}+") == "(?:é{1,2})+");
  CHECK(translated("a?+b++c*+") == "a?+b++c*+");
}

TEST_CASE("properties, sets and flags") {
  CHECK(translated(R"(\p{Han}\P{^Greek}\p{Letter})") == R"(\p{sc:Han}\p{sc:Greek}\p{L})");
  CHECK(translated(R"([\p{Lu}&&[^\p{Han}]]*)") == R"((?:(?=[^\p{sc:Han}])[\p{Lu}])*)");
  CHECK(translated("[^a&&[^b]]") == "(?:(?!(?=[^b])[a])(?s:.))");
  CHECK(translated("[a[bc]d]") == "[abcd]");
  CHECK(translated("[a[^b]c]") == "(?:[ac]|[^b])");
  CHECK(translated(R"(\p{Space_Separator}\p{other letter}\P{Alnum})") == R"(\p{Zs}\p{Lo}[^\p{Alphabetic}\p{Nd}])");
  CHECK(translated("[[:alpha:]x[:^digit:]]") == R"([\p{Alphabetic}x\P{Nd}])");
  CHECK(translated("[]a]") == R"([\]a])");
  CHECK(translated("(?m:.)") == "(?s:.)");
  CHECK(translated(R"(\u00e9)") == R"(\x{00e9})");
}

TEST_CASE("malformed patterns are errors") {
  for (const std::string_view bad : {"[a", "a)", "\\", "[\\", R"(\p{L)", R"(\p)", "[[:alpha", "[[:beta:]]", R"(\u12)"}) {
    const auto result = translate_oniguruma(bad);
    if (bad == R"(\p)") continue;  // left for PCRE2 to refuse
    REQUIRE(!result);
    CHECK(result.error().code == ErrorCode::damaged);
  }
  CHECK(!translate_oniguruma(std::string(max_pattern_bytes + 1, 'a')));
  CHECK(translate_oniguruma(std::string(100, '[') + "a").error().code == ErrorCode::unsupported);
}
