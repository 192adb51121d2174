// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/evaluator.hpp: variables of a running template, and the values of its expressions.

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/text/jinja/filters.hpp>
#include <ingot/text/jinja/functions.hpp>
#include <ingot/text/jinja/syntax.hpp>

namespace ingot::text::jinja {

/// Evaluates expressions among the variables of one rendering. What statements a macro runs is interpreter.hpp's affair.
class Evaluator {
 protected:
  /// `context` is a dictionary: the variables given to the template.
  Evaluator(const Program& program, Runtime& runtime, const Value& context) noexcept
      : program_{program}, runtime_{runtime}, context_{context} {}
  ~Evaluator() = default;

  [[nodiscard]] virtual Result<Value> call(const Value& callee, Arguments arguments) = 0;

  /// Puts a value back when it goes out of scope.
  template <class T>
  class Restore {
   public:
    explicit Restore(T& place) : place_{place}, value_{place} {}
    Restore(T& place, T value) : place_{place}, value_{std::exchange(place, std::move(value))} {}
    Restore(const Restore&) = delete;
    Restore& operator=(const Restore&) = delete;
    ~Restore() { place_ = std::move(value_); }

   private:
    T& place_;
    T value_;
  };

  [[nodiscard]] Budget& budget() noexcept { return runtime_.budget; }

  /// Deeper by some levels: statements, expressions and calls count together, so that the stack is bounded.
  Status descend(std::size_t levels = 1) {
    INGOT_CHECK(budget().spend());
    if ((depth_ += levels) > budget().limits().evaluation_depth)
      return failure("evaluation nested deeper than the limit of " + std::to_string(budget().limits().evaluation_depth));
    return {};
  }
  template <class T>
  Result<T> located(Result<T> result, Position at) const {
    if (!result && result.error().where.empty()) result.error().where = program_.where(at);
    return result;
  }

  // Variables.

  [[nodiscard]] Value& slot(const Reference& reference) noexcept {
    Activation* activation = here_;
    for (std::uint32_t i = 0; i < reference.hops; ++i) activation = activation->outer;
    return activation->slots[reference.slot];
  }
  Status enter(const ScopeEntries& entries) {
    for (const ScopeEntry& entry : entries) {
      INGOT_CHECK(budget().spend());
      Value& place = here_->slots[entry.slot];
      if (entry.kind == ScopeEntry::Kind::missing) {
        place = Value{};
      } else if (entry.kind == ScopeEntry::Kind::copy) {
        place = slot(entry.reference);
      } else {
        INGOT_TRY(place, context(entry.name));
      }
    }
    return {};
  }
  /// A variable of the caller, a function of every template, or Missing.
  Result<Value> context(const std::string& name) {
    INGOT_TRY(const Value* found, find(budget(), *context_.dictionary(), Value{name}));
    if (found != nullptr) return *found;
    if (find_function(name) == nullptr) return Value{};
    for (Function* function : functions_)
      if (function->name == name) return Value{static_cast<Object*>(function)};
    INGOT_TRY(Function * made, runtime_.make<Function>(std::string_view{name}));
    functions_.push_back(made);
    return Value{static_cast<Object*>(made)};
  }
  Status assign(const Target& target, Value value) {
    INGOT_CHECK(budget().spend());
    if (target.kind == Target::Kind::name) {
      slot(target.reference) = std::move(value);
      return {};
    }
    if (target.kind == Target::Kind::attribute) {
      auto* space = slot(target.reference).object_as<Namespace>();
      if (space == nullptr) return located<void>(failure("cannot assign attribute on non-namespace object"), target.at);
      INGOT_CHECK(budget().spend(space->attributes.size() / 8));
      space->set(target.attribute, std::move(value));
      return {};
    }
    INGOT_TRY(auto items, located(to_items(budget(), value), target.at));
    if (items.size() != target.items.size()) {
      const std::string expected = "(expected " + std::to_string(target.items.size());
      return located<void>(failure(items.size() > target.items.size() ? "ValueError: too many values to unpack " + expected + ")"
                                                                      : "ValueError: not enough values to unpack " + expected + ", got " +
                                                                            std::to_string(items.size()) + ")"),
                           target.at);
    }
    for (std::size_t i = 0; i < items.size(); ++i) INGOT_CHECK(assign(target.items[i], std::move(items[i])));
    return {};
  }

