// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/resumption.hpp: --resume: the file of finished work beside a package, and whose work it is.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <ingot/core/journal.hpp>
#include <ingot/core/mapped_file.hpp>
#include <ingot/core/sha256.hpp>
#include <ingot/model/export.hpp>

#include "support/program.hpp"

namespace program {

/// A digest of all that an export's results depend on: program and instructions, command line, the checkpoint's files, the tokens of the
/// calibration, the quantization's configuration.
inline ingot::Result<ingot::Sha256Digest> export_identity(int argc, char** argv, const ingot::model::ModelCheckpoint& opened,
                                                          const ingot::model::ExportOptions& options, const std::string& quant_config) {
  ingot::Sha256 digest;
  const auto add = [&](std::string_view part) {
    const std::uint64_t size = part.size();
    digest.update(std::as_bytes(std::span{&size, 1}));
    digest.update(part);
  };
  add(version_text("ingot-export"));
  for (int i = 1; i < argc; ++i)
    if (std::string_view{argv[i]} != "--resume") add(argv[i]);
  INGOT_TRY(const auto sources, ingot::model::source_digests(opened, &cancellation));
  for (const auto& [file, sha256] : sources) add(file), add(sha256);
  add(opened.files.config_json);
  for (const auto& sequence : options.calibration.sequences)
    add({reinterpret_cast<const char*>(sequence.data()), sequence.size() * sizeof sequence.front()});
  if (!quant_config.empty()) {
    INGOT_TRY(const auto file, ingot::MappedFile::open(quant_config));
    add(file.text());
  }
  return digest.finish();
}

/// `.NAME.resume` beside the package NAME.
inline std::filesystem::path work_file(const std::filesystem::path& destination) {
  const std::filesystem::path plain = destination.has_filename() ? destination : destination.parent_path();
  return plain.parent_path() / ("." + plain.filename().string() + ".resume");
}

/// Notes in the journal where this run writes its package, and removes what runs before it that were killed left there. Errors: disk.
inline ingot::Status replace_leftovers(ingot::Journal& journal, const std::filesystem::path& temporary) {
  for (std::size_t run = 0;; ++run) {
    const std::string record = "directory " + std::to_string(run);
    const std::string name = temporary.filename().string();
    if (!journal.has(record)) return journal.write(record, {std::as_bytes(std::span{name})});
    std::string left(journal.size(record), '\0');
    INGOT_CHECK(journal.read(record, {std::as_writable_bytes(std::span{left})}));
    std::error_code ignored;
    if (left != name && left.find('/') == left.npos && left.starts_with('.') && left.ends_with(".partial"))
      std::filesystem::remove_all(temporary.parent_path() / left, ignored);
  }
}

}  // namespace program
