// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/parser.hpp: statements: tokens into the tree of a whole template.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/expression_parser.hpp>

namespace ingot::text::jinja {

/// Parses all that a chat template may hold: Jinja's statements without other templates (extends, block, include, import),
/// with loop controls and the `generation` tag of transformers.
class Parser : ExpressionParser {
 public:
  /// Fills the body of `program` from its source.
  [[nodiscard]] static Status parse(Program& program, const Limits& limits) {
    INGOT_TRY(std::vector<Token> tokens, (Lexer{program, limits}.run()));
    Parser parser{program, limits, std::move(tokens)};
    INGOT_TRY(program.body, parser.body({}));
    program.needed = std::move(parser.needed_);
    return {};
  }

 private:
  using ExpressionParser::ExpressionParser;

  /// Statements up to a tag named in `ends` (its name is the next token), or to the end of the template when there is none.
  [[nodiscard]] Result<Body> body(std::initializer_list<std::string_view> ends) {
    const Level level{depth_};
    INGOT_CHECK(check_depth());
    Body statements;
    const Token& start = peek();
    for (;;) {
      const Token& token = peek();
      switch (token.kind) {
        case Kind::data:
          take();
          statements.push_back({token.at, TextSyntax{token.text}});
          break;
        case Kind::variable_begin: {
          take();
          INGOT_TRY(ExpressionPtr value, tuple());
          INGOT_CHECK(expect(Kind::variable_end));
          PrintSyntax print;
          print.values.push_back(std::move(value));
          statements.push_back({token.at, std::move(print)});
          break;
        }
        case Kind::block_begin: {
          take();
          for (const std::string_view end : ends)
            if (is_name(end)) return statements;
          INGOT_CHECK(statement(statements, ends));
          INGOT_CHECK(expect(Kind::block_end));
          break;
        }
        default: {
          if (ends.size() == 0) return statements;
          return problem(start, "Unexpected end of template. Jinja was looking for the following tags: " + listed(ends) + ".");
        }
      }
    }
  }
  [[nodiscard]] static std::string listed(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) text += (text.empty() ? "" : " or ") + in_quotes(name);
    return text;
  }

  /// The body of a statement whose head ends here. The end tag stays the next token.
  [[nodiscard]] Result<Body> block(std::initializer_list<std::string_view> ends) {
    static_cast<void>(skip_symbol(":"));
    INGOT_CHECK(expect(Kind::block_end));
    return body(ends);
  }
  /// The same, with the end tag taken.
  [[nodiscard]] Result<Body> block_to(std::string_view end) {
    INGOT_TRY(Body statements, block({end}));
    take();
    return statements;
  }

  Status statement(Body& out, std::initializer_list<std::string_view> ends) {
    const Token& token = peek();
    if (token.kind != Kind::name) return problem(token, "tag name expected");
    using Parse = Result<Statement> (Parser::*)(Position);
    static constexpr std::pair<std::string_view, Parse> known[] = {{"for", &Parser::for_loop},
                                                                   {"if", &Parser::branch},
                                                                   {"set", &Parser::set},
                                                                   {"macro", &Parser::macro},
                                                                   {"call", &Parser::call_block},
                                                                   {"filter", &Parser::filter_block},
                                                                   {"with", &Parser::with},
                                                                   {"print", &Parser::print},
                                                                   {"break", &Parser::loop_control},
                                                                   {"continue", &Parser::loop_control},
                                                                   {"generation", &Parser::generation}};
    for (const auto& [name, parse] : known) {
      if (name != token.text) continue;
      if (name != "break" && name != "continue") take();
      INGOT_TRY(Statement parsed, (this->*parse)(token.at));
      out.push_back(std::move(parsed));
      return {};
    }
    for (const std::string_view name : {"extends", "block", "include", "import", "from", "autoescape", "do", "trans", "debug"})
      if (name == token.text) return problem(token, "the tag " + in_quotes(name) + " is not supported", ErrorCode::unsupported);
    return problem(token, "Encountered unknown tag " + in_quotes(token.text) + "." +
                              (ends.size() == 0 ? "" : " Jinja was looking for the following tags: " + listed(ends) + "."));
  }

