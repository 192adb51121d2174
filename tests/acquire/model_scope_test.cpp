// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/model_scope.hpp>

#include <string>

#include <doctest/doctest.h>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;

namespace {

std::string body(const std::string& files, const std::string& code = "200", const std::string& message = "success") {
  return R"({"Code":)" + code + R"(,"Data":{"Files":[)" + files + R"(]},"Message":")" + message + R"(","Success":)" +
         (code == "200" ? "true" : "false") + "}";
}
std::string entry(const std::string& path, const std::string& sha, const std::string& more = R"("Type":"blob")") {
  return R"({"Path":")" + path + R"(","Size":5,"Revision":"r","Sha256":")" + sha + "\"," + more + "}";
}
Result<Listing> parse(const std::string& text) { return parse_model_scope_listing(text, "where", "o/n", "master"); }

const std::string sha(64, 'b');

}  // namespace

TEST_CASE("listings") {
  const auto listing = parse(body(entry("a", sha) + "," + entry("dir", "", R"("Type":"tree")") + "," + entry("l", sha, R"("Type":"link")") +
                                  "," + entry("k", sha, R"("Type":"blob","Mode":"40960")") + "," + entry("u", "")));
  REQUIRE_MESSAGE(listing, listing.error().message());
  REQUIRE(listing->files.size() == 2);
  CHECK(listing->files[0].digests == std::vector{Digest{Hash::sha256, sha}});
  CHECK(listing->files[1].digests.empty());
  CHECK(listing->commit.size() == 64);
  CHECK(listing->commit != parse(body(entry("a", sha)))->commit);
  CHECK(parse(body(entry("a", sha)))->commit == parse(body(entry("a", sha)))->commit);
}

TEST_CASE("failures that HTTP does not show") {
  CHECK(parse(body("", "404", "record not found")).error().code == ErrorCode::not_found);
  CHECK(parse(body("", "403")).error().code == ErrorCode::forbidden);
  CHECK(parse(body("", "10010205001", "\xE4\xB8\x8D\xE5\xAD\x98\xE5\x9C\xA8")).error().code == ErrorCode::not_found);
  CHECK(parse(body("", "500")).error().code == ErrorCode::network);
  CHECK(parse(body(entry("../x", sha))).error().code == ErrorCode::damaged);
  CHECK(parse(body(entry("a", "short"))).error().code == ErrorCode::damaged);
  CHECK(parse("[]").error().code == ErrorCode::damaged);
}

TEST_CASE("requests") {
  test::FakeTransport transport{[](const Request& request) -> test::Answer {
    if (request.url.find("private") != std::string::npos) return {.status = 404, .body = R"({"Code":404,"Message":"no"})"};
    if (request.url.find("portal") != std::string::npos) return {.status = 200, .body = "<html>"};
    return {.status = 200, .body = body(entry("d/a b", sha))};
  }};
  HttpContext context;
  HttpClient client{transport, context};
  HubAccess hub;
  hub.endpoint = *Url::parse("http://127.0.0.1:1");
  const auto listing = list_model_scope(client, hub, "o/n", "v1.0");
  REQUIRE(listing);
  CHECK(transport.requests[0].url == "http://127.0.0.1:1/api/v1/models/o/n/repo/files?Revision=v1.0&Recursive=True");
  CHECK(listing->files[0].url == "http://127.0.0.1:1/api/v1/models/o/n/repo?Revision=v1.0&FilePath=d%2Fa%20b");
  CHECK(list_model_scope(client, hub, "o/private", "master").error().code == ErrorCode::not_found);
  CHECK(list_model_scope(client, hub, "o/portal", "master").error().code == ErrorCode::network);
}

TEST_CASE("two sites: the second is asked for what the first lacks, without the token") {
  test::FakeTransport transport{[](const Request& request) -> test::Answer {
    const bool first = request.url.find("127.0.0.1:1/") != std::string::npos;
    if (request.url.find("down") != std::string::npos && first) return {.failure = Failure::connect};
    if (request.url.find("forbidden") != std::string::npos && first) return {.status = 403, .body = R"({"Code":403})"};
    if (first || request.url.find("nowhere") != std::string::npos) return {.status = 404, .body = R"({"Code":404,"Message":"no"})"};
    return {.status = 200, .body = body(entry("a", sha))};
  }};
  HubAccess hub;
  hub.endpoint = *Url::parse("http://127.0.0.1:1");
  hub.second = *Url::parse("http://127.0.0.1:2");
  hub.token = "secret";
  HttpContext context;
  hub.grant(context);
  HttpClient client{transport, context};
  HubAccess asked = hub;
  const auto listing = list_model_scope_sites(client, asked, "o/n", "master");
  REQUIRE(listing);
  CHECK(listing->files[0].url.starts_with("http://127.0.0.1:2/"));
  CHECK(asked.endpoint.text() == hub.second->text());
  CHECK(asked.token.empty());
  CHECK(transport.requests[0].headers.get("Authorization") == "Bearer secret");
  CHECK(transport.requests[1].headers.get("Authorization").empty());
  asked = hub;
  CHECK(list_model_scope_sites(client, asked, "o/down", "master"));
  asked = hub;
  CHECK(list_model_scope_sites(client, asked, "o/nowhere", "master").error().code == ErrorCode::not_found);
  CHECK(asked.endpoint.text() == hub.endpoint.text());
  CHECK(list_model_scope_sites(client, asked, "o/forbidden", "master").error().code == ErrorCode::forbidden);
  asked.second.reset();
  CHECK(!list_model_scope_sites(client, asked, "o/n", "master"));
}
