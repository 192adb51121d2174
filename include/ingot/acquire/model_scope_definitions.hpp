// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/model_scope_definitions.hpp: ModelScope asked.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ingot/acquire/model_scope.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/sha256.hpp>

namespace ingot::acquire {
namespace detail {

/// The Error that a body's own code stands for.
[[nodiscard]] inline Error scope_failure(std::int64_t code, std::string_view message, const std::string& repository) {
  Error error{ErrorCode::network, "ModelScope answers with code " + std::to_string(code), repository,
              "try again, or look at the hub's page"};
  if (!message.empty()) error.what.append(" (").append(escaped(message)).append(")");
  if (code == 401 || code == 403) {
    error.code = ErrorCode::forbidden;
    error.hint = "give a token that may read it: MODELSCOPE_API_TOKEN or --token-file";
  } else if (code == 404 || message.find("not found") != message.npos || message.find("not exist") != message.npos ||
             message.find("\xE4\xB8\x8D\xE5\xAD\x98\xE5\x9C\xA8") != message.npos) {  // "does not exist" in Chinese
    error.code = ErrorCode::not_found;
    error.hint = "check the name and the revision (master), or give a token if it is private";
  }
  return error;
}

/// The failure that a body states; nothing: it states success.
[[nodiscard]] inline std::optional<Error> stated_failure(const json::Value& root, const std::string& repository) {
  const auto code = root.get<std::int64_t>("Code", 200);
  const auto success = root.get<bool>("Success", true);
  const auto message = root.get<std::string>("Message", "");
  if (code && *code == 200 && success && *success) return {};
  return scope_failure(code ? *code : 0, message ? *message : "", repository);
}

}  // namespace detail

Error model_scope_error(const HttpResponse& response, const std::string& repository, const HubAccess& access) {
  if (const auto document = json::Document::parse(response.body, response.url.redacted()); document && document->root().is_object())
    if (auto failure = detail::stated_failure(document->root(), repository)) return *std::move(failure);
  Error error = response_error("cannot fetch " + repository, response);
  if (response.status == 401 || response.status == 403) error.hint = "asked " + access.token_text() + ": check MODELSCOPE_API_TOKEN";
  return error;
}

Result<Listing> parse_model_scope_listing(std::string_view body, const std::string& where, const std::string& repository,
                                          const std::string& revision) {
  INGOT_TRY(const auto document, json::Document::parse(body, where, {.bytes = most_page_bytes, .depth = 64}));
  const json::Value root = document.root();
  if (!root.is_object()) return root.problem("expected an object", {});
  if (auto failure = detail::stated_failure(root, repository)) return *std::move(failure);
  INGOT_TRY(const auto data, root.at("Data"));
  INGOT_TRY(const auto files, data.at("Files"));
  Listing listing{repository, revision, {}, {}};
  std::vector<std::string> pins;
  const Status read = files.each_element([&](const json::Value& entry) -> Status {
    INGOT_TRY(const auto type, entry.get<std::string>("Type", "blob"));
    INGOT_TRY(const auto mode, entry.get<std::string>("Mode", ""));
    constexpr std::string_view link = "40960";  // Git's mode of a symbolic link, in decimal
    if (type != "blob" || mode == link) return {};
    if (listing.files.size() == most_files) return entry.problem("more than 1000000 files", "Files");
    RemoteFile file;
    INGOT_TRY(file.path, entry.get<std::string>("Path"));
    INGOT_TRY(const auto size, entry.get<std::uint64_t>("Size"));
    INGOT_TRY(const auto sha256, entry.get<std::string>("Sha256", ""));
    INGOT_TRY(const auto last, entry.get<std::string>("Revision", ""));
    if (size >> 62 != 0) return entry.problem("the size of " + escaped(file.path) + " is none", "Size");
    file.size = size;
    if (!sha256.empty()) {
      const auto digest = Digest::parse(Hash::sha256, sha256);
      if (!digest) return entry.problem("the SHA-256 of " + escaped(file.path) + " is none", "Sha256");
      file.digests.push_back(*digest);
    }
    pins.push_back(file.path + '\0' + last + '\0' + sha256 + '\0' + std::to_string(size) + '\n');
    listing.files.push_back(std::move(file));
    return {};
  });
  INGOT_CHECK(read);
  INGOT_CHECK(check_names(listing));
  std::sort(pins.begin(), pins.end());
  Sha256 commit;
  for (const std::string& pin : pins) commit.update(pin);
  INGOT_TRY(const auto digest, commit.finish());
  listing.commit = to_hex(digest);
  return listing;
}

Result<Listing> list_model_scope(HttpClient& client, const HubAccess& access, const std::string& repository, const std::string& revision) {
  const std::string base = access.url("/api/v1/models/" + percent_encode(repository, "/") + "/repo");
  INGOT_TRY(const auto response, client.get(base + "/files?Revision=" + percent_encode(revision) + "&Recursive=True"));
  if (!response.ok()) return model_scope_error(response, repository, access);
  if (!response.body.starts_with('{'))
    return Error{ErrorCode::network, "the endpoint is not ModelScope: it answers without JSON", "URL " + response.url.redacted(),
                 "check the endpoint, the proxy, or log in to the network"};
  INGOT_TRY(Listing listing, parse_model_scope_listing(response.body, response.url.redacted(), repository, revision));
  for (RemoteFile& file : listing.files)
    file.url = base + "?Revision=" + percent_encode(revision) + "&FilePath=" + percent_encode(file.path);
  return listing;
}

Result<Listing> list_model_scope_sites(HttpClient& client, HubAccess& access, const std::string& repository, const std::string& revision) {
  auto listing = list_model_scope(client, access, repository, revision);
  const bool elsewhere = !listing && (listing.error().code == ErrorCode::not_found || listing.error().code == ErrorCode::network);
  if (!elsewhere || !access.second) return listing;
  HubAccess other = access;
  other.endpoint = *access.second;
  other.second.reset();
  other.token.clear();  // the two sites' accounts are two
  auto found = list_model_scope(client, other, repository, revision);
  if (!found) return listing;
  access = std::move(other);
  return found;
}

}  // namespace ingot::acquire
