// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/http_client.hpp>

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include <support/fake_transport.hpp>

using namespace ingot;
using namespace ingot::acquire;
using test::Answer;

namespace {
struct Scene {
  HttpContext context;
  test::FakeTransport transport;
  HttpClient client{transport, context};
  explicit Scene(test::FakeTransport::Server server) : transport{std::move(server)} {}
};
Answer redirect(std::string to) { return {.status = 302, .headers = {{"Location", std::move(to)}, {"X-Repo-Commit", "abc"}}}; }
}  // namespace

TEST_CASE("status, fields, body and the place that gave them") {
  Scene scene{[](const Request& request) {
    if (request.url == "https://hub/a") return redirect("/b?x=1");
    return Answer{.status = 404, .headers = {{"X-Error-Code", "EntryNotFound"}, {"X-Request-Id", "77"}}, .body = "none such"};
  }};
  const auto response = scene.client.get("https://hub/a", {{"Accept", "application/json"}});
  REQUIRE(response);
  CHECK(response->status == 404);
  CHECK(!response->ok());
  CHECK(response->body == "none such");
  CHECK(response->url.text() == "https://hub/b?x=1");
  REQUIRE(response->hops.size() == 1);
  CHECK(response->hops[0].headers.get("x-repo-commit") == "abc");
  CHECK(scene.transport.requests[1].headers.get("Accept") == "application/json");
  const Error error = response_error("cannot list", *response);
  CHECK(error.code == ErrorCode::not_found);
  CHECK(error.message() == "cannot list: HTTP 404 from https://hub/b: EntryNotFound, none such, X-Request-Id 77");
}

TEST_CASE("a redirect that leaves the origin can be the answer itself") {
  Scene scene{[](const Request& request) { return request.url == "https://hub/a" ? redirect("/b") : redirect("https://storage/c"); }};
  const auto response = scene.client.head("https://hub/a", Redirects::same_origin);
  REQUIRE(response);
  CHECK(response->status == 302);
  CHECK(response->url.text() == "https://hub/b");
  CHECK(response->headers.get("Location") == "https://storage/c");
  CHECK(scene.transport.requests[0].method == Method::head);
}

TEST_CASE("tokens and own fields do not follow to another origin") {
  Scene scene{[](const Request& request) { return request.url.starts_with("https://hub/") ? redirect("https://hub:8443/x") : Answer{}; }};
  scene.context.credentials.add({"https", "hub", 443}, "Authorization", "Bearer a");
  REQUIRE(scene.client.get("https://hub/a", {{"X-Own", "b"}}));
  CHECK(scene.transport.requests[0].headers.get("Authorization") == "Bearer a");
  CHECK(scene.transport.requests[0].headers.get("X-Own") == "b");
  CHECK(!scene.transport.requests[1].headers.has("Authorization"));
  CHECK(!scene.transport.requests[1].headers.has("X-Own"));
}

TEST_CASE("loops, downgrades and long walks are errors of the network") {
  for (const char* const target : {"/a", "http://hub/a", "ftp://hub/a", "/again"}) {
    int count = 0;
    Scene scene{[&](const Request&) { return redirect(target + (std::string_view{target} == "/again" ? std::to_string(++count) : "")); }};
    const auto response = scene.client.get("https://hub/a");
    REQUIRE(!response);
    CHECK(response.error().code == ErrorCode::network);
    CHECK(scene.transport.requests.size() <= 12);
  }
}

TEST_CASE("a POST keeps its body") {
  Scene scene{[](const Request& request) { return request.url == "https://hub/a" ? redirect("/b") : Answer{.body = request.body}; }};
  const auto response = scene.client.post("https://hub/a", "{}", {{"Content-Type", "application/json"}});
  REQUIRE(response);
  CHECK(response->body == "{}");
  CHECK(scene.transport.requests[1].method == Method::post);
}

TEST_CASE("failures that may pass are tried again; others are told at once") {
  int left = 3;
  Scene scene{[&](const Request&) {
    if (left-- > 0) return Answer{.status = left == 1 ? 0 : 503, .failure = Failure::connect};
    return Answer{.body = "ok"};
  }};
  CHECK(scene.client.get("https://hub/a")->body == "ok");
  CHECK(scene.transport.requests.size() == 4);

  for (const Failure failure : {Failure::tls, Failure::proxy}) {
    Scene once{[&](const Request&) { return Answer{.status = 0, .failure = failure}; }};
    CHECK(once.client.get("https://hub/a").error().code == ErrorCode::network);
    CHECK(once.transport.requests.size() == 1);
  }
  Scene forbidden{[](const Request&) { return Answer{.status = 403}; }};
  CHECK(forbidden.client.get("https://hub/a")->status == 403);
  CHECK(forbidden.transport.requests.size() == 1);

  Scene down{[](const Request&) { return Answer{.status = 500, .body = "no"}; }};
  const auto begin = down.transport.now();
  CHECK(down.client.get("https://hub/a")->status == 500);
  CHECK(down.transport.requests.size() == 6);
  CHECK(down.transport.now() - begin < std::chrono::seconds{90});
}

TEST_CASE("silence ends within 90 s") {
  Scene scene{[](const Request&) { return Answer{.silent = true}; }};
  const auto begin = scene.transport.now();
  CHECK(scene.client.get("https://hub/a").error().code == ErrorCode::network);
  CHECK(scene.transport.now() - begin <= std::chrono::seconds{90});
  CHECK(scene.transport.open() == 0);
}

TEST_CASE("asked waits are kept by all who ask that origin; long ones are refused, telling when") {
  bool first = true;
  std::string wait = "7";
  Scene scene{[&](const Request&) {
    if (std::exchange(first, false)) return Answer{.status = 429, .headers = {{"Retry-After", wait}}};
    return Answer{};
  }};
  const auto begin = scene.transport.now();
  REQUIRE(scene.client.get("https://hub/a"));
  CHECK(scene.transport.now() - begin >= std::chrono::seconds{7});
  first = true;
  wait = "86400";
  const auto refused = scene.client.get("https://hub/a");
  REQUIRE(!refused);
  CHECK(refused.error().message().find("86400 s") != std::string::npos);
  scene.context.limits.hold({"https", "other", 443}, scene.transport.now() + std::chrono::seconds{50});
  const auto then = scene.transport.now();
  REQUIRE(scene.client.get("https://other/"));
  CHECK(scene.transport.now() - then >= std::chrono::seconds{50});
}

TEST_CASE("bodies are bounded, cancelling is heard, odd addresses are the caller's") {
  Scene scene{[](const Request&) { return Answer{.body = std::string(100'000, 'x')}; }};
  CHECK(scene.client.send({.url = "https://hub/a", .max_body = 100'000})->body.size() == 100'000);
  CHECK(scene.client.send({.url = "https://hub/a", .max_body = 99'999}).error().code == ErrorCode::damaged);
  CHECK(scene.client.get("ftp://hub/a").error().code == ErrorCode::usage);
  Cancellation cancellation;
  cancellation.request();
  scene.context.cancellation = &cancellation;
  CHECK(scene.client.get("https://hub/a").error().code == ErrorCode::cancelled);
  CHECK(scene.transport.open() == 0);
}
