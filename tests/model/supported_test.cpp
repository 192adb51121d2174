// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/supported.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using ingot::model::check_supported;

TEST_CASE("a model is judged by its config.json") {
  CHECK(check_supported(R"({"model_type":"llama"})", "config.json"));
  CHECK(check_supported("{}", "config.json"));
  CHECK(check_supported(R"({"model_type":"unheard_of","hidden_size":64,"intermediate_size":72,"num_hidden_layers":2,"num_attention_heads":4,
    "vocab_size":115,"max_position_embeddings":256,"rms_norm_eps":1e-5})",
                        "config.json"));
  CHECK(check_supported(R"({"model_type":"mamba","hidden_size":64})", "config.json").error().code == ErrorCode::unsupported);
  CHECK(check_supported("[", "config.json").error().code == ErrorCode::damaged);
}
