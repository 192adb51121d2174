// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/rope.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::model;

namespace {

/// What transformers 5.23 (modeling_rope_utils, ROPE_INIT_FUNCTIONS on the CPU) gives for the same parameters.
struct Expected {
  const char* name;
  RopeConfig rope;
  std::uint32_t length;
  float amplitude;
  std::vector<float> inverse;
};

RopeConfig base(RopeScaling scaling, double factor, std::uint32_t original, std::uint32_t rotary = 16) {
  RopeConfig rope;
  rope.rotary = rotary;
  rope.scaling = scaling;
  rope.factor = factor;
  rope.original_positions = original;
  return rope;
}

template <class Edit>
RopeConfig edited(RopeConfig rope, Edit&& edit) {
  edit(rope);
  return rope;
}

std::vector<Expected> references() {
  const RopeConfig dynamic = base(RopeScaling::dynamic, 2, 256), yarn = base(RopeScaling::yarn, 4, 64);
  const std::vector<float> plain{
      1, 0.316227764f, 0.100000001f, 0.0316227786f, 0.00999999978f, 0.00316227786f, 0.00100000005f, 0.000316227786f};
  const std::vector<float> ramp{
      1, 0.237170815f, 0.049999997f, 0.00790569466f, 0.00249999994f, 0.000790569466f, 0.000250000012f, 7.90569466e-05f};
  const RopeConfig llama3 = edited(base(RopeScaling::llama3, 8, 128, 32), [](RopeConfig& r) { r.theta = 500000; });
  const RopeConfig longrope = edited(base(RopeScaling::longrope, 4, 64, 8), [](RopeConfig& r) {
    r.short_factor = {1, 1.1f, 1.2f, 1.5f};
    r.long_factor = {1, 2, 4, 8};
  });
  const std::vector<float> short_text{1, 0.0909090936f, 0.00833333284f, 0.00066666666f};
  return {
      {"none", base(RopeScaling::none, 1, 256), 300, 1, plain},
      {"linear",
       base(RopeScaling::linear, 4, 256),
       10,
       1,
       {0.25f, 0.079056941f, 0.0250000004f, 0.00790569466f, 0.00249999994f, 0.000790569466f, 0.000250000012f, 7.90569466e-05f}},
      {"dynamic, short", dynamic, 100, 1, plain},
      {"dynamic, at the limit", dynamic, 256, 1, plain},
      {"dynamic, beyond",
       dynamic,
       300,
       1,
       {1, 0.303157836f, 0.09190467f, 0.0278616212f, 0.00844646804f, 0.00256061298f, 0.000776269881f, 0.000235332293f}},
      {"dynamic, far beyond",
       dynamic,
       1000,
       1,
       {1, 0.240412042f, 0.057797946f, 0.0138953235f, 0.00334060285f, 0.000803121133f, 0.000193079992f, 4.64187542e-05f}},
      {"llama3",
       llama3,
       10,
       1,
       {1, 0.440366626f, 0.191126496f, 0.0290985927f, 0.00470075384f, 0.00207005511f, 0.000911583134f, 0.000401430763f, 0.000176776681f,
        7.78465546e-05f, 3.42810235e-05f, 1.50962178e-05f, 6.64786967e-06f, 2.92749974e-06f, 1.28917316e-06f, 5.6770881e-07f}},
      {"yarn", yarn, 10, 1.138629436f, ramp},
      {"yarn, ramp not rounded",
       edited(yarn, [](RopeConfig& r) { r.truncate = false; }),
       10,
       1.138629436f,
       {1, 0.198583528f, 0.0255952496f, 0.00790569466f, 0.00249999994f, 0.000790569466f, 0.000250000012f, 7.90569466e-05f}},
      {"yarn, own factor and betas",
       edited(yarn, [](RopeConfig& r) { r.attention_factor = 0.5, r.beta_fast = 8, r.beta_slow = 2; }),
       10,
       0.5f,
       {1, 0.197642356f, 0.0250000004f, 0.00790569466f, 0.00249999994f, 0.000790569466f, 0.000250000012f, 7.90569466e-05f}},
      {"yarn, two mscales", edited(yarn, [](RopeConfig& r) { r.mscale = 1, r.mscale_all_dim = 0.5; }), 10, 1.0648216254f, ramp},
      {"yarn, equal mscales", edited(yarn, [](RopeConfig& r) { r.mscale = r.mscale_all_dim = 0.707; }), 10, 1, ramp},
      {"longrope, short", longrope, 64, 1.1547005384f, short_text},
      {"longrope, long", longrope, 65, 1.1547005384f, {1, 0.0500000007f, 0.00249999994f, 0.000125000006f}},
      {"longrope, own factor", edited(longrope, [](RopeConfig& r) { r.attention_factor = 1.25; }), 10, 1.25f, short_text},
  };
}

/// The same table read the slow way: what a table of any history must hold.
void check_row(const RopeTable& table, const RopeConfig& rope, std::uint32_t length, std::uint32_t position) {
  const RopeFrequencies f = rope_frequencies(rope, length);
  for (std::size_t i = 0; i < f.inverse.size(); ++i) {
    const double angle = static_cast<double>(static_cast<float>(position) * f.inverse[i]);
    CHECK(table.cosine(position)[i] == doctest::Approx(std::cos(angle) * static_cast<double>(f.amplitude)).epsilon(1e-6));
    CHECK(table.sine(position)[i] == doctest::Approx(std::sin(angle) * static_cast<double>(f.amplitude)).epsilon(1e-6));
  }
}

}  // namespace

