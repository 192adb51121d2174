// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/literal_lexer.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
struct OneLiteral : LiteralLexer {
  OneLiteral(const Program& program, const Limits& limits) : LiteralLexer{program, limits} {}
  Result<Token> run(bool is_string) {
    INGOT_CHECK(is_string ? string() : number());
    return tokens_.front();
  }
};
std::string lexed(const char* source) {
  Program program;
  program.source = source;
  const Limits limits;
  const bool is_string = source[0] == '\'' || source[0] == '"';
  const auto token = OneLiteral{program, limits}.run(is_string);
  if (!token) return "error: " + token.error().message();
  Budget budget;
  return is_string ? token->text : *to_repr(budget, token->value);
}
}  // namespace

TEST_CASE("numbers") {
  CHECK(lexed("1_0.5_0e1_0") == "105000000000.0");
  CHECK(lexed("1e-400") == "0.0");
  CHECK(lexed("0xFF_FFFF_FFFF_FFFF_FFFF") == "4722366482869645213695");
  CHECK(lexed("0x") == "0");
  CHECK(lexed("1.") == "1");
  CHECK(lexed("1e+") == "1");
  CHECK(lexed("1__0") == "1");
}

TEST_CASE("strings") {
  CHECK(lexed("'a\\\nb\\0c'") == std::string{"ab\0c", 4});
  CHECK(lexed("'\\777\\x7e\\é'") == "ǿ~\\é");
  CHECK(lexed("'\\u12'").starts_with("error: truncated escape"));
  CHECK(lexed("'a\\'").starts_with("error: unexpected char"));
}
