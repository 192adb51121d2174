// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/interpreter.hpp: walks the syntax tree of a template and writes its text.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/text/jinja/evaluator.hpp>
#include <ingot/text/jinja/macro_arguments.hpp>

namespace ingot::text::jinja {

/// One rendering of one program: runs its statements. The first failure ends it; its Error tells where in the template that was.
class Interpreter : Evaluator {
 public:
  /// `context` is a dictionary: the variables given to the template.
  Interpreter(const Program& program, Runtime& runtime, const Value& context) noexcept : Evaluator{program, runtime, context} {}

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
  /// What filter and call blocks give is joined to the output without a conversion.
  Status append_joined(const Value& value) {
    if (!value.text()) return failure("TypeError: expected str instance, " + type_name(value) + " found");
    return append_text(budget(), *out_, value);
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
    INGOT_CHECK(append_joined(value));
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
    INGOT_CHECK(append_joined(value));
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
        if (!truth(holds)) continue;
        if (node_.target.kind != Target::Kind::tuple) return item;
        INGOT_TRY(auto parts, to_items(interpreter_.budget(), item));  // what was unpacked for the test goes on as a tuple
        return make_tuple(interpreter_.budget(), std::move(parts));
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

  INGOT_NOINLINE Result<Value> call(const Value& callee, Arguments arguments) override {
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
    INGOT_CHECK(give_arguments(budget(), macro, *activation, std::move(arguments)));
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
  std::string* out_ = nullptr;
  std::vector<std::unique_ptr<Activation>> kept_;  ///< variables that a macro may still read
};

}  // namespace ingot::text::jinja
