// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/functions.hpp: range, dict, namespace, cycler, joiner, raise_exception, strftime_now.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/filter_tools.hpp>
#include <ingot/text/jinja/strftime.hpp>

namespace ingot::text::jinja {

namespace functions {

inline Result<Value> range(Runtime& runtime, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("range", arguments, {"start", "stop", "step"}, 1));
  const bool from_zero = bound[1].missing();
  INGOT_TRY(const std::int64_t start, to_index(from_zero ? Value{std::int64_t{0}} : bound[0]));
  INGOT_TRY(const std::int64_t stop, to_index(from_zero ? bound[0] : bound[1]));
  INGOT_TRY(const std::int64_t step, to_index(bound[2], 1));
  if (step == 0) return failure("ValueError: range() arg 3 must not be zero");
  const auto magnitude = step < 0 ? 0 - static_cast<std::uint64_t>(step) : static_cast<std::uint64_t>(step);
  const bool empty = step > 0 ? start >= stop : start <= stop;
  const auto distance = step > 0 ? static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start)
                                 : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop);
  const std::uint64_t n = empty ? 0 : (distance - 1) / magnitude + 1;
  if (n > runtime.budget.limits().range)
    return failure("OverflowError: Range too big. The sandbox blocks ranges larger than MAX_RANGE (" +
                   std::to_string(runtime.budget.limits().range) + ").");
  INGOT_CHECK(runtime.budget.elements(static_cast<std::size_t>(n)));
  std::vector<Value> items;
  items.reserve(static_cast<std::size_t>(n));
  for (std::uint64_t i = 0; i < n; ++i)
    items.push_back(Value{static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + i * static_cast<std::uint64_t>(step))});
  return Value{std::make_shared<const Sequence>(Sequence{Flavor::range, std::move(items), 1, start, stop, step})};
}

/// The entries that dict(mapping or pairs, **keywords) makes.
inline Result<std::vector<std::pair<Value, Value>>> entries(Runtime& runtime, const Arguments& arguments) {
  std::vector<std::pair<Value, Value>> out;
  if (arguments.positional.size() > 1)
    return failure("TypeError: dict expected at most 1 argument, got " + std::to_string(arguments.positional.size()));
  if (!arguments.positional.empty()) {
    const Value& from = arguments.positional.front();
    if (const auto* dictionary = from.dictionary()) {
      out = dictionary->entries;
    } else {
      INGOT_TRY(const auto pairs, to_items(runtime.budget, from));
      for (const Value& pair : pairs) {
        INGOT_TRY(const auto parts, to_items(runtime.budget, pair));
        if (parts.size() != 2)
          return failure("ValueError: dictionary update sequence element has length " + std::to_string(parts.size()) + "; 2 is required");
        out.emplace_back(parts[0], parts[1]);
      }
    }
  }
  for (const auto& [key, value] : arguments.keywords) out.emplace_back(Value{key}, value);
  return out;
}
inline Result<Value> dict(Runtime& runtime, const Arguments& arguments) {
  INGOT_TRY(auto pairs, entries(runtime, arguments));
  return make_dictionary(runtime.budget, std::move(pairs));
}
inline Result<Value> name_space(Runtime& runtime, const Arguments& arguments) {
  INGOT_TRY(const Value pairs, dict(runtime, arguments));
  INGOT_TRY(Namespace * space, runtime.make<Namespace>());
  for (const auto& [key, value] : pairs.dictionary()->entries) {
    INGOT_TRY(const std::string_view name, to_str(key, "the name of an attribute"));
    space->attributes.emplace_back(name, value);
  }
  return Value{static_cast<Object*>(space)};
}
inline Result<Value> cycler(Runtime& runtime, const Arguments& arguments) {
  if (arguments.positional.empty()) return failure("RuntimeError: at least one item has to be provided");
  if (!arguments.keywords.empty()) return failure("TypeError: cycler() takes no keyword arguments");
  INGOT_TRY(Cycler * made, runtime.make<Cycler>(arguments.positional));
  return Value{static_cast<Object*>(made)};
}
inline Result<Value> joiner(Runtime& runtime, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("joiner", arguments, {"sep"}));
  INGOT_TRY(Joiner * made, runtime.make<Joiner>(bound[0].missing() ? Value{", "} : bound[0]));
  return Value{static_cast<Object*>(made)};
}
/// The message is the whole of the Error's `what`: it is meant for the user.
inline Result<Value> raise_exception(Runtime& runtime, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("raise_exception", arguments, {"message"}, 1));
  INGOT_TRY(std::string message, to_text(runtime.budget, bound[0]));
  return Error{ErrorCode::other, std::move(message), {}, {}};
}
inline Result<Value> strftime_now(Runtime& runtime, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("strftime_now", arguments, {"format"}, 1));
  INGOT_TRY(const std::string_view format, to_str(bound[0], "strftime() argument 1"));
  INGOT_CHECK(runtime.budget.text(24 * format.size()));
  return make_text(runtime.budget, strftime(format, runtime.now));
}

}  // namespace functions

/// A function that stands in every template, or nullptr.
using GlobalFunction = Result<Value> (*)(Runtime&, const Arguments&);
inline constexpr std::pair<std::string_view, GlobalFunction> global_functions[] = {
    {"range", functions::range},
    {"dict", functions::dict},
    {"namespace", functions::name_space},
    {"cycler", functions::cycler},
    {"joiner", functions::joiner},
    {"raise_exception", functions::raise_exception},
    {"strftime_now", functions::strftime_now},
};
[[nodiscard]] inline GlobalFunction find_function(std::string_view name) noexcept {
  for (const auto& [known, function] : global_functions)
    if (known == name) return function;
  return nullptr;
}

}  // namespace ingot::text::jinja
