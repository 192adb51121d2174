// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/expression_parser.hpp: tokens into expression trees, by Jinja's precedence.

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/operand_parser.hpp>

namespace ingot::text::jinja {

/// Parses expressions; the statements of parser.hpp build on it. Precedence, loosest first:
/// if-else, or, and, not, comparison, + -, ~, * / // %, **, sign, postfix, filter and test.
class ExpressionParser : public OperandParser {
 protected:
  using OperandParser::OperandParser;
  ~ExpressionParser() = default;

  [[nodiscard]] Result<ExpressionPtr> expression(bool conditional = true) override {
    const Level level{depth_};
    INGOT_CHECK(check_depth());
    const Position at = peek().at;
    const std::size_t needed = needed_.size();
    INGOT_TRY(ExpressionPtr left, disjunction());
    while (conditional && skip_name("if")) {
      INGOT_TRY(ExpressionPtr test, disjunction());
      ExpressionPtr otherwise;
      if (skip_name("else")) {
        INGOT_TRY(otherwise, expression());
      }
      needed_.resize(needed);
      INGOT_TRY(left, make(at, Conditional{std::move(test), std::move(left), std::move(otherwise)}));
    }
    return left;
  }

 private:
  [[nodiscard]] Result<ExpressionPtr> disjunction() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr left, conjunction());
    while (skip_name("or")) {
      INGOT_TRY(ExpressionPtr right, conjunction());
      INGOT_TRY(left, make(at, Logical{false, std::move(left), std::move(right)}));
    }
    return left;
  }
  [[nodiscard]] Result<ExpressionPtr> conjunction() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr left, negation());
    while (skip_name("and")) {
      INGOT_TRY(ExpressionPtr right, negation());
      INGOT_TRY(left, make(at, Logical{true, std::move(left), std::move(right)}));
    }
    return left;
  }
  [[nodiscard]] Result<ExpressionPtr> negation() {
    const Token& token = peek();
    if (!skip_name("not")) return comparison();
    const Level level{depth_};
    INGOT_CHECK(check_depth());
    INGOT_TRY(ExpressionPtr operand, negation());
    return make(token.at, Not{std::move(operand)});
  }
  [[nodiscard]] std::optional<Comparison> comparison_sign() {
    static constexpr std::pair<std::string_view, Comparison> signs[] = {{"==", Comparison::equal},  {"!=", Comparison::not_equal},
                                                                        {"<", Comparison::less},    {"<=", Comparison::less_equal},
                                                                        {">", Comparison::greater}, {">=", Comparison::greater_equal}};
    for (const auto& [sign, what] : signs)
      if (skip_symbol(sign)) return what;
    if (skip_name("in")) return Comparison::in;
    if (!is_name("not") || !is_name("in", 1)) return std::nullopt;
    at_ += 2;
    return Comparison::not_in;
  }
  [[nodiscard]] Result<ExpressionPtr> comparison() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr first, sum());
    std::vector<std::pair<Comparison, ExpressionPtr>> rest;
    while (const auto sign = comparison_sign()) {
      INGOT_TRY(ExpressionPtr operand, sum());
      rest.emplace_back(*sign, std::move(operand));
    }
    if (rest.empty()) return first;
    return make(at, Comparisons{std::move(first), std::move(rest)});
  }
  [[nodiscard]] Result<ExpressionPtr> sum() {
    INGOT_TRY(ExpressionPtr left, concatenation());
    while (is_symbol("+") || is_symbol("-")) {
      const Token& sign = take();
      INGOT_TRY(ExpressionPtr right, concatenation());
      INGOT_TRY(left, make(sign.at, Binary{sign.text == "+" ? Operator::add : Operator::subtract, std::move(left), std::move(right)}));
    }
    return left;
  }
  [[nodiscard]] Result<ExpressionPtr> concatenation() {
    const Position at = peek().at;
    INGOT_TRY(ExpressionPtr first, product());
    if (!is_symbol("~")) return first;
    std::vector<ExpressionPtr> items;
    items.push_back(std::move(first));
    while (skip_symbol("~")) {
      INGOT_TRY(ExpressionPtr item, product());
      items.push_back(std::move(item));
    }
    return make(at, Concatenation{std::move(items)});
  }
  [[nodiscard]] Result<ExpressionPtr> product() {
    INGOT_TRY(ExpressionPtr left, power());
    while (is_symbol("*") || is_symbol("/") || is_symbol("//") || is_symbol("%")) {
      const Token& sign = take();
      const Operator op = sign.text == "*"   ? Operator::multiply
                          : sign.text == "/" ? Operator::divide
                          : sign.text == "%" ? Operator::modulo
                                             : Operator::floor_divide;
      INGOT_TRY(ExpressionPtr right, power());
      INGOT_TRY(left, make(sign.at, Binary{op, std::move(left), std::move(right)}));
    }
    return left;
  }
  /// Unlike Python's, this power groups from the left and binds looser than a sign.
  [[nodiscard]] Result<ExpressionPtr> power() {
    INGOT_TRY(ExpressionPtr left, unary(true));
    while (is_symbol("**")) {
      const Position at = take().at;
      INGOT_TRY(ExpressionPtr right, unary(true));
      INGOT_TRY(left, make(at, Binary{Operator::power, std::move(left), std::move(right)}));
    }
    return left;
  }
};

}  // namespace ingot::text::jinja