  [[nodiscard]] Result<Statement> branch(Position at) {
    IfSyntax node;
    const Scoped condition{in_condition_, true};
    for (;;) {
      INGOT_TRY(ExpressionPtr test, tuple(false));
      INGOT_TRY(Body statements, block({"elif", "else", "endif"}));
      node.branches.emplace_back(std::move(test), std::move(statements));
      const Token& end = take();
      if (end.text == "elif") continue;
      if (end.text == "else") {
        INGOT_TRY(node.otherwise, block_to("endif"));
      }
      return Statement{at, std::move(node)};
    }
  }

  [[nodiscard]] Result<Statement> for_loop(Position at) {
    ForSyntax node;
    INGOT_TRY(node.target, target(false, "in"));
    if (!skip_name("in")) return problem(peek(), "expected token 'in', got " + in_quotes(described(peek())));
    INGOT_TRY(node.items, tuple(false, false, [this] { return is_name("recursive"); }));
    const Scoped scope{in_condition_, false};
    if (skip_name("if")) {
      INGOT_TRY(node.test, expression());
    }
    node.recursive = skip_name("recursive");
    const std::size_t uses = uses_.loop;
    ++loops_;
    INGOT_TRY(node.body, block({"endfor", "else"}));
    --loops_;
    node.uses_loop = node.recursive || uses_.loop > uses;
    if (take().text == "else") {
      INGOT_TRY(node.otherwise, block_to("endfor"));
    }
    return Statement{at, std::move(node)};
  }
  [[nodiscard]] Result<Statement> loop_control(Position at) {
    if (loops_ == 0) return problem(peek(), in_quotes(peek().text) + " outside of a loop");
    if (take().text == "break") return Statement{at, BreakSyntax{}};
    return Statement{at, ContinueSyntax{}};
  }

  [[nodiscard]] Result<Statement> set(Position at) {
    INGOT_TRY(Target to, target(true, {}));
    if (skip_symbol("=")) {
      INGOT_TRY(ExpressionPtr value, tuple());
      return Statement{at, SetSyntax{std::move(to), std::move(value)}};
    }
    SetBlockSyntax node{std::move(to), {}, {}, {}};
    const Scoped scope{in_condition_, false};
    while (skip_symbol("|")) {
      INGOT_TRY(node.filter, filter(std::move(node.filter)));
    }
    INGOT_TRY(node.body, block_to("endset"));
    return Statement{at, std::move(node)};
  }

  /// Names, attributes of namespaces where allowed, and tuples of them, up to `end` or an end of a tuple.
  [[nodiscard]] Result<Target> target(bool attributes, std::string_view end, bool nested = false) {
    const Level level{depth_};
    INGOT_CHECK(check_depth());
    Target tuple{Target::Kind::tuple, peek().at, {}, {}, {}, {}};
    bool is_tuple = false;
    for (;;) {
      if (!tuple.items.empty()) INGOT_CHECK(expect_symbol(","));
      if (peek().kind == Kind::block_end || is_symbol(")") || (!end.empty() && is_name(end))) break;
      const Token& token = peek();
      if (skip_symbol("(")) {
        INGOT_TRY(Target inner, target(false, {}, true));
        INGOT_CHECK(expect_symbol(")"));
        tuple.items.push_back(std::move(inner));
      } else if (token.kind == Kind::name) {
        take();
        for (const std::string_view constant : {"true", "false", "none", "True", "False", "None"})
          if (token.text == constant) return problem(token, "can't assign to 'const'");
        Target name{Target::Kind::name, token.at, token.text, {}, {}, {}};
        if (attributes && skip_symbol(".")) {
          name.kind = Target::Kind::attribute;
          INGOT_TRY(name.attribute, expect_identifier());
        }
        tuple.items.push_back(std::move(name));
      } else {
        return problem(token, "can't assign to " + in_quotes(described(token)));
      }
      if (!is_symbol(",")) break;
      is_tuple = true;
    }
    if (!is_tuple && tuple.items.size() == 1) {
      Target only = std::move(tuple.items.front());
      return only;
    }
    if (!is_tuple && !nested) return problem(peek(), "expected a name, got " + in_quotes(described(peek())));
    return tuple;
  }

