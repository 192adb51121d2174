// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/token_stream.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
struct Stream : TokenStream {
  Stream(const Program& program, const Limits& limits, std::vector<Token> tokens) : TokenStream{program, limits, std::move(tokens)} {}
  void check() {
    CHECK(peek().kind == Kind::variable_begin);
    CHECK(is_name("a", 1));
    take();
    CHECK_FALSE(skip_name("b"));
    CHECK(skip_name("a"));
    CHECK(expect_symbol("+"));
    CHECK(expect_symbol("+").error().message() == "expected token '+', got 'b': t: line 1, column 8");
    CHECK(*expect_identifier() == "b");
    CHECK_FALSE(expect_identifier());
    CHECK(expect(Kind::variable_end));
    for (int i = 0; i < 3; ++i) CHECK(take().kind == Kind::end);  // the end never runs out
    CHECK(peek(100).kind == Kind::end);
    depth_ = limits_.syntax_depth;
    CHECK(check_depth());
    const Level level{depth_};
    CHECK_FALSE(check_depth());
  }
};
}  // namespace

TEST_CASE("tokens are looked at, taken and expected") {
  Program program;
  program.name = "t";
  program.source = "{{ a + b }}";
  const Limits limits;
  Stream{program, limits, *Lexer{program, limits}.run()}.check();
}
