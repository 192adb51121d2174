// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/hugging_face.hpp: the Hugging Face Hub's listings and errors.

#include <optional>
#include <string>
#include <string_view>

#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/hub_access.hpp>
#include <ingot/acquire/listing.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// 40 lower-case hexadecimal digits.
[[nodiscard]] bool is_commit(std::string_view revision) noexcept;

/// The commit that `revision` of a repository is at: one request, none when it is a commit. Errors: as hugging_face_error(); network
/// when what answers is no hub.
[[nodiscard]] Result<std::string> hugging_face_commit(HttpClient& client, const HubAccess& access, const std::string& repository,
                                                      const std::string& revision);

/// All files at `commit`: the tree's pages, followed on the endpoint's origin only. A file's digest is the SHA-256 of its LFS object, else
/// the SHA-1 of its git blob. Errors: damaged (no JSON, unsafe names, no digest, a circle of pages, over the limits of listing.hpp, a page
/// on another origin), those of hugging_face_commit().
[[nodiscard]] Result<Listing> list_hugging_face(HttpClient& client, const HubAccess& access, const std::string& repository,
                                                const std::string& revision, const std::string& commit);

/// One page of a tree, its files added to `listing`. Errors: damaged.
[[nodiscard]] Status add_tree_page(std::string_view json, const std::string& where, Listing& listing);

/// Where the content of a file is asked for.
[[nodiscard]] std::string resolve_url(const HubAccess& access, std::string_view repository, std::string_view commit, std::string_view path);

/// What HEAD of a resolve URL says. The walk ends where the redirect leaves the hub for its storage: that answer describes the file.
struct ResolvedFile {
  std::string commit;
  std::optional<std::uint64_t> size;
  std::optional<Digest> digest;  ///< of X-Linked-ETag, else ETag: 64 digits are a SHA-256, 40 a git blob
};
/// Errors: as hugging_face_commit().
[[nodiscard]] Result<ResolvedFile> resolve_file(HttpClient& client, const HubAccess& access, const std::string& repository,
                                                const std::string& url);

/// `"<hex>"` or `W/"<hex>"` of an ETag field as the digest that it is; nothing for any other.
[[nodiscard]] std::optional<Digest> digest_of_etag(std::string_view etag);

/// The Error for a response of status 400 and above, as X-Error-Code and the status say: not_found (missing, or private; the revision; the
/// file), forbidden (gated, a bad token, disabled), else network.
[[nodiscard]] Error hugging_face_error(const HttpResponse& response, const std::string& repository, const HubAccess& access);

}  // namespace ingot::acquire
