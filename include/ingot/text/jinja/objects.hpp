// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/objects.hpp: what a template makes that can change: namespaces, macros, loops.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/limits.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

struct MacroSyntax;
struct ForSyntax;

/// The variables of one running function: the template, a macro, a recursive loop.
struct Activation {
  std::vector<Value> slots;
  Activation* outer;      ///< of the function around it in the text
  bool captured = false;  ///< a macro made here may still read the slots later
};

/// namespace(…): the one thing whose attributes can be set.
struct Namespace final : Object {
  static constexpr Type kind = Type::name_space;
  Namespace() noexcept : Object{kind} {}
  std::vector<std::pair<std::string, Value>> attributes;

  [[nodiscard]] const Value* find(std::string_view name) const noexcept {
    for (const auto& [key, value] : attributes)
      if (key == name) return &value;
    return nullptr;
  }
  void set(std::string_view name, Value value) {
    for (auto& [key, old] : attributes)
      if (key == name) return void(old = std::move(value));
    attributes.emplace_back(name, std::move(value));
  }
};

/// A macro, or the body of a call block, with the variables around it.
struct Macro final : Object {
  static constexpr Type kind = Type::macro;
  Macro(std::string called, const MacroSyntax& what, Activation* around)
      : Object{kind}, name{std::move(called)}, syntax{&what}, closure{around} {}
  std::string name;  ///< empty for a call block's body
  const MacroSyntax* syntax;
  Activation* closure;
};

/// The variable `loop`.
struct Loop final : Object {
  static constexpr Type kind = Type::loop;
  Loop() noexcept : Object{kind} {}
  /// What is left of the loop: read one at a time, so that a filter of the loop sees what the body has done.
  struct Source {
    virtual ~Source() = default;
    virtual Result<Value> next() = 0;  ///< Missing at the end
  };
  Source* source = nullptr;           ///< nullptr once the loop has ended
  std::optional<std::size_t> length;  ///< known at the start unless the loop filters or reads an iterator
  std::int64_t index0 = -1;
  std::size_t depth0 = 0;
  Value before, current;
  std::optional<Value> after;       ///< the item that was read ahead; Missing when there is none
  std::vector<Value> rest;          ///< read ahead by `length`, in reverse
  std::optional<Value> last_value;  ///< of changed()
  const ForSyntax* recursive = nullptr;
  Activation* closure = nullptr;

  /// The next item, read ahead if need be; Missing at the end.
  [[nodiscard]] Result<Value> take() {
    if (after) {
      Value value = *std::exchange(after, std::nullopt);
      return value;
    }
    if (!rest.empty()) {
      Value value = std::move(rest.back());
      rest.pop_back();
      return value;
    }
    if (source == nullptr) return Value{};
    return source->next();
  }
  [[nodiscard]] Result<Value> peek() {
    if (!after) {
      INGOT_TRY(Value value, take());
      after = std::move(value);
    }
    return *after;
  }
  [[nodiscard]] Result<std::size_t> count(Budget& budget) {
    if (length) return *length;
    std::vector<Value> items;
    std::size_t ahead = after && !after->missing() ? 1 : 0;
    for (std::optional<Value> kept = std::exchange(after, std::nullopt);;) {
      INGOT_TRY(Value value, take());
      if (value.missing()) {
        rest.assign(items.rbegin(), items.rend());
        length = items.size() + ahead + static_cast<std::size_t>(index0 + 1);
        after = std::move(kept);
        return *length;
      }
      INGOT_CHECK(budget.elements(items.size()));
      items.push_back(std::move(value));
    }
  }
};

/// raise_exception, range, namespace … as values.
struct Function final : Object {
  static constexpr Type kind = Type::function;
  explicit Function(std::string_view called) noexcept : Object{kind}, name{called} {}
  std::string_view name;
};

/// cycler(…).
struct Cycler final : Object {
  static constexpr Type kind = Type::cycler;
  explicit Cycler(std::vector<Value> all) noexcept : Object{kind}, items{std::move(all)} {}
  std::vector<Value> items;
  std::size_t position = 0;
};

/// joiner(…): nothing when called first, then the separator.
struct Joiner final : Object {
  static constexpr Type kind = Type::joiner;
  explicit Joiner(Value between) noexcept : Object{kind}, separator{std::move(between)} {}
  Value separator;
  bool used = false;
};

}  // namespace ingot::text::jinja
