// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/supported.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using ingot::model::check_supported;

TEST_CASE("a model is judged by its config.json") {
  CHECK(check_supported(R"({"model_type":"llama"})", "config.json"));
  CHECK(check_supported("{}", "config.json"));
  CHECK(check_supported(R"({"model_type":"gemma3","text_config":{"model_type":"gemma3_text"}})", "config.json"));
  CHECK(check_supported(R"({"model_type":"mamba"})", "config.json").error().code == ErrorCode::unsupported);
  CHECK(check_supported("[", "config.json").error().code == ErrorCode::damaged);
}