TEST_CASE("every scaling gives the reference's frequencies") {
  for (const Expected& expected : references()) {
    CAPTURE(expected.name);
    const RopeFrequencies f = rope_frequencies(expected.rope, expected.length);
    CHECK(f.amplitude == doctest::Approx(expected.amplitude).epsilon(1e-6));
    REQUIRE(f.inverse.size() == expected.inverse.size());
    for (std::size_t i = 0; i < f.inverse.size(); ++i) CHECK(f.inverse[i] == doctest::Approx(expected.inverse[i]).epsilon(2e-6));
  }
}

TEST_CASE("only the rotated part of a head has frequencies") {
  const RopeFrequencies f = rope_frequencies(base(RopeScaling::none, 1, 256, 6), 1);
  REQUIRE(f.inverse.size() == 3);
  CHECK(f.inverse[1] == doctest::Approx(std::pow(10000.0, -1.0 / 3)));
}

TEST_CASE("a table extended step by step is the table made at once") {
  for (const Expected& expected : references()) {
    CAPTURE(expected.name);
    if (expected.rope.scaling == RopeScaling::dynamic || expected.rope.scaling == RopeScaling::longrope) continue;  // below
    RopeTable steps{expected.rope}, once{expected.rope};
    once.extend(200);
    for (const std::uint32_t length : {1u, 2u, 2u, 3u, 90u, 40u, 200u}) steps.extend(length);
    CHECK(steps.rotary() == expected.rope.rotary);
    for (std::uint32_t p = 0; p < 200; ++p)
      for (std::uint32_t i = 0; i < expected.rope.rotary; ++i) CHECK(steps.cosine(p)[i] == once.cosine(p)[i]);
    for (const std::uint32_t p : {0u, 1u, 63u, 199u}) check_row(once, expected.rope, 200, p);
  }
}

TEST_CASE("frequencies that follow the length are recomputed beyond the trained context, and only there") {
  for (const RopeConfig& rope : {references()[2].rope, references()[12].rope}) {
    const std::uint32_t original = rope.original_positions;
    RopeTable table{rope};
    table.extend(3);
    check_row(table, rope, 3, 2);
    table.extend(original);
    check_row(table, rope, original, original - 1);
    table.extend(original + 9);
    check_row(table, rope, original + 9, 5);
    check_row(table, rope, original + 9, original + 8);
    table.extend(original + 10);
    check_row(table, rope, original + 10, 5);
    check_row(table, rope, original + 10, original + 9);
  }
}