  // Expressions.

  Result<Value> evaluate(const Expression& expression) {
    const Restore<std::size_t> depth{depth_};
    if (Status deeper = descend(); !deeper) return located<Value>(std::move(deeper).error(), expression.at);
    return located(std::visit([&](const auto& node) { return evaluate(node); }, expression.node), expression.at);
  }
  INGOT_NOINLINE Result<Value> evaluate(const Literal& node) { return node.value; }
  INGOT_NOINLINE Result<Value> evaluate(const Name& node) {
    const Value& value = slot(node.reference);
    return value.missing() ? Value::undefined(in_quotes(node.name) + " is undefined") : value;
  }
  INGOT_NOINLINE Result<Value> evaluate(const SequenceLiteral& node) {
    std::vector<Value> items;
    items.reserve(node.items.size());
    for (const ExpressionPtr& expression : node.items) {
      INGOT_TRY(Value item, evaluate(*expression));
      items.push_back(std::move(item));
    }
    return make_sequence(budget(), std::move(items), node.tuple ? Flavor::tuple : Flavor::list);
  }
  INGOT_NOINLINE Result<Value> evaluate(const DictionaryLiteral& node) {
    std::vector<std::pair<Value, Value>> entries;
    entries.reserve(node.entries.size());
    for (const auto& [key_expression, value_expression] : node.entries) {
      INGOT_TRY(Value key, evaluate(*key_expression));
      INGOT_TRY(Value value, evaluate(*value_expression));
      entries.emplace_back(std::move(key), std::move(value));
    }
    return make_dictionary(budget(), std::move(entries));
  }
  INGOT_NOINLINE Result<Value> evaluate(const Sign& node) {
    INGOT_TRY(const Value operand, evaluate(*node.operand));
    return negated(budget(), operand, node.minus);
  }
  INGOT_NOINLINE Result<Value> evaluate(const Not& node) {
    INGOT_TRY(const Value operand, evaluate(*node.operand));
    return Value{!truth(operand)};
  }
  INGOT_NOINLINE Result<Value> evaluate(const Binary& node) {
    INGOT_TRY(const Value left, evaluate(*node.left));
    INGOT_TRY(const Value right, evaluate(*node.right));
    return arithmetic(budget(), node.op, left, right);
  }
  INGOT_NOINLINE Result<Value> evaluate(const Logical& node) {
    INGOT_TRY(Value left, evaluate(*node.left));
    if (truth(left) != node.conjunction) return left;
    return evaluate(*node.right);
  }
  Result<bool> compare(Comparison how, const Value& left, const Value& right) {
    static constexpr const char* signs[] = {"==", "!=", "<", "<=", ">", ">="};
    if (how == Comparison::in || how == Comparison::not_in) {
      INGOT_TRY(const bool found, contains(budget(), right, left));
      return found == (how == Comparison::in);
    }
    if (how == Comparison::equal || how == Comparison::not_equal) {
      INGOT_TRY(const bool same, equal(budget(), left, right));
      return same == (how == Comparison::equal);
    }
    INGOT_TRY(const auto way, order(budget(), left, right, signs[static_cast<std::size_t>(how)]));
    switch (how) {
      case Comparison::less:
        return way < 0;
      case Comparison::less_equal:
        return way <= 0;
      case Comparison::greater:
        return way > 0;
      default:
        return way >= 0;
    }
  }
  INGOT_NOINLINE Result<Value> evaluate(const Comparisons& node) {
    INGOT_TRY(Value left, evaluate(*node.first));
    for (const auto& [how, operand] : node.rest) {
      INGOT_TRY(Value right, evaluate(*operand));
      INGOT_TRY(const bool holds, compare(how, left, right));
      if (!holds) return Value{false};
      left = std::move(right);
    }
    return Value{true};
  }
  INGOT_NOINLINE Result<Value> evaluate(const Concatenation& node) {
    std::string text;
    for (const ExpressionPtr& expression : node.items) {
      INGOT_TRY(const Value item, evaluate(*expression));
      INGOT_CHECK(append_text(budget(), text, item));
    }
    return Value{std::move(text)};
  }
  INGOT_NOINLINE Result<Value> evaluate(const Conditional& node) {
    INGOT_TRY(const Value test, evaluate(*node.test));
    if (truth(test)) return evaluate(*node.yes);
    if (node.no) return evaluate(*node.no);
    return Value::undefined("the inline if-expression evaluated to false and no else section was defined.");
  }
  INGOT_NOINLINE Result<Value> evaluate(const AttributeSyntax& node) {
    INGOT_TRY(const Value object, evaluate(*node.object));
    return attribute(runtime_, object, node.name);
  }
  INGOT_NOINLINE Result<Value> evaluate(const ItemSyntax& node) {
    INGOT_TRY(const Value object, evaluate(*node.object));
    INGOT_TRY(const Value key, evaluate(*node.key));
    return item(runtime_, object, key);
  }
  INGOT_NOINLINE Result<Value> evaluate(const SliceSyntax& node) {
    INGOT_TRY(const Value object, evaluate(*node.object));
    Value parts[3];
    for (std::size_t i = 0; const auto* part : {&node.start, &node.stop, &node.step}) {
      if (*part) {
        INGOT_TRY(parts[i], evaluate(**part));
      }
      ++i;
    }
    return slice(runtime_, object, parts[0], parts[1], parts[2]);
  }
  INGOT_NOINLINE Result<Value> evaluate(const CallSyntax& node) {
    INGOT_TRY(const Value callee, evaluate(*node.callee));
    INGOT_TRY(Arguments arguments, evaluate(node.arguments));
    return call(callee, std::move(arguments));
  }
  INGOT_NOINLINE Result<Value> evaluate(const FilterSyntax& node) {
    Value input;
    if (node.input) {
      INGOT_TRY(input, evaluate(*node.input));
    } else {
      input = block_;
    }
    INGOT_TRY(const Arguments arguments, evaluate(node.arguments));
    return apply_filter(runtime_, node.name, input, arguments);
  }
  INGOT_NOINLINE Result<Value> evaluate(const TestSyntax& node) {
    INGOT_TRY(const Value input, evaluate(*node.input));
    INGOT_TRY(const Arguments arguments, evaluate(node.arguments));
    INGOT_TRY(const bool holds, apply_test(runtime_, node.name, input, arguments));
    return Value{holds};
  }

