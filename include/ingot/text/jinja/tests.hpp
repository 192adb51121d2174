// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/tests.hpp: what may follow `is`.

#include <algorithm>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/filter_tools.hpp>

namespace ingot::text::jinja {

[[nodiscard]] bool filter_exists(std::string_view name) noexcept;
[[nodiscard]] inline Test find_test(std::string_view name) noexcept;

namespace tests {

inline Result<Value> only(const Arguments& arguments, std::string_view name) {
  INGOT_TRY(auto bound, bind(name, arguments, {"other"}, 1));
  return std::move(bound[0]);
}

/// A test without arguments that looks at the value alone.
template <bool (*holds)(const Value&)>
Result<bool> simple(Runtime&, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("test", arguments, {}));
  return holds(input);
}
inline bool defined(const Value& v) { return !v.undefined() && !v.missing(); }
inline bool undefined(const Value& v) { return !defined(v); }
inline bool none(const Value& v) { return v.none(); }
inline bool boolean(const Value& v) { return v.boolean() != nullptr; }
inline bool is_true(const Value& v) { return v.boolean() && *v.boolean(); }
inline bool is_false(const Value& v) { return v.boolean() && !*v.boolean(); }
inline bool integer(const Value& v) { return v.is_integer() && !v.boolean(); }
inline bool real(const Value& v) { return v.real() != nullptr; }
inline bool number(const Value& v) { return v.is_number(); }
inline bool string(const Value& v) { return v.text() != nullptr; }
inline bool mapping(const Value& v) { return v.dictionary() != nullptr; }
inline bool sequence(const Value& v) {
  return v.text() || v.dictionary() || v.undefined() || v.list() || v.tuple() || (v.sequence() && v.sequence()->flavor == Flavor::range);
}
inline bool escaped(const Value& v) { return v.text() && v.text()->markup; }
inline bool callable(const Value& v) {
  const auto* object = v.object();
  return v.method() || v.undefined() || (object && object->type != Object::Type::name_space && object->type != Object::Type::cycler);
}

template <int rest>
Result<bool> parity(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("test", arguments, {}));
  INGOT_TRY(const Value left, arithmetic(runtime.budget, Operator::modulo, input, Value{std::int64_t{2}}));
  return equal(runtime.budget, left, Value{std::int64_t{rest}});
}
inline Result<bool> divisible(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("divisibleby", arguments, {"num"}, 1));
  INGOT_TRY(const Value left, arithmetic(runtime.budget, Operator::modulo, input, bound[0]));
  return equal(runtime.budget, left, Value{std::int64_t{0}});
}
template <bool wanted>
Result<bool> same_value(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const Value other, only(arguments, "eq"));
  INGOT_TRY(const bool same, equal(runtime.budget, input, other));
  return same == wanted;
}
template <bool less, bool or_equal>
Result<bool> ordered(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const Value other, only(arguments, "lt"));
  INGOT_TRY(const auto way, order(runtime.budget, input, other, less ? (or_equal ? "<=" : "<") : or_equal ? ">=" : ">"));
  return (or_equal && way == 0) || (less ? way < 0 : way > 0);
}
inline Result<bool> same_object(Runtime&, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const Value other, only(arguments, "sameas"));
  return input.same(other);
}
inline Result<bool> within(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("in", arguments, {"seq"}, 1));
  return contains(runtime.budget, bound[0], input);
}
inline Result<bool> can_iterate(Runtime&, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("iterable", arguments, {}));
  return iterable(input);
}
template <bool upper>
Result<bool> cased(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("test", arguments, {}));
  INGOT_TRY(const Value text, filters::soft_text(runtime, input));
  INGOT_TRY(const Value found, text_methods::cased<upper>(runtime, *text.text(), {}));
  return truth(found);
}
inline Result<bool> is_filter(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("filter", arguments, {}));
  INGOT_CHECK(hashable(runtime.budget, input));
  return input.text() && filter_exists(input.text()->bytes);
}
inline Result<bool> is_test(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("test", arguments, {}));
  INGOT_CHECK(hashable(runtime.budget, input));
  return input.text() && find_test(input.text()->bytes);
}

}  // namespace tests

/// The test `name`, or nullptr.
inline Test find_test(std::string_view name) noexcept {
  namespace t = tests;
  static constexpr std::pair<std::string_view, Test> table[] = {
      {"!=", t::same_value<false>},
      {"<", t::ordered<true, false>},
      {"<=", t::ordered<true, true>},
      {"==", t::same_value<true>},
      {">", t::ordered<false, false>},
      {">=", t::ordered<false, true>},
      {"boolean", t::simple<t::boolean>},
      {"callable", t::simple<t::callable>},
      {"defined", t::simple<t::defined>},
      {"divisibleby", t::divisible},
      {"eq", t::same_value<true>},
      {"equalto", t::same_value<true>},
      {"escaped", t::simple<t::escaped>},
      {"even", t::parity<0>},
      {"false", t::simple<t::is_false>},
      {"filter", t::is_filter},
      {"float", t::simple<t::real>},
      {"ge", t::ordered<false, true>},
      {"greaterthan", t::ordered<false, false>},
      {"gt", t::ordered<false, false>},
      {"in", t::within},
      {"integer", t::simple<t::integer>},
      {"iterable", t::can_iterate},
      {"le", t::ordered<true, true>},
      {"lessthan", t::ordered<true, false>},
      {"lower", t::cased<false>},
      {"lt", t::ordered<true, false>},
      {"mapping", t::simple<t::mapping>},
      {"ne", t::same_value<false>},
      {"none", t::simple<t::none>},
      {"number", t::simple<t::number>},
      {"odd", t::parity<1>},
      {"sameas", t::same_object},
      {"sequence", t::simple<t::sequence>},
      {"string", t::simple<t::string>},
      {"test", t::is_test},
      {"true", t::simple<t::is_true>},
      {"undefined", t::simple<t::undefined>},
      {"upper", t::cased<true>},
  };
  const auto* found = std::lower_bound(std::begin(table), std::end(table), name,
                                       [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return found != std::end(table) && found->first == name ? found->second : nullptr;
}

}  // namespace ingot::text::jinja
