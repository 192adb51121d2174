// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/rope_reader.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

/// The rope of heads of 16 and 512 positions that `text` describes.
Result<RopeConfig> rope_of(const std::string& text, const RopeDefaults& defaults = {}) {
  INGOT_TRY(const auto document, json::Document::parse(text, "config.json"));
  INGOT_TRY(const auto parameters, rope_parameters(document.root()));
  return read_rope(document.root(), parameters, 16, 512, defaults);
}

RopeConfig good(const Result<RopeConfig>& rope) {
  INFO((rope ? std::string{} : rope.error().message()));
  REQUIRE(rope);
  return *rope;
}

}  // namespace

TEST_CASE("which of two keys counts") {
  CHECK(good(rope_of("{}", {.theta = 7000, .partial = 0.5})).theta == 7000);
  CHECK(good(rope_of("{}", {.partial = 0.5})).rotary == 8);
  CHECK(good(rope_of(R"({"rope_theta":9000})", {.theta = 7000, .own_theta = true})).theta == 7000);
  CHECK(good(rope_of(R"({"rope_theta":9000,"rope_parameters":{"rope_theta":8000}})")).theta == 8000);
  CHECK(good(rope_of(R"({"partial_rotary_factor":0.5,"rope_parameters":{"partial_rotary_factor":0.25}})")).rotary == 4);
  // of two objects transformers takes rope_scaling, unless that is empty
  const std::string parameters = R"("rope_parameters":{"rope_type":"linear","factor":2})";
  CHECK(good(rope_of(R"({"rope_scaling":{"type":"linear","factor":3},)" + parameters + "}")).factor == 3);
  CHECK(good(rope_of(R"({"rope_scaling":{},)" + parameters + "}")).factor == 2);
  CHECK(good(rope_of(R"({"rope_scaling":null,)" + parameters + "}")).factor == 2);
  // and the config's own original context
  const std::string yarn = R"("rope_scaling":{"type":"yarn","factor":4,"original_max_position_embeddings":64})";
  CHECK(good(rope_of("{" + yarn + "}")).original_positions == 64);
  CHECK(good(rope_of(R"({"original_max_position_embeddings":128,)" + yarn + "}")).original_positions == 128);
}

TEST_CASE("kinds by other names, and an alpha in place of a factor") {
  CHECK(good(rope_of(R"({"rope_scaling":{"type":"mrope","mrope_section":[2,3,3]}})")).scaling == RopeScaling::none);
  const std::string su = R"({"rope_scaling":{"type":"su","short_factor":[1,1,1,1,1,1,1,1],"long_factor":[2,2,2,2,2,2,2,2]}})";
  CHECK(good(rope_of(su, {.yarn_is_longrope = true})).scaling == RopeScaling::longrope);
  CHECK(good(rope_of(su, {.yarn_is_longrope = true, .original_positions = 64})).factor == 8);
  CHECK(rope_of(su).error().code == ErrorCode::unsupported);
  const RopeConfig alpha = good(rope_of(R"({"rope_scaling":{"type":"dynamic","alpha":128}})"));
  CHECK(alpha.scaling == RopeScaling::none);
  CHECK(alpha.theta == doctest::Approx(10000 * 256));  // 128 to the power of 16 / 14
  const RopeConfig zeros = good(rope_of(R"({"rope_scaling":{"type":"yarn","factor":2,"beta_fast":0,"beta_slow":0}})"));
  CHECK(zeros.beta_fast == 32);  // the reference reads 0 as not given
  CHECK(zeros.beta_slow == 1);
}

TEST_CASE("what would divide by zero or has no meaning is damage") {
  for (
      const char* text : {
          R"({"rope_theta":0})",
          R"({"rope_theta":1e999})",
          R"({"partial_rotary_factor":0.05})",
          R"({"partial_rotary_factor":0.2})",
          R"({"rope_scaling":5})",
          R"({"rope_scaling":[1]})",
          R"({"rope_scaling":{"type":"linear"}})",
          R"({"rope_scaling":{"type":"dynamic","factor":0.5}})",
          R"({"partial_rotary_factor":0.125,"rope_scaling":{"type":"dynamic","factor":2}})",
          R"({"partial_rotary_factor":0.125,"rope_scaling":{"type":"dynamic","alpha":2}})",
          R"({"rope_theta":1,"rope_scaling":{"type":"yarn","factor":2}})",
          R"({"rope_scaling":{"type":"yarn","factor":2,"beta_fast":-1}})",
          R"({"rope_scaling":{"type":"yarn","factor":2,"original_max_position_embeddings":0}})",
          R"({"rope_scaling":{"type":"longrope","original_max_position_embeddings":1,"short_factor":[1,1,1,1,1,1,1,1],"long_factor":[1,1,1,1,1,1,1,1]}})",
          R"({"rope_scaling":{"type":"llama3","factor":2,"low_freq_factor":0,"high_freq_factor":4}})",
      }) {
    CAPTURE(text);
    const auto rope = rope_of(text);
    REQUIRE_FALSE(rope);
    CHECK(rope.error().code == ErrorCode::damaged);
  }
}
