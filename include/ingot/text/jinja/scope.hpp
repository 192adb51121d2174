// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/scope.hpp: which variable a name means, decided once, when the template is compiled.

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/text/jinja/scope_symbols.hpp>

namespace ingot::text::jinja {

/// Binds names as Jinja's compiler does. Each for body, macro, with, filter and set block is a scope; `if` is none.
/// In its scope a name that is only read means the variable around it or, failing that, the context's. A name that is assigned
/// is a new variable that starts as a copy of the one around it. Without one around, it starts out undefined where the
/// assignment comes first in the text, and as the context's where a read comes first or only some branches assign.
class ScopeResolver : ScopeSymbols {
 public:
  static void resolve(Program& program) {
    Function function{0, 0};
    Scope scope{nullptr, &function};
    analyze(scope.top, program.body);
    program.entries = entries(scope);
    bind(scope, program.body);
    program.slots = function.slots;
  }

 private:
  // First pass over a scope: its names, in the order of the text, without the scopes inside.

  static void analyze(Layer& layer, Expression& expression) {
    if (const auto* name = std::get_if<Name>(&expression.node)) load(layer, name->name);
    for_each_operand(expression, [&](Expression& operand) { analyze(layer, operand); });
  }
  static void analyze(Layer& layer, const ExpressionPtr& expression) {
    if (expression) analyze(layer, *expression);
  }
  static void analyze(Layer& layer, const Target& target, bool as_parameter = false) {
    if (target.kind == Target::Kind::attribute)
      load(layer, target.name);
    else if (target.kind == Target::Kind::name)
      as_parameter ? parameter(layer, target.name) : store(layer, target.name);
    for (const Target& item : target.items) analyze(layer, item, as_parameter);
  }
  static void analyze(Layer& layer, Body& body) {
    for (Statement& statement : body) std::visit([&](auto& node) { analyze(layer, node); }, statement.node);
  }
  static void analyze(Layer&, TextSyntax&) {}
  static void analyze(Layer&, BreakSyntax&) {}
  static void analyze(Layer&, ContinueSyntax&) {}
  static void analyze(Layer& layer, PrintSyntax& node) {
    for (const ExpressionPtr& value : node.values) analyze(layer, value);
  }
  static void analyze(Layer& layer, IfSyntax& node) {
    const auto over = [](Layer& below) { return Layer{&below, below.scope}; };
    analyze(layer, node.branches.front().first);
    std::vector<Layer> branches;
    branches.push_back(over(layer));
    analyze(branches.back(), node.branches.front().second);
    branches.push_back(over(layer));
    for (std::size_t i = 1; i < node.branches.size(); ++i) {  // all elif together are one branch of the reference
      analyze(branches.back(), node.branches[i].first);
      std::vector<Layer> inner;
      inner.push_back(over(branches.back()));
      analyze(inner.back(), node.branches[i].second);
      merge(branches.back(), inner);
    }
    branches.push_back(over(layer));
    analyze(branches.back(), node.otherwise);
    merge(layer, branches);
  }
  static void analyze(Layer& layer, ForSyntax& node) { analyze(layer, node.items); }
  static void analyze(Layer& layer, SetSyntax& node) {
    analyze(layer, node.value);
    analyze(layer, node.target);
  }
  static void analyze(Layer& layer, SetBlockSyntax& node) { analyze(layer, node.target); }
  static void analyze(Layer& layer, std::unique_ptr<MacroSyntax>& node) { store(layer, node->name); }
  static void analyze(Layer& layer, CallBlockSyntax& node) { analyze(layer, node.call); }
  static void analyze(Layer& layer, FilterBlockSyntax& node) { analyze(layer, node.filter); }
  static void analyze(Layer& layer, WithSyntax& node) {
    for (const auto& variable : node.variables) analyze(layer, variable.second);
  }

  static Reference relative(const Scope& scope, const Address& address) { return {scope.function->depth - address.depth, address.slot}; }
  static Reference reference(const Scope& scope, std::string_view name) {
    const auto found = find(scope.top, name);
    return found ? relative(scope, *found) : Reference{};
  }
  static ScopeEntries entries(const Scope& scope) {
    ScopeEntries out;
    for (const auto& [slot, how] : scope.top.loads) {
      if (how.kind == Load::Kind::missing) out.push_back({ScopeEntry::Kind::missing, slot, {}, {}});
      if (how.kind == Load::Kind::context) out.push_back({ScopeEntry::Kind::context, slot, how.name, {}});
      if (how.kind == Load::Kind::copy) out.push_back({ScopeEntry::Kind::copy, slot, {}, relative(scope, how.outer)});
    }
    return out;
  }

  // Second pass: references into the finished scope, and the scopes inside.

