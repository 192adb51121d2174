// SPDX-License-Identifier: Apache-2.0
// One of two translation units that include every header: a definition that is not inline appears in both and does not link.
#include <everything.hpp>

const char* const* second_version();

int main() { return &ingot::version == second_version() ? 0 : 1; }
