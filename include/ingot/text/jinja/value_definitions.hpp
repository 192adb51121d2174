// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/value_definitions.hpp: making and comparing values, for ingot::runtime: only for its source.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <compare>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/compare.hpp>
#include <ingot/text/jinja/integer.hpp>
#include <ingot/text/jinja/limits.hpp>
#include <ingot/text/jinja/python_text.hpp>
#include <ingot/text/jinja/unicode.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

Value::Value(Integer value) {
  if (const auto small = value.small())
    *this = *small;
  else
    *this = std::make_shared<const Integer>(std::move(value));
}
Value::Value(std::string text, bool markup) {
  const std::size_t points = unicode::length(text);
  *this = std::make_shared<const Text>(Text{std::move(text), points, markup});
}
Value Value::undefined(std::string message) { return std::make_shared<const Undefined>(Undefined{std::move(message)}); }

bool Value::same(const Value& other) const noexcept {
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::missing:
    case Kind::none:
      return true;
    case Kind::boolean:
      return plain_.boolean == other.plain_.boolean;
    case Kind::integer:
      return plain_.integer == other.plain_.integer;
    case Kind::real:
      return plain_.real == other.plain_.real;
    case Kind::object:
      return plain_.object == other.plain_.object;
    default:
      return shared_ == other.shared_;
  }
}

std::size_t Value::depth() const noexcept {
  if (const auto* found = sequence()) return found->depth;
  if (const auto* found = dictionary()) return found->depth;
  if (const auto* found = iterator()) return found->depth;
  if (const auto* found = method()) return found->receiver.depth();
  return 0;
}

Result<std::size_t> depth_over(const Budget& budget, const std::vector<Value>& items) {
  std::size_t depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  if (depth >= budget.limits().value_depth)
    return failure("values nested deeper than the limit of " + std::to_string(budget.limits().value_depth));
  return depth + 1;
}

Result<Value> make_sequence(Budget& budget, std::vector<Value> items, Flavor flavor) {
  INGOT_CHECK(budget.elements(items.size()));
  INGOT_TRY(const std::size_t depth, depth_over(budget, items));
  return Value{std::make_shared<const Sequence>(Sequence{flavor, std::move(items), depth})};
}

Result<Value> make_tuple(Budget& budget, std::vector<Value> items) { return make_sequence(budget, std::move(items), Flavor::tuple); }

Result<Value> make_iterator(Budget& budget, std::vector<Value> items, std::string type) {
  INGOT_CHECK(budget.elements(items.size()));
  INGOT_TRY(const std::size_t depth, depth_over(budget, items));
  return Value{std::make_shared<Iterator>(Iterator{std::move(type), std::move(items), depth})};
}

Result<Value> make_text(Budget& budget, std::string text, bool markup) {
  INGOT_CHECK(budget.text(text.size()));
  return Value{std::move(text), markup};
}

/// Dictionaries with more entries than this are searched by key order.
inline constexpr std::size_t linear_search_entries = 8;

Integer to_integer(const Value& value) {
  if (const auto* big = value.big()) return *big;
  return Integer{value.small().value_or(0)};
}
double to_real(const Value& value) {
  if (const auto* real = value.real()) return *real;
  if (const auto* big = value.big()) return big->real();
  return static_cast<double>(value.small().value_or(0));
}
Integer truncated(double value) {
  std::array<char, 400> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::trunc(value), std::chars_format::fixed, 0).ptr;
  return Integer{std::string_view{buffer.data(), static_cast<std::size_t>(end - buffer.data())}};
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  const auto x = a.small(), y = b.small();
  if (x && y) return *x <=> *y;
  if (a.real() && b.real()) return *a.real() <=> *b.real();
  if (b.real()) {
    const auto turned = compare_numbers(b, a);
    return turned == std::partial_ordering::unordered ? turned : 0 <=> turned;
  }
  if (!a.real()) return to_integer(a) <=> to_integer(b);
  const double real = *a.real();
  if (!std::isfinite(real) || (y && std::abs(*y) <= (std::int64_t{1} << 53))) return real <=> to_real(b);
  const auto whole = truncated(real) <=> to_integer(b);
  return whole != 0 ? std::partial_ordering{whole} : real - std::trunc(real) <=> 0.0;
}

namespace detail {
inline Result<bool> equal_items(Budget& budget, const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    INGOT_TRY(const bool same, equal(budget, a[i], b[i]));
    if (!same) return false;
  }
  return true;
}
}  // namespace detail

Result<bool> equal(Budget& budget, const Value& a, const Value& b) {
  INGOT_CHECK(budget.spend());
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.text() && b.text()) return a.text()->bytes == b.text()->bytes;
  if (a.same(b)) return true;
  if (a.undefined() || b.undefined()) return a.undefined() && b.undefined();
  if ((a.list() && b.list()) || (a.tuple() && b.tuple()) ||
      (a.sequence() && b.sequence() && a.sequence()->flavor == b.sequence()->flavor && a.sequence()->flavor != Flavor::values))
    return detail::equal_items(budget, a.sequence()->items, b.sequence()->items);
  if (a.dictionary() && b.dictionary()) {
    if (a.dictionary()->entries.size() != b.dictionary()->entries.size()) return false;
    for (const auto& [key, value] : a.dictionary()->entries) {
      INGOT_TRY(const Value* other, find(budget, *b.dictionary(), key));
      if (other == nullptr) return false;
      INGOT_TRY(const bool same, equal(budget, value, *other));
      if (!same) return false;
    }
    return true;
  }
  return false;
}