  static void bind(Scope& scope, Expression& expression) {
    if (auto* name = std::get_if<Name>(&expression.node)) name->reference = reference(scope, name->name);
    for_each_operand(expression, [&](Expression& operand) { bind(scope, operand); });
  }
  static void bind(Scope& scope, ExpressionPtr& expression) {
    if (expression) bind(scope, *expression);
  }
  static void bind(Scope& scope, Target& target) {
    if (target.kind != Target::Kind::tuple) target.reference = reference(scope, target.name);
    for (Target& item : target.items) bind(scope, item);
  }
  static void bind(Scope& scope, Body& body) {
    for (Statement& statement : body) std::visit([&](auto& node) { bind(scope, node); }, statement.node);
  }
  static void bind(Scope&, TextSyntax&) {}
  static void bind(Scope&, BreakSyntax&) {}
  static void bind(Scope&, ContinueSyntax&) {}
  static void bind(Scope& scope, PrintSyntax& node) {
    for (ExpressionPtr& value : node.values) bind(scope, value);
  }
  static void bind(Scope& scope, IfSyntax& node) {
    for (auto& [test, body] : node.branches) {
      bind(scope, test);
      bind(scope, body);
    }
    bind(scope, node.otherwise);
  }
  static void bind(Scope& scope, ForSyntax& node) {
    bind(scope, node.items);
    Function own{scope.function->depth + 1, 0};
    Function* function = node.recursive ? &own : scope.function;
    Scope inner{&scope, function};
    if (node.uses_loop) parameter(inner.top, "loop");
    analyze(inner.top, node.target, true);
    analyze(inner.top, node.body);
    node.entries = entries(inner);
    if (node.uses_loop) node.loop = reference(inner, "loop");
    Target test_target = node.target;
    bind(inner, node.target);
    bind(inner, node.body);
    if (node.test) {
      Scope test{&scope, function};
      analyze(test.top, test_target, true);
      analyze(test.top, node.test);
      node.test_entries = entries(test);
      bind(test, test_target);
      bind(test, node.test);
      node.test_target = std::move(test_target);
    }
    Scope otherwise{&scope, function};
    analyze(otherwise.top, node.otherwise);
    node.otherwise_entries = entries(otherwise);
    bind(otherwise, node.otherwise);
    node.slots = own.slots;
  }
  static void bind(Scope& scope, SetSyntax& node) {
    bind(scope, node.value);
    bind(scope, node.target);
  }
  static void bind(Scope& scope, SetBlockSyntax& node) {
    bind(scope, node.target);
    bind_block(scope, node.filter, node.body, node.entries);
  }
  static void bind(Scope& scope, FilterBlockSyntax& node) { bind_block(scope, node.filter, node.body, node.entries); }
  static void bind_block(Scope& scope, ExpressionPtr& filter, Body& body, ScopeEntries& out) {
    Scope inner{&scope, scope.function};
    analyze(inner.top, body);
    analyze(inner.top, filter);
    out = entries(inner);
    bind(inner, body);
    bind(inner, filter);
  }
  static void bind(Scope& scope, WithSyntax& node) {
    Scope inner{&scope, scope.function};
    for (auto& [target, value] : node.variables) analyze(inner.top, target, true);
    analyze(inner.top, node.body);
    node.entries = entries(inner);
    for (auto& [target, value] : node.variables) {
      bind(inner, target);
      bind(scope, value);
    }
    bind(inner, node.body);
  }
  static void bind(Scope& scope, std::unique_ptr<MacroSyntax>& node) {
    node->self = reference(scope, node->name);
    bind_macro(scope, *node);
  }
  static void bind(Scope& scope, CallBlockSyntax& node) {
    bind(scope, node.call);
    bind_macro(scope, *node.body);
  }
  static void bind_macro(Scope& scope, MacroSyntax& node) {
    Function function{scope.function->depth + 1, 0};
    Scope inner{&scope, &function};
    for (const auto& it : node.parameters) parameter(inner.top, it.name);
    if (node.uses_caller) parameter(inner.top, "caller");
    if (node.uses_keywords) parameter(inner.top, "kwargs");
    if (node.uses_positional) parameter(inner.top, "varargs");
    for (const auto& it : node.parameters) analyze(inner.top, it.value);
    analyze(inner.top, node.body);
    node.entries = entries(inner);
    for (auto& it : node.parameters) {
      it.reference = reference(inner, it.name);
      bind(inner, it.value);
    }
    if (node.uses_caller) node.caller = reference(inner, "caller");
    if (node.uses_keywords) node.keywords = reference(inner, "kwargs");
    if (node.uses_positional) node.positional = reference(inner, "varargs");
    bind(inner, node.body);
    node.slots = function.slots;
  }
};

}  // namespace ingot::text::jinja
