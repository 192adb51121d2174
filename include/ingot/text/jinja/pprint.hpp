// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/pprint.hpp: values laid out over lines of 80 characters, as `|pprint` (Python's pprint.pformat) gives
              // them.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/jinja/compare.hpp>
#include <ingot/text/jinja/python_text.hpp>
#include <ingot/text/jinja/text_search.hpp>

namespace ingot::text::jinja {

/// Lays out one value.
class PrettyPrinter {
 public:
  [[nodiscard]] static Result<std::string> print(Budget& budget, const Value& value) {
    PrettyPrinter printer{budget};
    INGOT_CHECK(printer.add(value, 0, 0, 1));
    return std::move(printer.out_);
  }

 private:
  using Entries = std::vector<std::pair<Value, Value>>;
  static constexpr std::int64_t width = 80;

  explicit PrettyPrinter(Budget& budget) noexcept : budget_{budget} {}
  static std::int64_t points(std::string_view text) { return static_cast<std::int64_t>(unicode::length(text)); }
  static const Sequence* plain_sequence(const Value& value) {
    const Sequence* found = value.sequence();
    return found && (found->flavor == Flavor::list || found->flavor == Flavor::tuple) ? found : nullptr;
  }

  /// By key; keys of types that have no order go by the names of their types.
  Entries sorted(const Dictionary& dictionary) {
    Entries entries = dictionary.entries;
    std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
      const auto way = order(budget_, a.first, b.first);
      return way ? *way < 0 : type_name(a.first) < type_name(b.first);
    });
    return entries;
  }

  /// repr(value) with dictionaries sorted.
  Status add_line(std::string& out, const Value& value) {
    INGOT_CHECK(budget_.spend());
    if (const auto* dictionary = value.dictionary()) {
      out += '{';
      for (bool first = true; const auto& [key, item] : sorted(*dictionary)) {
        if (!std::exchange(first, false)) out += ", ";
        INGOT_CHECK(add_line(out, key));
        out += ": ";
        INGOT_CHECK(add_line(out, item));
      }
      out += '}';
    } else if (const Sequence* sequence = plain_sequence(value)) {
      const bool tuple = sequence->flavor == Flavor::tuple;
      out += tuple ? '(' : '[';
      for (bool first = true; const Value& item : sequence->items) {
        if (!std::exchange(first, false)) out += ", ";
        INGOT_CHECK(add_line(out, item));
      }
      out += !tuple ? "]" : sequence->items.size() == 1 ? ",)" : ")";
    } else {
      return append_repr(budget_, out, value);
    }
    return out.size() > budget_.limits().output ? budget_.text(out.size()) : Status{};
  }

  Status start_line(std::string_view after, std::int64_t indent) {
    const std::size_t size = out_.size() + after.size() + static_cast<std::size_t>(indent);
    INGOT_CHECK(budget_.text(size > budget_.limits().output ? size : static_cast<std::size_t>(indent)));
    out_.append(after).append(static_cast<std::size_t>(indent), ' ');
    return {};
  }

  /// `allowance`: characters that will follow on the last line.
  Status add(const Value& value, std::int64_t indent, std::int64_t allowance, std::size_t level) {
    std::string line;
    INGOT_CHECK(add_line(line, value));
    INGOT_CHECK(budget_.text(line.size()));
    if (points(line) > width - indent - allowance) {
      if (const auto* dictionary = value.dictionary()) return add_entries(sorted(*dictionary), indent + 1, allowance + 1, level + 1);
      if (const Sequence* sequence = plain_sequence(value)) return add_items(*sequence, indent + 1, allowance, level + 1);
      if (const Text* text = value.text(); text && !text->markup) return add_text(text->bytes, line, indent, allowance, level == 1);
    }
    out_ += line;
    return {};
  }

  Status add_entries(const Entries& entries, std::int64_t indent, std::int64_t allowance, std::size_t level) {
    out_ += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) INGOT_CHECK(start_line(",\n", indent));
      std::string key;
      INGOT_CHECK(add_line(key, entries[i].first));
      out_.append(key).append(": ");
      INGOT_CHECK(add(entries[i].second, indent + points(key) + 2, i + 1 == entries.size() ? allowance : 1, level));
    }
    out_ += '}';
    return {};
  }

  Status add_items(const Sequence& sequence, std::int64_t indent, std::int64_t allowance, std::size_t level) {
    const bool tuple = sequence.flavor == Flavor::tuple;
    const std::string_view end = !tuple ? "]" : sequence.items.size() == 1 ? ",)" : ")";
    out_ += tuple ? '(' : '[';
    for (std::size_t i = 0; i < sequence.items.size(); ++i) {
      if (i > 0) INGOT_CHECK(start_line(",\n", indent));
      INGOT_CHECK(add(sequence.items[i], indent, i + 1 == sequence.items.size() ? allowance + points(end) : 1, level));
    }
    out_ += end;
    return {};
  }

  /// Line by line, long lines in parts that end in white space; in parentheses where it is all there is.
  Status add_text(std::string_view text, const std::string& whole, std::int64_t indent, std::int64_t allowance, bool alone) {
    if (alone) ++indent, ++allowance;
    const std::int64_t room = width - indent;
    std::vector<std::string> chunks;
    INGOT_TRY(const auto lines, text_methods::lines(budget_, text, true));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::int64_t last_room = i + 1 == lines.size() ? room - allowance : room;
      if (std::string line = in_quotes(lines[i]); points(line) <= last_room) {
        chunks.push_back(std::move(line));
        continue;
      }
      std::string_view current = lines[i].substr(0, 0);
      for (std::size_t at = 0; at < lines[i].size();) {
        const std::size_t start = at;
        at = part_end(lines[i], at);
        INGOT_CHECK(budget_.text(current.size() + at - start));
        const std::string_view candidate = lines[i].substr(start - current.size(), current.size() + at - start);
        if (points(in_quotes(candidate)) <= (at == lines[i].size() ? last_room : room)) {
          current = candidate;
          continue;
        }
        if (!current.empty()) chunks.push_back(in_quotes(current));
        current = lines[i].substr(start, at - start);
      }
      if (!current.empty()) chunks.push_back(in_quotes(current));
    }
    if (chunks.size() <= 1) return out_ += whole, Status{};
    if (alone) out_ += '(';
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (i > 0) INGOT_CHECK(start_line("\n", indent));
      out_ += chunks[i];
    }
    if (alone) out_ += ')';
    return {};
  }
  /// Behind the word at `at` and the white space after it.
  static std::size_t part_end(std::string_view text, std::size_t at) {
    for (bool space = false; at < text.size();) {
      std::size_t next = at;
      const bool now = unicode::is_space(unicode::next(text, next));
      if (space && !now) break;
      space = now;
      at = next;
    }
    return at;
  }

  Budget& budget_;
  std::string out_;
};

}  // namespace ingot::text::jinja
