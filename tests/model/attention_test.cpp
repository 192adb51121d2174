// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/attention.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace ingot::model;

TEST_CASE("products are scaled by the head's width unless the config says otherwise") {
  Config config;
  CHECK(attention_scale(config, {.head_dim = 64}) == 0.125f);
  config.attention_scale = 0.3f;
  CHECK(attention_scale(config, {.head_dim = 64}) == 0.3f);
}

TEST_CASE("queries beyond the trained context grow by the logarithm of their position") {
  Config config;
  CHECK(query_factor(config, {}, 100000) == 1);
  config.query_scaling = QueryScaling::logarithm, config.query_floor = 16;
  CHECK(query_factor(config, {}, 15) == 1);
  CHECK(query_factor(config, {}, 16) == doctest::Approx(std::log(17.0) / std::log(16.0)));
  CHECK(query_factor(config, {}, 255) == doctest::Approx(2.0));
}

TEST_CASE("queries of layers that do not rotate are tempered in steps") {
  Config config;
  config.query_scaling = QueryScaling::temperature, config.query_scale = 0.1, config.query_floor = 8;
  const Layer turned{}, still{.rope = -1};
  CHECK(query_factor(config, turned, 100) == 1);
  CHECK(query_factor(config, still, 6) == 1);
  CHECK(query_factor(config, still, 7) == doctest::Approx(1 + 0.1 * std::log(2.0)));
  CHECK(query_factor(config, still, 14) == doctest::Approx(1 + 0.1 * std::log(2.0)));
  CHECK(query_factor(config, still, 15) == doctest::Approx(1 + 0.1 * std::log(3.0)));
}
