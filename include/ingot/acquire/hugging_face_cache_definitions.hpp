// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/hugging_face_cache_definitions.hpp: huggingface_hub's cache.

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include <ingot/acquire/hub_access.hpp>
#include <ingot/acquire/hugging_face_cache.hpp>
#include <ingot/acquire/place.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire {
namespace detail {

/// From snapshots/COMMIT/a/b to blobs/NAME.
[[nodiscard]] inline std::string link_to_blob(const std::string& path, const std::string& blob) {
  std::string target = "../../";
  for (const char c : path)
    if (c == '/') target += "../";
  return target + "blobs/" + blob;
}

}  // namespace detail

std::filesystem::path hugging_face_cache_root(const Environment& environment) {
  const auto named = environment.first({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"});
  return named ? environment.expand(*named) : hugging_face_home(environment) / "hub";
}

std::string repository_folder(std::string_view repository) {
  std::string folder = "models--";
  for (const char c : repository) folder.append(c == '/' ? "--" : std::string(1, c));
  return folder;
}

std::optional<std::filesystem::path> HuggingFaceCache::find(const std::string& commit, const RemoteFile& file) const {
  auto named = snapshot(commit) / file.path;
  if (is_file_of(named, file)) return named;
  const std::string blob = blob_name(file);
  auto content = repository_ / "blobs" / blob;
  if (!blob.empty() && is_file_of(content, file)) return content;
  return {};
}

Status HuggingFaceCache::adopt(const std::string& commit, const RemoteFile& file) const {
  if (is_file_of(snapshot(commit) / file.path, file)) return {};
  const std::string blob = blob_name(file), relative = "snapshots/" + commit + "/" + file.path;
  if (place_link(detail::link_to_blob(file.path, blob), repository_, relative)) return {};
  // No links here (a file system or a system that refuses them): the content itself gets the name, as huggingface_hub has it.
  INGOT_CHECK(place(repository_ / "blobs" / blob, repository_, relative, Taken::replace));
  return {};
}

Status HuggingFaceCache::publish(const std::string& commit, const RemoteFile& file, const StagedFile& staged) const {
  const std::string blob = blob_name(file);
  if (blob.empty()) {
    INGOT_CHECK(place(staged.path, repository_, "snapshots/" + commit + "/" + file.path, Taken::replace));
    return {};
  }
  INGOT_CHECK(
      place(staged.path, repository_, "blobs/" + blob, Taken::replace));  // what had the name has been found damaged, or is the same
  std::error_code error;
  const auto named = snapshot(commit) / file.path;
  if (!std::filesystem::is_symlink(named, error) && std::filesystem::exists(named, error)) std::filesystem::remove(named, error);
  return adopt(commit, file);
}

Status HuggingFaceCache::note_absent(const std::string& commit, std::string_view path) const {
  const auto marker = std::filesystem::path{".no_exist"} / commit / path;
  return is_file(repository_ / marker) ? Status{} : write_below(repository_, marker, {});
}

Status HuggingFaceCache::prepare() const { return mark_cache(root_); }

}  // namespace ingot::acquire
