// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/methods.hpp: the methods of dict, list, tuple, numbers, loops and cyclers.

#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/format.hpp>
#include <ingot/text/jinja/striptags.hpp>
#include <ingot/text/jinja/subscript.hpp>

namespace ingot::text::jinja {

namespace detail {

inline Result<Value> dictionary_method(Runtime& runtime, const Value& self, std::string_view name, const Arguments& arguments) {
  Budget& budget = runtime.budget;
  const Dictionary& dictionary = *self.dictionary();
  if (name == "get") {
    INGOT_TRY(const auto bound, bind(name, arguments, {"key", "default"}, 1));
    INGOT_TRY(const Value* found, find(budget, dictionary, bound[0]));
    return found ? *found : bound[1].missing() ? Value{Value::None{}} : bound[1];
  }
  INGOT_CHECK(bind(name, arguments, {}));
  if (name == "copy") return self;
  std::vector<Value> items;
  INGOT_CHECK(budget.elements(dictionary.entries.size()));
  items.reserve(dictionary.entries.size());
  for (const auto& [key, value] : dictionary.entries) {
    if (name != "items") {
      items.push_back(name == "keys" ? key : value);
      continue;
    }
    INGOT_TRY(Value pair, make_tuple(budget, {key, value}));
    items.push_back(std::move(pair));
  }
  return make_sequence(budget, std::move(items), name == "keys" ? Flavor::keys : name == "values" ? Flavor::values : Flavor::items);
}

inline Result<Value> sequence_method(Runtime& runtime, const Value& self, std::string_view name, const Arguments& arguments) {
  if (name == "copy") return self;
  INGOT_TRY(const auto bound, bind(name, arguments, {"value", "start", "stop"}, 1));
  const auto& items = self.sequence()->items;
  const auto n = static_cast<std::int64_t>(items.size());
  INGOT_TRY(std::int64_t first, to_index(bound[1], 0));
  INGOT_TRY(std::int64_t last, to_index(bound[2], n));
  first = std::clamp<std::int64_t>(first < 0 ? std::max<std::int64_t>(first, -n) + n : first, 0, n);
  last = std::clamp<std::int64_t>(last < 0 ? std::max<std::int64_t>(last, -n) + n : last, 0, n);
  std::int64_t count = 0;
  for (std::int64_t i = first; i < last; ++i) {
    INGOT_TRY(const bool same, equal(runtime.budget, items[static_cast<std::size_t>(i)], bound[0]));
    if (same && name == "index") return Value{i};
    count += same;
  }
  if (name == "count") return Value{count};
  INGOT_TRY(const std::string text, to_repr(runtime.budget, bound[0]));
  return failure("ValueError: " + text + " is not in " + type_name(self));
}

inline Result<Value> loop_method(Runtime& runtime, Loop& loop, std::string_view name, const Arguments& arguments) {
  if (!arguments.keywords.empty()) return failure("TypeError: " + std::string{name} + "() takes no keyword arguments");
  if (name == "cycle") {
    if (arguments.positional.empty()) return failure("TypeError: no items for cycling given");
    return arguments.positional[static_cast<std::size_t>(std::max<std::int64_t>(loop.index0, 0)) % arguments.positional.size()];
  }
  INGOT_TRY(Value now, make_tuple(runtime.budget, arguments.positional));
  if (loop.last_value) {
    INGOT_TRY(const bool same, equal(runtime.budget, *loop.last_value, now));
    if (same) return Value{false};
  }
  loop.last_value = std::move(now);
  return Value{true};
}

}  // namespace detail

/// `self.name(arguments)` for a name that native_attribute() gave as a Method.
[[nodiscard]] inline Result<Value> call_method(Runtime& runtime, const Value& self, std::string_view name, const Arguments& arguments) {
  INGOT_CHECK(runtime.budget.spend());
  if (const auto* text = self.text()) {
    if (const TextMethod method = find_text_method(name)) return method(runtime, *text, arguments);
    if (name == "format") return format_method(runtime, *text, arguments);
    if (name == "format_map") return format_map_method(runtime, *text, arguments);
    INGOT_CHECK(bind(name, arguments, {}));
    INGOT_CHECK(runtime.budget.text(text->bytes.size()));
    return Value{name == "striptags" ? without_tags(text->bytes) : unescaped(text->bytes)};
  }
  if (self.dictionary()) return detail::dictionary_method(runtime, self, name, arguments);
  if (self.sequence()) return detail::sequence_method(runtime, self, name, arguments);
  if (auto* loop = self.object_as<Loop>()) return detail::loop_method(runtime, *loop, name, arguments);
  INGOT_CHECK(bind(name, arguments, {}));
  if (auto* cycler = self.object_as<Cycler>()) {
    const Value current = cycler->items[cycler->position];
    cycler->position = name == "reset" ? 0 : (cycler->position + 1) % cycler->items.size();
    return name == "reset" ? Value{Value::None{}} : current;
  }
  if (const auto* real = self.real()) return Value{std::isfinite(*real) && *real == std::floor(*real)};
  const auto small = self.small();
  if (!small) return lacking("bit_length of integers beyond 64 bits");
  return Value::size(
      static_cast<std::size_t>(std::bit_width(*small < 0 ? 0 - static_cast<std::uint64_t>(*small) : static_cast<std::uint64_t>(*small))));
}

}  // namespace ingot::text::jinja
