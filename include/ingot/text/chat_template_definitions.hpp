// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/chat_template_definitions.hpp: ChatTemplate for ingot::runtime: only for its source.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/chat_template.hpp>
#include <ingot/text/jinja/compare.hpp>
#include <ingot/text/jinja/context.hpp>
#include <ingot/text/jinja/limits.hpp>
#include <ingot/text/jinja/template.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text {

namespace detail {

using Variables = std::vector<std::pair<jinja::Value, jinja::Value>>;

/// The variables that transformers always defines come first, so that given ones replace them.
inline Variables default_variables() {
  const jinja::Value none{jinja::Value::None{}};
  return {{"tools", none}, {"documents", none}, {"add_generation_prompt", jinja::Value{true}}};
}

/// "YYYY-MM-DDTHH:MM:SS" (the time may be left out) as a calendar time.
[[nodiscard]] inline Result<std::tm> parse_time(std::string_view text) {
  std::tm time{};
  int* const fields[] = {&time.tm_year, &time.tm_mon, &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec};
  static constexpr std::string_view separators = "--T::";
  std::size_t at = 0, n = 0;
  for (; n < 6 && at < text.size(); ++n) {
    if (n > 0 && text[at] != separators[n - 1] && !(n == 3 && text[at] == ' ')) break;
    at += n > 0;
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + std::min(text.size(), at + (n == 0 ? 4 : 2)), *fields[n]);
    if (code != std::errc{}) break;
    at = static_cast<std::size_t>(end - text.data());
  }
  const bool leap = (time.tm_year % 4 == 0 && time.tm_year % 100 != 0) || time.tm_year % 400 == 0;
  const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (at != text.size() || (n != 3 && n < 5) || time.tm_year < 1 || time.tm_mon < 1 || time.tm_mon > 12 || time.tm_mday < 1 ||
      time.tm_mday > lengths[time.tm_mon - 1] || time.tm_hour > 23 || time.tm_min > 59 || time.tm_sec > 59 || time.tm_hour < 0 ||
      time.tm_min < 0 || time.tm_sec < 0)
    return Error{ErrorCode::damaged, "not a time: \"" + std::string{text} + "\"", {}, "write it as 2026-01-02T03:04:05"};
  time.tm_yday = time.tm_mday - 1;
  for (int month = 0; month + 1 < time.tm_mon; ++month) time.tm_yday += lengths[month];
  const int before = time.tm_year - 1;  // Gregorian: 1 January of year 1 was a Monday
  time.tm_wday = (before * 365 + before / 4 - before / 100 + before / 400 + time.tm_yday + 1) % 7;
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return time;
}

}  // namespace detail

Result<ChatContext> context_of_json(std::string_view text, std::string where) {
  INGOT_TRY(const jinja::Value document, jinja::value_of_json(text, where));
  const auto* given = document.dictionary();
  if (given == nullptr) return Error{ErrorCode::damaged, "expected a JSON object with the key \"messages\"", std::move(where), {}};
  detail::Variables variables = detail::default_variables();
  ChatContext context;
  for (const auto& [key, value] : given->entries) {
    if (key.text()->bytes != "__now") {
      variables.emplace_back(key, value);
      continue;
    }
    if (!value.text())
      return Error{ErrorCode::damaged, "\"__now\" is not a string", std::move(where), "write it as \"2026-01-02T03:04:05\""};
    auto now = detail::parse_time(value.text()->bytes);
    if (!now) return std::move(now).error().in(where);
    context.now = *now;
  }
  jinja::Budget budget;
  INGOT_TRY(context.variables, jinja::make_dictionary(budget, std::move(variables)));
  return context;
}

Result<ChatContext> context_of(const Conversation& conversation) {
  jinja::Budget budget;
  std::vector<jinja::Value> messages;
  for (const Message& message : conversation.messages) {
    detail::Variables fields{{"role", jinja::Value{message.role}}, {"content", jinja::Value{message.content}}};
    for (const auto& [key, value] : message.fields) fields.emplace_back(jinja::Value{key}, value);
    INGOT_TRY(jinja::Value made, jinja::make_dictionary(budget, std::move(fields)));
    messages.push_back(std::move(made));
  }
  detail::Variables variables = detail::default_variables();
  INGOT_TRY(jinja::Value all, jinja::make_sequence(budget, std::move(messages)));
  variables.emplace_back("messages", std::move(all));
  variables.emplace_back("add_generation_prompt", jinja::Value{conversation.add_generation_prompt});
  if (conversation.bos_token) variables.emplace_back("bos_token", jinja::Value{*conversation.bos_token});
  if (conversation.eos_token) variables.emplace_back("eos_token", jinja::Value{*conversation.eos_token});
  for (const auto& [key, value] : conversation.variables) variables.emplace_back(jinja::Value{key}, value);
  INGOT_TRY(jinja::Value made, jinja::make_dictionary(budget, std::move(variables)));
  return ChatContext{std::move(made), conversation.now};
}

Result<ChatTemplate> ChatTemplate::compile(std::string_view source, std::string name) {
  INGOT_TRY(jinja::Template compiled, jinja::Template::compile(source, std::move(name)));
  return ChatTemplate{std::move(compiled)};
}

Result<std::string> ChatTemplate::render(const jinja::Value& variables, const std::optional<std::tm>& now) const {
  if (now) return template_.render(variables, *now);
  std::tm local{};
  const std::time_t seconds = std::time(nullptr);
  localtime_r(&seconds, &local);
  return template_.render(variables, local);
}

Result<std::string> ChatTemplate::render(const Conversation& conversation) const {
  INGOT_TRY(const ChatContext context, context_of(conversation));
  return render(context);
}

}  // namespace ingot::text
