// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/hugging_face.hpp>

#include <string>

#include <doctest/doctest.h>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;

namespace {

const std::string commit(40, 'a');

HubAccess access() {
  HubAccess hub;
  hub.endpoint = *Url::parse("http://127.0.0.1:1");
  return hub;
}

Result<Listing> list(test::FakeTransport::Server server) {
  test::FakeTransport transport{std::move(server)};
  HttpContext context;
  HttpClient client{transport, context};
  const HubAccess hub = access();
  INGOT_TRY(const auto at, hugging_face_commit(client, hub, "owner/name", "main"));
  return list_hugging_face(client, hub, "owner/name", "main", at);
}

/// Serves a tree in pages; `link` names the page behind the one asked for.
test::FakeTransport::Server paged(std::function<std::string(int page)> link) {
  return [link = std::move(link)](const Request& request) -> test::Answer {
    if (request.url.find("/revision/") != std::string::npos) return test::FakeHub{}(request);
    const auto at = request.url.find("page=");
    const int page = at == std::string::npos ? 1 : std::stoi(request.url.substr(at + 5));
    test::Answer answer{.status = 200, .headers = {{"Content-Type", "application/json"}}};
    answer.body = R"([{"type":"file","path":"f)" + std::to_string(page) + R"(","size":1,"oid":")" + std::string(40, 'b') + R"("}])";
    if (const auto next = link(page); !next.empty()) answer.headers.add("Link", "<" + next + ">; rel=\"next\"");
    return answer;
  };
}

Error error_for(int status, Headers headers, const std::string& token = {}) {
  HubAccess hub = access();
  hub.token = token, hub.token_source = token.empty() ? "" : "HF_TOKEN";
  return hugging_face_error({status, std::move(headers), "body", *Url::parse("http://127.0.0.1:1/api"), {}}, "owner/name", hub);
}

}  // namespace

TEST_CASE("a repository is listed at its commit") {
  const auto listing = list(test::FakeHub{{{"config.json", "{}"}, {"sub/model.safetensors", std::string(100, 'x')}}});
  REQUIRE_MESSAGE(listing, listing.error().message());
  CHECK(listing->commit == commit);
  REQUIRE(listing->files.size() == 2);
  CHECK(listing->files[0].digests == std::vector{test::digest_of("{}", Hash::git_blob)});
  CHECK(listing->files[1].digests == std::vector{test::digest_of(std::string(100, 'x'))});
  CHECK(listing->files[1].size == 100);
  CHECK(listing->files[1].url == "http://127.0.0.1:1/owner/name/resolve/" + commit + "/sub/model.safetensors");
}

TEST_CASE("pages: all are read, on the hub only, and not for ever") {
  const std::string tree = "http://127.0.0.1:1/api/models/owner/name/tree/" + commit + "?page=";
  CHECK(list(paged([&](int page) { return page < 3 ? tree + std::to_string(page + 1) : std::string{}; }))->files.size() == 3);
  CHECK(list(paged([&](int) { return tree + "2"; })).error().code == ErrorCode::damaged);
  CHECK(list(paged([](int) { return "http://127.0.0.1:2/api"; })).error().code == ErrorCode::damaged);
  CHECK(list(paged([&](int) { return "?page=2&page="; })).error().code == ErrorCode::damaged);
}

TEST_CASE("listings that are refused") {
  Listing listing;
  const std::string oid(40, 'b'), sha(64, 'c');
  for (const std::string& page :
       {std::string{"{}"}, std::string{"["}, std::string{R"([{"path":"a"}])"}, std::string{R"([{"type":"file","path":"a","oid":"../x"}])"},
        R"([{"type":"file","path":"a","size":1,"oid":")" + oid + R"(","lfs":{"oid":"short","size":1}}])",
        R"([{"type":"file","path":"a","size":1,"oid":")" + oid + R"(","lfs":{"oid":")" + sha + R"(","size":2}}])",
        R"([{"type":"file","path":"a","size":-1,"oid":")" + oid + R"("}])",
        R"([{"type":"file","path":"a","size":9e30,"oid":")" + oid + R"("}])"})
    CHECK_MESSAGE(!add_tree_page(page, "tree", listing), page);
  CHECK(list(test::FakeHub{{{"../x", ""}}}).error().code == ErrorCode::damaged);
  CHECK(list(test::FakeHub{{{"A", ""}, {"a", ""}}}).error().code == ErrorCode::damaged);
}

