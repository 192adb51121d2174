// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/sequence_filters.hpp: filters over lists, dictionaries and whatever can be iterated.

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/filter_tools.hpp>

namespace ingot::text::jinja::filters {

inline Result<Value> fallback(Runtime&, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("default", arguments, {"default_value", "boolean"}));
  if (!input.undefined() && (truth(input) || !truth(bound[1]))) return input;
  return bound[0].missing() ? Value{""} : bound[0];
}
inline Result<Value> count(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("length", arguments, {}));
  INGOT_TRY(const std::size_t n, length(runtime.budget, input));
  return Value::size(n);
}
inline Result<Value> list(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("list", arguments, {}));
  INGOT_TRY(auto items, to_items(runtime.budget, input));
  return make_sequence(runtime.budget, std::move(items));
}
inline Result<Value> first(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("first", arguments, {}));
  INGOT_TRY(Cursor cursor, Cursor::over(runtime.budget, input));
  INGOT_TRY(Value item, cursor.next());
  return item.missing() ? Value::undefined("No first item, sequence was empty.") : item;
}
/// The items in reverse, or an Error where Python's reversed() has none.
inline Result<std::vector<Value>> reversed_items(Runtime& runtime, const Value& input) {
  if (input.iterator() || !iterable(input) || input.object())
    return failure("TypeError: '" + type_name(input) + "' object is not reversible");
  INGOT_TRY(auto items, to_items(runtime.budget, input));
  std::reverse(items.begin(), items.end());
  return items;
}
inline Result<Value> last(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("last", arguments, {}));
  if (input.text() || input.list() || input.tuple()) {
    INGOT_TRY(auto found, native_item(runtime.budget, input, Value{std::int64_t{-1}}));
    return found ? *found : Value::undefined("No last item, sequence was empty.");
  }
  INGOT_TRY(const auto items, reversed_items(runtime, input));
  return items.empty() ? Value::undefined("No last item, sequence was empty.") : items.front();
}
inline Result<Value> reverse(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("reverse", arguments, {}));
  if (input.text()) return slice(runtime, input, {}, {}, Value{std::int64_t{-1}});
  if (input.iterator()) {
    INGOT_TRY(auto items, to_items(runtime.budget, input));
    std::reverse(items.begin(), items.end());
    return make_sequence(runtime.budget, std::move(items));
  }
  INGOT_TRY(auto items, reversed_items(runtime, input));
  return make_iterator(runtime.budget, std::move(items), input.list() ? "list_reverseiterator" : "reversed");
}
inline Result<Value> items(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("items", arguments, {}));
  if (input.undefined()) return make_iterator(runtime.budget, {});
  if (!input.dictionary()) return failure("TypeError: Can only get item pairs from a mapping.");
  INGOT_TRY(const Value view, call_method(runtime, input, "items", {}));
  return make_iterator(runtime.budget, view.sequence()->items);
}
inline Result<Value> get_attribute(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("attr", arguments, {"name"}, 1));
  INGOT_TRY(const std::string_view name, to_str(bound[0], "attribute name"));
  if (input.undefined()) return failure(input.undefined()->message);
  INGOT_TRY(auto found, native_attribute(runtime, input, name));
  return found ? Result<Value>{*std::move(found)} : not_found(runtime.budget, input, bound[0]);
}

inline Result<Value> join(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("join", arguments, {"d", "attribute"}));
  INGOT_TRY(const Path path, Path::parse(runtime.budget, bound[1]));
  INGOT_TRY(const std::string between, to_text(runtime.budget, bound[0]));
  INGOT_TRY(Cursor cursor, Cursor::over(runtime.budget, input));
  std::string out;
  for (bool first_item = true;;) {
    INGOT_TRY(Value item, cursor.next());
    if (item.missing()) return make_text(runtime.budget, std::move(out));
    INGOT_TRY(item, path.get(runtime, std::move(item)));
    if (!std::exchange(first_item, false)) out += between;
    INGOT_CHECK(append_text(runtime.budget, out, item));
  }
}

