// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/text_methods.hpp: the methods of str: cases, padding, classes, and all of them by name.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/text_search.hpp>

namespace ingot::text::jinja {

namespace text_methods {

inline Result<Value> upper(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("upper", arguments, {}));
  INGOT_CHECK(runtime.budget.text(3 * self.bytes.size()));
  return like(runtime, self, unicode::upper(self.bytes));
}
inline Result<Value> lower(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("lower", arguments, {}));
  INGOT_CHECK(runtime.budget.text(3 * self.bytes.size()));
  return like(runtime, self, unicode::lower(self.bytes));
}
inline Result<Value> capitalize(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("capitalize", arguments, {}));
  INGOT_CHECK(runtime.budget.text(3 * self.bytes.size()));
  std::string out;
  for (std::size_t at = 0; at < self.bytes.size();) {
    const bool first = at == 0;
    const char32_t c = unicode::next(self.bytes, at);
    if (first)
      unicode::append_title(out, c);
    else
      unicode::append_lower(out, c, self.bytes, at);
  }
  return like(runtime, self, std::move(out));
}
inline Result<Value> title(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("title", arguments, {}));
  INGOT_CHECK(runtime.budget.text(3 * self.bytes.size()));
  std::string out;
  bool inside = false;
  for (std::size_t at = 0; at < self.bytes.size();) {
    const char32_t c = unicode::next(self.bytes, at);
    if (inside)
      unicode::append_lower(out, c, self.bytes, at);
    else
      unicode::append_title(out, c);
    inside = unicode::is_cased(c);
  }
  return like(runtime, self, std::move(out));
}
inline Result<Value> swapcase(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("swapcase", arguments, {}));
  INGOT_CHECK(runtime.budget.text(3 * self.bytes.size()));
  std::string out;
  for (std::size_t at = 0; at < self.bytes.size();) {
    const char32_t c = unicode::next(self.bytes, at);
    if (unicode::is_upper(c))
      unicode::append_lower(out, c, self.bytes, at);
    else if (unicode::is_lower(c))
      unicode::append_upper(out, c);
    else
      unicode::append(out, c);
  }
  return like(runtime, self, std::move(out));
}
inline Result<Value> casefold(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("casefold", arguments, {}));
  INGOT_CHECK(runtime.budget.text(3 * self.bytes.size()));
  utf8proc_uint8_t* folded = nullptr;
  const auto n = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(self.bytes.data()),
                              static_cast<utf8proc_ssize_t>(self.bytes.size()), &folded, UTF8PROC_CASEFOLD);
  std::string out = n < 0 ? self.bytes : std::string{reinterpret_cast<const char*>(folded), static_cast<std::size_t>(n)};
  std::free(folded);
  return like(runtime, self, std::move(out));
}

/// center, ljust, rjust.
template <char align>
Result<Value> justify(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("justify", arguments, {"width", "fillchar"}, 1));
  INGOT_TRY(const std::size_t width, to_width(bound[0], 0));
  std::string fill = " ";
  if (!bound[1].missing()) {
    INGOT_TRY(const std::string_view given, to_str(bound[1], "The fill character"));
    if (unicode::length(given) != 1) return failure("TypeError: The fill character must be exactly one character long");
    fill = given;
  }
  if (width <= self.points) return piece(self, self.bytes);
  INGOT_CHECK(
      runtime.budget.text(width > runtime.budget.limits().output ? width : self.bytes.size() + (width - self.points) * fill.size()));
  const std::size_t missing = width - self.points;
  const std::size_t left = align == '>' ? missing : align == '<' ? 0 : missing / 2 + (missing & width & 1);
  std::string out;
  for (std::size_t i = 0; i < left; ++i) out += fill;
  out += self.bytes;
  for (std::size_t i = left; i < missing; ++i) out += fill;
  return like(runtime, self, std::move(out));
}
inline Result<Value> zfill(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("zfill", arguments, {"width"}, 1));
  INGOT_TRY(const std::size_t width, to_width(bound[0], 0));
  if (width <= self.points) return piece(self, self.bytes);
  INGOT_CHECK(runtime.budget.text(std::max(width, self.bytes.size())));
  std::string out = self.bytes;
  out.insert(!out.empty() && (out[0] == '-' || out[0] == '+') ? 1 : 0, width - self.points, '0');
  return like(runtime, self, std::move(out));
}
inline Result<Value> expandtabs(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("expandtabs", arguments, {"tabsize"}));
  INGOT_TRY(const std::size_t size, to_width(bound[0], 8));
  std::string out;
  std::size_t column = 0;
  for (const char c : self.bytes) {
    if (c == '\t') {
      const std::size_t blanks = size == 0 ? 0 : size - column % size;
      if (blanks > runtime.budget.limits().output - std::min(out.size(), runtime.budget.limits().output))
        return runtime.budget.text(runtime.budget.limits().output + 1).error();
      out.append(blanks, ' ');
      column += blanks;
      continue;
    }
    out.push_back(c);
    if (c == '\n' || c == '\r')
      column = 0;
    else
      column += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }
  return like(runtime, self, std::move(out));
}

