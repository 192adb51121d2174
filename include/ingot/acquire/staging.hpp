// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/staging.hpp: where an unfinished file waits: its bytes, its journal, and who works on it.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Which file of which repository: names its place in staging.
struct StagingId {
  std::string origin;  ///< the hub's, not the storage's
  std::string repo, commit, path;

  /// 64 hexadecimal digits: SHA-256 of the four, each preceded by its length.
  [[nodiscard]] std::string name() const;
};

}  // namespace ingot::acquire
