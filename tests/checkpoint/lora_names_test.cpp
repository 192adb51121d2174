// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/lora_names.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot::checkpoint;

TEST_CASE("names of an adapter's tensors come apart, in all forms that PEFT has written") {
  struct Case {
    const char* name;
    const char* module;
    LoraPart part;
    const char* adapter;
  };
  for (const Case& c :
       {Case{"base_model.model.m.q.lora_A.weight", "m.q", LoraPart::a, ""},
        Case{"base_model.model.m.q.lora_A.default.weight", "m.q", LoraPart::a, "default"},
        Case{"m.q.lora_B.weight", "m.q", LoraPart::b, ""}, Case{"base_model.model.m.q.lora_B.bias", "m.q", LoraPart::b_bias, ""},
        Case{"base_model.model.m.q.lora_B.x.bias", "m.q", LoraPart::b_bias, "x"},
        Case{"base_model.model.e.lora_embedding_A", "e", LoraPart::embedding_a, ""},
        Case{"base_model.model.e.lora_embedding_B.default", "e", LoraPart::embedding_b, "default"},
        Case{"base_model.model.q.lora_magnitude_vector", "q", LoraPart::magnitude, ""},
        Case{"base_model.model.q.lora_magnitude_vector.default.weight", "q", LoraPart::magnitude, "default"},
        Case{"base_model.model.x.experts.base_layer.lora_A.weight", "x.experts.base_layer", LoraPart::a, ""},
        Case{"base_model.model.lm_head.weight", "lm_head.weight", LoraPart::whole, ""},
        Case{"base_model.model.lm_head.modules_to_save.default.weight", "lm_head.weight", LoraPart::whole, "default"},
        Case{"base_model.model.lm_head.modules_to_save.weight", "lm_head.weight", LoraPart::whole, ""},
        Case{"base_model.model.lm_head.original_module.weight", "lm_head.original_module.weight", LoraPart::copy, ""},
        Case{"base_model.model.e.base_layer.weight", "e.weight", LoraPart::whole, ""},
        Case{"base_model.model.q.bias", "q.bias", LoraPart::whole, ""}}) {
    INFO(c.name);
    const auto name = parse_lora_name(c.name);
    REQUIRE(name);
    CHECK(name->module == c.module);
    CHECK(name->part == c.part);
    CHECK(name->adapter == c.adapter);
  }
  CHECK(!parse_lora_name("q.lora_E"));
  CHECK(!parse_lora_name("e.token_adapter.trainable_tokens_delta"));
}
