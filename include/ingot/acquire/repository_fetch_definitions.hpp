// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/repository_fetch_definitions.hpp: what is there, what is missing, and the way to all of it.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/acquire/foreign_cache.hpp>
#include <ingot/acquire/hugging_face.hpp>
#include <ingot/acquire/hugging_face_cache.hpp>
#include <ingot/acquire/local_directory.hpp>
#include <ingot/acquire/mlc.hpp>
#include <ingot/acquire/model_scope.hpp>
#include <ingot/acquire/repository_fetch.hpp>
#include <ingot/core/config_file.hpp>

namespace ingot::acquire {
namespace detail {

[[nodiscard]] inline Result<CachePolicy> policy_of(const Reference& reference, const FetchOptions& options) {
  if (options.policy) return *options.policy;
  const auto value = reference.hub == Hub::mlc ? options.environment.find("MLC_DOWNLOAD_CACHE_POLICY") : std::nullopt;
  if (!value || *value == "ON") return CachePolicy::on;
  if (*value == "OFF") return CachePolicy::off;
  if (*value == "REDO") return CachePolicy::redo;
  if (*value == "READONLY") return CachePolicy::readonly;
  return Error{ErrorCode::usage, "no cache policy", "MLC_DOWNLOAD_CACHE_POLICY=" + escaped(*value), "it is ON, OFF, REDO or READONLY"};
}

/// The revision asked for, by reference, option or lock file; they must not contradict each other.
[[nodiscard]] inline Result<std::string> revision_of(const Reference& reference, const FetchOptions& options,
                                                     const std::optional<LockFile>& lock) {
  std::string revision = reference.revision.empty() ? options.revision : reference.revision;
  if (!options.revision.empty() && options.revision != revision)
    return Error{ErrorCode::usage, "two revisions: " + escaped(revision) + " and " + escaped(options.revision), reference.name, "give one"};
  if (!revision.empty() && !check_path(revision))
    return Error{ErrorCode::usage, "no branch, tag or commit is named like this", escaped(revision), "give a branch, a tag or a commit"};
  if (lock) {
    if (!revision.empty() && revision != lock->revision && revision != lock->commit)
      return Error{ErrorCode::usage, "the lock file pins " + escaped(lock->revision) + ", not " + escaped(revision),
                   options.lock_file.string(), "remove the lock file, or leave the revision out"};
    return lock->revision;
  }
  if (revision.empty()) revision = reference.hub == Hub::model_scope ? "master" : "main";
  return revision;
}

}  // namespace detail

std::filesystem::path own_cache(const Environment& environment) { return environment.cache_home() / "ingot"; }

Result<RepositoryFetch> RepositoryFetch::create(HttpClient& client, const Reference& reference, const FetchOptions& options) {
  RepositoryFetch fetch{client, reference, options};
  const Environment& environment = options.environment;
  INGOT_TRY(fetch.policy_, detail::policy_of(reference, options));
  fetch.offline_ = options.offline || environment.is_true("HF_HUB_OFFLINE") || environment.is_true("TRANSFORMERS_OFFLINE") ||
                   fetch.policy_ == CachePolicy::off || fetch.policy_ == CachePolicy::readonly;
  if (!options.lock_file.empty()) {
    INGOT_TRY(fetch.lock_, LockFile::read(options.lock_file));
    const std::string name = Reference{reference.hub, reference.name, {}, {}, {}, {}}.text();
    if (fetch.lock_ && fetch.lock_->repository != name)
      return Error{ErrorCode::usage, "the lock file is of " + escaped(fetch.lock_->repository), options.lock_file.string(),
                   "remove it, or name another"};
  }
  INGOT_TRY(fetch.revision_, detail::revision_of(reference, options, fetch.lock_));
  INGOT_TRY(fetch.access_, hub_access(reference, options.access, environment));
  fetch.access_.grant(client.context());
  if (!reference.file.empty()) fetch.options_.selection.files.push_back(reference.file);
  fetch.options_.selection.quant = reference.quant;
  const auto root = !options.cache_directory.empty()    ? options.cache_directory
                    : reference.hub == Hub::model_scope ? own_cache(environment) / "modelscope"
                                                        : hugging_face_cache_root(environment);
  auto cache = std::make_unique<HuggingFaceCache>(root, reference.name);
  const Status trusted = check_owner(root) ? check_owner(cache->repository()) : check_owner(root);
  if (options.local_directory.empty()) {
    INGOT_CHECK(trusted);
    fetch.store_ = std::move(cache);
  } else {
    fetch.store_ = std::make_unique<LocalDirectory>(options.local_directory);
    if (trusted) fetch.cache_ = std::move(cache);
  }
  fetch.index_ = VerifiedIndex::open(own_cache(environment) / "verified");
  return fetch;
}

Result<Snapshot> RepositoryFetch::run() {
  if (offline_) return run_cached();
  auto result = run_online();
  // ModelScope serves branches, not commits: what does not match its listing may belong to a newer one, once.
  if (result || result.error().code != ErrorCode::damaged || reference_.hub != Hub::model_scope || listed_.empty()) return result;
  const std::string before = listed_;
  INGOT_TRY(const Listing now, list());
  return now.commit == before ? std::move(result) : run_online();
}

/// The contents of a small file: of the copy that is there, else of the hub's.
Result<std::string> RepositoryFetch::text_of(const Listing& listing, const RemoteFile& file, bool online) {
  INGOT_TRY(const bool there, is_there(listing, file));
  if (const auto path = store_->find(listing.commit, file); there && path) return read_config_file(*path);
  if (!online)
    return Error{ErrorCode::not_found, "not in the cache: " + escaped(file.path), listing.repository, "fetch it without --offline"};
  INGOT_TRY(const auto response, client_->get(file.url));
  if (!response.ok()) return explain(listing, file, response);
  for (const Digest& wanted : file.digests) {
    Hasher hasher{wanted.hash, response.body.size()};
    hasher.update(std::as_bytes(std::span{response.body}));
    INGOT_TRY(const Digest digest, hasher.finish());
    if (digest != wanted)
      return Error{ErrorCode::damaged, "not what the hub lists: " + digest.text() + " instead of " + wanted.text(),
                   listing.repository + ": " + file.path, "try again, or another endpoint"};
  }
  return response.body;
}

Status RepositoryFetch::choose(Listing& listing, bool online) {
  if (lock_) return lock_->restrict(listing, options_.lock_file);
  if (reference_.hub == Hub::mlc)
    INGOT_CHECK(keep_mlc_files(listing, [&](const RemoteFile& file) { return text_of(listing, file, online); }));
  INGOT_CHECK(select_files(listing, options_.selection, options_.note));
  for (RemoteFile& file : listing.files) {
    if (file.size || !online || reference_.hub == Hub::model_scope) continue;
    INGOT_TRY(const auto resolved, resolve_file(*client_, access_, listing.repository, file.url));
    if (resolved.commit != listing.commit)
      return Error{ErrorCode::network, "the hub answers for another commit: " + resolved.commit, listing.repository + ": " + file.path,
                   "try again"};
    file.size = resolved.size;
  }
  if (options_.require_digest)
    for (const RemoteFile& file : listing.files)
      if (file.digests.empty())
        return Error{ErrorCode::damaged, "the hub gives no digest for " + escaped(file.path), listing.repository,
                     "leave --require-digest out"};
  return {};
}

Result<bool> RepositoryFetch::is_there(const Listing& listing, const RemoteFile& file) {
  const auto path = store_->find(listing.commit, file);
  if (!path) return false;
  if (!options_.verify) return index_.matches(*path, file.digests, options_.cancellation);
  VerifiedIndex fresh;  // knows nothing: all is hashed
  return fresh.matches(*path, file.digests, options_.cancellation);
}

Result<Snapshot> RepositoryFetch::run_cached() {
  const std::string what = reference_.text();
  const char* const hint = "run it again without --offline, HF_HUB_OFFLINE and --policy";
  const auto commit = lock_                  ? std::optional{lock_->commit}
                      : is_commit(revision_) ? std::optional{revision_}
                                             : store_->records().commit_of(revision_);
  auto listing = commit ? store_->records().tree(reference_.name, revision_, *commit) : std::nullopt;
  if (!listing) {
    INGOT_TRY(auto proven, find_proven(reference_, commit ? store_->snapshot(*commit) : std::filesystem::path{}, options_.environment));
    if (!proven) return Error{ErrorCode::not_found, "not complete in the cache, as far as its records show", what, hint};
    proven->commit = commit.value_or("");
    return *std::move(proven);
  }
  INGOT_CHECK(choose(*listing, false));
  std::string missing;
  std::size_t count = 0;
  for (const RemoteFile& file : listing->files) {
    const auto path = store_->find(listing->commit, file);
    if (path && *path == store_->snapshot(listing->commit) / file.path) {  // not what only lies among the blobs: it was not asked for
      INGOT_TRY(const bool right, is_there(*listing, file));
      if (!right) return Error{ErrorCode::damaged, "the cached file has another digest than the hub's", path->string(), hint};
    } else if (++count <= 5) {
      missing.append(missing.empty() ? "" : ", ").append(escaped(file.path));
    }
  }
  if (count > 0) {
    if (auto elsewhere = find_elsewhere(*listing)) return *std::move(elsewhere);
    return Error{ErrorCode::not_found,
                 std::to_string(count) + " of " + std::to_string(listing->files.size()) + " files are not in the cache: " + missing, what,
                 hint};
  }
  if (writes()) static_cast<void>(index_.save());  // on a read-only system it stays as it is
  return finish(*listing);
}

Result<Listing> RepositoryFetch::list() {
  if (reference_.hub == Hub::model_scope) return list_model_scope_sites(*client_, access_, reference_.name, revision_);
  std::string commit = lock_ ? lock_->commit : std::string{};
  if (commit.empty()) {
    INGOT_TRY(commit, hugging_face_commit(*client_, access_, reference_.name, revision_));
  }
  if (auto known = store_->records().tree(reference_.name, revision_, commit)) {
    for (RemoteFile& file : known->files) file.url = resolve_url(access_, reference_.name, commit, file.path);
    return *std::move(known);
  }
  return list_hugging_face(*client_, access_, reference_.name, revision_, commit);
}

Result<Snapshot> RepositoryFetch::run_online() {
  INGOT_TRY(Listing listing, list());
  const Listing whole = listing;
  listed_ = listing.commit;
  INGOT_CHECK(choose(listing, true));
  std::vector<const RemoteFile*> missing;
  for (const RemoteFile& file : listing.files) {
    bool there = false;
    if (policy_ != CachePolicy::redo) {
      INGOT_TRY(there, is_there(listing, file));
    }
    if (!there) missing.push_back(&file);
    if (there && writes()) INGOT_CHECK(store_->adopt(listing.commit, file));
  }
  if (!missing.empty() && policy_ != CachePolicy::redo)
    if (auto elsewhere = find_elsewhere(listing)) return *std::move(elsewhere);
  if (options_.dry_run) {
    INGOT_CHECK(check_model(listing));
    return finish(listing);
  }
  std::uint64_t fetched = 0;
  if (!missing.empty()) {
    INGOT_CHECK(store_->prepare());
    if (!store_->records().tree(whole.repository, whole.revision, whole.commit)) INGOT_CHECK(store_->records().write_tree(whole));
    INGOT_TRY(fetched, transfer_files(listing, missing));
  }
  INGOT_CHECK(store_->records().write_ref(revision_, listing.commit));
  if (const Status saved = index_.save(); !saved && options_.note) options_.note(saved.error().message());
  INGOT_TRY(Snapshot snapshot, finish(listing));
  snapshot.bytes_fetched = fetched;
  return snapshot;
}

Status RepositoryFetch::check_model(const Listing& listing) {
  const RemoteFile* const config = listing.find("config.json");
  if (!checks_model() || config == nullptr) return {};
  INGOT_TRY(const std::string text, text_of(listing, *config, true));
  return options_.supports(text, listing.repository + ": config.json");
}

std::optional<Snapshot> RepositoryFetch::find_elsewhere(const Listing& listing) {
  for (const auto& directory : foreign_directories(reference_, options_.environment)) {
    if (!options_.local_directory.empty()) break;  // the user wants the files there
    const LocalDirectory other{directory};
    const bool complete = std::all_of(listing.files.begin(), listing.files.end(), [&](const RemoteFile& file) {
      const auto path = other.find(listing.commit, file);
      const auto right = path ? index_.matches(*path, file.digests, options_.cancellation) : Result<bool>{false};
      return right && *right;
    });
    if (!complete) continue;
    if (writes()) static_cast<void>(index_.save());
    auto snapshot = finish(listing);
    if (!snapshot) continue;
    snapshot->directory = directory;
    return *std::move(snapshot);
  }
  return {};
}

Result<Snapshot> RepositoryFetch::finish(const Listing& listing) {
  Snapshot snapshot{store_->snapshot(listing.commit), listing.repository, listing.commit, {}, 0};
  for (const RemoteFile& file : listing.files)
    snapshot.files.push_back({file.path, file.size.value_or(0), file.digests.empty() ? std::nullopt : std::optional{file.digests.front()}});
  if (lock_ || options_.lock_file.empty() || !writes()) return snapshot;
  LockFile lock{Reference{reference_.hub, reference_.name, {}, {}, {}, {}}.text(), revision_, listing.commit, {}};
  for (const RemoteFile& file : listing.files) {
    const auto path = store_->find(listing.commit, file);
    const auto identity = path ? identity_of(*path) : std::nullopt;
    if (!identity) return Error{ErrorCode::not_found, "a file is gone", listing.repository + ": " + file.path, "fetch it again"};
    auto digest = index_.find(*identity, Hash::sha256);
    if (!digest) {
      INGOT_TRY(digest, digest_file(*path, Hash::sha256, options_.cancellation));
    }
    lock.files.push_back({file.path, identity->size, *digest});
  }
  std::sort(lock.files.begin(), lock.files.end(), [](const LockedFile& a, const LockedFile& b) { return a.path < b.path; });
  INGOT_CHECK(lock.write(options_.lock_file));
  return snapshot;
}

}  // namespace ingot::acquire
