// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/fetch_definitions.hpp: the right fetch for a reference.

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <ingot/acquire/curl_transport.hpp>
#include <ingot/acquire/fetch.hpp>
#include <ingot/acquire/lfs_pointer.hpp>
#include <ingot/acquire/pip_settings.hpp>
#include <ingot/acquire/python_fetch.hpp>
#include <ingot/acquire/repository_fetch.hpp>

namespace ingot::acquire {
namespace detail {

/// A path of the user's is there or not; what lies in it as an LFS pointer is said before anyone takes it for weights.
[[nodiscard]] inline Result<Snapshot> find_path(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return Error{ErrorCode::not_found, "no such file or directory", path.string(),
                 "check the path; hf:owner/name names a model on the hub"};
  Snapshot snapshot{path, path.string(), {}, {}, 0};
  const auto add = [&](const std::filesystem::path& file, std::string name) -> Status {
    std::error_code gone;
    const auto size = std::filesystem::file_size(file, gone);
    if (gone) return {};
    if (size < lfs_pointer_limit) {
      const auto mapped = MappedFile::open(file);
      if (const auto pointer = mapped ? parse_lfs_pointer(mapped->text()) : std::nullopt)
        return Error{ErrorCode::damaged,
                     "unresolved LFS pointer for sha256:" + pointer->sha256 + ", " + std::to_string(pointer->size) + " bytes expected",
                     file.string(), "fetch what it stands for: ingot-download --resolve-lfs DIRECTORY"};
    }
    snapshot.files.push_back({std::move(name), size, {}});
    return {};
  };
  if (!std::filesystem::is_directory(path, error)) {
    INGOT_CHECK(add(path, path.filename().string()));
    return snapshot;
  }
  for (std::filesystem::recursive_directory_iterator entry{path, error}, end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() == ".git") entry.disable_recursion_pending();
    if (std::error_code gone; entry->is_regular_file(gone))
      INGOT_CHECK(add(entry->path(), entry->path().lexically_relative(path).generic_string()));
  }
  if (error) return system_error("cannot list the directory", path, error.value());
  return snapshot;
}

}  // namespace detail

Result<Snapshot> fetch(AnyTransport transport, const Reference& reference, const FetchOptions& options) {
  if (!options.local_directory.empty() && !options.cache_directory.empty())
    return Error{ErrorCode::usage, "two directories: a local one and a cache", {}, "give one of them"};
  if (reference.hub == Hub::path) return detail::find_path(reference.name);
  HttpContext context;
  context.cancellation = options.cancellation;
  context.note = options.note;
  HttpClient client{transport, context};
  if (reference.hub == Hub::python_index) return fetch_distribution(client, reference, options);
  INGOT_TRY(auto repository, RepositoryFetch::create(client, reference, options));
  return repository.run();
}

Result<Snapshot> fetch(const Reference& reference, const FetchOptions& options) {
  CurlSettings settings{.ca_file = options.ca_file, .max_rate = options.max_rate};
  if (reference.hub == Hub::python_index) {
    PipSettings pip = pip_settings(options.environment);
    if (settings.ca_file.empty()) settings.ca_file = std::move(pip.certificates);
    settings.proxy = std::move(pip.proxy);
  }
  INGOT_TRY(auto transport, CurlTransport::create(std::move(settings)));
  return fetch(AnyTransport{transport}, reference, options);
}

}  // namespace ingot::acquire
