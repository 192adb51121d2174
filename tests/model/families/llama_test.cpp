// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/families/llama.hpp>

#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "model/families/canonical_names.hpp"
#include "model/families/family_config.hpp"

using namespace ingot::model;
using namespace ingot::test;
using families::Llama;

static_assert(Llama::traits == Family{});

TEST_CASE("Llama 3's configuration; windows are not Llama's") {
  const Config config = read_family<Llama>(small_config("llama", {{"use_sliding_window", "true"},
                                                                  {"sliding_window", "8"},
                                                                  {"max_window_layers", "0"},
                                                                  {"rope_theta", "500000.0"},
                                                                  {"eos_token_id", "[128001,128008,128009]"}}));
  CHECK(config.model_type == "llama");
  CHECK(config.shape == Shape{64, 2, 4, 2, 16, 96, 131});
  CHECK(config.layers == std::vector<Layer>(2));
  CHECK(config.eos == std::vector<std::int32_t>{128001, 128008, 128009});
  CHECK(config.ropes[0].theta == 500000);
  CHECK_FALSE(read_family<Llama>(small_config("internlm3")).tied);
}

TEST_CASE("a Llama inside a multimodal config has the numbers of Llama's class where it is silent") {
  const Members vl{{"model_type", "\"multi_modality\""},
                   {"eos_token_id", "7"},
                   {"tie_word_embeddings", "true"},
                   {"language_config", R"({"model_type":"llama","num_hidden_layers":30,"vocab_size":102400})"}};
  const Config config = read_family<Llama>(vl);
  CHECK(config.model_type == "llama");
  CHECK(config.shape == Shape{4096, 30, 32, 32, 128, 11008, 102400});
  CHECK(config.eos == std::vector<std::int32_t>{7});
  CHECK(config.tied);
  CHECK_FALSE(try_family<Llama>({{"model_type", "\"llama\""}}));
}

TEST_CASE("names: canonical, inside another model, without the head's prefix") {
  const Config config = read_family<Llama>(small_config("llama"));
  const std::vector<Tensor> tensors = with_ends(llama_layers());
  check_names<Llama>(config, tensors);
  for (const std::string prefix : {"language_model.", "model.language_model.", "llm."}) {
    std::vector<Tensor> nested = tensors;
    for (Tensor& tensor : nested)
      tensor.name = prefix == "model.language_model." && tensor.name.starts_with("model.") ? prefix + tensor.name.substr(6)
                    : prefix == "model.language_model."                                    ? tensor.name
                                                                                           : prefix + tensor.name;
    check_names<Llama>(config, nested);
  }
  std::vector<Tensor> bare = tensors;
  bare.pop_back();
  for (Tensor& tensor : bare) tensor.name = tensor.name.substr(6);
  Config tied = config;
  tied.tied = true;
  check_names<Llama>(tied, bare);
}
