// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/mlc_definitions.hpp: MLC's manifest read.

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ingot/acquire/mlc.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/json.hpp>

namespace ingot::acquire {
namespace detail {

/// That the tensors of a shard lie within its `size` bytes, each on bytes of its own.
[[nodiscard]] inline Status check_tensors(const json::Value& shard, std::uint64_t size) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  INGOT_TRY(const auto records, shard.at("records"));
  const Status read = records.each_element([&](const json::Value& tensor) -> Status {
    INGOT_TRY(const auto begin, tensor.get<std::uint64_t>("byteOffset"));
    INGOT_TRY(const auto bytes, tensor.get<std::uint64_t>("nbytes"));
    const auto end = checked_add(begin, bytes);
    if (!end || *end > size) return tensor.problem("a tensor reaches over the end of its shard", "byteOffset");
    spans.emplace_back(begin, *end);
    return {};
  });
  INGOT_CHECK(read);
  std::sort(spans.begin(), spans.end());
  for (std::size_t i = 1; i < spans.size(); ++i)
    if (spans[i].first < spans[i - 1].second) return shard.problem("two tensors of a shard overlap", "byteOffset");
  return {};
}

}  // namespace detail

std::string_view find_mlc_manifest(const Listing& listing) noexcept {
  for (const std::string_view name : mlc_manifests)
    if (listing.find(name) != nullptr) return name;
  return {};
}

Result<std::vector<RemoteFile>> parse_mlc_manifest(std::string_view text, const std::string& where) {
  INGOT_TRY(const auto document, json::Document::parse(text, where, {.bytes = most_page_bytes, .depth = 64}));
  INGOT_TRY(const auto records, document.root().at("records"));
  if (!records.is_array()) return document.root().problem("expected an array of shards", "records");
  std::vector<RemoteFile> shards;
  std::vector<std::string> names;
  std::uint64_t total = 0;
  const Status read = records.each_element([&](const json::Value& entry) -> Status {
    if (shards.size() == most_files) return entry.problem("more than 1000000 shards", "records");
    RemoteFile shard;
    INGOT_TRY(shard.path, entry.get<std::string>("dataPath"));
    INGOT_TRY(const auto size, entry.get<std::uint64_t>("nbytes"));
    INGOT_TRY(const auto md5, entry.get<std::string>("md5sum", ""));
    if (const auto checked = check_path(shard.path); !checked) return Error{checked.error()}.in(where);
    const auto sum = checked_add(total, size);
    if (!sum || *sum >> 62 != 0) return entry.problem("the sizes of the shards overflow", "nbytes");
    total = *sum;
    INGOT_CHECK(detail::check_tensors(entry, size));
    shard.size = size;
    if (!md5.empty()) {
      const auto digest = Digest::parse(Hash::md5, md5);
      if (!digest) return entry.problem("the MD5 of " + escaped(shard.path) + " is none", "md5sum");
      shard.digests.push_back(*digest);
    }
    names.push_back(shard.path);
    shards.push_back(std::move(shard));
    return {};
  });
  INGOT_CHECK(read);
  if (auto checked = check_paths(names); !checked) return std::move(checked).error().in(where);
  return shards;
}

Status keep_mlc_files(Listing& listing, const std::function<Result<std::string>(const RemoteFile&)>& text_of) {
  const std::string_view name = find_mlc_manifest(listing);
  if (name.empty())
    return Error{ErrorCode::unsupported, "no MLC model: it holds neither tensor-cache.json nor ndarray-cache.json", listing.repository,
                 "use hf: for other models"};
  const std::string where = listing.repository + ": " + std::string{name};
  INGOT_TRY(const std::string text, text_of(*listing.find(name)));
  INGOT_TRY(const auto shards, parse_mlc_manifest(text, where));

  std::unordered_map<std::string_view, const RemoteFile*> wanted;
  for (const RemoteFile& shard : shards) wanted.emplace(shard.path, &shard);
  std::vector<RemoteFile> kept;
  for (RemoteFile& file : listing.files) {
    const auto found = wanted.find(file.path);
    if (found == wanted.end()) {
      if (!file.path.ends_with(".bin")) kept.push_back(std::move(file));
      continue;
    }
    const RemoteFile& shard = *found->second;
    if (file.size != shard.size)
      return Error{ErrorCode::damaged, "the manifest and the hub disagree on the size of " + escaped(shard.path), where,
                   "tell the model's owner"};
    file.digests.insert(file.digests.end(), shard.digests.begin(), shard.digests.end());
    wanted.erase(found);
    kept.push_back(std::move(file));
  }
  if (!wanted.empty())
    return Error{ErrorCode::damaged, "the manifest lists " + escaped(wanted.begin()->first) + ", which the hub does not have", where,
                 "tell the model's owner"};
  listing.files = std::move(kept);
  return {};
}

}  // namespace ingot::acquire
