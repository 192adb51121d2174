// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/emit_header.hpp: writes the C++ header that makes a package an exact-shape model.

#include <string>
#include <string_view>

#include <ingot/core/result.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/export.hpp>

namespace ingot::model {

/// `stem` of a file name as a C++ identifier: qwen3-0.6b gives qwen3_0_6b.
[[nodiscard]] std::string identifier(std::string_view stem);

/// The header's text for a struct `name`. Errors: unsupported (layers store matrices of one role by different schemes).
/// Compiled in ingot::runtime.
[[nodiscard]] Result<std::string> header_text(std::string_view name, const Config& config, const ExportReport& report);

}  // namespace ingot::model
