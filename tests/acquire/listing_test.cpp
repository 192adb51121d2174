// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/listing.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("a listing finds its files and refuses hostile names, naming its repository") {
  Listing listing{"owner/name", "main", "c", {}};
  listing.files.push_back({.path = "a", .size = 1, .digests = {}, .git_oid = {}, .url = {}});
  CHECK(listing.find("a") == &listing.files[0]);
  CHECK(listing.find("b") == nullptr);
  CHECK(check_names(listing));
  listing.files.push_back({.path = "../b", .size = 1, .digests = {}, .git_oid = {}, .url = {}});
  const auto status = check_names(listing);
  REQUIRE(!status);
  CHECK(status.error().where == "owner/name: ../b");
}
