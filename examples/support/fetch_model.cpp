// SPDX-License-Identifier: Apache-2.0
// MODEL arguments fetched; compiled once for all programs.
#include "support/fetch_model.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#if INGOT_ACQUIRE
#include <ingot/acquire/fetch.hpp>
#endif
#include <ingot/model/supported.hpp>

#include "support/download_progress.hpp"
#include "support/program.hpp"

namespace program {

ingot::Status check_model(std::string_view config_json, const std::string& where) {
  return ingot::model::check_supported(config_json, where);
}

#if INGOT_ACQUIRE
namespace {

/// The directory, or the GGUF file in it (the first of its parts) where there is no config.json.
std::string model_in(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory / "config.json", error) || !std::filesystem::is_directory(directory, error))
    return directory.string();
  std::vector<std::filesystem::path> files;
  for (std::filesystem::recursive_directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".gguf") files.push_back(entry->path());
  return files.empty() ? directory.string() : std::min_element(files.begin(), files.end())->string();
}

}  // namespace

ingot::Status fetch_model(std::string& model, bool quiet) {
  std::error_code error;
  const bool file = model.starts_with("file:");
  if ((!file && !ingot::acquire::is_remote(model)) || std::filesystem::exists(model, error)) return {};
  INGOT_TRY(const auto reference, ingot::acquire::parse_reference(model));
  if (file) {
    model = reference.name;
    return {};
  }
  ingot::acquire::FetchOptions options;
  options.cancellation = &cancellation;
  options.supports = check_model;
  options.offline = true;  // what is complete is used as it is: an update is what ingot-download is for
  if (const auto cached = ingot::acquire::fetch(reference, options)) {
    model = model_in(cached->directory);
    return {};
  }
  options.offline = false;
  if (!quiet) options.note = note;
  DownloadProgress progress{quiet};
  options.progress = std::ref(progress);
  const auto fetched = ingot::acquire::fetch(reference, options);
  progress.clear();
  if (!fetched) return ingot::Error{fetched.error()};
  model = model_in(fetched->directory);
  return {};
}
#else
ingot::Status fetch_model(std::string&, bool) { return {}; }  // built without: a reference is a path that is not there
#endif

}  // namespace program
