// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/version.hpp: the one place where the version stands; CMake reads it from here.

namespace ingot {
inline constexpr const char* version = "0.1.0";
}  // namespace ingot
