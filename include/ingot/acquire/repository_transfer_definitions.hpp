// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/repository_transfer_definitions.hpp: the files that a repository's snapshot lacks, fetched.

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ingot/acquire/hugging_face.hpp>
#include <ingot/acquire/lfs_pointer.hpp>
#include <ingot/acquire/model_scope.hpp>
#include <ingot/acquire/repository_fetch.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire {
namespace detail {

/// A file that somebody committed without its content: what its digest vouches for is the pointer.
[[nodiscard]] inline std::optional<LfsPointer> pointer_in(const StagedFile& staged) {
  if (staged.size >= lfs_pointer_limit) return {};
  const auto file = MappedFile::open(staged.path);
  return file ? parse_lfs_pointer(file->text()) : std::nullopt;
}

[[nodiscard]] inline Error unresolved_pointer(const LfsPointer& pointer, std::string where) {
  return {ErrorCode::damaged,
          "unresolved LFS pointer for sha256:" + pointer.sha256 + ", " + std::to_string(pointer.size) + " bytes expected", std::move(where),
          "the hub has the pointer in place of the file: use another endpoint or repository"};
}

/// `from` as a new file `to`, flushed: sharing its blocks where the file system can. Errors: disk.
[[nodiscard]] inline Status clone_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  int error_number = in < 0 || out < 0 ? errno : 0;
  if (error_number == 0 && ::ioctl(out, FICLONE, in) != 0) {
    ssize_t copied = 0;
    do copied = ::copy_file_range(in, nullptr, out, nullptr, std::size_t{1} << 30, 0);
    while (copied > 0);
    if (copied < 0) error_number = errno;
  }
  if (error_number == 0 && ::fsync(out) != 0) error_number = errno;
  if (in >= 0) ::close(in);
  if (out >= 0) ::close(out);
  if (error_number == 0) return {};
  ::unlink(to.c_str());
  return system_error("cannot copy out of the cache", to, error_number);
}

}  // namespace detail

Error RepositoryFetch::explain(const Listing& listing, const RemoteFile& file, const HttpResponse& response) const {
  if (response.ok()) {
    if (const auto pointer = parse_lfs_pointer(response.body))
      return detail::unresolved_pointer(*pointer, listing.repository + ": " + file.path);
    if (response.headers.get("Content-Type").find("text/html") != std::string_view::npos && !file.path.ends_with(".html"))
      return {ErrorCode::network, "the endpoint is not a hub: it answers with text/html", "URL " + response.url.redacted(),
              "check the endpoint, the proxy, or log in to the network"};
    return {ErrorCode::damaged, "the content has another size than the hub lists", listing.repository + ": " + file.path,
            "try again, or another endpoint"};
  }
  if (reference_.hub == Hub::model_scope) return model_scope_error(response, listing.repository, access_).in(file.path);
  if (response.headers.get("X-Error-Code") == "EntryNotFound" && writes())
    static_cast<void>(store_->note_absent(listing.commit, file.path));
  return hugging_face_error(response, listing.repository, access_).in(file.path);
}

void RepositoryFetch::note_verified(const Listing& listing, const RemoteFile& file, const Digest& sha256) {
  const auto path = store_->find(listing.commit, file);
  const auto identity = path ? identity_of(*path) : std::nullopt;
  if (!identity) return;
  index_.add(*identity, sha256);
  for (const Digest& digest : file.digests) index_.add(*identity, digest);
}

/// For a local directory: the content that the cache has, as a file of its own. A link would let an edit of it reach the cache.
Result<bool> RepositoryFetch::copy_cached(const Listing& listing, const RemoteFile& file) {
  const auto source = cache_ && !file.digests.empty() ? cache_->find(listing.commit, file) : std::nullopt;
  if (!source) return false;
  INGOT_TRY(const bool right, index_.matches(*source, file.digests, options_.cancellation));
  if (!right) return false;
  const auto copy = store_->staging() / (file.digests.front().hex + ".copy");
  INGOT_CHECK(detail::clone_file(*source, copy));
  INGOT_TRY(const auto sha256, digest_file(copy, Hash::sha256, options_.cancellation));
  INGOT_CHECK(store_->publish(listing.commit, file, {copy, file.size.value_or(0), sha256}));
  note_verified(listing, file, sha256);
  return true;
}

Result<std::uint64_t> RepositoryFetch::transfer_files(const Listing& listing, const std::vector<const RemoteFile*>& missing) {
  const std::string origin = access_.endpoint.origin.text();
  std::vector<TransferItem> configurations, others;
  for (const RemoteFile* const file : missing) {
    TransferItem item;
    item.path = file->path;
    item.staging = {origin, listing.repository, listing.commit, file->path};
    item.size = file->size;
    item.digests = file->digests;
    item.locate = [file]() -> Result<Source> { return Source{.url = file->url, .headers = {}}; };
    if (policy_ != CachePolicy::redo)
      item.present = [this, &listing, file]() -> Result<bool> {
        INGOT_TRY(const bool there, is_there(listing, *file));
        if (!there) return copy_cached(listing, *file);
        INGOT_CHECK(store_->adopt(listing.commit, *file));
        return true;
      };
    item.publish = [this, &listing, file](const StagedFile& staged) -> Status {
      if (const auto pointer = detail::pointer_in(staged))
        return detail::unresolved_pointer(*pointer, listing.repository + ": " + file->path);
      INGOT_CHECK(store_->publish(listing.commit, *file, staged));
      note_verified(listing, *file, staged.sha256);
      return {};
    };
    item.explain = [this, &listing, file](const HttpResponse& response) { return explain(listing, *file, response); };
    const bool first = checks_model() && file->path == "config.json";
    item.first = file->path.ends_with(".json");
    (first ? configurations : others).push_back(std::move(item));
  }
  const TransferSettings settings{.staging_root = store_->staging(), .max_workers = options_.max_workers, .progress = options_.progress};
  INGOT_TRY(const auto report, transfer(*client_, configurations, settings));
  INGOT_CHECK(check_model(listing));
  auto rest = transfer(*client_, others, settings);
  static_cast<void>(index_.save());  // what has been verified, also when not all has come
  if (!rest) return std::move(rest).error();
  return report.bytes_fetched + rest->bytes_fetched;
}

}  // namespace ingot::acquire
