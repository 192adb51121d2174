// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/filters.hpp: every filter by name, and those that apply other filters and tests.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/number_filters.hpp>
#include <ingot/text/jinja/pprint.hpp>
#include <ingot/text/jinja/sequence_filters.hpp>
#include <ingot/text/jinja/tests.hpp>
#include <ingot/text/jinja/text_filters.hpp>
#include <ingot/text/jinja/tojson.hpp>

namespace ingot::text::jinja {

[[nodiscard]] inline Filter find_filter(std::string_view name) noexcept;
inline bool filter_exists(std::string_view name) noexcept { return find_filter(name) != nullptr; }

/// `value | name(arguments)`. An unknown name is an Error only here, when it is reached.
[[nodiscard]] inline Result<Value> apply_filter(Runtime& runtime, std::string_view name, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(runtime.budget.spend());
  const Filter filter = find_filter(name);
  if (filter == nullptr) return lacking("No filter named " + in_quotes(name) + ".");
  return filter(runtime, input, arguments);
}
/// `value is name(arguments)`.
[[nodiscard]] inline Result<bool> apply_test(Runtime& runtime, std::string_view name, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(runtime.budget.spend());
  const Test test = find_test(name);
  if (test == nullptr) return lacking("No test named " + in_quotes(name) + ".");
  return test(runtime, input, arguments);
}

namespace filters {

/// map('filter', …) and map(attribute=…).
inline Result<Value> map(Runtime& runtime, const Value& input, const Arguments& arguments) {
  if (!truth(input)) return make_iterator(runtime.budget, {});
  INGOT_TRY(auto items, to_items(runtime.budget, input));
  if (const Value* attribute = arguments.keyword("attribute"); attribute && arguments.positional.empty()) {
    for (const auto& [key, value] : arguments.keywords)
      if (key != "attribute" && key != "default") return failure("Unexpected keyword argument " + in_quotes(key));
    INGOT_TRY(const Path path, Path::parse(runtime.budget, *attribute));
    const Value* otherwise = arguments.keyword("default");
    for (Value& item : items) {
      INGOT_TRY(item, path.get(runtime, std::move(item), otherwise ? *otherwise : Value{}));
    }
    return make_iterator(runtime.budget, std::move(items));
  }
  if (arguments.positional.empty()) return failure("map requires a filter argument");
  INGOT_TRY(const std::string_view name, to_str(arguments.positional.front(), "the filter of map"));
  const Arguments rest{{arguments.positional.begin() + 1, arguments.positional.end()}, arguments.keywords};
  for (Value& item : items) {
    INGOT_TRY(item, apply_filter(runtime, name, item, rest));
  }
  return make_iterator(runtime.budget, std::move(items));
}

/// select, reject (by the item) and selectattr, rejectattr (by an attribute of it).
template <bool keep, bool by_attribute>
Result<Value> select(Runtime& runtime, const Value& input, const Arguments& arguments) {
  if (!truth(input)) return make_iterator(runtime.budget, {});
  auto given = arguments.positional.begin();
  Path path;
  if (by_attribute) {
    if (given == arguments.positional.end()) return failure("Missing parameter for attribute name");
    INGOT_TRY(path, Path::parse(runtime.budget, *given++));
  }
  std::string_view test;
  if (given != arguments.positional.end()) {
    INGOT_TRY(test, to_str(*given++, "the name of a test"));
  }
  const Arguments rest{{given, arguments.positional.end()}, arguments.keywords};
  INGOT_TRY(const auto items, to_items(runtime.budget, input));
  std::vector<Value> out;
  for (const Value& item : items) {
    INGOT_TRY(const Value value, path.get(runtime, item));
    bool holds = truth(value);
    if (!test.empty()) {
      INGOT_TRY(holds, apply_test(runtime, test, value, rest));
    }
    if (holds == keep) out.push_back(item);
  }
  return make_iterator(runtime.budget, std::move(out));
}

inline Result<Value> pretty(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("pprint", arguments, {}));
  INGOT_TRY(std::string text, PrettyPrinter::print(runtime.budget, input));
  return make_text(runtime.budget, std::move(text));
}

template <const char* name>
Result<Value> without(Runtime&, const Value&, const Arguments&) {
  return lacking("the filter " + in_quotes(name) + " is not supported");
}
inline constexpr char random_name[] = "random", urlize_name[] = "urlize";

}  // namespace filters

inline Filter find_filter(std::string_view name) noexcept {
  namespace f = filters;
  namespace m = text_methods;
  static constexpr std::pair<std::string_view, Filter> table[] = {
      {"abs", f::absolute},
      {"attr", f::get_attribute},
      {"batch", f::batch},
      {"capitalize", f::by_method<m::capitalize>},
      {"center", f::center},
      {"count", f::count},
      {"d", f::fallback},
      {"default", f::fallback},
      {"dictsort", f::dictionary_sort},
      {"e", f::escape},
      {"escape", f::escape},
      {"filesizeformat", f::file_size},
      {"first", f::first},
      {"float", f::real},
      {"forceescape", f::force_escape},
      {"format", f::format},
      {"groupby", f::group_by},
      {"indent", f::indent},
      {"int", f::integer},
      {"items", f::items},
      {"join", f::join},
      {"last", f::last},
      {"length", f::count},
      {"list", f::list},
      {"lower", f::by_method<m::lower>},
      {"map", f::map},
      {"max", f::extreme<true>},
      {"min", f::extreme<false>},
      {"pprint", f::pretty},
      {"random", f::without<f::random_name>},
      {"reject", f::select<false, false>},
      {"rejectattr", f::select<false, true>},
      {"replace", f::replace},
      {"reverse", f::reverse},
      {"round", f::round},
      {"safe", f::safe},
      {"select", f::select<true, false>},
      {"selectattr", f::select<true, true>},
      {"slice", f::slices},
      {"sort", f::sort},
      {"string", f::string},
      {"striptags", f::strip_tags},
      {"sum", f::sum},
      {"title", f::title},
      {"tojson", to_json},
      {"trim", f::by_method<m::strip<true, true>>},
      {"truncate", f::truncate},
      {"unique", f::unique},
      {"upper", f::by_method<m::upper>},
      {"urlencode", f::url_encode},
      {"urlize", f::without<f::urlize_name>},
      {"wordcount", f::word_count},
      {"wordwrap", f::word_wrap},
      {"xmlattr", f::xml_attributes},
  };
  const auto* found = std::lower_bound(std::begin(table), std::end(table), name,
                                       [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return found != std::end(table) && found->first == name ? found->second : nullptr;
}

}  // namespace ingot::text::jinja
