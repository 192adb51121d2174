// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/libraries.hpp: the versions of the libraries that the runtime was compiled with.

#include <string>

namespace program {

/// "simdjson 3.0.1, PCRE2 10.42, ..."
[[nodiscard]] std::string library_versions();

}  // namespace program
