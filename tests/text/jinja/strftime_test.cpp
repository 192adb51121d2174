// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/strftime.hpp>

#include <doctest/doctest.h>

using ingot::text::jinja::strftime;

namespace {
std::tm at(int year, int month, int day, int weekday, int yday) {
  std::tm time{};
  time.tm_year = year - 1900;
  time.tm_mon = month - 1;
  time.tm_mday = day;
  time.tm_wday = weekday;
  time.tm_yday = yday;
  time.tm_hour = 15;
  time.tm_min = 4;
  time.tm_sec = 5;
  return time;
}
}  // namespace

TEST_CASE("directives in the C locale") {
  const std::tm time = at(2026, 1, 2, 5, 1);
  CHECK(strftime("%Y-%m-%d %H:%M:%S", time) == "2026-01-02 15:04:05");
  CHECK(strftime("%d %b %Y|%B %d, %Y|%A %a", time) == "02 Jan 2026|January 02, 2026|Friday Fri");
  CHECK(strftime("%I %p %P %-d %-I %e %_m %j %y %C %f", time) == "03 PM pm 2 3  2  1 002 26 20 000000");
  CHECK(strftime("%F %T %R %D %c|%z%Z|%%|%q|%", time) == "2026-01-02 15:04:05 15:04 01/02/26 Fri Jan  2 15:04:05 2026||%|%q|%");
}

TEST_CASE("weeks of the year") {
  CHECK(strftime("%U %W %V %G %u %w", at(2026, 1, 2, 5, 1)) == "00 00 01 2026 5 5");
  CHECK(strftime("%V %G", at(2021, 1, 3, 0, 2)) == "53 2020");
  CHECK(strftime("%V %G", at(2024, 12, 30, 1, 364)) == "01 2025");
  CHECK(strftime("%V %G", at(2020, 12, 31, 4, 365)) == "53 2020");
}