Result<std::partial_ordering> order(Budget& budget, const Value& a, const Value& b, const char* sign) {
  INGOT_CHECK(budget.spend());
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.text() && b.text()) return std::partial_ordering{a.text()->bytes <=> b.text()->bytes};
  if ((a.list() && b.list()) || (a.tuple() && b.tuple())) {
    const auto &x = a.sequence()->items, &y = b.sequence()->items;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      INGOT_TRY(const bool same, equal(budget, x[i], y[i]));
      if (!same) return order(budget, x[i], y[i], sign);
    }
    return std::partial_ordering{x.size() <=> y.size()};
  }
  for (const Value* side : {&a, &b})
    if (const auto* undefined = side->undefined()) return failure(undefined->message);
  return failure(std::string{"TypeError: '"} + sign + "' not supported between instances of '" + type_name(a) + "' and '" + type_name(b) +
                 "'");
}

Status hashable(Budget& budget, const Value& value) {
  INGOT_CHECK(budget.spend());
  const auto* sequence = value.sequence();
  if (value.dictionary() || value.iterator() || value.method() || (sequence && !value.tuple() && sequence->flavor != Flavor::range))
    return failure("TypeError: unhashable type: '" + type_name(value) + "'");
  if (sequence != nullptr && value.tuple())
    for (const Value& item : sequence->items) INGOT_CHECK(hashable(budget, item));
  return {};
}

std::weak_ordering key_order(Budget& budget, const Value& a, const Value& b) {
  if (!budget.spend()) return std::weak_ordering::equivalent;
  const auto rank = [](const Value& v) {
    return v.is_number() ? 1 : v.text() ? 2 : v.tuple() ? 3 : v.object() ? 4 : v.sequence() ? 5 : v.none() ? 6 : 7;
  };
  if (const auto ranks = rank(a) <=> rank(b); ranks != 0) return ranks;
  switch (rank(a)) {
    case 1: {
      const auto numbers = compare_numbers(a, b);
      if (numbers == std::partial_ordering::unordered) return (a.real() && std::isnan(*a.real())) <=> (b.real() && std::isnan(*b.real()));
      return numbers < 0 ? std::weak_ordering::less : numbers > 0 ? std::weak_ordering::greater : std::weak_ordering::equivalent;
    }
    case 2:
      return a.text()->bytes <=> b.text()->bytes;
    case 3:
    case 5: {
      const auto &x = a.sequence()->items, &y = b.sequence()->items;
      for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
        if (const auto items = key_order(budget, x[i], y[i]); items != 0) return items;
      return x.size() <=> y.size();
    }
    case 4:
      return std::compare_three_way{}(a.object(), b.object());
    default:
      return std::weak_ordering::equivalent;
  }
}

Result<Value> make_dictionary(Budget& budget, std::vector<std::pair<Value, Value>> entries) {
  INGOT_CHECK(budget.elements(2 * entries.size()));
  std::size_t depth = 0;
  for (const auto& [key, value] : entries) {
    if (!key.text()) INGOT_CHECK(hashable(budget, key));
    depth = std::max({depth, key.depth(), value.depth()});
  }
  if (depth >= budget.limits().value_depth)
    return failure("values nested deeper than the limit of " + std::to_string(budget.limits().value_depth));
  std::vector<std::uint32_t> sorted(entries.size());
  std::iota(sorted.begin(), sorted.end(), 0u);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](std::uint32_t x, std::uint32_t y) { return key_order(budget, entries[x].first, entries[y].first) < 0; });
  INGOT_CHECK(budget.spend());
  std::vector<bool> dropped(entries.size(), false);
  for (std::size_t i = 0, end = 0; i < sorted.size(); i = end) {  // equal keys stand side by side, the first one first
    for (end = i + 1; end < sorted.size(); ++end) {
      if (key_order(budget, entries[sorted[i]].first, entries[sorted[end]].first) != 0) break;
      dropped[sorted[end]] = true;
    }
    if (end > i + 1) entries[sorted[i]].second = std::move(entries[sorted[end - 1]].second);
  }
  if (std::find(dropped.begin(), dropped.end(), true) != dropped.end()) {
    std::erase_if(sorted, [&](std::uint32_t i) { return dropped[i]; });
    std::vector<std::uint32_t> place(entries.size(), 0);
    std::uint32_t kept = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      place[i] = kept;
      if (dropped[i]) continue;
      if (kept != i) entries[kept] = std::move(entries[i]);
      ++kept;
    }
    entries.resize(kept);
    for (std::uint32_t& i : sorted) i = place[i];
  }
  if (sorted.size() <= linear_search_entries) sorted.clear();
  return Value{std::make_shared<const Dictionary>(Dictionary{std::move(entries), std::move(sorted), depth + 1})};
}

Result<const Value*> find(Budget& budget, const Dictionary& dictionary, const Value& key) {
  if (!key.text()) INGOT_CHECK(hashable(budget, key));
  INGOT_CHECK(budget.spend());
  if (dictionary.order.empty()) {
    for (const auto& [name, value] : dictionary.entries)
      if (key_order(budget, name, key) == 0) return &value;
    return nullptr;
  }
  const auto found = std::lower_bound(dictionary.order.begin(), dictionary.order.end(), key, [&](std::uint32_t i, const Value& wanted) {
    return key_order(budget, dictionary.entries[i].first, wanted) < 0;
  });
  if (found == dictionary.order.end() || key_order(budget, dictionary.entries[*found].first, key) != 0) return nullptr;
  return &dictionary.entries[*found].second;
}

}  // namespace ingot::text::jinja
