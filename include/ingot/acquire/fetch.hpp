// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/fetch.hpp: a reference becomes a directory of verified files.

#include <ingot/acquire/reference.hpp>
#include <ingot/acquire/snapshot.hpp>
#include <ingot/acquire/transport.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Fetches what `reference` names, or finds it: complete, every file of the size and digest that the hub says. Nothing appears under a
/// final name before. A complete copy costs no request offline, one otherwise. Any number of processes may do the same at once. Errors:
/// usage (options that contradict each other), forbidden (gated, a bad token), not_found (missing, private without a token; offline and not
/// complete), network, damaged (digests, listings, hostile names), disk, cancelled (what has arrived is kept), unsupported.
[[nodiscard]] Result<Snapshot> fetch(const Reference& reference, const FetchOptions& options = {});

/// The same with an application's own HTTP.
[[nodiscard]] Result<Snapshot> fetch(AnyTransport transport, const Reference& reference, const FetchOptions& options = {});

}  // namespace ingot::acquire
