// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/filter_tools.hpp: what filters share: their signature, str() of inputs, attribute paths, sorting.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/arithmetic.hpp>
#include <ingot/text/jinja/methods.hpp>
#include <ingot/text/jinja/runtime.hpp>

namespace ingot::text::jinja {

/// `input | name(arguments)`.
using Filter = Result<Value> (*)(Runtime&, const Value& input, const Arguments&);
/// `input is name(arguments)`.
using Test = Result<bool> (*)(Runtime&, const Value& input, const Arguments&);

namespace filters {

/// str(value), but a Markup stays one.
inline Result<Value> soft_text(Runtime& runtime, const Value& value) {
  if (value.text()) return value;
  INGOT_TRY(std::string text, to_text(runtime.budget, value));
  return Value{std::move(text)};
}

/// A filter that is a method of str, applied to str(input).
template <TextMethod method>
Result<Value> by_method(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const Value text, soft_text(runtime, input));
  return method(runtime, *text.text(), arguments);
}

/// The lower case of a text; all else as it is.
inline Value without_case(const Value& value) { return value.text() ? Value{unicode::lower(value.text()->bytes)} : value; }

/// An attribute given as "a.b.0" or as a number, taken apart.
class Path {
 public:
  [[nodiscard]] static Result<Path> parse(Budget& budget, const Value& attribute) {
    Path path;
    if (attribute.missing() || attribute.none()) return path;
    if (!attribute.text()) return path.parts_.push_back(attribute), path;
    const std::string_view text = attribute.text()->bytes;
    for (std::size_t start = 0; start <= text.size();) {
      INGOT_CHECK(budget.spend());
      const std::size_t end = std::min(text.find('.', start), text.size());
      const std::string_view part = text.substr(start, end - start);
      const bool number = !part.empty() && part.size() < 100 && part.find_first_not_of("0123456789") == part.npos;
      path.parts_.push_back(number ? Value{Integer{part}} : Value{part});
      start = end + 1;
    }
    return path;
  }
  /// The attribute of `value`; where a part is undefined, `fallback` unless that is missing or none.
  [[nodiscard]] Result<Value> get(Runtime& runtime, Value value, const Value& fallback = {}) const {
    for (const Value& part : parts_) {
      INGOT_TRY(value, item(runtime, value, part));
      if (value.undefined() && !fallback.missing() && !fallback.none()) value = fallback;
    }
    return value;
  }
  [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }

 private:
  std::vector<Value> parts_;
};

/// Sorts (key, value) pairs by key as Python's sorted() does; equal ones keep their order, also in reverse.
inline Status sort_by_key(Budget& budget, std::vector<std::pair<Value, Value>>& pairs, bool reverse) {
  Status problem;
  std::stable_sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) {
    if (!problem) return false;
    const auto way = reverse ? order(budget, b.first, a.first) : order(budget, a.first, b.first);
    if (!way) problem = way.error();
    return way && *way < 0;
  });
  return problem;
}

}  // namespace filters

}  // namespace ingot::text::jinja
