// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/calibration_data.hpp: the text that searches of codes look at, as tokens.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <ingot/core/mapped_file.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/calibration.hpp>

#include "calibration_text.hpp"
#include "text_windows.hpp"

namespace program {

/// Tokens of a calibration sequence, and of all of them: more of the text is not read.
inline constexpr std::size_t calibration_context = 512, calibration_tokens = 16384;

/// The text of `file`, or the built-in one where that is empty. Errors: usage (a text of less than two tokens), those of reading and
/// encoding.
[[nodiscard]] inline ingot::Result<ingot::model::CalibrationText> calibration_data(const ingot::text::Tokenizer& tokenizer,
                                                                                   const std::string& file) {
  std::optional<ingot::MappedFile> mapped;
  if (!file.empty()) {
    INGOT_TRY(mapped, ingot::MappedFile::open(file));
  }
  auto windows = TextWindows::cut(tokenizer, mapped ? mapped->text() : calibration_text, calibration_context);
  if (!windows) return std::move(windows).error().in(file.empty() ? "the built-in calibration text" : file);
  ingot::model::CalibrationText calibration{file.empty() ? "built-in" : file, {}};
  INGOT_CHECK(windows->each([&](std::span<const std::int32_t> ids, std::size_t) -> ingot::Status {
    if (calibration.tokens() < calibration_tokens) calibration.sequences.emplace_back(ids.begin(), ids.end());
    return {};
  }));
  return calibration;
}

}  // namespace program
