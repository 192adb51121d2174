// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/token_stream.hpp: what every part of the parser stands on: the next token, errors, depth.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/lexer.hpp>
#include <ingot/text/jinja/syntax.hpp>

namespace ingot::text::jinja {

/// Hands out tokens, and makes tree nodes whose depth is bounded.
class TokenStream {
 protected:
  using Kind = Token::Kind;

  TokenStream(const Program& program, const Limits& limits, std::vector<Token> tokens) noexcept
      : program_{program}, limits_{limits}, tokens_{std::move(tokens)} {}

  /// Holds `value` in `place` as long as it lives.
  class Scoped {
   public:
    Scoped(bool& place, bool value) noexcept : place_{place}, before_{std::exchange(place, value)} {}
    Scoped(const Scoped&) = delete;
    Scoped& operator=(const Scoped&) = delete;
    ~Scoped() { place_ = before_; }

   private:
    bool& place_;
    bool before_;
  };

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& take() noexcept { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  [[nodiscard]] bool is_symbol(std::string_view text, std::size_t ahead = 0) const noexcept {
    return peek(ahead).kind == Kind::symbol && peek(ahead).text == text;
  }
  [[nodiscard]] bool is_name(std::string_view text, std::size_t ahead = 0) const noexcept {
    return peek(ahead).kind == Kind::name && peek(ahead).text == text;
  }
  [[nodiscard]] bool skip_symbol(std::string_view text) noexcept { return is_symbol(text) && (++at_, true); }
  [[nodiscard]] bool skip_name(std::string_view text) noexcept { return is_name(text) && (++at_, true); }

  [[nodiscard]] Error problem(const Token& token, std::string what, ErrorCode code = ErrorCode::damaged) const {
    return {code, std::move(what), program_.where(token.at), {}};
  }
  [[nodiscard]] static std::string described(const Token& token) {
    switch (token.kind) {
      case Kind::data:
        return "template data";
      case Kind::variable_begin:
        return "begin of print statement";
      case Kind::variable_end:
        return "end of print statement";
      case Kind::block_begin:
        return "begin of statement block";
      case Kind::block_end:
        return "end of statement block";
      case Kind::string:
        return "string";
      case Kind::number:
        return "number";
      case Kind::end:
        return "end of template";
      default:
        return token.text;
    }
  }
  Status expect_symbol(std::string_view text) {
    if (skip_symbol(text)) return {};
    return problem(peek(), "expected token " + in_quotes(text) + ", got " + in_quotes(described(peek())));
  }
  Status expect(Kind kind) {
    if (peek().kind == kind) return ++at_, Status{};
    return problem(peek(), "expected " + described(Token{kind, 0, "a name", {}}) + ", got " + in_quotes(described(peek())));
  }
  [[nodiscard]] Result<std::string> expect_identifier() {
    if (peek().kind == Kind::name) return take().text;
    return problem(peek(), "expected a name, got " + in_quotes(described(peek())));
  }

  /// Counts one level of nesting while it lives.
  class Level {
   public:
    explicit Level(std::size_t& depth) noexcept : depth_{depth} { ++depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --depth_; }

   private:
    std::size_t& depth_;
  };
  [[nodiscard]] Status check_depth() const {
    if (depth_ <= limits_.syntax_depth) return {};
    return problem(peek(), "nested deeper than the limit of " + std::to_string(limits_.syntax_depth));
  }

  template <class Node>
  [[nodiscard]] Result<ExpressionPtr> make(Position at, Node node) {
    return measured(std::make_unique<Expression>(Expression{at, std::move(node)}));
  }
  [[nodiscard]] Result<ExpressionPtr> measured(ExpressionPtr made) {
    for_each_operand(*made, [&](const Expression& operand) { made->depth = std::max(made->depth, operand.depth + 1); });
    if (made->depth > limits_.tree_depth)
      return Error{
          ErrorCode::damaged, "expression of more than " + std::to_string(limits_.tree_depth) + " levels", program_.where(made->at), {}};
    return made;
  }

  std::size_t depth_ = 0;
  const Program& program_;
  const Limits& limits_;

 private:
  std::vector<Token> tokens_;

 protected:
  std::size_t at_ = 0;
};

}  // namespace ingot::text::jinja