inline Result<Value> dictionary_sort(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("dictsort", arguments, {"case_sensitive", "by", "reverse"}));
  const std::string by = bound[1].text() ? bound[1].text()->bytes : bound[1].missing() ? "key" : "";
  if (by != "key" && by != "value") return failure("You can only sort by either \"key\" or \"value\"");
  if (!input.dictionary()) {
    if (input.undefined()) return failure(input.undefined()->message);
    return failure("TypeError: dictsort wants a mapping, not " + type_name(input));
  }
  std::vector<std::pair<Value, Value>> pairs;
  for (const auto& [key, value] : input.dictionary()->entries) {
    const Value& sorted_by = by == "key" ? key : value;
    INGOT_TRY(Value pair, make_tuple(runtime.budget, {key, value}));
    pairs.emplace_back(truth(bound[0]) ? sorted_by : without_case(sorted_by), std::move(pair));
  }
  INGOT_CHECK(sort_by_key(runtime.budget, pairs, truth(bound[2])));
  std::vector<Value> out;
  for (auto& [key, pair] : pairs) out.push_back(std::move(pair));
  return make_sequence(runtime.budget, std::move(out));
}

/// (key, item) pairs of an iterable, the key being the attribute at `path`.
inline Result<std::vector<std::pair<Value, Value>>> keyed(Runtime& runtime, const Value& input, const Path& path, bool case_sensitive,
                                                          const Value& otherwise = {}) {
  INGOT_TRY(const auto all, to_items(runtime.budget, input));
  std::vector<std::pair<Value, Value>> pairs;
  for (const Value& item : all) {
    INGOT_TRY(Value key, path.get(runtime, item, otherwise));
    if (!case_sensitive && key.text()) {
      INGOT_CHECK(runtime.budget.text(key.text()->bytes.size()));
      key = without_case(key);
    }
    pairs.emplace_back(std::move(key), item);
  }
  return pairs;
}

inline Result<Value> sort(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("sort", arguments, {"reverse", "case_sensitive", "attribute"}));
  std::vector<Path> paths;
  if (const auto* text = bound[2].text()) {
    for (std::size_t start = 0; start <= text->bytes.size();) {
      const std::size_t end = std::min(text->bytes.find(',', start), text->bytes.size());
      INGOT_TRY(Path path, Path::parse(runtime.budget, Value{text->bytes.substr(start, end - start)}));
      paths.push_back(std::move(path));
      start = end + 1;
    }
  } else {
    INGOT_TRY(Path path, Path::parse(runtime.budget, bound[2]));
    paths.push_back(std::move(path));
  }
  INGOT_TRY(auto all, to_items(runtime.budget, input));
  std::vector<std::pair<Value, Value>> pairs;
  for (Value& item : all) {
    std::vector<Value> keys;
    for (const Path& path : paths) {
      INGOT_TRY(Value key, path.get(runtime, item));
      keys.push_back(truth(bound[1]) ? std::move(key) : without_case(key));
    }
    INGOT_TRY(Value key, make_sequence(runtime.budget, std::move(keys)));
    pairs.emplace_back(std::move(key), std::move(item));
  }
  INGOT_CHECK(sort_by_key(runtime.budget, pairs, truth(bound[0])));
  std::vector<Value> out;
  for (auto& pair : pairs) out.push_back(std::move(pair.second));
  return make_sequence(runtime.budget, std::move(out));
}

inline Result<Value> unique(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("unique", arguments, {"case_sensitive", "attribute"}));
  INGOT_TRY(const Path path, Path::parse(runtime.budget, bound[1]));
  INGOT_TRY(auto pairs, keyed(runtime, input, path, truth(bound[0])));
  const auto less = [&](const Value& a, const Value& b) { return key_order(runtime.budget, a, b) < 0; };
  std::set<Value, decltype(less)> seen{less};
  std::vector<Value> out;
  for (auto& [key, item] : pairs) {
    INGOT_CHECK(hashable(runtime.budget, key));
    if (seen.insert(key).second) out.push_back(std::move(item));
  }
  return make_iterator(runtime.budget, std::move(out));
}

