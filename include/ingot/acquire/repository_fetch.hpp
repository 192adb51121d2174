// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/repository_fetch.hpp: a repository of Hugging Face, ModelScope or MLC becomes a snapshot.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/lock_file.hpp>
#include <ingot/acquire/reference.hpp>
#include <ingot/acquire/snapshot.hpp>
#include <ingot/acquire/store.hpp>
#include <ingot/acquire/verified_index.hpp>

namespace ingot::acquire {

/// One fetch of one repository: which commit, which files, what of them is there, the rest.
class RepositoryFetch {
 public:
  /// `client` outlives it. Errors: usage, not_found (the token file).
  [[nodiscard]] static Result<RepositoryFetch> create(HttpClient& client, const Reference& reference, const FetchOptions& options);

  /// Errors: as fetch().
  [[nodiscard]] Result<Snapshot> run();

 private:
  RepositoryFetch(HttpClient& client, const Reference& reference, const FetchOptions& options)
      : client_{&client}, reference_{reference}, options_{options} {}

  [[nodiscard]] Result<Snapshot> run_cached();
  [[nodiscard]] Result<Snapshot> run_online();
  [[nodiscard]] Result<Listing> list();
  [[nodiscard]] Status choose(Listing& listing, bool online);
  [[nodiscard]] Result<std::string> text_of(const Listing& listing, const RemoteFile& file, bool online);
  [[nodiscard]] Result<bool> is_there(const Listing& listing, const RemoteFile& file);
  [[nodiscard]] std::optional<Snapshot> find_elsewhere(const Listing& listing);
  void note_verified(const Listing& listing, const RemoteFile& file, const Digest& sha256);
  [[nodiscard]] Result<bool> copy_cached(const Listing& listing, const RemoteFile& file);
  [[nodiscard]] Result<std::uint64_t> transfer_files(const Listing& listing, const std::vector<const RemoteFile*>& missing);
  [[nodiscard]] Status check_model(const Listing& listing);
  [[nodiscard]] Error explain(const Listing& listing, const RemoteFile& file, const HttpResponse& response) const;
  [[nodiscard]] Result<Snapshot> finish(const Listing& listing);
  /// Who names files knows what they are for.
  [[nodiscard]] bool checks_model() const noexcept {
    return options_.supports && reference_.hub != Hub::mlc && options_.selection.files.empty() && options_.selection.include.empty();
  }
  [[nodiscard]] bool writes() const noexcept { return !options_.dry_run && policy_ != CachePolicy::readonly; }

  HttpClient* client_;
  Reference reference_;
  FetchOptions options_;
  HubAccess access_;
  CachePolicy policy_ = CachePolicy::on;
  bool offline_ = false;
  std::string revision_, listed_;  ///< as asked for; the commit of the listing that was taken
  std::optional<LockFile> lock_;
  std::unique_ptr<Store> store_, cache_;  ///< where the snapshot goes; for a local directory, the cache that may have its content
  VerifiedIndex index_;
};

/// $XDG_CACHE_HOME/ingot: indexes, and what no other client has a cache for.
[[nodiscard]] std::filesystem::path own_cache(const Environment& environment);

}  // namespace ingot::acquire
