// SPDX-License-Identifier: Apache-2.0
#include <everything.hpp>

const char* second_version();
const char* second_version() { return ingot::version; }