  INGOT_NOINLINE Result<Arguments> evaluate(const std::vector<ArgumentSyntax>& syntax) {
    using Kind = ArgumentSyntax::Kind;
    Arguments arguments;
    for (const ArgumentSyntax& argument : syntax) {
      INGOT_TRY(Value value, evaluate(*argument.value));
      if (argument.kind == Kind::positional) {
        arguments.positional.push_back(std::move(value));
      } else if (argument.kind == Kind::keyword) {
        arguments.keywords.emplace_back(argument.name, std::move(value));
      } else if (argument.kind == Kind::spread) {
        INGOT_TRY(auto items, to_items(budget(), value));
        for (Value& item : items) arguments.positional.push_back(std::move(item));
      } else {
        const auto* dictionary = value.dictionary();
        if (dictionary == nullptr) return failure("TypeError: argument after ** must be a mapping, not " + type_name(value));
        INGOT_CHECK(budget().elements(dictionary->entries.size()));
        for (const auto& [key, item] : dictionary->entries) {
          INGOT_TRY(const std::string_view name, to_str(key, "keywords"));
          arguments.keywords.emplace_back(name, item);
        }
      }
    }
    return arguments;
  }

  const Program& program_;
  Runtime& runtime_;
  const Value& context_;
  Activation* here_ = nullptr;
  Value block_;  ///< the text that a filter block filters
  std::size_t depth_ = 0;
  std::vector<Function*> functions_;
};

}  // namespace ingot::text::jinja
