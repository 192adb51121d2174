// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/python_fetch_definitions.hpp: distributions chosen, fetched, unpacked.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/acquire/lock_file.hpp>
#include <ingot/acquire/place.hpp>
#include <ingot/acquire/python_fetch.hpp>
#include <ingot/acquire/python_index.hpp>
#include <ingot/acquire/repository_fetch.hpp>
#include <ingot/acquire/transfer.hpp>
#include <ingot/acquire/tree_records.hpp>
#include <ingot/acquire/verified_index.hpp>
#include <ingot/acquire/wheel.hpp>
#include <ingot/core/atomic_file.hpp>
#include <ingot/core/sha256.hpp>

namespace ingot::acquire {
namespace detail {

/// "name-part12" without "-part12"; the name itself where it is no part's.
[[nodiscard]] inline std::string base_distribution(const std::string& name) {
  const auto at = name.rfind("-part");
  const bool part =
      at != std::string::npos && at > 0 && at + 5 < name.size() && name.find_first_not_of("0123456789", at + 5) == std::string::npos;
  return part ? name.substr(0, at) : name;
}

/// One distribution on its way.
class DistributionFetch {
 public:
  DistributionFetch(HttpClient& client, const Reference& reference, const FetchOptions& options)
      : client_{client},
        reference_{reference},
        options_{options},
        settings_{pip_settings(options.environment, options.access.endpoint)},
        base_{base_distribution(reference.name)},
        version_{reference.revision.empty() ? options.revision : reference.revision},
        root_{(options.cache_directory.empty() ? own_cache(options.environment) / "pypi" : options.cache_directory) / base_},
        index_{VerifiedIndex::open(own_cache(options.environment) / "verified")} {}

  [[nodiscard]] Result<Snapshot> run() {
    if (!options_.lock_file.empty()) {
      INGOT_TRY(lock_, LockFile::read(options_.lock_file));
      if (lock_ && (lock_->repository != "pypi:" + base_ || (!version_.empty() && version_ != lock_->commit)))
        return Error{ErrorCode::usage, "the lock file is of " + escaped(lock_->repository) + "@" + lock_->commit,
                     options_.lock_file.string(), "remove it, or name another"};
      if (lock_) version_ = lock_->commit;
    }
    const CachePolicy policy = options_.policy.value_or(CachePolicy::on);
    const Environment& environment = options_.environment;
    const bool offline = options_.offline || environment.is_true("HF_HUB_OFFLINE") || environment.is_true("TRANSFORMERS_OFFLINE");
    if (offline || policy == CachePolicy::off || policy == CachePolicy::readonly) return run_cached();
    INGOT_TRY(const auto wheel, first_wheel());
    version_ = wheel.version_text;
    if (policy != CachePolicy::redo) {
      INGOT_TRY(auto known, complete(version_));
      if (known) return finish(*std::move(known), 0);
    }
    INGOT_TRY(const auto wheels, all_wheels(wheel));
    if (options_.dry_run) {
      Snapshot snapshot{directory(version_), base_, version_, {}, 0};
      for (const WheelFile& file : wheels) snapshot.files.push_back({file.filename, file.size.value_or(0), file.digest});
      return snapshot;
    }
    return fetch_and_unpack(wheels);
  }

 private:
  [[nodiscard]] std::filesystem::path directory(const std::string& version) const {
    return options_.local_directory.empty() ? root_ / version : options_.local_directory;
  }
  /// What was unpacked into a directory is on record in our own cache.
  [[nodiscard]] Result<TreeRecords> records(const std::string& version) const {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(directory(version), error);
    INGOT_TRY(const auto name, sha256(std::as_bytes(std::span{absolute.native()})));
    return TreeRecords{own_cache(options_.environment) / "records" / to_hex(name)};
  }

