// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/runtime.hpp: what one rendering owns, and the arguments of a call.

#include <ctime>
#include <deque>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/iterate.hpp>
#include <ingot/text/jinja/objects.hpp>

namespace ingot::text::jinja {

/// The budget, the clock and every Object of one rendering.
struct Runtime {
  explicit Runtime(Limits limits, std::tm clock) noexcept : budget{limits}, now{clock} {}
  Budget budget;
  std::tm now;  ///< what strftime_now tells
  std::vector<std::unique_ptr<Object>> objects;

  /// A new T (an Object) that lives as long as the rendering.
  template <class T, class... Arguments>
  [[nodiscard]] Result<T*> make(Arguments&&... arguments) {
    INGOT_CHECK(budget.spend(8));
    auto owned = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    T* made = owned.get();
    objects.push_back(std::move(owned));
    return made;
  }
};

/// What stands between the parentheses of a call, `*` and `**` already spread.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> keywords;

  [[nodiscard]] const Value* keyword(std::string_view name) const noexcept {
    for (const auto& [key, value] : keywords)
      if (key == name) return &value;
    return nullptr;
  }
};

/// The arguments in the order of `names`, Missing where not given. An Error names what is too much or lacking.
[[nodiscard]] inline Result<std::vector<Value>> bind(std::string_view function, const Arguments& arguments,
                                                     std::initializer_list<std::string_view> names, std::size_t required = 0) {
  const std::string called{function};
  if (arguments.positional.size() > names.size())
    return failure("TypeError: " + called + "() takes at most " + std::to_string(names.size()) + " arguments (" +
                   std::to_string(arguments.positional.size()) + " given)");
  std::vector<Value> bound = arguments.positional;
  bound.resize(names.size());
  for (const auto& [key, value] : arguments.keywords) {
    const auto* name = std::find(names.begin(), names.end(), key);
    if (name == names.end()) return failure("TypeError: " + called + "() got an unexpected keyword argument " + in_quotes(key));
    Value& place = bound[static_cast<std::size_t>(name - names.begin())];
    if (!place.missing()) return failure("TypeError: " + called + "() got multiple values for argument " + in_quotes(key));
    place = value;
  }
  for (std::size_t i = 0; i < required; ++i)
    if (bound[i].missing()) return failure("TypeError: " + called + "() missing required argument " + in_quotes(names.begin()[i]));
  return bound;
}

/// The value as an index, or an Error; integers beyond 64 bits are cut off.
[[nodiscard]] inline Result<std::int64_t> to_index(const Value& value) {
  if (const auto small = value.small()) return *small;
  if (const auto* big = value.big())
    return big->negative() ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  if (const auto* undefined = value.undefined()) return failure(undefined->message);
  return failure("TypeError: '" + type_name(value) + "' object cannot be interpreted as an integer");
}
[[nodiscard]] inline Result<std::int64_t> to_index(const Value& value, std::int64_t fallback) {
  return value.missing() || value.none() ? Result<std::int64_t>{fallback} : to_index(value);
}
/// A width, count or precision: negative ones are 0, huge ones an Error once memory is asked for.
[[nodiscard]] inline Result<std::size_t> to_width(const Value& value, std::int64_t fallback) {
  INGOT_TRY(const std::int64_t n, to_index(value, fallback));
  return n < 0 ? std::size_t{0} : static_cast<std::size_t>(n);
}
/// The text of a str argument, or an Error.
[[nodiscard]] inline Result<std::string_view> to_str(const Value& value, std::string_view what) {
  if (const auto* text = value.text()) return std::string_view{text->bytes};
  if (const auto* undefined = value.undefined()) return failure(undefined->message);
  return failure("TypeError: " + std::string{what} + " must be str, not " + type_name(value));
}

}  // namespace ingot::text::jinja
