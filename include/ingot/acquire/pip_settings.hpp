// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/pip_settings.hpp: which Python indexes pip would ask: its environment variables and configuration files.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/environment.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// What of pip's configuration decides where distributions come from.
struct PipSettings {
  std::vector<std::string> indexes;     ///< addresses of simple indexes: index-url, then each extra-index-url; http(s) or file
  std::vector<std::string> find_links;  ///< directories or pages that list wheels
  std::filesystem::path certificates;   ///< PEM; empty: the system's
  std::string proxy = {};               ///< for every request; empty: the environment's
};

/// Files, each overriding those before: $XDG_CONFIG_DIRS/pip/pip.conf (/etc/xdg), /etc/pip.conf, ~/.pip/pip.conf,
/// $XDG_CONFIG_HOME/pip/pip.conf (~/.config), $VIRTUAL_ENV/pip.conf, $PIP_CONFIG_FILE (/dev/null: none of them). In each [download] goes
/// before [global]. Then PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_NO_INDEX, PIP_FIND_LINKS, PIP_CERT, PIP_PROXY. `endpoint` goes before all.
/// No trusted-host: certificates are always verified.
[[nodiscard]] PipSettings pip_settings(const Environment& environment, const std::string& endpoint = {});

}  // namespace ingot::acquire
