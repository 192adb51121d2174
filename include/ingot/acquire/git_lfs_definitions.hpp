// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/git_lfs_definitions.hpp: Git LFS hosts asked.

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

#include <ingot/acquire/git_lfs.hpp>
#include <ingot/acquire/listing.hpp>
#include <ingot/core/config_file.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/json_text.hpp>

namespace ingot::acquire {
namespace detail {

/// Values of a Git configuration by "section.key" or "section.name.key". Includes are not followed.
[[nodiscard]] inline std::map<std::string, std::string> read_git_config(const std::filesystem::path& path) {
  std::map<std::string, std::string> values;
  const auto text = read_config_file(path);
  if (!text) return values;
  std::string section;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      const auto close = line.find(']'), quote = line.find('"'), last = line.rfind('"');
      section = trimmed(line.substr(1, std::min(close, quote) - 1));
      if (quote < close && last > quote) section.append(".").append(line.substr(quote + 1, last - quote - 1));
      continue;
    }
    const auto equal = line.find('=');
    if (equal == line.npos) continue;
    std::string_view value = trimmed(line.substr(equal + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    values[section + "." + std::string{trimmed(line.substr(0, equal))}] = value;
  }
  return values;
}

/// user@host:path, ssh://user@host/path as https://host/path.
[[nodiscard]] inline std::string as_https(std::string_view remote) {
  if (remote.starts_with("http://") || remote.starts_with("https://")) return std::string{remote};
  const bool ssh = remote.starts_with("ssh://");
  if (ssh) remote.remove_prefix(6);
  const auto at = remote.find('@');
  const auto separator = remote.find(ssh ? '/' : ':');
  if (separator == remote.npos || (!ssh && at > separator)) return {};
  const std::string_view host = remote.substr(at == remote.npos ? 0 : at + 1, separator - (at == remote.npos ? 0 : at + 1));
  return "https://" + std::string{host.substr(0, ssh ? host.find(':') : host.npos)} + "/" + std::string{remote.substr(separator + 1)};
}

[[nodiscard]] inline std::string batch_body(const std::string& ref, std::span<const LfsPointer> pointers) {
  std::string objects = "[";
  for (const LfsPointer& pointer : pointers) {
    json::ObjectText object;
    object.add("oid", pointer.sha256).add("size", pointer.size);
    objects.append(objects.size() > 1 ? "," : "").append(std::move(object).str());
  }
  json::ObjectText named, body;
  named.add("name", ref);
  body.add("operation", "download").add_raw("transfers", "[\"basic\"]").add_raw("ref", std::move(named).str());
  body.add_raw("objects", objects + "]").add("hash_algo", "sha256");
  return std::move(body).str();
}

}  // namespace detail

Result<std::vector<LfsObject>> parse_lfs_batch(std::string_view text, const std::string& where) {
  INGOT_TRY(const auto document, json::Document::parse(text, where, {.bytes = most_page_bytes, .depth = 32}));
  INGOT_TRY(const auto list, document.root().at("objects"));
  if (!list.is_array()) return document.root().problem("expected an array", "objects");
  std::vector<LfsObject> objects;
  const Status read = list.each_element([&](const json::Value& entry) -> Status {
    LfsObject object;
    INGOT_TRY(object.pointer.sha256, entry.get<std::string>("oid"));
    INGOT_TRY(object.pointer.size, entry.get<std::uint64_t>("size", 0));
    if (!Digest::parse(Hash::sha256, object.pointer.sha256)) return entry.problem("no SHA-256", "oid");
    if (const auto error = entry.find("error")) {
      INGOT_TRY(object.error_code, error->get<int>("code", 404));
      INGOT_TRY(object.error_message, error->get<std::string>("message", ""));
    } else if (const auto actions = entry.find("actions")) {
      INGOT_TRY(const auto action, actions->at("download"));
      INGOT_TRY(object.href, action.get<std::string>("href"));
      if (const auto seconds = action.find("expires_in")) {
        INGOT_TRY(const auto value, seconds->as<std::int64_t>("expires_in"));
        object.expires_in = static_cast<std::uint64_t>(std::clamp<std::int64_t>(value, 0, 1 << 30));
      }
      if (const auto headers = action.find("header"))
        INGOT_CHECK(headers->each_member([&](std::string_view name, const json::Value& value) -> Status {
          INGOT_TRY(const auto content, value.as<std::string_view>(name));
          const auto printable = [](char c) { return c >= ' ' && c < '\x7F'; };
          if (!std::all_of(content.begin(), content.end(), printable) || name.empty() ||
              !std::all_of(name.begin(), name.end(), [&](char c) { return printable(c) && c != ' ' && c != ':'; }))
            return value.problem("no header field", name);
          object.headers.add(std::string{name}, std::string{content});
          return {};
        }));
    }
    objects.push_back(std::move(object));
    return {};
  });
  INGOT_CHECK(read);
  return objects;
}

Result<std::vector<LfsObject>> lfs_batch(HttpClient& client, const std::string& server, const std::string& ref,
                                         const std::vector<LfsPointer>& pointers) {
  std::vector<LfsObject> answers;
  std::size_t size = 100;  // objects a request, as git-lfs has it
  for (std::size_t at = 0; at < pointers.size();) {
    const auto batch = std::span{pointers}.subspan(at, std::min(size, pointers.size() - at));
    INGOT_TRY(const auto response,
              client.post(server + "/objects/batch", detail::batch_body(ref, batch),
                          {{"Accept", "application/vnd.git-lfs+json"}, {"Content-Type", "application/vnd.git-lfs+json"}}));
    if (response.status == 413 && batch.size() > 1) {
      size = (batch.size() + 1) / 2;
      continue;
    }
    if (!response.ok()) return response_error("the LFS server refuses the batch", response);
    INGOT_TRY(auto objects, parse_lfs_batch(response.body, response.url.redacted()));
    for (const LfsPointer& pointer : batch) {
      const auto found =
          std::find_if(objects.begin(), objects.end(), [&](const LfsObject& o) { return o.pointer.sha256 == pointer.sha256; });
      if (found == objects.end())
        return Error{ErrorCode::damaged, "the LFS server does not answer for an object", "sha256:" + pointer.sha256, "try again"};
      found->pointer = pointer;
      answers.push_back(*found);
    }
    at += batch.size();
  }
  return answers;
}

Result<std::string> lfs_server(const std::filesystem::path& clone) {
  const auto own = detail::read_git_config(clone / ".lfsconfig");
  const auto configured = detail::read_git_config(clone / ".git" / "config");
  std::string remote;
  for (const auto* values : {&own, &configured})
    if (const auto url = values->find("lfs.url"); url != values->end() && remote.empty()) remote = url->second;
  if (!remote.empty()) return detail::as_https(remote);
  if (const auto origin = configured.find("remote.origin.url"); origin != configured.end()) remote = origin->second;
  for (const auto& [key, value] : configured)
    if (remote.empty() && key.starts_with("remote.") && key.ends_with(".url")) remote = value;
  if (remote.empty())
    return Error{ErrorCode::not_found, "no clone with a remote", clone.string(),
                 "name the LFS server with --endpoint https://HOST/OWNER/NAME.git/info/lfs"};
  std::string address = detail::as_https(remote);
  if (address.empty())
    return Error{ErrorCode::usage, "a remote that no LFS server stands for", escaped(remote), "name the LFS server with --endpoint"};
  while (address.ends_with('/')) address.pop_back();
  return address + (address.ends_with(".git") ? "" : ".git") + "/info/lfs";
}

}  // namespace ingot::acquire
