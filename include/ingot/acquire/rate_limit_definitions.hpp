// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/rate_limit_definitions.hpp: rate_limit.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include <curl/curl.h>

#include <ingot/acquire/rate_limit.hpp>

namespace ingot::acquire {

namespace detail {
inline constexpr std::chrono::seconds ten_years{315'360'000};

/// Decimal digits and nothing else; more than fit are ten years as well.
[[nodiscard]] inline std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return {};
  std::int64_t seconds = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return result.ec == std::errc{} ? std::min(std::chrono::seconds{seconds}, ten_years) : ten_years;
}

/// Calls `visit` with each piece of `text` between separators, trimmed.
template <class Visit>
void each_piece(std::string_view text, char separator, Visit&& visit) {
  for (;;) {
    const auto end = text.find(separator);
    visit(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}
}  // namespace detail

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now) {
  value = trimmed(value);
  if (const auto seconds = detail::parse_seconds(value)) return seconds;
  const std::time_t date = value.size() > 64 ? -1 : curl_getdate(std::string{value}.c_str(), nullptr);
  if (date == -1) return {};
  const std::chrono::seconds wait{date - std::chrono::system_clock::to_time_t(now)};
  return std::clamp(wait, std::chrono::seconds{0}, detail::ten_years);
}

std::optional<std::chrono::seconds> parse_rate_limit(std::string_view value) {
  std::optional<std::chrono::seconds> wait;
  detail::each_piece(value, ',', [&](std::string_view policy) {
    std::optional<std::chrono::seconds> remaining, reset;
    detail::each_piece(policy, ';', [&](std::string_view parameter) {
      if (parameter.starts_with("r=")) remaining = detail::parse_seconds(parameter.substr(2));
      if (parameter.starts_with("t=")) reset = detail::parse_seconds(parameter.substr(2));
    });
    if (remaining && remaining->count() == 0 && reset) wait = std::max(wait.value_or(*reset), *reset);
  });
  return wait;
}

std::optional<std::chrono::seconds> asked_wait(const ResponseHead& head, std::chrono::system_clock::time_point now) {
  const auto after = parse_retry_after(head.headers.get("Retry-After"), now);
  const auto limit = parse_rate_limit(head.headers.get("RateLimit"));
  if (!limit) return after;
  return std::max(after.value_or(std::chrono::seconds{0}), *limit + std::chrono::seconds{1});  // the window ends within that second
}

void RateLimits::hold(const Origin& origin, Clock::time_point until) {
  for (auto& [held, end] : held_)
    if (held == origin) {
      end = std::max(end, until);
      return;
    }
  held_.emplace_back(origin, until);
}

Clock::time_point RateLimits::free_at(const Origin& origin, Clock::time_point now) const {
  for (const auto& [held, end] : held_)
    if (held == origin) return std::max(end, now);
  return now;
}

}  // namespace ingot::acquire
