// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/model_scope.hpp: ModelScope's listings and errors.

#include <string>
#include <string_view>

#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/hub_access.hpp>
#include <ingot/acquire/listing.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// All files of a branch or tag: one request. ModelScope names no commit of a repository, so Listing::commit is the SHA-256 of the names,
/// revisions and digests of all files: it changes when any of them does. Errors: model_scope_error(), damaged, network (no ModelScope).
[[nodiscard]] Result<Listing> list_model_scope(HttpClient& client, const HubAccess& access, const std::string& repository,
                                               const std::string& revision);

/// The same; where `access` has a second site and the first cannot be reached or has no such repository, that one is asked, without the
/// token. It becomes the endpoint of `access` when it has it; else the error is the first's.
[[nodiscard]] Result<Listing> list_model_scope_sites(HttpClient& client, HubAccess& access, const std::string& repository,
                                                     const std::string& revision);

/// The listing in a response's body. Errors: not_found and forbidden as its Code says, even under HTTP 200; damaged.
[[nodiscard]] Result<Listing> parse_model_scope_listing(std::string_view body, const std::string& where, const std::string& repository,
                                                        const std::string& revision);

/// The Error of a response that is not what was asked for: by its body's Code, else by its status.
[[nodiscard]] Error model_scope_error(const HttpResponse& response, const std::string& repository, const HubAccess& access);

}  // namespace ingot::acquire
