// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/mlc.hpp: MLC's manifest of parameter shards (TVM's tensor cache), checked before any shard is fetched.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/listing.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// The manifest's names, newest first: repositories have either.
inline constexpr std::string_view mlc_manifests[] = {"tensor-cache.json", "ndarray-cache.json"};

/// The shards that a manifest lists, with their sizes and, where it has them, MD5 digests.
/// Errors: damaged (no JSON, unsafe or equal names, a tensor that reaches over its shard's end or overlaps another, sizes that do not add
/// up).
[[nodiscard]] Result<std::vector<RemoteFile>> parse_mlc_manifest(std::string_view json, const std::string& where);

/// The name of the manifest among the files of `listing`; empty: it has none.
[[nodiscard]] std::string_view find_mlc_manifest(const Listing& listing) noexcept;

/// Reads the manifest and keeps of `listing` what belongs to the model: its shards, which then carry MD5 beside the hub's digest, and all
/// files that are no `.bin`. `text_of` gives the contents of a file, verified. Errors: unsupported (no manifest), damaged (the manifest, a
/// shard that the hub lacks or has in another size), those of `text_of`.
[[nodiscard]] Status keep_mlc_files(Listing& listing, const std::function<Result<std::string>(const RemoteFile&)>& text_of);

}  // namespace ingot::acquire