/// isalpha, isspace …: there is a character, and `holds(char32_t)` for each.
template <bool (*holds)(char32_t) noexcept, bool empty = false>
Result<Value> all(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("is…", arguments, {}));
  INGOT_CHECK(runtime.budget.text(self.bytes.size()));
  for (std::size_t at = 0; at < self.bytes.size();)
    if (!holds(unicode::next(self.bytes, at))) return Value{false};
  return Value{empty || !self.bytes.empty()};
}
inline bool alnum(char32_t c) noexcept { return unicode::is_alpha(c) || unicode::is_numeric(c); }
inline bool ascii(char32_t c) noexcept { return c < 0x80; }
/// islower, isupper: a cased character, and none of the other case.
template <bool upper>
Result<Value> cased(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("is…", arguments, {}));
  INGOT_CHECK(runtime.budget.text(self.bytes.size()));
  bool found = false;
  for (std::size_t at = 0; at < self.bytes.size();) {
    const char32_t c = unicode::next(self.bytes, at);
    if (unicode::is_title(c) || (upper ? unicode::is_lower(c) : unicode::is_upper(c))) return Value{false};
    found = found || unicode::is_cased(c);
  }
  return Value{found};
}
inline Result<Value> istitle(Runtime& runtime, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("istitle", arguments, {}));
  INGOT_CHECK(runtime.budget.text(self.bytes.size()));
  bool found = false, inside = false;
  for (std::size_t at = 0; at < self.bytes.size();) {
    const char32_t c = unicode::next(self.bytes, at);
    const bool capital = unicode::is_upper(c) || unicode::is_title(c), small = unicode::is_lower(c);
    if ((capital && inside) || (small && !inside)) return Value{false};
    inside = capital || small;
    found = found || inside;
  }
  return Value{found};
}
inline Result<Value> isidentifier(Runtime&, const Text& self, const Arguments& arguments) {
  INGOT_CHECK(bind("isidentifier", arguments, {}));
  for (std::size_t at = 0; at < self.bytes.size();) {
    const bool first = at == 0;
    const char32_t c = unicode::next(self.bytes, at);
    if (!unicode::is_word(c) || (first && !unicode::is_alpha(c) && c != '_')) return Value{false};
  }
  return Value{!self.bytes.empty()};
}

}  // namespace text_methods

/// The method `name` of str, or nullptr. `format` and `format_map` stand in format.hpp.
[[nodiscard]] inline TextMethod find_text_method(std::string_view name) noexcept {
  namespace m = text_methods;
  static constexpr std::pair<std::string_view, TextMethod> table[] = {
      {"capitalize", m::capitalize},
      {"casefold", m::casefold},
      {"center", m::justify<'^'>},
      {"count", m::count},
      {"endswith", m::affix<true>},
      {"expandtabs", m::expandtabs},
      {"find", m::find<false, false>},
      {"index", m::find<false, true>},
      {"isalnum", m::all<m::alnum>},
      {"isalpha", m::all<unicode::is_alpha>},
      {"isascii", m::all<m::ascii, true>},
      {"isdecimal", m::all<unicode::is_decimal>},
      {"isdigit", m::all<unicode::is_digit>},
      {"isidentifier", m::isidentifier},
      {"islower", m::cased<false>},
      {"isnumeric", m::all<unicode::is_numeric>},
      {"isprintable", m::all<unicode::is_printable, true>},
      {"isspace", m::all<unicode::is_space>},
      {"istitle", m::istitle},
      {"isupper", m::cased<true>},
      {"join", m::join},
      {"ljust", m::justify<'<'>},
      {"lower", m::lower},
      {"lstrip", m::strip<true, false>},
      {"partition", m::partition<false>},
      {"removeprefix", m::remove_affix<false>},
      {"removesuffix", m::remove_affix<true>},
      {"replace", m::replace},
      {"rfind", m::find<true, false>},
      {"rindex", m::find<true, true>},
      {"rjust", m::justify<'>'>},
      {"rpartition", m::partition<true>},
      {"rsplit", m::split<true>},
      {"rstrip", m::strip<false, true>},
      {"split", m::split<false>},
      {"splitlines", m::splitlines},
      {"startswith", m::affix<false>},
      {"strip", m::strip<true, true>},
      {"swapcase", m::swapcase},
      {"title", m::title},
      {"upper", m::upper},
      {"zfill", m::zfill},
  };
  const auto* found = std::lower_bound(std::begin(table), std::end(table), name,
                                       [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  return found != std::end(table) && found->first == name ? found->second : nullptr;
}

}  // namespace ingot::text::jinja
