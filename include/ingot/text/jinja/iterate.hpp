// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/iterate.hpp: truth, length, iteration and membership of values.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/compare.hpp>
#include <ingot/text/jinja/unicode.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

/// bool(value).
[[nodiscard]] inline bool truth(const Value& value) noexcept {
  if (value.missing() || value.none() || value.undefined()) return false;
  if (const auto* b = value.boolean()) return *b;
  if (const auto* i = value.integer()) return *i != 0;
  if (const auto* r = value.real()) return *r != 0;
  if (const auto* t = value.text()) return !t->bytes.empty();
  if (const auto* s = value.sequence()) return !s->items.empty();
  if (const auto* d = value.dictionary()) return !d->entries.empty();
  return true;
}

/// len(value), or nothing where Python has none.
[[nodiscard]] inline Result<std::optional<std::size_t>> length_if_any(Budget& budget, const Value& value) {
  using Length = std::optional<std::size_t>;
  if (value.undefined()) return Length{0};
  if (const auto* t = value.text()) return Length{t->points};
  if (const auto* s = value.sequence()) return Length{s->items.size()};
  if (const auto* d = value.dictionary()) return Length{d->entries.size()};
  if (auto* loop = value.object_as<Loop>()) {
    INGOT_TRY(const std::size_t n, loop->count(budget));
    return Length{n};
  }
  return Length{};
}
[[nodiscard]] inline Result<std::size_t> length(Budget& budget, const Value& value) {
  INGOT_TRY(const auto n, length_if_any(budget, value));
  if (!n) return failure("TypeError: object of type '" + type_name(value) + "' has no len()");
  return *n;
}

[[nodiscard]] inline bool iterable(const Value& value) noexcept {
  return value.undefined() || value.text() || value.sequence() || value.dictionary() || value.iterator() || value.object_as<Loop>();
}

/// Walks over a value item by item: characters, elements, keys. An Iterator is consumed as far as it is read.
class Cursor final : public Loop::Source {
 public:
  [[nodiscard]] static Result<Cursor> over(Budget& budget, Value value) {
    if (iterable(value) && !value.object()) return Cursor{budget, std::move(value)};
    return failure("TypeError: '" + type_name(value) + "' object is not iterable");
  }
  /// The next item; Missing at the end.
  Result<Value> next() override {
    INGOT_CHECK(budget_->spend());
    if (const auto* sequence = value_.sequence()) return at_ < sequence->items.size() ? sequence->items[at_++] : Value{};
    if (const auto* dictionary = value_.dictionary()) return at_ < dictionary->entries.size() ? dictionary->entries[at_++].first : Value{};
    if (auto* iterator = value_.iterator()) return iterator->next < iterator->items.size() ? iterator->items[iterator->next++] : Value{};
    const auto* text = value_.text();
    if (text == nullptr || at_ >= text->bytes.size()) return Value{};
    const std::size_t start = at_;
    unicode::next(text->bytes, at_);
    return Value{text->bytes.substr(start, at_ - start)};
  }

 private:
  Cursor(Budget& budget, Value value) noexcept : budget_{&budget}, value_{std::move(value)} {}
  Budget* budget_;
  Value value_;
  std::size_t at_ = 0;
};

/// list(value), as a vector.
[[nodiscard]] inline Result<std::vector<Value>> to_items(Budget& budget, const Value& value) {
  std::vector<Value> items;
  INGOT_TRY(Cursor cursor, Cursor::over(budget, value));
  for (;;) {
    INGOT_TRY(Value item, cursor.next());
    if (item.missing()) return items;
    if (items.size() >= budget.limits().elements) INGOT_CHECK(budget.elements(items.size() + 1));
    items.push_back(std::move(item));
  }
}

/// `needle in haystack`.
[[nodiscard]] inline Result<bool> contains(Budget& budget, const Value& haystack, const Value& needle) {
  if (const auto* text = haystack.text()) {
    if (needle.undefined()) return failure(needle.undefined()->message);
    if (!needle.text()) return failure("TypeError: 'in <string>' requires string as left operand, not " + type_name(needle));
    INGOT_CHECK(budget.search(text->bytes.size(), needle.text()->bytes.size()));
    return text->bytes.find(needle.text()->bytes) != std::string::npos;
  }
  if (const auto* dictionary = haystack.dictionary()) {
    INGOT_TRY(const Value* found, find(budget, *dictionary, needle));
    return found != nullptr;
  }
  if (!iterable(haystack) || haystack.object()) return failure("TypeError: argument of type '" + type_name(haystack) + "' is not iterable");
  INGOT_TRY(Cursor cursor, Cursor::over(budget, haystack));
  for (;;) {
    INGOT_TRY(const Value item, cursor.next());
    if (item.missing()) return false;
    INGOT_TRY(const bool same, equal(budget, item, needle));
    if (same) return true;
  }
}

}  // namespace ingot::text::jinja
