// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/transfer.hpp: moves a set of files to disk: parallel, resumable after anything, published only when their
              // digests are right.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/staging.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Where a file's bytes are asked for. Redirects from there are walked and their end kept for the file's other parts.
struct Source {
  std::string url;
  Headers headers = {};  ///< for the origin of `url` alone, e.g. an LFS action's; tokens come from HttpContext::credentials
  bool expires = false;  ///< 401, 403 and 410 at `url` itself mean: locate() again, once. (After a redirect they always do.)
};

/// A complete file in staging, its digests verified and its bytes flushed to the disk.
struct StagedFile {
  std::filesystem::path path;  ///< rename it away (place.hpp); what is left is removed
  std::uint64_t size = 0;
  Digest sha256;  ///< always computed, for lock files
};

/// One file to fetch. Callables are called on the thread of transfer(); all but `inspect` may use the same HttpClient.
struct TransferItem {
  std::string path;                                  ///< for messages and progress
  StagingId staging;                                 ///< what its kept parts belong to
  std::optional<std::uint64_t> size;                 ///< as the listing says; unknown: as the storage says
  std::vector<Digest> digests;                       ///< all must match; none: whatever arrives whole is taken
  bool first = false;                                ///< before all that is not: configurations; else small files first
  std::function<Result<Source>()> locate;            ///< called for the first request and whenever a signature has expired
  std::function<Result<bool>()> present;             ///< may be empty; whether it has been published: asked when it is this file's turn and
                                                     ///< nobody else fetches it; true ends it with success and no request
  std::function<Status(const StagedFile&)> publish;  ///< gives it its final name
  std::function<Status(const ResponseHead&, const Url&)> inspect;  ///< may be empty; sees every redirect and the head of every content
                                                                   ///< response, before its bytes; an Error ends the file
  std::function<Error(const HttpResponse&)> explain;  ///< may be empty; the Error for a response that is not the content: a status above
                                                      ///< 400, or another size than expected; `body` holds at most its first 4 KiB
};

struct TransferSettings {
  std::filesystem::path staging_root;  ///< on the file system of the final names; made with mode 0700 where it is missing
  unsigned max_workers = 0;            ///< exchanges at once; 0: as many as help, up to 16 an origin
  std::uint64_t max_rate = 0;          ///< what the transport was told (CurlSettings), so that slowness of its making is no stall
  std::uint64_t part_size = 0;         ///< of the ranges a file is fetched in; 0: 16 to 64 MiB
  ProgressSink progress = {};          ///< ("downloading" | "verifying", bytes, bytes in all), at most 10 times a second
};

struct TransferReport {
  std::uint64_t bytes_fetched = 0;  ///< body bytes of content, over the network
  std::uint64_t bytes_kept = 0;     ///< found in staging
  std::uint64_t requests = 0;
};

/// Fetches, verifies and publishes `items`. Ends when all are published, or with the first Error: not_found, forbidden, disk and
/// cancelled at once, network and damaged once the other files are done. What has arrived stays in staging for the next call.
/// Errors: network (retries used up, or 90 s without progress), damaged (digest or size wrong whatever is tried; the bytes are put
/// aside as `.quarantined`), disk (full: need and have), forbidden, not_found, cancelled, and those of the callables.
[[nodiscard]] Result<TransferReport> transfer(HttpClient& client, std::span<TransferItem> items, const TransferSettings& settings);

}  // namespace ingot::acquire
