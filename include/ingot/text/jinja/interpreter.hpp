// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/interpreter.hpp: walks the syntax tree of a template and writes its text.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/text/jinja/filters.hpp>
#include <ingot/text/jinja/functions.hpp>
#include <ingot/text/jinja/syntax.hpp>

namespace ingot::text::jinja {

/// One rendering of one program. The first failure ends it; its Error tells where in the template that was.
class Interpreter {
 public:
  /// `context` is a dictionary: the variables given to the template.
  Interpreter(const Program& program, Runtime& runtime, const Value& context) noexcept
      : program_{program}, runtime_{runtime}, context_{context} {}

  [[nodiscard]] Result<std::string> run() {
    Activation root{std::vector<Value>(program_.slots), nullptr, false};
    here_ = &root;
    std::string out;
    out_ = &out;
    INGOT_CHECK(enter(program_.entries));
    INGOT_CHECK(execute(program_.body));
    return out;
  }

 private:
  /// What a call of a macro counts for: it takes about as much stack as so many expressions inside one another.
  static constexpr std::size_t call_levels = 8;

  enum class Flow : std::uint8_t { on, break_loop, continue_loop };

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

  // Statements.

  Result<Flow> execute(const Body& body) {
    for (const Statement& statement : body) {
      INGOT_TRY(const Flow flow, execute(statement));
      if (flow != Flow::on) return flow;
    }
    return Flow::on;
  }
  Result<Flow> execute(const Statement& statement) {
    const Restore<std::size_t> depth{depth_};
    if (Status deeper = descend(); !deeper) return located<Flow>(std::move(deeper).error(), statement.at);
    return located(std::visit([&](const auto& node) { return execute(node); }, statement.node), statement.at);
  }
  Result<Flow> write(std::string_view text) {
    INGOT_CHECK(budget().text(out_->size() + text.size() > budget().limits().output ? out_->size() + text.size() : text.size()));
    out_->append(text);
    return Flow::on;
  }
  INGOT_NOINLINE Result<Flow> execute(const TextSyntax& node) { return write(node.text); }
  INGOT_NOINLINE Result<Flow> execute(const BreakSyntax&) { return Flow::break_loop; }
  INGOT_NOINLINE Result<Flow> execute(const ContinueSyntax&) { return Flow::continue_loop; }
  INGOT_NOINLINE Result<Flow> execute(const PrintSyntax& node) {
    for (const ExpressionPtr& expression : node.values) {
      INGOT_TRY(const Value value, evaluate(*expression));
      INGOT_CHECK(append_text(budget(), *out_, value));
    }
    return Flow::on;
  }
  INGOT_NOINLINE Result<Flow> execute(const IfSyntax& node) {
    for (const auto& [test, body] : node.branches) {
      INGOT_TRY(const Value value, evaluate(*test));
      if (truth(value)) return execute(body);
    }
    return execute(node.otherwise);
  }
  INGOT_NOINLINE Result<Flow> execute(const SetSyntax& node) {
    INGOT_TRY(Value value, evaluate(*node.value));
    INGOT_CHECK(assign(node.target, std::move(value)));
    return Flow::on;
  }
  /// What `body` writes; a flow that leaves the block is handed on and drops the text.
  Result<Flow> capture(const Body& body, std::string& text) {
    const Restore<std::string*> out{out_, &text};
    return execute(body);
  }
  Result<Value> filtered(const Expression* filter, std::string text) {
    Value value{std::move(text)};
    if (filter == nullptr) return value;
    const Restore<Value> input{block_, std::move(value)};
    return evaluate(*filter);
  }
  INGOT_NOINLINE Result<Flow> execute(const SetBlockSyntax& node) {
    INGOT_CHECK(enter(node.entries));
    std::string text;
    INGOT_TRY(const Flow flow, capture(node.body, text));
    if (flow != Flow::on) return flow;
    INGOT_TRY(Value value, filtered(node.filter.get(), std::move(text)));
    INGOT_CHECK(assign(node.target, std::move(value)));
    return Flow::on;
  }
  INGOT_NOINLINE Result<Flow> execute(const FilterBlockSyntax& node) {
    INGOT_CHECK(enter(node.entries));
    std::string text;
    INGOT_TRY(const Flow flow, capture(node.body, text));
    if (flow != Flow::on) return flow;
    INGOT_TRY(const Value value, filtered(node.filter.get(), std::move(text)));
    INGOT_CHECK(append_text(budget(), *out_, value));
    return Flow::on;
  }
  INGOT_NOINLINE Result<Flow> execute(const WithSyntax& node) {
    INGOT_CHECK(enter(node.entries));
    for (const auto& [target, expression] : node.variables) {
      INGOT_TRY(Value value, evaluate(*expression));
      INGOT_CHECK(assign(target, std::move(value)));
    }
    return execute(node.body);
  }
  INGOT_NOINLINE Result<Flow> execute(const std::unique_ptr<MacroSyntax>& node) {
    INGOT_TRY(Macro * made, runtime_.make<Macro>(node->name, *node, here_));
    here_->captured = true;
    slot(node->self) = Value{static_cast<Object*>(made)};
    return Flow::on;
  }
  INGOT_NOINLINE Result<Flow> execute(const CallBlockSyntax& node) {
    INGOT_TRY(Macro * made, runtime_.make<Macro>(std::string{}, *node.body, here_));
    here_->captured = true;
    Value value;
    if (node.call) {
      const auto& call_node = std::get<CallSyntax>(node.call->node);
      INGOT_TRY(const Value callee, evaluate(*call_node.callee));
      INGOT_TRY(Arguments arguments, evaluate(call_node.arguments));
      arguments.keywords.emplace_back("caller", Value{static_cast<Object*>(made)});
      INGOT_TRY(value, located(call(callee, std::move(arguments)), node.call->at));
    } else {
      INGOT_TRY(value, call_macro(*made, {}));
    }
    INGOT_CHECK(append_text(budget(), *out_, value));
    return Flow::on;
  }

