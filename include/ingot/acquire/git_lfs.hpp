// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/git_lfs.hpp: Git LFS objects by the batch API, and the pointers of a clone replaced by what they stand for.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/lfs_pointer.hpp>
#include <ingot/acquire/snapshot.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// What a host answers for one object.
struct LfsObject {
  LfsPointer pointer;
  std::string href;                         ///< where its content is; empty: there is an error instead
  Headers headers;                          ///< for that address alone
  std::optional<std::uint64_t> expires_in;  ///< seconds from now
  int error_code = 0;                       ///< as an HTTP status: 404, 410, 422
  std::string error_message;
};

/// The objects of a batch response. Errors: damaged.
[[nodiscard]] Result<std::vector<LfsObject>> parse_lfs_batch(std::string_view json, const std::string& where);

/// Asks for downloads of `pointers` at an LFS server's address (.../info/lfs), in as many requests as it takes: a batch that is too large
/// (413) is halved. The answers are in the order of `pointers`. Errors: forbidden, not_found, network, damaged (an object is not answered).
[[nodiscard]] Result<std::vector<LfsObject>> lfs_batch(HttpClient& client, const std::string& server, const std::string& ref,
                                                       const std::vector<LfsPointer>& pointers);

/// Where a clone's large files are asked for: lfs.url of .lfsconfig or .git/config, else its remote's address (`origin` first) with
/// .git/info/lfs; ssh addresses count as https ones of the same host. Errors: not_found (no clone, no remote), usage (an address that is
/// neither).
[[nodiscard]] Result<std::string> lfs_server(const std::filesystem::path& clone);

/// Replaces every pointer in a clone's working tree by its object, verified. Of `options` it heeds access, ca_file, max_rate, max_workers,
/// progress, note, cancellation and dry_run. Errors: as fetch().
[[nodiscard]] Result<Snapshot> resolve_lfs(const std::filesystem::path& clone, const FetchOptions& options = {});

}  // namespace ingot::acquire