  /// `(a, b=1)` of a macro or call block.
  Status signature(MacroSyntax& macro) {
    INGOT_CHECK(expect_symbol("("));
    while (!is_symbol(")")) {
      if (!macro.parameters.empty()) INGOT_CHECK(expect_symbol(","));
      const Token& token = peek();
      MacroSyntax::Parameter parameter;
      INGOT_TRY(parameter.name, expect_identifier());
      if (skip_symbol("=")) {
        INGOT_TRY(parameter.value, expression());
      } else if (!macro.parameters.empty() && macro.parameters.back().value) {
        return problem(token, "non-default argument follows default argument");
      }
      macro.parameters.push_back(std::move(parameter));
    }
    return expect_symbol(")");
  }
  Status macro_body(MacroSyntax& macro, std::string_view end) {
    const Uses before = uses_;
    const Scoped scope{in_condition_, false};
    const std::size_t loops = std::exchange(loops_, 0);
    INGOT_TRY(macro.body, block_to(end));
    loops_ = loops;
    macro.uses_caller = uses_.caller > before.caller;
    macro.uses_keywords = uses_.keywords > before.keywords;
    macro.uses_positional = uses_.positional > before.positional;
    for (const auto& parameter : macro.parameters) {
      if (parameter.name == "kwargs") macro.uses_keywords = false;
      if (parameter.name == "varargs") macro.uses_positional = false;
    }
    return {};
  }
  [[nodiscard]] Result<Statement> macro(Position at) {
    auto node = std::make_unique<MacroSyntax>();
    INGOT_TRY(node->name, expect_identifier());
    INGOT_CHECK(signature(*node));
    INGOT_CHECK(macro_body(*node, "endmacro"));
    return Statement{at, std::move(node)};
  }
  [[nodiscard]] Result<Statement> call_block(Position at) {
    CallBlockSyntax node{std::make_unique<MacroSyntax>(), {}};
    if (is_symbol("(")) INGOT_CHECK(signature(*node.body));
    const Token& token = peek();
    INGOT_TRY(node.call, expression());
    if (!std::holds_alternative<CallSyntax>(node.call->node)) return problem(token, "expected call");
    INGOT_CHECK(macro_body(*node.body, "endcall"));
    return Statement{at, std::move(node)};
  }

  [[nodiscard]] Result<Statement> filter_block(Position at) {
    FilterBlockSyntax node;
    const Scoped scope{in_condition_, false};
    INGOT_TRY(node.filter, filter({}));
    while (skip_symbol("|")) {
      INGOT_TRY(node.filter, filter(std::move(node.filter)));
    }
    INGOT_TRY(node.body, block_to("endfilter"));
    return Statement{at, std::move(node)};
  }
  [[nodiscard]] Result<Statement> generation(Position at) {
    CallBlockSyntax node{std::make_unique<MacroSyntax>(), {}};
    INGOT_CHECK(macro_body(*node.body, "endgeneration"));
    return Statement{at, std::move(node)};
  }
  [[nodiscard]] Result<Statement> with(Position at) {
    WithSyntax node;
    while (peek().kind != Kind::block_end) {
      if (!node.variables.empty()) INGOT_CHECK(expect_symbol(","));
      INGOT_TRY(Target to, target(false, {}));
      INGOT_CHECK(expect_symbol("="));
      INGOT_TRY(ExpressionPtr value, expression());
      node.variables.emplace_back(std::move(to), std::move(value));
    }
    const Scoped scope{in_condition_, false};
    INGOT_TRY(node.body, block_to("endwith"));
    return Statement{at, std::move(node)};
  }
  [[nodiscard]] Result<Statement> print(Position at) {
    PrintSyntax node;
    while (peek().kind != Kind::block_end) {
      if (!node.values.empty()) INGOT_CHECK(expect_symbol(","));
      INGOT_TRY(ExpressionPtr value, expression());
      node.values.push_back(std::move(value));
    }
    return Statement{at, std::move(node)};
  }

  std::size_t loops_ = 0;  ///< around this place, in this macro
};

}  // namespace ingot::text::jinja
