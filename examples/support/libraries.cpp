// SPDX-License-Identifier: Apache-2.0
// What --version says of the libraries: their headers take a compiler seconds, so one source includes them for all programs.
#include "support/libraries.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <simdjson.h>
#include <utf8proc.h>

namespace program {

std::string library_versions() {
  char pcre[64] = {};
  pcre2_config(PCRE2_CONFIG_VERSION, pcre);
  const auto number = [](int value) { return std::to_string(value); };
  return "simdjson " + number(simdjson::SIMDJSON_VERSION_MAJOR) + "." + number(simdjson::SIMDJSON_VERSION_MINOR) + "." +
         number(simdjson::SIMDJSON_VERSION_REVISION) + ", PCRE2 " + pcre + ", utf8proc " + utf8proc_version();
}

}  // namespace program
