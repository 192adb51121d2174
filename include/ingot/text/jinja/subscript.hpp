// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/subscript.hpp: a.b, a['b'], a[1:2], with the rules of the immutable sandbox.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/runtime.hpp>
#include <ingot/text/jinja/text_methods.hpp>

namespace ingot::text::jinja {

namespace detail {

[[nodiscard]] inline bool listed(std::initializer_list<std::string_view> names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}
/// Methods that the sandbox hides because they change what they belong to.
[[nodiscard]] inline bool changes(const Value& value, std::string_view name) noexcept {
  if (value.list()) return listed({"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"}, name);
  return value.dictionary() && listed({"clear", "pop", "popitem", "setdefault", "update"}, name);
}
[[nodiscard]] inline bool has_method(const Value& value, std::string_view name) noexcept {
  if (value.text())
    return find_text_method(name) || name == "format" || name == "format_map" ||
           (value.text()->markup && listed({"striptags", "unescape"}, name));
  if (value.list()) return listed({"copy", "count", "index"}, name);
  if (value.tuple() || (value.sequence() && value.sequence()->flavor == Flavor::range)) return listed({"count", "index"}, name);
  if (value.dictionary()) return listed({"copy", "get", "items", "keys", "values"}, name);
  if (value.real()) return name == "is_integer";
  if (value.is_integer()) return name == "bit_length";
  if (value.object_as<Loop>()) return listed({"cycle", "changed"}, name);
  return value.object_as<Cycler>() && listed({"next", "reset"}, name);
}

inline Result<std::optional<Value>> loop_attribute(Budget& budget, Loop& loop, std::string_view name) {
  using Found = std::optional<Value>;
  const auto number = [](std::size_t n) { return Found{Value::size(n)}; };
  const auto index0 = static_cast<std::size_t>(std::max<std::int64_t>(loop.index0, 0));
  if (name == "index0") return Found{Value{loop.index0}};
  if (name == "index") return Found{Value{loop.index0 + 1}};
  if (name == "first") return Found{Value{loop.index0 == 0}};
  if (name == "depth") return number(loop.depth0 + 1);
  if (name == "depth0") return number(loop.depth0);
  if (name == "previtem") return Found{loop.index0 == 0 ? Value::undefined("there is no previous item") : loop.before};
  if (name == "last" || name == "nextitem") {
    INGOT_TRY(Value next, loop.peek());
    if (name == "last") return Found{Value{next.missing()}};
    return Found{next.missing() ? Value::undefined("there is no next item") : std::move(next)};
  }
  if (name == "length" || name == "revindex" || name == "revindex0") {
    INGOT_TRY(const std::size_t n, loop.count(budget));
    return number(name == "length" ? n : name == "revindex" ? n - index0 : n - index0 - 1);
  }
  return Found{};
}

}  // namespace detail

/// The attribute `name` that the type of the value has, as getattr() finds it: methods, loop variables, namespace entries.
[[nodiscard]] inline Result<std::optional<Value>> native_attribute(Runtime& runtime, const Value& value, std::string_view name) {
  using Found = std::optional<Value>;
  INGOT_CHECK(runtime.budget.spend());
  if (const auto* space = value.object_as<Namespace>()) {
    INGOT_CHECK(runtime.budget.spend(space->attributes.size() / 8));
    const Value* found = space->find(name);
    return found ? Found{*found} : Found{};
  }
  if (auto* loop = value.object_as<Loop>()) {
    INGOT_TRY(Found found, detail::loop_attribute(runtime.budget, *loop, name));
    if (found) return found;
  }
  if (const auto* macro = value.object_as<Macro>(); macro && name == "name")
    return Found{macro->name.empty() ? Value{Value::None{}} : Value{macro->name}};
  if (auto* cycler = value.object_as<Cycler>(); cycler && name == "current") return Found{cycler->items[cycler->position]};
  if (value.sequence() && value.sequence()->flavor == Flavor::group) {
    if (name == "grouper") return Found{value.sequence()->items[0]};
    if (name == "list") return Found{value.sequence()->items[1]};
  }
  if (detail::has_method(value, name)) return Found{Value{std::make_shared<const Method>(Method{value, std::string{name}})}};
  if (detail::changes(value, name) || (name.starts_with("__") && name.ends_with("__") && name.size() > 4 && !value.dictionary()))
    return Found{Value::undefined("access to attribute " + in_quotes(name) + " of '" + type_name(value) + "' object is unsafe.")};
  return Found{};
}

/// Undefined, remembering what was looked for in what.
[[nodiscard]] inline Result<Value> not_found(Budget& budget, const Value& value, const Value& key) {
  if (key.text()) return Value::undefined(in_quotes(described(value)) + " has no attribute " + in_quotes(key.text()->bytes));
  INGOT_TRY(const std::string name, to_repr(budget, key));
  return Value::undefined(described(value) + " has no element " + name);
}

/// obj[key] as Python does it, or nothing where that raises TypeError or LookupError.
[[nodiscard]] inline Result<std::optional<Value>> native_item(Budget& budget, const Value& value, const Value& key) {
  using Found = std::optional<Value>;
  if (const auto* dictionary = value.dictionary()) {
    if (!hashable(budget, key)) return Found{};
    INGOT_TRY(const Value* found, find(budget, *dictionary, key));
    return found ? Found{*found} : Found{};
  }
  const auto index = key.small();
  if (!index) return Found{};
  const auto place = [&](std::size_t n) -> std::optional<std::size_t> {
    const auto size = static_cast<std::int64_t>(n);
    if (*index >= size || *index < -size) return std::nullopt;
    return static_cast<std::size_t>(*index < 0 ? *index + size : *index);
  };
  if (const auto* text = value.text()) {
    const auto at = place(text->points);
    if (!at) return Found{};
    const bool narrow = text->points == text->bytes.size();
    if (!narrow) INGOT_CHECK(budget.text(text->bytes.size()));
    const std::size_t start = narrow ? *at : unicode::offset(text->bytes, *at);
    std::size_t end = start;
    unicode::next(text->bytes, end);
    return Found{Value{text->bytes.substr(start, end - start), text->markup}};
  }
  if (const auto* sequence = value.sequence(); sequence && (value.list() || value.tuple() || sequence->flavor == Flavor::range)) {
    const auto at = place(sequence->items.size());
    return at ? Found{sequence->items[*at]} : Found{};
  }
  return Found{};
}

/// `value.name`: the attribute, else the item, else Undefined. `name` is a text.
[[nodiscard]] inline Result<Value> attribute(Runtime& runtime, const Value& value, const Value& name) {
  if (const auto* undefined = value.undefined()) return failure(undefined->message);
  INGOT_TRY(auto found, native_attribute(runtime, value, name.text()->bytes));
  if (!found) {
    INGOT_TRY(found, native_item(runtime.budget, value, name));
  }
  return found ? Result<Value>{*std::move(found)} : not_found(runtime.budget, value, name);
}

/// `value[key]`: the item, else the attribute, else Undefined.
[[nodiscard]] inline Result<Value> item(Runtime& runtime, const Value& value, const Value& key) {
  if (const auto* undefined = value.undefined()) return failure(undefined->message);
  INGOT_TRY(auto found, native_item(runtime.budget, value, key));
  if (!found && key.text()) {
    INGOT_TRY(found, native_attribute(runtime, value, key.text()->bytes));
  }
  return found ? Result<Value>{*std::move(found)} : not_found(runtime.budget, value, key);
}

/// `value[start:stop:step]`; Missing and none stand for what is left out.
[[nodiscard]] inline Result<Value> slice(Runtime& runtime, const Value& value, const Value& start, const Value& stop, const Value& step) {
  if (const auto* undefined = value.undefined()) return failure(undefined->message);
  const auto* text = value.text();
  const auto* sequence = value.sequence();
  const bool sliceable = text || value.list() || value.tuple() || (sequence && sequence->flavor == Flavor::range);
  if (!sliceable) return failure("TypeError: '" + type_name(value) + "' object cannot be sliced");
  for (const Value* part : {&start, &stop, &step})
    if (!part->missing() && !part->none() && !part->is_integer())
      return failure("TypeError: slice indices must be integers or None, not " + type_name(*part));
  INGOT_TRY(const std::int64_t by, to_index(step, 1));
  if (by == 0) return failure("ValueError: slice step cannot be zero");
  const auto n = static_cast<std::int64_t>(text ? text->points : sequence->items.size());
  const auto bound = [&](const Value& given, std::int64_t fallback) -> Result<std::int64_t> {
    INGOT_TRY(std::int64_t at, to_index(given, fallback));
    if (given.missing() || given.none()) return at;
    if (at < 0) at = at < -n ? -1 : at + n;
    return by > 0 ? std::clamp<std::int64_t>(at, 0, n) : std::clamp<std::int64_t>(at, -1, n - 1);
  };
  INGOT_TRY(const std::int64_t first, bound(start, by > 0 ? 0 : n - 1));
  INGOT_TRY(const std::int64_t last, bound(stop, by > 0 ? n : -1));
  if (text && by == 1) {
    INGOT_CHECK(runtime.budget.text(text->bytes.size()));
    if (first >= last) return Value{std::string{}, text->markup};
    const bool narrow = text->points == text->bytes.size();
    const std::size_t from = narrow ? static_cast<std::size_t>(first) : unicode::offset(text->bytes, static_cast<std::size_t>(first));
    const std::size_t to =
        narrow ? static_cast<std::size_t>(last) : unicode::offset(text->bytes, static_cast<std::size_t>(last - first), from);
    return Value{text->bytes.substr(from, to - from), text->markup};
  }
  std::vector<std::size_t> picked;
  for (std::int64_t at = first; by > 0 ? at < last : at > last;) {
    INGOT_CHECK(runtime.budget.spend());
    picked.push_back(static_cast<std::size_t>(at));
    if (__builtin_add_overflow(at, by, &at)) break;
  }
  if (text) {
    std::vector<std::size_t> starts;
    INGOT_CHECK(runtime.budget.spend(text->points));
    for (std::size_t at = 0; at < text->bytes.size(); unicode::next(text->bytes, at)) starts.push_back(at);
    std::string out;
    for (const std::size_t point : picked) {
      std::size_t end = starts[point];
      unicode::next(text->bytes, end);
      out.append(text->bytes, starts[point], end - starts[point]);
    }
    return make_text(runtime.budget, std::move(out), text->markup);
  }
  std::vector<Value> items;
  items.reserve(picked.size());
  for (const std::size_t at : picked) items.push_back(sequence->items[at]);
  const Flavor flavor = sequence->flavor == Flavor::group ? Flavor::tuple : sequence->flavor;
  INGOT_TRY(const std::size_t depth, depth_over(runtime.budget, items));
  auto made = std::make_shared<Sequence>(Sequence{flavor, std::move(items), depth});
  if (flavor == Flavor::range) {
    made->start = sequence->start + first * sequence->step;
    made->stop = sequence->start + last * sequence->step;
    made->step = sequence->step * by;
  }
  return Value{std::shared_ptr<const Sequence>{std::move(made)}};
}

}  // namespace ingot::text::jinja