  // Loops.

  /// The items for which the test of `{% for … if test %}` holds, tested one by one as they are asked for.
  class Filtered final : public Loop::Source {
   public:
    Filtered(Interpreter& interpreter, const ForSyntax& node, Cursor items) noexcept
        : interpreter_{interpreter}, node_{node}, items_{std::move(items)}, activation_{interpreter.here_} {}
    Result<Value> next() override {
      const Restore<Activation*> here{interpreter_.here_, activation_};
      for (;;) {
        INGOT_TRY(Value item, items_.next());
        if (item.missing()) return item;
        INGOT_CHECK(interpreter_.assign(node_.test_target, item));
        INGOT_TRY(const Value holds, interpreter_.evaluate(*node_.test));
        if (truth(holds)) return item;
      }
    }

   private:
    Interpreter& interpreter_;
    const ForSyntax& node_;
    Cursor items_;
    Activation* activation_;
  };

  INGOT_NOINLINE Result<Flow> execute(const ForSyntax& node) {
    INGOT_TRY(Value items, evaluate(*node.items));
    if (!node.recursive) return loop_over(node, std::move(items), 0, here_);
    return recurse(node, std::move(items), 0, here_);
  }
  /// Runs a recursive loop as the function that it is.
  Result<Flow> recurse(const ForSyntax& node, Value items, std::size_t depth0, Activation* around) {
    const Restore<std::size_t> depth{depth_};
    INGOT_CHECK(descend(call_levels));
    INGOT_CHECK(budget().spend(node.slots));
    around->captured = true;  // the variable `loop` may be called as long as it can be reached
    auto activation = std::make_unique<Activation>(Activation{std::vector<Value>(node.slots), around, false});
    auto flow = [&] {
      const Restore<Activation*> here{here_, activation.get()};
      return loop_over(node, std::move(items), depth0, around);
    }();
    if (activation->captured) kept_.push_back(std::move(activation));
    return flow;
  }

  INGOT_NOINLINE Result<Flow> loop_over(const ForSyntax& node, Value items, std::size_t depth0, Activation* around) {
    const bool counted = !node.test && !items.iterator();
    std::optional<std::size_t> n;
    if (counted && node.uses_loop) {
      INGOT_TRY(n, length_if_any(budget(), items));
    }
    INGOT_TRY(Cursor cursor, located(Cursor::over(budget(), std::move(items)), node.items->at));
    if (node.test) INGOT_CHECK(enter(node.test_entries));
    Filtered filtered{*this, node, cursor};
    Loop::Source& source = node.test ? static_cast<Loop::Source&>(filtered) : cursor;
    Loop* loop = nullptr;
    if (node.uses_loop) {
      INGOT_TRY(loop, runtime_.make<Loop>());
      loop->source = &source;
      loop->length = n;
      loop->depth0 = depth0;
      loop->recursive = node.recursive ? &node : nullptr;
      loop->closure = around;
      here_->slots[node.loop.slot] = Value{static_cast<Object*>(loop)};
    }
    bool completed = false;  // as in the reference, only a body that ran to its end keeps `else` from running
    auto flow = iterate(node, source, loop, completed);
    if (loop != nullptr) loop->source = nullptr;
    if (!flow || completed || node.otherwise.empty()) return flow;
    INGOT_CHECK(enter(node.otherwise_entries));
    return execute(node.otherwise);
  }
  Result<Flow> iterate(const ForSyntax& node, Loop::Source& source, Loop* loop, bool& completed) {
    for (;;) {
      INGOT_TRY(Value item, loop ? loop->take() : source.next());
      if (item.missing()) return Flow::on;
      if (loop != nullptr) {
        ++loop->index0;
        loop->before = std::exchange(loop->current, item);
      }
      INGOT_CHECK(enter(node.entries));
      INGOT_CHECK(assign(node.target, std::move(item)));
      INGOT_TRY(const Flow flow, execute(node.body));
      if (flow == Flow::break_loop) return Flow::on;
      completed = completed || flow == Flow::on;
    }
  }

  // Calls.

