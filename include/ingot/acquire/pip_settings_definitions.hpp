// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/pip_settings_definitions.hpp: pip's configuration read.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/pip_settings.hpp>
#include <ingot/core/config_file.hpp>

namespace ingot::acquire {
namespace detail {

using PipValues = std::map<std::string, std::string>;

/// Option names are alike in any case and with `_` for `-`.
[[nodiscard]] inline std::string pip_key(std::string_view name) {
  std::string key;
  for (const char c : name) key.push_back(c == '_' ? '-' : ascii_lower(c));
  return key;
}

/// The values of one section of an INI file as Python's configparser reads it: `key = value` or `key: value`, continued on indented lines.
[[nodiscard]] inline PipValues read_ini(std::string_view text, std::string_view wanted) {
  PipValues values;
  std::string* last = nullptr;
  bool inside = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end), content = trimmed(line);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.empty() || content[0] == '#' || content[0] == ';') continue;
    if (line[0] == ' ' || line[0] == '\t') {
      if (last != nullptr) last->append(" ").append(content);
      continue;
    }
    last = nullptr;
    if (content.front() == '[') {
      inside = content == "[" + std::string{wanted} + "]";
      continue;
    }
    const auto separator = content.find_first_of("=:");
    if (!inside || separator == content.npos) continue;
    last = &(values[pip_key(trimmed(content.substr(0, separator)))] = trimmed(content.substr(separator + 1)));
  }
  return values;
}

[[nodiscard]] inline std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  while (!(text = trimmed(text)).empty()) {
    const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
    found.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return found;
}

[[nodiscard]] inline std::vector<std::filesystem::path> pip_files(const Environment& environment) {
  const auto own = environment.find("PIP_CONFIG_FILE");
  if (own == "/dev/null") return {};
  std::vector<std::filesystem::path> files;
  const std::string system = environment.find("XDG_CONFIG_DIRS").value_or("/etc/xdg");
  for (std::size_t at = 0; at < system.size();) {
    const auto end = std::min(system.find(':', at), system.size());
    if (end > at) files.push_back(std::filesystem::path{system.substr(at, end - at)} / "pip" / "pip.conf");
    at = end + 1;
  }
  files.emplace_back("/etc/pip.conf");
  files.push_back(environment.home() / ".pip" / "pip.conf");
  const auto user = environment.find("XDG_CONFIG_HOME");
  files.push_back((user ? environment.expand(*user) : environment.home() / ".config") / "pip" / "pip.conf");
  if (const auto virtual_environment = environment.find("VIRTUAL_ENV"))
    files.push_back(std::filesystem::path{*virtual_environment} / "pip.conf");
  if (own) files.push_back(environment.expand(*own));
  return files;
}

}  // namespace detail

PipSettings pip_settings(const Environment& environment, const std::string& endpoint) {
  detail::PipValues values;
  const auto files = detail::pip_files(environment);
  for (const char* section : {"global", "download"})  // pip: a command's section of any file goes before the global one of all
    for (const auto& path : files)
      if (const auto text = read_config_file(path))
        for (auto& [key, value] : detail::read_ini(*text, section)) values[key] = value;
  for (const auto& [variable, key] : {std::pair{"PIP_INDEX_URL", "index-url"},
                                      {"PIP_EXTRA_INDEX_URL", "extra-index-url"},
                                      {"PIP_NO_INDEX", "no-index"},
                                      {"PIP_FIND_LINKS", "find-links"},
                                      {"PIP_CERT", "cert"},
                                      {"PIP_PROXY", "proxy"}})
    if (const auto value = environment.find(variable)) values[key] = *value;

  PipSettings settings;
  const std::string no_index = detail::pip_key(values["no-index"]);
  if (!endpoint.empty()) {
    settings.indexes.push_back(endpoint);
  } else if (no_index != "1" && no_index != "true" && no_index != "yes" && no_index != "on") {
    settings.indexes.push_back(values.contains("index-url") ? values["index-url"] : "https://pypi.org/simple");
    for (std::string& extra : detail::words(values["extra-index-url"])) settings.indexes.push_back(std::move(extra));
  }
  if (endpoint.empty()) settings.find_links = detail::words(values["find-links"]);
  settings.certificates = values["cert"];
  settings.proxy = values["proxy"];
  return settings;
}

}  // namespace ingot::acquire
