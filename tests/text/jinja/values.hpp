// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/text/jinja/values.hpp: short ways to make values and to look at them.

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <ingot/text/jinja/compare.hpp>

namespace ingot::text::jinja {

inline Value none() { return Value::None{}; }
inline Value number(std::int64_t n) { return n; }
inline Value list(std::vector<Value> items, Flavor flavor = Flavor::list) {
  Budget budget;
  return *make_sequence(budget, std::move(items), flavor);
}
inline Value tuple(std::vector<Value> items) { return list(std::move(items), Flavor::tuple); }
inline Value dictionary(std::vector<std::pair<Value, Value>> entries) {
  Budget budget;
  return *make_dictionary(budget, std::move(entries));
}
/// repr() of a result, or "error: " and its message.
inline std::string shown(const Result<Value>& result) {
  Budget budget;
  return result ? *to_repr(budget, *result) : "error: " + result.error().message();
}
inline std::string shown(const Value& value) { return shown(Result<Value>{value}); }
/// A budget that is used up after `steps`.
inline Limits few_steps(std::uint64_t steps) {
  Limits limits;
  limits.steps = steps;
  return limits;
}

}  // namespace ingot::text::jinja
