// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/environment.hpp: the environment variables that hubs define, behind a function, so that callers can say
              // theirs.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ingot::acquire {

/// The variables of a process, or what a caller or a test has in their place.
class Environment {
 public:
  using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

  /// Without `lookup`: no variable is set.
  Environment(Lookup lookup = {}) : lookup_{std::move(lookup)} {}  // NOLINT: implicit by design

  /// Of this process.
  [[nodiscard]] static Environment of_process() {
    return Lookup{[](std::string_view name) -> std::optional<std::string> {
      const char* const value = std::getenv(std::string{name}.c_str());
      return value == nullptr ? std::nullopt : std::optional<std::string>{value};
    }};
  }

  /// The value of a variable that is set and not empty: hubs take an empty one for none.
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const {
    auto value = lookup_ ? lookup_(name) : std::nullopt;
    return value && !value->empty() ? value : std::nullopt;
  }
  /// The first of `names` that is set.
  [[nodiscard]] std::optional<std::string> first(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names)
      if (auto value = find(name)) return value;
    return {};
  }
  /// Whether a variable says yes: 1, ON, YES or TRUE in any case, as huggingface_hub has it.
  [[nodiscard]] bool is_true(std::string_view name) const {
    std::string value = find(name).value_or("");
    for (char& c : value)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
  }

  [[nodiscard]] std::filesystem::path home() const { return find("HOME").value_or("/"); }
  /// Where caches go: XDG_CACHE_HOME, else ~/.cache.
  [[nodiscard]] std::filesystem::path cache_home() const {
    const auto value = find("XDG_CACHE_HOME");
    return value ? expand(*value) : home() / ".cache";
  }

  /// `text` with a leading ~ and every $NAME or ${NAME} that is set replaced, as Python's expanduser and expandvars do.
  [[nodiscard]] std::filesystem::path expand(std::string_view text) const {
    std::string out;
    if (!text.empty() && text[0] == '~' && (text.size() == 1 || text[1] == '/')) {
      out = home().string();
      text.remove_prefix(1);
    }
    const auto is_name = [](char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    while (!text.empty()) {
      const bool braced = text.substr(0, 2) == "${";
      std::size_t end = braced ? 2 : 1;
      if (text[0] == '$')
        while (end < text.size() && (braced ? text[end] != '}' : is_name(text[end]))) ++end;
      const std::string_view name = text[0] == '$' ? text.substr(braced ? 2 : 1, end - (braced ? 2 : 1)) : std::string_view{};
      if (braced && end < text.size()) ++end;
      const auto value = name.empty() ? std::nullopt : find(name);
      out.append(value ? std::string_view{*value} : text.substr(0, end));
      text.remove_prefix(std::min(end, text.size()));
    }
    return out;
  }

 private:
  Lookup lookup_;
};

}  // namespace ingot::acquire
