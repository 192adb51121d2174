// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/credentials.hpp>

#include <doctest/doctest.h>

using namespace ingot::acquire;

namespace {
std::string_view sent(const Credentials& credentials, const Origin& origin) {
  static Headers headers;
  headers.clear();
  credentials.apply(origin, headers);
  return headers.get("Authorization");
}
}  // namespace

TEST_CASE("a token goes to its origin and to no other") {
  Credentials credentials;
  const Origin hub{"https", "hub.example", 443};
  credentials.add(hub, "Authorization", "Bearer a");
  CHECK(sent(credentials, hub) == "Bearer a");
  CHECK(credentials.knows(hub));
  for (const Origin& other : {Origin{"https", "hub.example", 8443}, Origin{"http", "hub.example", 443},
                              Origin{"https", "hub.example.org", 443}, Origin{"https", "evil.hub.example", 443}}) {
    CHECK(sent(credentials, other).empty());
    CHECK(!credentials.knows(other));
  }
}

TEST_CASE("plain http carries secrets on loopback only") {
  Credentials credentials;
  const Origin plain{"http", "hub.example", 80}, here{"http", "127.0.0.1", 8080};
  credentials.add(plain, "Authorization", "Bearer a");
  credentials.add(here, "Authorization", "Bearer b");
  CHECK(sent(credentials, plain).empty());
  CHECK(sent(credentials, here) == "Bearer b");
}