  /// The copy of a version, when every file of its record is there and right.
  [[nodiscard]] Result<std::optional<Listing>> complete(const std::string& version) {
    INGOT_TRY(const auto known, records(version));
    auto listing = known.tree(base_, version, version);
    if (!listing) return listing;
    for (const RemoteFile& file : listing->files) {
      VerifiedIndex fresh;
      INGOT_TRY(const bool right,
                (options_.verify ? fresh : index_).matches(directory(version) / file.path, file.digests, options_.cancellation));
      if (!right) return std::optional<Listing>{};
    }
    return listing;
  }

  [[nodiscard]] Result<Snapshot> run_cached() {
    std::vector<std::pair<PythonVersion, std::string>> versions;
    std::error_code error;
    if (!version_.empty() || !options_.local_directory.empty()) {
      if (const auto version = PythonVersion::parse(version_)) versions.emplace_back(*version, version_);
    } else {
      for (std::filesystem::directory_iterator entry{root_, error}, end; !error && entry != end; entry.increment(error))
        if (const auto version = PythonVersion::parse(entry->path().filename().string()))
          versions.emplace_back(*version, entry->path().filename().string());
    }
    std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [version, text] : versions) {
      INGOT_TRY(auto known, complete(text));
      if (known) return finish(*std::move(known), 0);
    }
    return Error{versions.empty() || !options_.verify ? ErrorCode::not_found : ErrorCode::damaged, "not complete in the cache",
                 reference_.text(), "run it again without --offline, HF_HUB_OFFLINE and --policy"};
  }

  [[nodiscard]] Result<WheelFile> first_wheel() {
    if (base_ == reference_.name) {
      INGOT_TRY(const auto wheels, list_wheels(client_, settings_, base_));
      if (!wheels.empty()) return choose_wheel(wheels, base_, version_);
    }
    INGOT_TRY(const auto wheels, list_wheels(client_, settings_, base_ + "-part1"));
    in_parts_ = !wheels.empty();
    return choose_wheel(wheels, in_parts_ ? base_ + "-part1" : base_, version_);
  }

  /// The first wheel, and those of the other parts, until the index has none of the next number.
  [[nodiscard]] Result<std::vector<WheelFile>> all_wheels(const WheelFile& first) {
    std::vector<WheelFile> wheels{first};
    while (in_parts_ && wheels.size() < 10'000) {
      const std::string name = base_ + "-part" + std::to_string(wheels.size() + 1);
      INGOT_TRY(const auto next, list_wheels(client_, settings_, name));
      if (next.empty()) break;
      INGOT_TRY(auto wheel, choose_wheel(next, name, version_));
      wheels.push_back(std::move(wheel));
    }
    for (const WheelFile& wheel : wheels)
      if (!wheel.digest && options_.require_digest)
        return Error{ErrorCode::damaged, "the index gives no digest", wheel.filename, "leave --require-digest out"};
    return wheels;
  }

