// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/redirect_walk.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

namespace {
ResponseHead to(std::string location) { return {302, {{"Location", std::move(location)}}}; }
Status go(RedirectWalk& walk, std::string location) {
  INGOT_TRY(Url next, walk.next(to(std::move(location))));
  return walk.follow(std::move(next));
}
}  // namespace

TEST_CASE("relative redirects keep their query; own fields end with the origin, for good") {
  Credentials credentials;
  credentials.add({"https", "hub", 443}, "Authorization", "Bearer a");
  RedirectWalk walk{*Url::parse("https://hub/a"), {{"X-Own", "1"}, {"Accept", "text/html"}}};
  CHECK(walk.headers(credentials).get("Authorization") == "Bearer a");
  REQUIRE(go(walk, "/b?etag=%22x%22"));
  CHECK(walk.url().text() == "https://hub/b?etag=%22x%22");
  CHECK(walk.headers(credentials).get("X-Own") == "1");
  REQUIRE(go(walk, "https://storage/c"));
  const Headers away = walk.headers(credentials);
  CHECK(!away.has("Authorization"));
  CHECK(!away.has("X-Own"));
  CHECK(away.get("Accept") == "text/html");
  CHECK(away.get("Accept-Encoding") == "identity");
  REQUIRE(go(walk, "https://hub/d"));
  CHECK(!walk.headers(credentials).has("X-Own"));
  CHECK(walk.headers(credentials).get("Authorization") == "Bearer a");
  CHECK(walk.hops() == 3);
}

TEST_CASE("loops, long walks, downgrades and other schemes are refused") {
  RedirectWalk loop{*Url::parse("https://hub/a"), {}};
  REQUIRE(go(loop, "/b"));
  CHECK(go(loop, "/a").error().what.find("loop") != std::string::npos);
  RedirectWalk self{*Url::parse("https://hub/a"), {}};
  CHECK(!go(self, "/a"));
  RedirectWalk walk{*Url::parse("https://hub/0"), {}};
  for (int i = 1; i <= 10; ++i) REQUIRE(go(walk, "/" + std::to_string(i)));
  CHECK(go(walk, "/11").error().code == ErrorCode::network);
  const RedirectWalk secure{*Url::parse("https://hub/a"), {}};
  for (const char* const bad : {"http://hub/b", "file:///etc/passwd", "ftp://hub/b", ""}) {
    const auto next = secure.next(to(bad));
    REQUIRE(!next);
    CHECK(next.error().code == ErrorCode::network);
  }
  CHECK(secure.next(to("//other/x"))->text() == "https://other/x");
}
