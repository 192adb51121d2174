// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/snapshot.hpp: what a fetch gives, and how it is told what to do.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/environment.hpp>
#include <ingot/acquire/hub_access.hpp>
#include <ingot/acquire/selection.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// How a cache is used. Environment: MLC_DOWNLOAD_CACHE_POLICY (ON, OFF, REDO, READONLY) for mlc references.
enum class CachePolicy : std::uint8_t {
  on,        ///< what is there and right is used, the rest fetched
  off,       ///< nothing is fetched; a complete copy is used
  redo,      ///< all is fetched anew; the old copy stays until the new one is verified
  readonly,  ///< as off, and nothing is written, not even an index
};

struct FetchOptions {
  std::filesystem::path local_directory;  ///< the files themselves go there; empty: into the hub's cache
  std::filesystem::path cache_directory;  ///< in place of the hub's own
  std::string revision;                   ///< where the reference has none
  SelectionOptions selection;
  std::optional<CachePolicy> policy;
  bool offline = false;  ///< no request at all; also HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE
  bool dry_run = false;  ///< asks the hub, writes nothing
  bool verify = false;   ///< hashes what is there again; damaged files are fetched anew
  AccessOptions access;
  std::filesystem::path ca_file;    ///< of fetch() without a transport
  std::uint64_t max_rate = 0;       ///< bytes per second in total, of fetch() without a transport; 0: no limit
  unsigned max_workers = 0;         ///< exchanges at once; 0: as many as help
  std::filesystem::path lock_file;  ///< written if absent, obeyed if present; empty: none
  bool require_digest = false;      ///< a file without a digest of the hub is an Error
  /// Whether a model can be used, by its config.json: asked before its weights are fetched, unless files were named. An Error ends the
  /// fetch. Empty: all can.
  std::function<Status(std::string_view config_json, const std::string& where)> supports;
  Environment environment = Environment::of_process();
  ProgressSink progress;
  NoteSink note;
  const Cancellation* cancellation = nullptr;
};

/// One file of a snapshot.
struct SnapshotFile {
  std::string path;  ///< below the snapshot's directory
  std::uint64_t size = 0;
  std::optional<Digest> digest;  ///< the hub's; nothing: unverified
};

/// A complete copy of what was asked for.
struct Snapshot {
  std::filesystem::path directory;
  std::string repository, commit;
  std::vector<SnapshotFile> files;
  std::uint64_t bytes_fetched = 0;  ///< over the network
};

}  // namespace ingot::acquire
