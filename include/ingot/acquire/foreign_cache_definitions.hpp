// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/foreign_cache_definitions.hpp: other clients' caches.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include <ingot/acquire/foreign_cache.hpp>
#include <ingot/acquire/mlc.hpp>
#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/store.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/config_file.hpp>
#include <ingot/core/json.hpp>

namespace ingot::acquire {
namespace detail {

[[nodiscard]] inline bool is_directory(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

/// Whether a safetensors file ends where its header says. The header: 8 bytes of length, JSON of {name: {"data_offsets": [begin, end]}}.
[[nodiscard]] inline bool is_whole_safetensors(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  if (!file || file->bytes().size() < 8) return false;
  const std::string_view text = file->text();
  std::uint64_t header = 0;
  for (std::size_t i = 8; i-- > 0;) header = header << 8 | static_cast<unsigned char>(text[i]);
  if (header > text.size() - 8 || header > std::uint64_t{100'000'000}) return false;
  const auto document =
      json::Document::parse(text.substr(8, static_cast<std::size_t>(header)), path.string(), {.bytes = 100'000'000, .depth = 16});
  if (!document) return false;
  std::uint64_t most = 0;
  const Status read = document->root().each_member([&](std::string_view name, const json::Value& tensor) -> Status {
    if (name == "__metadata__") return {};
    INGOT_TRY(const auto offsets, tensor.at("data_offsets"));
    return offsets.each_element([&](const json::Value& offset) -> Status {
      INGOT_TRY(const auto end, offset.as<std::uint64_t>());
      most = std::max(most, end);
      return {};
    });
  });
  return read && text.size() - 8 - header == most;
}

/// Whether the weights beside a config.json are whole.
[[nodiscard]] inline bool has_whole_weights(const std::filesystem::path& directory) {
  if (!is_file(directory / "config.json")) return false;
  const auto index = read_config_file(directory / "model.safetensors.index.json");
  if (!index) return is_whole_safetensors(directory / "model.safetensors");
  const auto document = json::Document::parse(*index, directory.string());
  const auto map = document ? document->root().find("weight_map") : std::nullopt;
  if (!map) return false;
  std::set<std::string> shards;
  const Status read = map->each_member([&](std::string_view, const json::Value& shard) -> Status {
    INGOT_TRY(auto name, shard.as<std::string>());
    INGOT_CHECK(check_path(name));
    shards.insert(std::move(name));
    return {};
  });
  return read && !shards.empty() &&
         std::all_of(shards.begin(), shards.end(), [&](const std::string& shard) { return is_whole_safetensors(directory / shard); });
}

/// Whether all shards of an MLC model are there in their sizes.
[[nodiscard]] inline bool has_whole_shards(const std::filesystem::path& directory) {
  if (!is_file(directory / "mlc-chat-config.json")) return false;
  for (const std::string_view name : mlc_manifests) {
    const auto text = read_config_file(directory / name);
    const auto shards = text ? parse_mlc_manifest(*text, (directory / name).string()) : Result<std::vector<RemoteFile>>{Error{}};
    if (!shards) continue;
    return std::all_of(shards->begin(), shards->end(), [&](const RemoteFile& shard) {
      std::error_code error;
      return is_file(directory / shard.path) && std::filesystem::file_size(directory / shard.path, error) == shard.size;
    });
  }
  return false;
}

}  // namespace detail

std::vector<std::filesystem::path> foreign_directories(const Reference& reference, const Environment& environment) {
  std::vector<std::filesystem::path> candidates;
  const auto slash = reference.name.find('/');
  const std::string owner = reference.name.substr(0, slash),
                    name = slash == std::string::npos ? std::string{} : reference.name.substr(slash + 1);
  if (reference.hub == Hub::model_scope) {
    const auto named = environment.find("MODELSCOPE_CACHE");
    const auto base = named ? environment.expand(*named) : environment.home() / ".cache" / "modelscope";
    std::string old_name;
    for (const char c : name) old_name.append(c == '.' ? "___" : std::string(1, c));
    const std::string revision = reference.revision.empty() ? "master" : reference.revision;
    candidates = {base / "models" / (owner + "--" + name) / "snapshots" / revision, base / "models" / owner / old_name,
                  base / "hub" / "models" / owner / old_name, base / "hub" / owner / old_name};
  } else if (reference.hub == Hub::mlc) {
    const std::string paths = environment.find("MLC_LLM_READONLY_WEIGHT_CACHE").value_or("");
    for (std::size_t at = 0; at < paths.size();) {
      const auto end = std::min(paths.find(':', at), paths.size());
      if (end > at) candidates.push_back(environment.expand(paths.substr(at, end - at)) / "hf" / owner / name);
      at = end + 1;
    }
    const auto home = environment.find("MLC_LLM_HOME");
    candidates.push_back((home ? environment.expand(*home) : environment.cache_home() / "mlc_llm") / "model_weights" / "hf" / owner / name);
  }
  std::erase_if(candidates, [](const auto& path) { return !detail::is_directory(path) || !check_owner(path); });
  return candidates;
}

Result<std::optional<Snapshot>> prove_complete(const std::filesystem::path& directory) {
  if (!detail::is_directory(directory) || (!detail::has_whole_shards(directory) && !detail::has_whole_weights(directory)))
    return std::optional<Snapshot>{};
  Snapshot snapshot{directory, {}, {}, {}, 0};
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    const std::string path = entry->path().lexically_relative(directory).generic_string();
    if (entry->is_regular_file(gone) && !path.starts_with(".")) snapshot.files.push_back({path, entry->file_size(gone), {}});
  }
  if (error) return system_error("cannot list the directory", directory, error.value());
  std::sort(snapshot.files.begin(), snapshot.files.end(), [](const SnapshotFile& a, const SnapshotFile& b) { return a.path < b.path; });
  return std::optional{std::move(snapshot)};
}

Result<std::optional<Snapshot>> find_proven(const Reference& reference, const std::filesystem::path& snapshot,
                                            const Environment& environment) {
  std::vector<std::filesystem::path> candidates = foreign_directories(reference, environment);
  if (!snapshot.empty()) candidates.insert(candidates.begin(), snapshot);
  for (const auto& directory : candidates) {
    INGOT_TRY(auto proven, prove_complete(directory));
    if (!proven) continue;
    proven->repository = reference.name;
    return proven;
  }
  return std::optional<Snapshot>{};
}

}  // namespace ingot::acquire
