// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/lfs_clone_definitions.hpp: a clone's pointers found and replaced.

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ingot/acquire/curl_transport.hpp>
#include <ingot/acquire/git_lfs.hpp>
#include <ingot/acquire/hub_access.hpp>
#include <ingot/acquire/place.hpp>
#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/transfer.hpp>
#include <ingot/core/config_file.hpp>

namespace ingot::acquire {
namespace detail {

/// Every pointer of a working tree, by its path. Links are not followed.
[[nodiscard]] inline Result<std::map<std::string, LfsPointer>> find_pointers(const std::filesystem::path& clone) {
  std::map<std::string, LfsPointer> pointers;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry{clone, error};
  for (const std::filesystem::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name == ".git" || name == ".staging") {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code gone;
    if (entry->is_symlink(gone) || !entry->is_regular_file(gone) || entry->file_size(gone) >= lfs_pointer_limit) continue;
    const auto file = MappedFile::open(entry->path());
    const auto pointer = file ? parse_lfs_pointer(file->text()) : std::nullopt;
    if (!pointer) continue;
    std::string path = entry->path().lexically_relative(clone).generic_string();
    INGOT_CHECK(check_path(path));
    pointers.emplace(std::move(path), *pointer);
  }
  if (error) return system_error("cannot list the directory", clone, error.value());
  return pointers;
}

/// The branch that is checked out: refs/heads/main where it cannot be told.
[[nodiscard]] inline std::string checked_out(const std::filesystem::path& clone) {
  const auto head = read_config_file(clone / ".git" / "HEAD");
  const std::string text{head ? trimmed(*head) : std::string_view{}};
  return text.starts_with("ref: ") && check_path(text.substr(5)) ? text.substr(5) : "refs/heads/main";
}

/// Actions of an LFS server, asked for again when they have expired.
class LfsActions {
 public:
  LfsActions(HttpClient& client, std::string server, std::string ref) : client_{client}, server_{std::move(server)}, ref_{std::move(ref)} {}

  /// All at once. Errors: as lfs_batch().
  [[nodiscard]] Status ask(const std::vector<LfsPointer>& pointers) {
    INGOT_TRY(const auto answers, lfs_batch(client_, server_, ref_, pointers));
    const auto now = std::chrono::steady_clock::now();
    for (const LfsObject& answer : answers) actions_[answer.pointer.sha256] = {answer, now};
    return {};
  }

  [[nodiscard]] Result<Source> locate(const LfsPointer& pointer, const std::string& path) {
    const auto known = actions_.find(pointer.sha256);
    constexpr std::chrono::seconds margin{5};
    const bool old = known == actions_.end() || known->second.used ||
                     (known->second.object.expires_in && std::chrono::steady_clock::now() - known->second.at + margin >
                                                             std::chrono::seconds{*known->second.object.expires_in});
    if (old) INGOT_CHECK(ask({pointer}));
    Action& action = actions_[pointer.sha256];
    action.used = true;  // to be located again means that it did not work
    const LfsObject& object = action.object;
    const std::string where = path + ": sha256:" + pointer.sha256;
    if (object.href.empty()) {
      const bool denied = object.error_code == 401 || object.error_code == 403;
      return Error{
          denied ? ErrorCode::forbidden : ErrorCode::not_found,
          "the LFS server does not have the object (" + std::to_string(object.error_code) + " " + escaped(object.error_message) + ")",
          where, denied ? "give a token with --token-file" : "push it from a clone that has it"};
    }
    INGOT_TRY(const Url server, Url::parse(server_));
    INGOT_TRY(const Url href, server.join(object.href));
    if (server.origin.is_https() && !href.origin.is_https())
      return Error{ErrorCode::network, "the LFS server leads from https to http", href.redacted(), "use another server"};
    return Source{.url = href.text(), .headers = object.headers, .expires = true};
  }

 private:
  struct Action {
    LfsObject object;
    std::chrono::steady_clock::time_point at;
    bool used = false;
  };
  HttpClient& client_;
  std::string server_, ref_;
  std::map<std::string, Action> actions_;
};

/// The user in a remote's address, and the token where one is given or the remote is the configured hub, for the server's origin alone.
[[nodiscard]] inline Status grant_lfs(HttpContext& context, const Url& server, const FetchOptions& options) {
  if (!server.user.empty()) {
    context.credentials.add(server.origin, "Authorization", basic_authorization(server.user));
    return {};
  }
  Reference remote;
  remote.hub = Hub::hugging_face;
  remote.endpoint = server.origin.text();
  INGOT_TRY(const auto access, hub_access(remote, {{}, options.access.token_file}, options.environment));
  if (access.endpoint.origin == server.origin) access.grant(context);
  return {};
}

}  // namespace detail

Result<Snapshot> resolve_lfs(const std::filesystem::path& clone, const FetchOptions& options) {
  INGOT_TRY(const auto pointers, detail::find_pointers(clone));
  Snapshot snapshot{clone, clone.string(), {}, {}, 0};
  for (const auto& [path, pointer] : pointers) snapshot.files.push_back({path, pointer.size, Digest{Hash::sha256, pointer.sha256}});
  if (pointers.empty() || options.dry_run) return snapshot;
  if (options.offline || options.environment.is_true("HF_HUB_OFFLINE"))
    return Error{ErrorCode::not_found, std::to_string(pointers.size()) + " unresolved LFS pointers", clone.string(),
                 "run it again without --offline"};
  std::string server = options.access.endpoint;
  if (server.empty()) {
    INGOT_TRY(server, lfs_server(clone));
  }
  INGOT_TRY(const Url address, Url::parse(server));
  HttpContext context;
  context.cancellation = options.cancellation;
  context.note = options.note;
  INGOT_CHECK(detail::grant_lfs(context, address, options));
  INGOT_TRY(auto transport, CurlTransport::create({.ca_file = options.ca_file, .max_rate = options.max_rate, .user_agent = {}}));
  HttpClient client{AnyTransport{transport}, context};

  detail::LfsActions actions{client, address.text(), detail::checked_out(clone)};
  std::vector<LfsPointer> wanted;
  for (const auto& [path, pointer] : pointers) wanted.push_back(pointer);
  INGOT_CHECK(actions.ask(wanted));
  std::vector<TransferItem> items;
  for (const auto& entry : pointers) {
    const std::string& path = entry.first;
    const LfsPointer& pointer = entry.second;
    TransferItem item;
    item.path = path;
    item.staging = {address.origin.text(), address.path, pointer.sha256, path};
    item.size = pointer.size;
    item.digests = {Digest{Hash::sha256, pointer.sha256}};
    item.locate = [&actions, &path, &pointer] { return actions.locate(pointer, path); };
    item.publish = [&clone, &path](const StagedFile& staged) -> Status {
      INGOT_CHECK(place(staged.path, clone, path, Taken::replace));
      return {};
    };
    items.push_back(std::move(item));
  }
  INGOT_TRY(
      const auto report,
      transfer(client, items, {.staging_root = clone / ".staging", .max_workers = options.max_workers, .progress = options.progress}));
  snapshot.bytes_fetched = report.bytes_fetched;
  return snapshot;
}

}  // namespace ingot::acquire
