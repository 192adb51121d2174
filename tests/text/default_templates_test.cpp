// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/default_templates.hpp>

#include <initializer_list>
#include <string>

#include <doctest/doctest.h>

#include <ingot/text/chat_template.hpp>

using namespace ingot::text;

namespace {

std::string rendered(std::string_view name, std::string_view messages, bool prompt = true) {
  const DefaultTemplate* chosen = find_default_template(name);
  REQUIRE(chosen != nullptr);
  const auto compiled = ChatTemplate::compile(chosen->source(), "t");
  REQUIRE(compiled);
  const auto context = context_of_json(R"({"bos_token":"<s>","eos_token":"</s>","add_generation_prompt":)" +
                                           std::string{prompt ? "true" : "false"} + ",\"messages\":" + std::string{messages} + "}",
                                       "t");
  REQUIRE(context);
  const auto text = compiled->render(*context);
  return text ? *text : "error: " + text.error().what;
}

constexpr std::string_view dialogue = R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},
  {"role":"assistant","content":"Yes?"},{"role":"user","content":[{"type":"text","text":"1+"},{"type":"image"},{"type":"text","text":"1"}]}])";

std::string chosen(std::string_view type, std::string_view name, std::initializer_list<std::string_view> tokens) {
  const auto* found = choose_default_template(
      type, name, [&](std::string_view token) { return std::find(tokens.begin(), tokens.end(), token) != tokens.end(); });
  return found != nullptr ? std::string{found->name} : "none";
}

}  // namespace

TEST_CASE("conversations as the families' references write them") {
  CHECK(rendered("chatml", dialogue) ==
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYes?<|im_end|>\n"
        "<|im_start|>user\n1+1<|im_end|>\n<|im_start|>assistant\n");
  CHECK(rendered("llama2", dialogue) == "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Yes? </s><s>[INST] 1+1 [/INST]");
  CHECK(rendered("llama3", dialogue) ==
        "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nYes?<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n1+1<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n");
  CHECK(rendered("mistral", dialogue) == "<s>[INST] Be brief.\n\nHi [/INST] Yes?</s>[INST] 1+1 [/INST]");
  CHECK(rendered("gemma", dialogue) ==
        "<s><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nYes?<end_of_turn>\n<start_of_turn>user\n1+1"
        "<end_of_turn>\n<start_of_turn>model\n");
  CHECK(rendered("phi3", dialogue) ==
        "<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nYes?<|end|>\n<|user|>\n1+1<|end|>\n<|assistant|>\n");
  CHECK(rendered("phi", dialogue) == "Be brief.\nInstruct: Hi\nOutput: Yes?\nInstruct: 1+1\nOutput:");
  CHECK(rendered("zephyr", dialogue) ==
        "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\nYes?</s>\n<|user|>\n1+1</s>\n<|assistant|>\n");
  CHECK(rendered("vicuna", dialogue) == "<s>Be brief. USER: Hi ASSISTANT: Yes?</s>USER: 1+1 ASSISTANT:");
  CHECK(rendered("deepseek", dialogue) == "<s>Be brief.\n\nUser: Hi\n\nAssistant: Yes?</s>User: 1+1\n\nAssistant:");
  CHECK(rendered("deepseek3", dialogue) == "<s>Be brief.<｜User｜>Hi<｜Assistant｜>Yes?<｜end▁of▁sentence｜><｜User｜>1+1<｜Assistant｜>");
  CHECK(rendered("chatglm3", dialogue) == "[gMASK]sop<|system|>\n Be brief.<|user|>\n Hi<|assistant|>\n Yes?<|user|>\n 1+1<|assistant|>");
  CHECK(rendered("glm4", dialogue) == "[gMASK]<sop><|system|>\nBe brief.<|user|>\nHi<|assistant|>\nYes?<|user|>\n1+1<|assistant|>\n");
  CHECK(rendered("command-r", dialogue)
            .ends_with("<|START_OF_TURN_TOKEN|><|USER_TOKEN|>1+1<|END_OF_TURN_TOKEN|>"
                       "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"));
  CHECK(rendered("granite", dialogue).starts_with("<|start_of_role|>system<|end_of_role|>Be brief.<|end_of_text|>\n"));
  CHECK(rendered("exaone", dialogue) ==
        "[|system|]Be brief.[|endofturn|]\n[|user|]Hi\n[|assistant|]Yes?[|endofturn|]\n[|user|]1+1\n[|assistant|]");
  CHECK(rendered("exaone", R"([{"role":"user","content":"Hi"}])") == "[|system|][|endofturn|]\n[|user|]Hi\n[|assistant|]");
  CHECK(rendered("baichuan", dialogue) == "Be brief.<reserved_106>Hi<reserved_107>Yes?<reserved_106>1+1<reserved_107>");
}

TEST_CASE("every format takes one message, no messages and no prompt") {
  for (const DefaultTemplate& entry : default_templates) {
    CAPTURE(entry.name);
    CHECK(!rendered(entry.name, "[]").starts_with("error"));
    const std::string with = rendered(entry.name, R"([{"role":"user","content":"a question"}])"),
                      without = rendered(entry.name, R"([{"role":"user","content":"a question"}])", false);
    CHECK(with.find("a question") != std::string::npos);
    CHECK(without.find("a question") != std::string::npos);
  }
  CHECK(rendered("llama2", R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])").starts_with("error: Conversation roles"));
}

TEST_CASE("the format is the vocabulary's, then the family's") {
  CHECK(chosen("llama", "SmolLM", {"<|im_start|>"}) == "chatml");
  CHECK(chosen("qwen3", "x", {"<|im_start|>", "<|im_end|>"}) == "chatml");
  CHECK(chosen("llama", "x", {"<|start_header_id|>", "<|end_header_id|>"}) == "llama3");
  CHECK(chosen("llama", "x", {"<s>", "<0x0A>"}) == "llama2");
  CHECK(chosen("llama", "x", {"<s>"}) == "none");
  CHECK(chosen("llama", "Vicuna-7B-v1.5", {"<s>", "<0x0A>"}) == "vicuna");
  CHECK(chosen("mistral", "zephyr-7b-beta", {"<s>"}) == "zephyr");
  CHECK(chosen("mistral", "x", {"<s>"}) == "mistral");
  CHECK(chosen("gemma2", "x", {"<start_of_turn>"}) == "gemma");
  CHECK(chosen("phi3", "x", {"<|end|>"}) == "phi3");
  CHECK(chosen("phi", "x", {}) == "phi");
  CHECK(chosen("deepseek_v3", "x", {"<｜User｜>"}) == "deepseek3");
  CHECK(chosen("chatglm", "x", {}) == "chatglm3");
  CHECK(chosen("chatglm", "x", {"<sop>"}) == "glm4");
  CHECK(chosen("gpt2", "x", {"<|endoftext|>"}) == "none");
  CHECK(chosen("", "", {"<s>", "<0x0A>"}) == "llama2");
  CHECK(chosen("", "", {}) == "none");
  CHECK(find_default_template("nothing") == nullptr);
}
