// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/scope_symbols.hpp: the names of each scope while a template is compiled.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/syntax.hpp>

namespace ingot::text::jinja {

/// What is known of the names of nested scopes, with the rules of scope.hpp for what a name means.
class ScopeSymbols {
 protected:
  /// What has slots of its own at run time: the template, a macro, a recursive loop.
  struct Function {
    std::uint32_t depth, slots;
  };
  struct Address {
    std::uint32_t depth, slot;
  };
  struct Load {
    enum class Kind : std::uint8_t { parameter, missing, context, copy } kind;
    std::string name;
    Address outer{0, 0};
  };
  struct Scope;
  /// What is known of a scope's names at one place; a branch of an `if` lays its own findings over those before it.
  struct Layer {
    Layer* below;
    Scope* scope;
    std::map<std::string, std::uint32_t, std::less<>> references{};
    std::map<std::uint32_t, Load> loads{};
    std::set<std::string, std::less<>> stores{};
  };
  struct Scope {
    Scope* outer;
    Function* function;
    std::map<std::string, std::uint32_t, std::less<>> slots;  ///< every variable made in this scope
    Layer top;
    Scope(Scope* around, Function* in) : outer{around}, function{in}, top{nullptr, this} {}
    Scope(const Scope&) = delete;  // its layer points to it
    Scope& operator=(const Scope&) = delete;
  };

  static std::optional<Address> find(const Layer& layer, std::string_view name) {
    for (const Layer* at = &layer; at != nullptr; at = at->below)
      if (const auto found = at->references.find(name); found != at->references.end())
        return Address{at->scope->function->depth, found->second};
    return layer.scope->outer ? find(layer.scope->outer->top, name) : std::nullopt;
  }
  static bool stored(const Layer& layer, std::string_view name) {
    for (const Layer* at = &layer; at != nullptr; at = at->below)
      if (at->stores.contains(name)) return true;
    return false;
  }
  static void define(Layer& layer, const std::string& name, Load load) {
    auto [place, added] = layer.scope->slots.try_emplace(name, 0u);
    if (added) place->second = layer.scope->function->slots++;
    layer.references[name] = place->second;
    layer.loads[place->second] = std::move(load);
  }
  static std::optional<Address> find_outside(const Layer& layer, std::string_view name) {
    return layer.scope->outer ? find(layer.scope->outer->top, name) : std::nullopt;
  }

  static void load(Layer& layer, const std::string& name) {
    if (!find(layer, name)) define(layer, name, {Load::Kind::context, name});
  }
  static void store(Layer& layer, const std::string& name) {
    layer.stores.insert(name);
    for (const Layer* at = &layer; at != nullptr; at = at->below)
      if (at->references.contains(name)) return;
    if (const auto outer = find_outside(layer, name))
      define(layer, name, {Load::Kind::copy, {}, *outer});
    else
      define(layer, name, {Load::Kind::missing, {}});
  }
  static void parameter(Layer& layer, const std::string& name) {
    layer.stores.insert(name);
    define(layer, name, {Load::Kind::parameter, {}});
  }
  /// Takes what the branches found into `layer`: what only some of them may have assigned keeps its value from before.
  static void merge(Layer& layer, std::vector<Layer>& branches) {
    std::set<std::string, std::less<>> fresh;
    for (const Layer& branch : branches)
      for (const std::string& name : branch.stores)
        if (!stored(layer, name)) fresh.insert(name);
    for (Layer& branch : branches) {
      for (auto& [name, slot] : branch.references) layer.references[name] = slot;
      for (auto& [slot, how] : branch.loads) layer.loads[slot] = std::move(how);
      layer.stores.merge(branch.stores);
    }
    for (const std::string& name : fresh) {
      const std::uint32_t slot = layer.scope->slots.find(name)->second;
      if (const auto outer = find_outside(layer, name))
        layer.loads[slot] = {Load::Kind::copy, {}, *outer};
      else
        layer.loads[slot] = {Load::Kind::context, name};
    }
  }
};

}  // namespace ingot::text::jinja
