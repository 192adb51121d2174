// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/utf8.hpp: whether bytes are text.

#include <string_view>

namespace ingot {

/// Whether `bytes` are well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates. Compiled in ingot::runtime.
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

}  // namespace ingot
