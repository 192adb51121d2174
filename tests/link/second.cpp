// SPDX-License-Identifier: Apache-2.0
#include <everything.hpp>

const char* const* second_version();
const char* const* second_version() { return &ingot::version; }