template <bool most>
Result<Value> extreme(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind(most ? "max" : "min", arguments, {"case_sensitive", "attribute"}));
  INGOT_TRY(const Path path, Path::parse(runtime.budget, bound[1]));
  INGOT_TRY(auto pairs, keyed(runtime, input, path, truth(bound[0])));
  if (pairs.empty()) return Value::undefined("No aggregated item, sequence was empty.");
  std::size_t best = 0;
  for (std::size_t i = 1; i < pairs.size(); ++i) {
    INGOT_TRY(const auto way, order(runtime.budget, pairs[i].first, pairs[best].first, most ? ">" : "<"));
    if (most ? way > 0 : way < 0) best = i;
  }
  return pairs[best].second;
}

inline Result<Value> group_by(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1));
  INGOT_TRY(const Path path, Path::parse(runtime.budget, bound[0]));
  const bool case_sensitive = truth(bound[2]);
  INGOT_TRY(auto pairs, keyed(runtime, input, path, case_sensitive, bound[1]));
  INGOT_CHECK(sort_by_key(runtime.budget, pairs, false));
  std::vector<Value> groups;
  for (std::size_t i = 0; i < pairs.size();) {
    std::vector<Value> members;
    const Value key = pairs[i].first;
    for (; i < pairs.size(); ++i) {
      INGOT_TRY(const bool same, equal(runtime.budget, pairs[i].first, key));
      if (!same && !members.empty()) break;
      members.push_back(pairs[i].second);
    }
    Value shown = key;
    if (!case_sensitive) {
      INGOT_TRY(shown, path.get(runtime, members.front(), bound[1]));
    }
    INGOT_TRY(Value all, make_sequence(runtime.budget, std::move(members)));
    INGOT_TRY(Value group, make_sequence(runtime.budget, {std::move(shown), std::move(all)}, Flavor::group));
    groups.push_back(std::move(group));
  }
  return make_sequence(runtime.budget, std::move(groups));
}

inline Result<Value> batch(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("batch", arguments, {"linecount", "fill_with"}, 1));
  INGOT_TRY(const std::size_t width, to_width(bound[0], 0));
  INGOT_TRY(const auto all, to_items(runtime.budget, input));
  const bool fills = !bound[1].missing() && !bound[1].none();
  std::vector<Value> rows;
  for (std::size_t i = 0; i < all.size();) {  // a width of 0 is never reached: one row
    const std::size_t n = width == 0 ? all.size() - i : std::min(width, all.size() - i);
    std::vector<Value> row(all.begin() + static_cast<std::ptrdiff_t>(i), all.begin() + static_cast<std::ptrdiff_t>(i + n));
    if (fills && n < width) {
      INGOT_CHECK(runtime.budget.elements(width));
      row.resize(width, bound[1]);
    }
    i += n;
    INGOT_TRY(Value made, make_sequence(runtime.budget, std::move(row)));
    rows.push_back(std::move(made));
  }
  return make_iterator(runtime.budget, std::move(rows));
}

inline Result<Value> slices(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("slice", arguments, {"slices", "fill_with"}, 1));
  INGOT_TRY(const std::size_t n, to_width(bound[0], 0));
  if (n == 0) return failure("ZeroDivisionError: integer division or modulo by zero");
  INGOT_CHECK(runtime.budget.elements(n));
  INGOT_TRY(const auto all, to_items(runtime.budget, input));
  const std::size_t each = all.size() / n, longer = all.size() % n;
  std::vector<Value> columns;
  for (std::size_t i = 0, at = 0; i < n; ++i) {
    const std::size_t size = each + (i < longer);
    std::vector<Value> column(all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + static_cast<std::ptrdiff_t>(at + size));
    if (!bound[1].missing() && !bound[1].none() && i >= longer) column.push_back(bound[1]);
    at += size;
    INGOT_TRY(Value made, make_sequence(runtime.budget, std::move(column)));
    columns.push_back(std::move(made));
  }
  return make_iterator(runtime.budget, std::move(columns));
}

}  // namespace ingot::text::jinja::filters
