// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/lexer.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
/// Tokens as text: data in brackets, tags as their marks.
std::string lexed(std::string source, std::size_t nodes = 1000) {
  Program program;
  program.source = normalized_source(source);
  Limits limits;
  limits.nodes = nodes;
  const auto tokens = Lexer{program, limits}.run();
  if (!tokens) return "error: " + tokens.error().message();
  Budget budget;
  std::string out;
  for (const Token& token : *tokens) {
    switch (token.kind) {
      case Token::Kind::data:
        out += "[" + token.text + "]";
        break;
      case Token::Kind::variable_begin:
        out += "{{ ";
        break;
      case Token::Kind::variable_end:
        out += "}}";
        break;
      case Token::Kind::block_begin:
        out += "{% ";
        break;
      case Token::Kind::block_end:
        out += "%}";
        break;
      case Token::Kind::string:
        out += "'" + token.text + "' ";
        break;
      case Token::Kind::number:
        out += *to_repr(budget, token.value) + " ";
        break;
      case Token::Kind::end:
        break;
      default:
        out += token.text + " ";
        break;
    }
  }
  return out;
}
}  // namespace

TEST_CASE("line breaks are one, and the last is dropped") {
  CHECK(normalized_source("a\r\nb\rc\n\n") == "a\nb\nc\n");
  CHECK(normalized_source("\n").empty());
}

TEST_CASE("white space control") {
  CHECK(lexed("a\n  {% x %}\nb") == "[a\n]{% x %}[b]");
  CHECK(lexed("a\n  {%+ x +%}\nb") == "[a\n  ]{% x %}[\nb]");
  CHECK(lexed("a \n {%- x -%} \n b") == "[a]{% x %}[b]");
  CHECK(lexed("a\n  {{ x }}\nb") == "[a\n  ]{{ x }}[\nb]");
  CHECK(lexed("a  {{- x -}}  b") == "[a]{{ x }}[b]");
  CHECK(lexed("a\n  {# c #}\nb") == "[a\n][b]");
  CHECK(lexed("x {% y %} z") == "[x ]{% y %}[ z]");
  CHECK(lexed("{# a #}{#- -#}  b{#") == "[b]");
}

TEST_CASE("raw text is left alone") {
  CHECK(lexed("{% raw %}\n{{ x }}{% endraw %}\ny") == "[\n{{ x }}][y]");
  CHECK(lexed("{%- raw -%}  {% a %}  {%- endraw -%}  y") == "[{% a %}][y]");
  CHECK(lexed("{% raw %}x").starts_with("error: Missing end of raw directive"));
}

TEST_CASE("numbers, strings, names, brackets") {
  CHECK(lexed("{{ 1_000 0x1F 0b11 0o17 1.5e3 00 1e400 99999999999999999999 }}") == "{{ 1000 31 3 15 1500.0 0 inf 99999999999999999999 }}");
  CHECK(lexed("{{ a.1.2 007 }}") == "{{ a . 1 . 2 0 7 }}");
  CHECK(lexed("{{ 'a\\n\\x41\\u00e9\\'\\q\\101' \"\\U0001F600\" }}") == "{{ 'a\nAé'\\qA' '😀' }}");
  CHECK(lexed("{{ {'a': {}} }}") == "{{ { 'a' : { } } }}");
  CHECK(lexed("{{ '}}' }}") == "{{ '}}' }}");
  CHECK(lexed("{{ été //** }}") == "{{ été // ** }}");
}

TEST_CASE("mistakes have a place") {
  CHECK(lexed("a\n{{ ! }}") == "error: unexpected char '!': line 2, column 4");
  CHECK(lexed("{{ (] }}") == "error: unexpected ']', expected ')': line 1, column 5");
  CHECK(lexed("{{ ) }}") == "error: unexpected ')': line 1, column 4");
  for (const char* bad : {"{# x", "{{ 'x }}", "{{ '\\x4' }}", "{{ '\\ud800' }}", "{{ '\\U00110000' }}", "{{ '\\N{DASH}' }}", "{{ ² }}"})
    CHECK(lexed(bad).starts_with("error: "));
  CHECK(lexed("{{ " + std::string(5000, '9') + " }}").starts_with("error: integer of more than"));
  CHECK(lexed("{{ a a a a }}", 5).starts_with("error: template of more than 5 tokens"));
}
