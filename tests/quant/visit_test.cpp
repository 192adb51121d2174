// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/visit.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::quant;

TEST_CASE("visit hands over the scheme itself, as a constant") {
  for (const Scheme& scheme : shipped) {
    const auto name = visit(scheme, []<Scheme S>() {
      static_assert(S.bits >= 2, "usable in constant expressions");
      return to_string(S);
    });
    REQUIRE(name);
    CHECK(*name == to_string(scheme));
  }
}

TEST_CASE("names are unique and parse back") {
  for (const Scheme& scheme : shipped) {
    const auto parsed = parse_scheme(to_string(scheme));
    REQUIRE(parsed);
    CHECK(*parsed == scheme);
  }
  for (const char* wrong :
       {"", "int4", "int4-g48", "int4-g64-", "f64", "INT4-g64", "int7-g64", "int4-g64-min-2of4", "int4-g32-min-nested-f32"}) {
    const auto parsed = parse_scheme(wrong);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == ErrorCode::unsupported);
  }
  CHECK(parse_scheme(std::string(1000, 'x')).error().what.size() < 100);
}

TEST_CASE("a scheme that is not shipped is an error, and nothing is called") {
  bool called = false;
  const Status status = visit(Scheme{.bits = 4, .group = 48}, [&]<Scheme S>() { called = true; });
  CHECK(!status);
  CHECK(status.error().code == ErrorCode::unsupported);
  CHECK(!called);
  CHECK(visit(quant::bf16, [&]<Scheme S>() { called = true; }));
  CHECK(called);
}

TEST_CASE("a callee's Result is passed on, not wrapped") {
  const auto refuse = []<Scheme S>() -> Result<int> {
    if constexpr (S.is_integer()) return 7;
    return Error{ErrorCode::busy, "no", {}, {}};
  };
  const Result<int> seven = visit(shipped[0], refuse), no = visit(f32, refuse);
  REQUIRE(seven);
  CHECK(*seven == 7);
  CHECK(no.error().code == ErrorCode::busy);
}

TEST_CASE("groups are halved until they divide, else kept and padded") {
  CHECK(fitting_group(4096, 128) == 128);
  CHECK(fitting_group(576, 256) == 64);
  CHECK(fitting_group(96, 64) == 32);
  CHECK(fitting_group(48, 64) == 64);
  CHECK(fitting_group(48, 16) == 16);
  CHECK(fitting_group(24, 64) == 64);
  CHECK(fitting_group(7, 32) == 32);
  CHECK(fitting_group(7, 0) == 0);
}