  [[nodiscard]] Result<Snapshot> fetch_and_unpack(const std::vector<WheelFile>& wheels) {
    // Below the user's directory, or beside the unpacked versions: on the file system of what they become.
    const auto staging = (options_.local_directory.empty() ? root_ : options_.local_directory) / ".staging";
    const auto kept = staging / ("wheels-" + version_);
    std::vector<std::filesystem::path> paths;
    std::vector<TransferItem> items;
    for (const WheelFile& wheel : wheels) {
      paths.push_back(wheel.url.empty() ? wheel.path : kept / wheel.filename);
      const std::vector<Digest> digests = wheel.digest ? std::vector{*wheel.digest} : std::vector<Digest>{};
      if (wheel.url.empty()) {
        INGOT_TRY(const bool right, index_.matches(wheel.path, digests, options_.cancellation));
        if (!right) return Error{ErrorCode::damaged, "not the wheel that its index lists", wheel.path.string(), "look at the index"};
        continue;
      }
      if (!wheel.digest && options_.note)
        options_.note("the index gives no digest of " + wheel.filename + "; only its own RECORD vouches for it");
      const auto path = paths.back();
      INGOT_TRY(const Url url, Url::parse(wheel.url));
      items.push_back({.path = wheel.filename,
                       .staging = {url.origin.text(), base_, version_, wheel.filename},
                       .size = wheel.size,
                       .digests = digests,
                       .locate = [&wheel]() -> Result<Source> { return Source{.url = wheel.url, .headers = {}}; },
                       .present = [this, path, digests]() -> Result<bool> {
                         return digests.empty() ? Result<bool>{false} : index_.matches(path, digests, options_.cancellation);
                       },
                       .publish = [kept, &wheel](const StagedFile& staged) -> Status {
                         INGOT_CHECK(place(staged.path, kept, wheel.filename, Taken::replace));
                         return {};
                       },
                       .inspect = {},
                       .explain = {}});
    }
    INGOT_TRY(const auto report,
              transfer(client_, items, {.staging_root = staging, .max_workers = options_.max_workers, .progress = options_.progress}));
    std::error_code ignored;
    const auto unpacked = unpack(paths);
    if (!unpacked || items.size() == wheels.size()) std::filesystem::remove_all(kept, ignored);  // also what turned out to lie
    std::filesystem::remove(staging, ignored);
    if (!unpacked) return Error{unpacked.error()};
    return finish(*unpacked, report.bytes_fetched);
  }

  [[nodiscard]] Result<Listing> unpack(const std::vector<std::filesystem::path>& wheels) {
    const auto target = directory(version_);
    const auto work = options_.local_directory.empty() ? target : options_.local_directory / ".staging" / "unpacked";
    INGOT_TRY(auto fresh, AtomicDirectory::create(work));
    Listing listing{base_, version_, version_, {}};
    INGOT_TRY(listing.files, unpack_wheels(wheels, base_, fresh.temporary_path(), options_.progress, options_.cancellation));
    INGOT_CHECK(check_names(listing));
    if (lock_) INGOT_CHECK(lock_->restrict(listing, options_.lock_file));
    if (options_.local_directory.empty()) {
      INGOT_CHECK(fresh.commit(AtomicDirectory::Existing::replace));
    } else {
      for (const RemoteFile& file : listing.files)
        INGOT_CHECK(place(fresh.temporary_path() / file.path, target, file.path, Taken::replace));
    }
    for (const RemoteFile& file : listing.files)
      if (const auto identity = identity_of(target / file.path)) index_.add(*identity, file.digests.front());
    INGOT_TRY(const auto known, records(version_));
    INGOT_CHECK(known.write_tree(listing));
    return listing;
  }

  [[nodiscard]] Result<Snapshot> finish(const Listing& listing, std::uint64_t fetched) {
    const bool writes = options_.policy != CachePolicy::readonly && !options_.dry_run;
    if (writes) static_cast<void>(index_.save());
    Snapshot snapshot{directory(listing.commit), base_, listing.commit, {}, fetched};
    LockFile lock{"pypi:" + base_, listing.commit, listing.commit, {}};
    for (const RemoteFile& file : listing.files) {
      snapshot.files.push_back({file.path, *file.size, file.digests.front()});
      lock.files.push_back({file.path, *file.size, file.digests.front()});
    }
    if (writes && !lock_ && !options_.lock_file.empty()) INGOT_CHECK(lock.write(options_.lock_file));
    return snapshot;
  }

  HttpClient& client_;
  const Reference& reference_;
  const FetchOptions& options_;
  PipSettings settings_;
  std::string base_, version_;
  std::filesystem::path root_;
  VerifiedIndex index_;
  std::optional<LockFile> lock_;
  bool in_parts_ = false;
};

}  // namespace detail

Result<Snapshot> fetch_distribution(HttpClient& client, const Reference& reference, const FetchOptions& options) {
  return detail::DistributionFetch{client, reference, options}.run();
}

}  // namespace ingot::acquire