TEST_CASE("what is no hub is said so") {
  const auto portal = [](const Request&) -> test::Answer {
    return {.status = 200, .headers = {{"Content-Type", "text/html"}}, .body = "<html>"};
  };
  const auto error = list(portal).error();
  CHECK(error.code == ErrorCode::network);
  CHECK(error.message().find("text/html") != std::string::npos);
  CHECK(list(test::FakeHub{{}, "../../../x"}).error().code == ErrorCode::damaged);
}

TEST_CASE("errors by their codes") {
  CHECK(error_for(401, {{"X-Error-Code", "GatedRepo"}}).code == ErrorCode::forbidden);
  CHECK(error_for(403, {{"X-Error-Code", "GatedRepo"}}).hint.find("http://127.0.0.1:1/owner/name") != std::string::npos);
  CHECK(error_for(401, {{"X-Error-Code", "RepoNotFound"}}).code == ErrorCode::not_found);
  CHECK(error_for(404, {{"X-Error-Code", "RepoNotFound"}}, "secret").what.find("HF_TOKEN") != std::string::npos);
  CHECK(error_for(404, {{"X-Error-Code", "RevisionNotFound"}}).code == ErrorCode::not_found);
  CHECK(error_for(404, {{"X-Error-Code", "EntryNotFound"}}).code == ErrorCode::not_found);
  CHECK(error_for(401, {}).code == ErrorCode::not_found);
  CHECK(error_for(401, {{"X-Error-Message", "Invalid credentials in Authorization header"}}, "secret").code == ErrorCode::forbidden);
  CHECK(error_for(403, {{"X-Error-Message", "Access to this resource is disabled."}}).code == ErrorCode::forbidden);
  CHECK(error_for(403, {}).code == ErrorCode::forbidden);
  CHECK(error_for(500, {}).code == ErrorCode::network);
  CHECK(error_for(401, {}, "secret").message().find("secret") == std::string::npos);
}

TEST_CASE("the walk of a resolve address ends where the hub describes the file") {
  const std::string sha(64, 'c');
  test::FakeTransport transport{[&](const Request& request) -> test::Answer {
    const auto url = *Url::parse(request.url);
    if (url.origin.port == 1 && url.path == "/mirror") return {.status = 308, .headers = {{"Location", "http://127.0.0.1:3/file"}}};
    if (url.origin.port == 3 && url.path == "/file") return {.status = 307, .headers = {{"Location", "/cache?etag=%22x%22"}}};
    if (url.origin.port == 3 && url.query == "etag=%22x%22")
      return {.status = 302,
              .headers = {{"Location", "http://127.0.0.1:4/cdn"},
                          {"X-Repo-Commit", commit},
                          {"X-Linked-ETag", "\"" + sha + "\""},
                          {"X-Linked-Size", "77"},
                          {"Content-Length", "913"}}};
    return {.status = 200, .headers = {{"Content-Type", "text/html"}}};
  }};
  HttpContext context;
  HttpClient client{transport, context};
  const auto file = resolve_file(client, access(), "owner/name", "http://127.0.0.1:1/mirror");
  REQUIRE_MESSAGE(file, file.error().message());
  CHECK(file->size == 77);
  CHECK(file->digest == Digest{Hash::sha256, sha});
  CHECK(file->commit == commit);
  CHECK(resolve_file(client, access(), "owner/name", "http://127.0.0.1:1/portal").error().code == ErrorCode::network);
}

TEST_CASE("ETags") {
  const std::string sha(64, 'c'), git(40, 'd');
  CHECK(digest_of_etag("\"" + sha + "\"") == Digest{Hash::sha256, sha});
  CHECK(digest_of_etag("W/\"" + git + "\"") == Digest{Hash::git_blob, git});
  for (const std::string& bad : {std::string{}, std::string{"\""}, std::string{"\"../x\""}, "\"" + sha + "0\"", std::string(64, 'C')})
    CHECK(!digest_of_etag(bad));
}