  INGOT_NOINLINE Result<Value> call(const Value& callee, Arguments arguments) {
    if (const auto* method = callee.method()) return call_method(runtime_, method->receiver, method->name, arguments);
    if (const auto* function = callee.object_as<Function>()) return find_function(function->name)(runtime_, arguments);
    if (auto* macro = callee.object_as<Macro>()) return call_macro(*macro, std::move(arguments));
    if (auto* loop = callee.object_as<Loop>()) return call_loop(*loop, arguments);
    if (auto* joiner = callee.object_as<Joiner>()) {
      INGOT_CHECK(bind("joiner", arguments, {}));
      return std::exchange(joiner->used, true) ? joiner->separator : Value{""};
    }
    if (const auto* undefined = callee.undefined()) return failure(undefined->message);
    return failure("TypeError: '" + type_name(callee) + "' object is not callable");
  }
  Result<Value> call_loop(Loop& loop, const Arguments& arguments) {
    if (loop.recursive == nullptr) return failure("TypeError: The loop must have the 'recursive' marker to be called recursively.");
    INGOT_TRY(const auto bound, bind("loop", arguments, {"iterable"}, 1));
    std::string text;
    const Restore<std::string*> out{out_, &text};
    INGOT_CHECK(recurse(*loop.recursive, bound[0], loop.depth0 + 1, loop.closure));
    return Value{std::move(text)};
  }
  INGOT_NOINLINE Result<Value> call_macro(Macro& macro, Arguments arguments) {
    const MacroSyntax& syntax = *macro.syntax;
    const Restore<std::size_t> depth{depth_};
    INGOT_CHECK(descend(call_levels));
    INGOT_CHECK(budget().spend(syntax.slots));
    auto activation = std::make_unique<Activation>(Activation{std::vector<Value>(syntax.slots), macro.closure, false});
    INGOT_CHECK(give(macro, *activation, std::move(arguments)));
    std::string text;
    auto flow = [&]() -> Result<Flow> {
      const Restore<Activation*> here{here_, activation.get()};
      const Restore<std::string*> out{out_, &text};
      INGOT_CHECK(enter(syntax.entries));
      for (const auto& parameter : syntax.parameters) {
        if (!slot(parameter.reference).missing()) continue;
        if (parameter.value) {
          INGOT_TRY(Value value, evaluate(*parameter.value));
          slot(parameter.reference) = std::move(value);
        } else {
          slot(parameter.reference) = Value::undefined("parameter " + in_quotes(parameter.name) + " was not provided");
        }
      }
      return execute(syntax.body);
    }();
    if (activation->captured) kept_.push_back(std::move(activation));
    INGOT_CHECK(std::move(flow));
    return Value{std::move(text)};
  }
  /// Binds the arguments of a macro to its parameters and to caller, kwargs and varargs.
  Status give(const Macro& macro, Activation& activation, Arguments arguments) {
    const MacroSyntax& syntax = *macro.syntax;
    const std::string name = macro.name.empty() ? "None" : in_quotes(macro.name);
    const auto pop = [&](std::string_view key) {
      for (auto it = arguments.keywords.begin(); it != arguments.keywords.end(); ++it) {
        if (it->first != key) continue;
        Value value = std::move(it->second);
        arguments.keywords.erase(it);
        return value;
      }
      return Value{};
    };
    const std::size_t n = std::min(arguments.positional.size(), syntax.parameters.size());
    bool takes_caller = false;
    for (std::size_t i = 0; i < syntax.parameters.size(); ++i) {
      const auto& parameter = syntax.parameters[i];
      INGOT_CHECK(budget().spend(1 + arguments.keywords.size()));
      activation.slots[parameter.reference.slot] = i < n ? arguments.positional[i] : pop(parameter.name);
      takes_caller = takes_caller || parameter.name == "caller";
    }
    if (syntax.uses_caller && !takes_caller) {
      Value caller = pop("caller");
      activation.slots[syntax.caller.slot] = caller.missing() || caller.none() ? Value::undefined("No caller defined") : std::move(caller);
    }
    if (syntax.uses_keywords) {
      std::vector<std::pair<Value, Value>> entries;
      for (auto& [key, value] : arguments.keywords) entries.emplace_back(Value{key}, std::move(value));
      INGOT_TRY(activation.slots[syntax.keywords.slot], make_dictionary(budget(), std::move(entries)));
    } else if (!arguments.keywords.empty()) {
      return failure("TypeError: macro " + name + " takes no keyword argument " + in_quotes(arguments.keywords.front().first));
    }
    if (syntax.uses_positional) {
      INGOT_TRY(activation.slots[syntax.positional.slot],
                make_tuple(budget(), {arguments.positional.begin() + static_cast<std::ptrdiff_t>(n), arguments.positional.end()}));
    } else if (arguments.positional.size() > n) {
      return failure("TypeError: macro " + name + " takes not more than " + std::to_string(n) + " argument(s)");
    }
    return {};
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

  const Program& program_;
  Runtime& runtime_;
  const Value& context_;
  Activation* here_ = nullptr;
  std::string* out_ = nullptr;
  Value block_;  ///< the text that a filter block filters
  std::size_t depth_ = 0;
  std::vector<Function*> functions_;
  std::vector<std::unique_ptr<Activation>> kept_;  ///< variables that a macro may still read
};

}  // namespace ingot::text::jinja
