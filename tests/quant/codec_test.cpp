// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/codec.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::quant;
using ingot::Zero;

namespace {

constexpr Scheme int2{.bits = 2}, int3{.bits = 3}, int3_min{.bits = 3, .zero = Zero::min}, int5{.bits = 5}, int6{.bits = 6};
constexpr Scheme int4{.bits = 4}, int4_min{.bits = 4, .zero = Zero::min}, int8{.bits = 8}, int8_min{.bits = 8, .zero = Zero::min};

struct Coded {
  GroupScale scale;
  std::vector<std::uint8_t> codes;
  std::vector<float> decoded;
};
Coded code(const Scheme& scheme, const std::vector<float>& weights) {
  Coded c{{}, std::vector<std::uint8_t>(weights.size(), 0xee), std::vector<float>(weights.size())};
  c.scale = encode_group(scheme, weights, c.codes);
  decode_group(scheme, c.scale, c.codes, c.decoded);
  return c;
}

/// The promise of encode_group; float rounding of the evaluation is 2^-22 of the largest value that takes part.
void check_bound(const Scheme& scheme, const std::vector<float>& weights) {
  const Coded c = code(scheme, weights);
  float most = 0;
  for (float w : weights) most = std::max(most, std::abs(w));
  const float step = std::abs(c.scale.scale);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const bool cut_off =
        scheme.bits <= 3 && scheme.zero == Zero::none && c.codes[i] == (1 << scheme.bits) - 1;  // one code is missing there
    INFO(to_string(scheme), " w ", weights[i], " scale ", c.scale.scale, " min ", c.scale.min);
    CHECK(std::abs(c.decoded[i] - weights[i]) <= step * (cut_off ? 1.005f : 0.5f) + most * 0x1p-22f);
  }
}

}  // namespace

TEST_CASE("MNN's formulas on values that can be followed by hand") {
  const Coded symmetric = code(int4, {7, -7, 0, 1, 3.4f, -3.6f});
  CHECK(symmetric.scale.scale == 1);
  CHECK(symmetric.codes == std::vector<std::uint8_t>{15, 1, 8, 9, 11, 4});
  const Coded asymmetric = code(int4_min, {-3, 12, 0, 4.4f});
  CHECK(asymmetric.scale.scale == 1);
  CHECK(asymmetric.scale.min == -3);
  CHECK(asymmetric.codes == std::vector<std::uint8_t>{0, 15, 3, 7});
  const Coded wide = code(int8, {-127, 127, 1.5f, 2.5f});
  CHECK(wide.codes == std::vector<std::uint8_t>{1, 255, 130, 130});  // ties to even
  CHECK(code(int6, {-31, 31, 0}).codes == std::vector<std::uint8_t>{1, 63, 32});
}

TEST_CASE("2 and 3 bits use all codes: the weight of largest magnitude takes the lowest, whatever its sign") {
  const Coded positive = code(int2, {4, -4, 0, 1, -1.1f, 2, -3});
  CHECK(positive.scale.scale == 2);  // of -4 and 4, -4 has the code
  CHECK(positive.decoded == std::vector<float>{2, -4, 0, 0, -2, 2, -4});
  const Coded negative = code(int3, {8, -7.9f, 0, 1, 5});
  CHECK(negative.scale.scale == -2);
  CHECK(negative.codes == std::vector<std::uint8_t>{0, 7, 4, 4, 2});
  CHECK(negative.decoded == std::vector<float>{8, -6, 0, 0, 4});
}

TEST_CASE("the error is at most half a step, whatever the magnitude") {
  std::mt19937 random{11};
  for (const Scheme& scheme : {int2, int3, int3_min, int4, int4_min, int5, int6, int8, int8_min})
    for (int exponent = -40; exponent <= 14; ++exponent)
      for (const float center : {0.0f, 1.0f, -30.0f, 1000.0f}) {
        std::vector<float> weights(33);
        for (float& w : weights) w = std::ldexp(static_cast<float>(random()) * 0x1p-31f - 1.0f, exponent) + center;
        check_bound(scheme, weights);
      }
}

TEST_CASE("weights that lie on a grid survive re-encoding") {
  std::mt19937 random{12};
  for (const Scheme& scheme : {int2, int3, int3_min, int4, int4_min, int5, int6, int8, int8_min}) {
    std::vector<float> weights(64);
    for (float& w : weights) w = static_cast<float>(random()) * 0x1p-36f - 0x1p-5f;
    const Coded once = code(scheme, weights), twice = code(scheme, once.decoded);
    CHECK(once.codes == twice.codes);
    CHECK(once.scale.scale == twice.scale.scale);
    CHECK(once.decoded == twice.decoded);
  }
}

TEST_CASE("scales of binary32 hold what binary16 cannot, and are no worse where it can") {
  std::mt19937 random{13};
  for (Scheme scheme : {int2, int3, int3_min, int4, int4_min, int5, int6, int8, int8_min})
    for (const int exponent : {-100, -60, -30, -3, 0, 20, 60, 100}) {
      std::vector<float> weights(33);
      for (float& w : weights) w = std::ldexp(static_cast<float>(random()) * 0x1p-31f - 1.0f, exponent);
      scheme.scale = Scale::single;
      check_bound(scheme, weights);
      CHECK(std::isfinite(code(scheme, weights).scale.scale));
    }
  Scheme single = int4_min;
  single.scale = Scale::single;
  CHECK(code(single, {1e30f, 4e30f}).scale.min == 1e30f);
  CHECK(code(single, {0, 1e-40f}).decoded == std::vector<float>{0, 0});  // a scale whose inverse is infinite becomes 0
  CHECK(!is_finite(code(single, {-3e38f, 3e38f}).scale.scale));
}

TEST_CASE("zeros, equal values and lone values") {
  for (const Scheme& scheme : {int2, int3, int3_min, int4, int4_min, int5, int6, int8, int8_min}) {
    for (float w : code(scheme, std::vector<float>(40, 0.0f)).decoded) CHECK(w == 0);
    for (const float value : {1.0f, -0.37f, 3.14159e-6f, 60000.0f, -1e-9f}) check_bound(scheme, std::vector<float>(17, value));
    check_bound(scheme, {0.3f});
  }
  CHECK(code(int4, std::vector<float>(3, 0.0f)).codes == std::vector<std::uint8_t>{8, 8, 8});
  CHECK(code(int4_min, std::vector<float>(3, 1.0f)).decoded == std::vector<float>{1, 1, 1});
}

TEST_CASE("what binary16 cannot hold is told by an infinite scale or min") {
  CHECK(is_finite(code(int4, {-458000.0f, 1}).scale.scale));
  CHECK(!is_finite(code(int4, {-459000.0f, 1}).scale.scale));
  CHECK(is_finite(code(int8_min, {-65504.0f, 1}).scale.min));
  CHECK(!is_finite(code(int8_min, {-65600.0f, 1}).scale.min));
  CHECK(!is_finite(code(int4_min, {0.0f, 3e38f}).scale.scale));
  CHECK(!is_finite(code(int4, {-3e38f, 3e38f}).scale.scale));
}

TEST_CASE("finiteness is found at any place") {
  for (std::size_t size : {1u, 7u, 8u, 33u})
    for (std::size_t at = 0; at < size; ++at)
      for (const float bad :
           {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        std::vector<float> values(size, 1.0f);
        CHECK(all_finite(values));
        values[at] = bad;
        CHECK(!all_finite(values));
      }
  CHECK(all_finite(std::vector<float>{std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()}));
}
