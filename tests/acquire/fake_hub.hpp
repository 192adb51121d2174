// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/acquire/fake_hub.hpp: a Hugging Face repository served by a FakeTransport; tests/acquire/hub is the one that
              // misbehaves.

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/environment.hpp>
#include <ingot/acquire/url.hpp>
#include <ingot/core/json_text.hpp>
#include <support/fake_transport.hpp>

namespace ingot::test {

inline acquire::Digest digest_of(std::string_view bytes, acquire::Hash hash = acquire::Hash::sha256) {
  acquire::Hasher hasher{hash, bytes.size()};
  hasher.update(std::as_bytes(std::span{bytes}));
  return *hasher.finish();
}

/// The environment of a process that has these variables and no others.
inline acquire::Environment environment_of(std::map<std::string, std::string, std::less<>> variables) {
  return acquire::Environment::Lookup{[variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  }};
}

/// http://127.0.0.1:1/owner/name at one commit: files above 64 bytes are LFS objects.
struct FakeHub {
  std::map<std::string, std::string> files;
  std::string commit = std::string(40, 'a');

  [[nodiscard]] std::string tree() const {
    std::string entries = "[{\"type\":\"directory\",\"path\":\"sub\",\"oid\":\"x\",\"size\":0}";
    for (const auto& [path, bytes] : files) {
      json::ObjectText entry;
      entry.add("type", "file").add("path", path).add("size", bytes.size()).add("oid", digest_of(bytes, acquire::Hash::git_blob).hex);
      json::ObjectText lfs;
      lfs.add("oid", digest_of(bytes).hex).add("size", bytes.size()).add("pointerSize", 130);
      if (bytes.size() > 64) entry.add_raw("lfs", std::move(lfs).str());
      entries.append(",").append(std::move(entry).str());
    }
    return entries + "]";
  }
  [[nodiscard]] Answer operator()(const acquire::Request& request) const {
    const auto url = *acquire::Url::parse(request.url);
    const std::string json_type = "application/json";
    if (url.path.starts_with("/api/models/owner/name/revision/"))
      return {.status = 200, .headers = {{"Content-Type", json_type}}, .body = R"({"sha":")" + commit + R"("})"};
    if (url.path == "/api/models/owner/name/tree/" + commit)
      return {.status = 200, .headers = {{"Content-Type", json_type}}, .body = tree()};
    const std::string resolve = "/owner/name/resolve/" + commit + "/";
    if (url.path.starts_with(resolve))
      if (const auto file = files.find(url.path.substr(resolve.size())); file != files.end()) return serve(file->second, request);
    return {.status = 404, .headers = {{"X-Error-Code", "RepoNotFound"}}, .body = "no such repository"};
  }
};

}  // namespace ingot::test
