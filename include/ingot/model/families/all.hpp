// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/families/all.hpp: every family that open() knows.

#include <ingot/model/families/baichuan.hpp>
#include <ingot/model/families/bert.hpp>
#include <ingot/model/families/chatglm.hpp>
#include <ingot/model/families/deepseek.hpp>
#include <ingot/model/families/ernie4_5.hpp>
#include <ingot/model/families/gemma.hpp>
#include <ingot/model/families/glm.hpp>
#include <ingot/model/families/gpt_oss.hpp>
#include <ingot/model/families/granite.hpp>
#include <ingot/model/families/hunyuan.hpp>
#include <ingot/model/families/internlm.hpp>
#include <ingot/model/families/lfm2.hpp>
#include <ingot/model/families/list.hpp>
#include <ingot/model/families/llama.hpp>
#include <ingot/model/families/llama4.hpp>
#include <ingot/model/families/mimo_v2_flash.hpp>
#include <ingot/model/families/minicpm.hpp>
#include <ingot/model/families/minicpm3.hpp>
#include <ingot/model/families/mistral.hpp>
#include <ingot/model/families/mobilellm.hpp>
#include <ingot/model/families/openelm.hpp>
#include <ingot/model/families/phi.hpp>
#include <ingot/model/families/phi3.hpp>
#include <ingot/model/families/qwen.hpp>
#include <ingot/model/families/qwen2.hpp>
#include <ingot/model/families/qwen3.hpp>
#include <ingot/model/families/qwen3_next.hpp>
#include <ingot/model/families/smollm3.hpp>

namespace ingot::model::families {

using All =
    List<Llama, Internlm, Internlm2, Mobilellm, Smollm3, Mistral, Mixtral, Baichuan, Granite, Ernie45, Minicpm, Minicpm3, DeepseekV2,
         DeepseekV3, DeepseekV3Halves, Qwen, Qwen2, Qwen3, Qwen3Moe, Qwen3Next, Qwen35, Chatglm6b, Chatglm, Glm, Glm4, Gemma, Gemma2,
         Gemma3, Phi, PhiMsft, Phi3, Openelm, HunyuanV1Dense, HunyuanV1Moe, GptOss, Lfm2, Llama4Text, MimoV2Flash, Bert>;

}  // namespace ingot::model::families
