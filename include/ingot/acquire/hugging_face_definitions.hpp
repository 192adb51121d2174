// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/hugging_face_definitions.hpp: the Hugging Face Hub asked.

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <ingot/acquire/hugging_face.hpp>
#include <ingot/acquire/link_header.hpp>
#include <ingot/core/json.hpp>

namespace ingot::acquire {
namespace detail {

/// An endpoint that answers, but not as a hub does: a proxy's page, a captive portal.
[[nodiscard]] inline Error not_a_hub(const HttpResponse& response, std::string_view lacks) {
  std::string what = "the endpoint is not a hub: it answers without " + std::string{lacks};
  const auto type = response.headers.get("Content-Type");
  what.append(", content-type ").append(type.empty() ? "none" : escaped(type));
  return {ErrorCode::network, std::move(what), "URL " + response.url.redacted(), "check the endpoint, the proxy, or log in to the network"};
}

[[nodiscard]] inline bool is_json(const HttpResponse& response) {
  return response.headers.get("Content-Type").find("json") != std::string_view::npos || response.body.starts_with('{') ||
         response.body.starts_with('[');
}

/// A member that may be missing.
template <class T>
[[nodiscard]] Result<std::optional<T>> optional_member(const json::Value& value, std::string_view key) {
  const auto member = value.find(key);
  if (!member) return std::optional<T>{};
  INGOT_TRY(T read, member->as<T>(key));
  return std::optional<T>{std::move(read)};
}

}  // namespace detail

bool is_commit(std::string_view revision) noexcept {
  return revision.size() == 40 && revision.find_first_not_of("0123456789abcdef") == revision.npos;
}

std::string resolve_url(const HubAccess& access, std::string_view repository, std::string_view commit, std::string_view path) {
  return access.url("/" + percent_encode(repository, "/") + "/resolve/" + percent_encode(commit) + "/" + percent_encode(path, "/"));
}

std::optional<Digest> digest_of_etag(std::string_view etag) {
  etag = trimmed(etag);
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  if (etag.find_first_not_of("0123456789abcdef") != etag.npos) return {};
  return Digest::parse(etag.size() == 64 ? Hash::sha256 : Hash::git_blob, etag);
}

Error hugging_face_error(const HttpResponse& response, const std::string& repository, const HubAccess& access) {
  Error error = response_error("cannot fetch " + repository, response);
  const auto code = response.headers.get("X-Error-Code");
  const auto message = response.headers.get("X-Error-Message");
  const std::string page = access.url("/" + percent_encode(repository, "/"));
  const auto is = [&](ErrorCode kind, std::string_view what, std::string hint) {
    error.code = kind;
    error.what = std::string{what} + " (" + error.what + ")";
    error.hint = std::move(hint);
    return std::move(error);
  };
  if (code == "GatedRepo")
    return is(ErrorCode::forbidden, "a gated model", "accept its terms at " + page + ", and give the token of that account");
  if (message.find("Invalid credentials in Authorization header") != message.npos)
    return is(ErrorCode::forbidden, "the hub does not know the token, or it has expired", "renew the token of " + access.token_source);
  if (message.find("Access to this resource is disabled") != message.npos)
    return is(ErrorCode::forbidden, "the hub has disabled this repository", "choose another model");
  if (code == "RevisionNotFound") return is(ErrorCode::not_found, "no such revision", "look at the branches and tags at " + page);
  if (code == "EntryNotFound") return is(ErrorCode::not_found, "no such file at this revision", "look at " + page + "/tree/main");
  if (code == "RepoNotFound" || (response.status == 401 && code.empty()))
    return is(
        ErrorCode::not_found, "no such repository, or a private one, asked for " + access.token_text(),
        access.token.empty() ? "check the name, or give a token: HF_TOKEN or --token-file" : "check the name, and what the token may read");
  return error;
}

Result<std::string> hugging_face_commit(HttpClient& client, const HubAccess& access, const std::string& repository,
                                        const std::string& revision) {
  if (is_commit(revision)) return revision;
  INGOT_TRY(const auto response,
            client.get(access.url("/api/models/" + percent_encode(repository, "/") + "/revision/" + percent_encode(revision))));
  if (!response.ok()) return hugging_face_error(response, repository, access);
  if (!detail::is_json(response)) return detail::not_a_hub(response, "JSON");
  INGOT_TRY(const auto document, json::Document::parse(response.body, response.url.redacted(), {.bytes = most_page_bytes, .depth = 64}));
  const auto sha = document.root().find("sha");
  if (!sha || !sha->is_string()) return detail::not_a_hub(response, "a commit");
  INGOT_TRY(std::string commit, sha->as<std::string>("sha"));
  if (!is_commit(commit)) return document.root().problem("expected a commit of 40 hexadecimal digits", "sha");
  return commit;
}

Status add_tree_page(std::string_view json, const std::string& where, Listing& listing) {
  INGOT_TRY(const auto document, json::Document::parse(json, where, {.bytes = most_page_bytes, .depth = 64}));
  if (!document.root().is_array()) return document.root().problem("expected an array of files", {});
  return document.root().each_element([&](const json::Value& entry) -> Status {
    INGOT_TRY(const auto type, entry.get<std::string_view>("type"));
    if (type != "file") return {};
    if (listing.files.size() == most_files) return entry.problem("more than 1000000 files", "path");
    RemoteFile file;
    INGOT_TRY(file.path, entry.get<std::string>("path"));
    INGOT_TRY(file.size, detail::optional_member<std::uint64_t>(entry, "size"));
    INGOT_TRY(file.git_oid, entry.get<std::string>("oid", ""));
    if (const auto lfs = entry.find("lfs")) {
      INGOT_TRY(const auto oid, lfs->get<std::string>("oid"));
      INGOT_TRY(const auto size, lfs->get<std::uint64_t>("size"));
      const auto digest = Digest::parse(Hash::sha256, oid);
      if (!digest) return entry.problem("the SHA-256 of " + escaped(file.path) + " is none", "oid");
      if (file.size && *file.size != size) return entry.problem(escaped(file.path) + " has two sizes", "size");
      file.size = size;
      file.digests.push_back(*digest);
    } else {
      const auto digest = Digest::parse(Hash::git_blob, file.git_oid);
      if (!digest) return entry.problem("the digest of " + escaped(file.path) + " is none", "oid");
      file.digests.push_back(*digest);
    }
    if (file.size && *file.size >> 62 != 0) return entry.problem("the size of " + escaped(file.path) + " is none", "size");
    listing.files.push_back(std::move(file));
    return {};
  });
}

Result<Listing> list_hugging_face(HttpClient& client, const HubAccess& access, const std::string& repository, const std::string& revision,
                                  const std::string& commit) {
  Listing listing{repository, revision, commit, {}};
  std::string next =
      access.url("/api/models/" + percent_encode(repository, "/") + "/tree/" + percent_encode(commit) + "?recursive=true&expand=false");
  std::set<std::string> seen;
  while (!next.empty()) {
    if (!seen.insert(next).second || seen.size() > most_pages)
      return Error{ErrorCode::damaged, "the pages of a listing go in a circle, or do not end", repository, "try another endpoint"};
    INGOT_TRY(const auto response, client.get(next));
    if (!response.ok()) return hugging_face_error(response, repository, access);
    if (!detail::is_json(response)) return detail::not_a_hub(response, "JSON");
    INGOT_CHECK(add_tree_page(response.body, response.url.redacted(), listing));
    next.clear();
    std::optional<std::string> link;
    response.headers.each("Link", [&](std::string_view value) { link = link ? link : next_link(value); });
    if (!link) continue;
    if (trimmed(response.body) == "[]")
      return Error{ErrorCode::damaged, "an empty page of a listing says that more follow", response.url.redacted(), "try another endpoint"};
    INGOT_TRY(const Url url, response.url.join(*link));
    if (url.origin != access.endpoint.origin)
      return Error{ErrorCode::damaged, "the next page of a listing is on another host", url.redacted(), "try another endpoint"};
    next = url.text();
  }
  INGOT_CHECK(check_names(listing));
  for (RemoteFile& file : listing.files) file.url = resolve_url(access, repository, commit, file.path);
  return listing;
}

Result<ResolvedFile> resolve_file(HttpClient& client, const HubAccess& access, const std::string& repository, const std::string& url) {
  std::string next = url;
  for (int hosts = 0; hosts < 5; ++hosts) {
    INGOT_TRY(const auto response, client.head(next, Redirects::same_origin));
    if (response.status >= 400) return hugging_face_error(response, repository, access);
    const Headers& headers = response.headers;
    const bool redirect = response.status >= 300;
    if (headers.has("X-Repo-Commit")) {
      ResolvedFile file;
      file.commit = headers.get("X-Repo-Commit");
      if (!is_commit(file.commit)) return detail::not_a_hub(response, "a commit");
      file.digest = digest_of_etag(headers.has("X-Linked-ETag") ? headers.get("X-Linked-ETag") : headers.get("ETag"));
      const auto text = headers.has("X-Linked-Size") ? headers.get("X-Linked-Size")
                        : redirect                   ? std::string_view{}
                                                     : headers.get("Content-Length");
      std::uint64_t size = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
      if (!text.empty() && error == std::errc{} && end == text.data() + text.size()) file.size = size;
      return file;
    }
    if (!redirect || !headers.has("Location")) return detail::not_a_hub(response, "X-Repo-Commit");
    INGOT_TRY(const Url target, response.url.join(headers.get("Location")));  // a mirror that sends its clients to another hub
    if (response.url.origin.is_https() && !target.origin.is_https())
      return Error{ErrorCode::network, "a redirect from https to http", target.redacted(), "try another endpoint"};
    next = target.text();
  }
  return Error{ErrorCode::network, "too many redirects", url, "try another endpoint"};
}

}  // namespace ingot::acquire
