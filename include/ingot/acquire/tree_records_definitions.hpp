// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/tree_records_definitions.hpp: records of trees read and written.

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/acquire/place.hpp>
#include <ingot/acquire/tree_records.hpp>
#include <ingot/core/atomic_file.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>

namespace ingot::acquire {
namespace detail {

/// Of a commit, or of what stands for one: hexadecimal digits or a version.
[[nodiscard]] inline bool is_commit_name(std::string_view commit) {
  return !commit.empty() && commit.size() <= 80 && commit.find('/') == commit.npos && check_path(commit);
}

}  // namespace detail

Status write_below(const std::filesystem::path& root, const std::filesystem::path& relative, std::string_view bytes) {
  INGOT_TRY(const auto directory, SafeDirectory::open(root));
  INGOT_TRY(const auto parent, directory.descend(relative.parent_path().generic_string()));
  return write_file(root / relative, bytes);
}

std::string tree_json(const Listing& listing) {
  json::ObjectText files;
  for (const RemoteFile& file : listing.files) {
    json::ObjectText entry;
    if (file.size) entry.add("size", *file.size);
    const auto sha256 = std::find_if(file.digests.begin(), file.digests.end(), [](const Digest& d) { return d.hash == Hash::sha256; });
    entry.add("blob_id", file.git_oid);
    if (sha256 != file.digests.end()) entry.add("lfs_sha256", sha256->hex);
    if (sha256 != file.digests.end() && file.size) entry.add("lfs_size", *file.size);
    files.add_raw(file.path, std::move(entry).str());
  }
  json::ObjectText tree;
  tree.add("format_version", 1).add_raw("files", std::move(files).str());
  return std::move(tree).str();
}

Result<Listing> parse_tree_json(std::string_view text, const std::string& where) {
  INGOT_TRY(const auto document, json::Document::parse(text, where, {.bytes = most_page_bytes, .depth = 16}));
  INGOT_TRY(const auto version, document.root().get<int>("format_version"));
  if (version != 1) return document.root().problem("an unknown version", "format_version");
  INGOT_TRY(const auto files, document.root().at("files"));
  Listing listing;
  const Status read = files.each_member([&](std::string_view path, const json::Value& entry) -> Status {
    RemoteFile file;
    file.path = path;
    if (const auto size = entry.find("size")) {
      INGOT_TRY(file.size, size->as<std::uint64_t>("size"));
    }
    INGOT_TRY(file.git_oid, entry.get<std::string>("blob_id", ""));
    INGOT_TRY(const auto sha256, entry.get<std::string>("lfs_sha256", ""));
    const bool lfs = !sha256.empty();
    const auto digest = lfs ? Digest::parse(Hash::sha256, sha256) : Digest::parse(Hash::git_blob, file.git_oid);
    if (!digest && (lfs || !file.git_oid.empty())) return entry.problem("no digest", "blob_id");
    if (digest) file.digests.push_back(*digest);
    listing.files.push_back(std::move(file));
    return {};
  });
  INGOT_CHECK(read);
  INGOT_CHECK(check_names(listing));
  return listing;
}

std::optional<std::string> TreeRecords::commit_of(std::string_view revision) const {
  if (!check_path(revision)) return {};
  const auto file = MappedFile::open(root_ / "refs" / revision);
  if (!file || file->text().size() > 128) return {};
  std::string commit{file->text()};
  while (commit.ends_with('\n')) commit.pop_back();
  return detail::is_commit_name(commit) ? std::optional{commit} : std::nullopt;
}

std::optional<Listing> TreeRecords::tree(const std::string& repository, const std::string& revision, const std::string& commit) const {
  if (!detail::is_commit_name(commit)) return {};
  const auto path = root_ / "trees" / (commit + ".json");
  const auto file = MappedFile::open(path);
  if (!file || file->bytes().size() > most_page_bytes) return {};
  auto listing = parse_tree_json(file->text(), path.string());
  if (!listing) return {};
  listing->repository = repository;
  listing->revision = revision;
  listing->commit = commit;
  return *std::move(listing);
}

std::vector<std::pair<std::string, std::string>> TreeRecords::revisions() const {
  std::vector<std::pair<std::string, std::string>> found;
  const auto refs = root_ / "refs";
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry{refs, error}, end; !error && entry != end; entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    const std::string revision = entry->path().lexically_relative(refs).generic_string();
    if (auto commit = commit_of(revision)) found.emplace_back(revision, *std::move(commit));
  }
  std::sort(found.begin(), found.end());
  return found;
}

Status TreeRecords::write_tree(const Listing& listing) const {
  return write_below(base_, below_ / "trees" / (listing.commit + ".json"), tree_json(listing));
}

Status TreeRecords::write_ref(const std::string& revision, const std::string& commit) const {
  if (revision == commit || commit_of(revision) == commit) return {};
  return write_below(base_, below_ / "refs" / revision, commit);
}

}  // namespace ingot::acquire
