// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/strftime.hpp: dates in the C locale, whatever the program's locale is.

#include <ctime>
#include <string>
#include <string_view>

namespace ingot::text::jinja {

/// datetime.strftime of a time without zone. Unknown directives stay as they are; glibc's flags `-`, `_`, `0` are known.
[[nodiscard]] inline std::string strftime(std::string_view format, const std::tm& time) {
  static constexpr std::string_view days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  static constexpr std::string_view months[] = {"January", "February", "March",     "April",   "May",      "June",
                                                "July",    "August",   "September", "October", "November", "December"};
  const auto day = days[static_cast<unsigned>(time.tm_wday) % 7], month = months[static_cast<unsigned>(time.tm_mon) % 12];
  const int hour12 = time.tm_hour % 12 == 0 ? 12 : time.tm_hour % 12, year = time.tm_year + 1900, weekday = (time.tm_wday + 6) % 7;
  std::string out;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%' || at + 1 >= format.size()) {
      out.push_back(format[at++]);
      continue;
    }
    const std::size_t start = at++;
    const char flag = at + 1 < format.size() && (format[at] == '-' || format[at] == '_' || format[at] == '0') ? format[at++] : '\0';
    const auto number = [&](int value, std::size_t width, char fill = '0') {
      const std::string digits = std::to_string(value);
      if (flag == '_') fill = ' ';
      if (flag == '0') fill = '0';
      if (flag != '-' && digits.size() < width) out.append(width - digits.size(), fill);
      out += digits;
    };
    const auto nested = [&](std::string_view inner) { out += strftime(inner, time); };
    const auto iso_week = [&](bool want_year) {  // ISO 8601: the week that holds the year's first Thursday is the first
      const auto weeks = [](int y) {
        const auto january = [](int n) { return (n + n / 4 - n / 100 + n / 400) % 7; };
        return january(y) == 4 || january(y - 1) == 3 ? 53 : 52;
      };
      int week = (time.tm_yday - weekday + 10) / 7, in_year = year;
      if (week < 1)
        week = weeks(--in_year);
      else if (week > weeks(in_year))
        week = 1, ++in_year;
      number(want_year ? in_year : week, want_year ? 4 : 2);
    };
    switch (format[at++]) {
      case 'a':
        out += day.substr(0, 3);
        break;
      case 'A':
        out += day;
        break;
      case 'b':
      case 'h':
        out += month.substr(0, 3);
        break;
      case 'B':
        out += month;
        break;
      case 'c':
        nested("%a %b %e %H:%M:%S %Y");
        break;
      case 'C':
        number(year / 100, 2);
        break;
      case 'd':
        number(time.tm_mday, 2);
        break;
      case 'D':
      case 'x':
        nested("%m/%d/%y");
        break;
      case 'e':
        number(time.tm_mday, 2, ' ');
        break;
      case 'f':
        out += "000000";
        break;
      case 'F':
        nested("%Y-%m-%d");
        break;
      case 'G':
        iso_week(true);
        break;
      case 'H':
        number(time.tm_hour, 2);
        break;
      case 'I':
        number(hour12, 2);
        break;
      case 'j':
        number(time.tm_yday + 1, 3);
        break;
      case 'k':
        number(time.tm_hour, 2, ' ');
        break;
      case 'l':
        number(hour12, 2, ' ');
        break;
      case 'm':
        number(time.tm_mon + 1, 2);
        break;
      case 'M':
        number(time.tm_min, 2);
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'p':
        out += time.tm_hour < 12 ? "AM" : "PM";
        break;
      case 'P':
        out += time.tm_hour < 12 ? "am" : "pm";
        break;
      case 'r':
        nested("%I:%M:%S %p");
        break;
      case 'R':
        nested("%H:%M");
        break;
      case 'S':
        number(time.tm_sec, 2);
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'T':
      case 'X':
        nested("%H:%M:%S");
        break;
      case 'u':
        number(weekday + 1, 1);
        break;
      case 'U':
        number((time.tm_yday + 7 - time.tm_wday) / 7, 2);
        break;
      case 'V':
        iso_week(false);
        break;
      case 'w':
        number(time.tm_wday, 1);
        break;
      case 'W':
        number((time.tm_yday + 7 - weekday) / 7, 2);
        break;
      case 'y':
        number(year % 100, 2);
        break;
      case 'Y':
        number(year, 1);
        break;
      case 'z':
      case 'Z':
        break;
      case '%':
        out.push_back('%');
        break;
      default:
        out += format.substr(start, at - start);
        break;
    }
  }
  return out;
}

}  // namespace ingot::text::jinja
