// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/default_templates.hpp: how each family writes a conversation, for checkpoints that come without a template.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ingot::text {

/// A chat template that stands in for a missing one.
struct DefaultTemplate {
  std::string_view name, body;

  /// The whole template. Contents may be text or lists of parts, of which the texts count.
  [[nodiscard]] std::string source() const {
    static constexpr std::string_view text_macro =
        "{% macro text(content) %}{% if content is string %}{{ content }}{% elif content is iterable %}{% for part in content %}"
        "{{ part.text if part.type == 'text' }}{% endfor %}{% endif %}{% endmacro %}";
    return std::string{text_macro}.append(body);
  }
};

/// The formats by name; what their families' reference programs write for system, user and assistant turns. Checked against llama.cpp's
/// src/llama-chat.cpp (as of llama-cpp-python 0.3.36, which leaves BOS to the tokenizer), exaone against EXAONE-3.5's own template, phi
/// against MLC's conversation templates, baichuan against Baichuan 2's turns. Where llama.cpp differs in white space, llama2 and
/// deepseek3 follow the models' templates: blanks around Llama's answers, no line breaks behind DeepSeek's system message.
inline constexpr std::array<DefaultTemplate, 17> default_templates{{
    {"chatml",
     "{% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\\n' ~ text(m.content) ~ '<|im_end|>\\n' }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"},
    {"llama2",
     "{% if messages and messages[0].role == 'system' %}{% set system = '<<SYS>>\\n' ~ text(messages[0].content) ~ '\\n<</SYS>>\\n\\n' %}"
     "{% set turns = messages[1:] %}{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}{% for m in turns %}"
     "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
     "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
     "{% if m.role == 'user' %}{{ bos_token ~ '[INST] ' ~ ((system if loop.first else '') ~ text(m.content)) | trim ~ ' [/INST]' }}"
     "{% else %}{{ ' ' ~ text(m.content) | trim ~ ' ' ~ eos_token }}{% endif %}{% endfor %}"},
    {"llama3",
     "{{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' ~ m.role ~ '<|end_header_id|>\\n\\n' ~ text(m.content) | trim ~ "
     "'<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"},
    {"mistral",
     "{{ bos_token }}{% if messages and messages[0].role == 'system' %}{% set system = text(messages[0].content) ~ '\\n\\n' %}"
     "{% set turns = messages[1:] %}{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}{% for m in turns %}"
     "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
     "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
     "{% if m.role == 'user' %}{{ '[INST] ' ~ (system if loop.first else '') ~ text(m.content) ~ ' [/INST]' }}"
     "{% else %}{{ ' ' ~ text(m.content) ~ eos_token }}{% endif %}{% endfor %}"},
    {"gemma",
     "{{ bos_token }}{% if messages and messages[0].role == 'system' %}{% set system = text(messages[0].content) | trim ~ '\\n\\n' %}"
     "{% set turns = messages[1:] %}{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}{% for m in turns %}"
     "{{ '<start_of_turn>' ~ ('model' if m.role == 'assistant' else m.role) ~ '\\n' ~ (system if loop.first else '') ~ "
     "text(m.content) | trim ~ '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"},
    {"phi3",
     "{% for m in messages %}{{ '<|' ~ m.role ~ '|>\\n' ~ text(m.content) ~ '<|end|>\\n' }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}"},
    {"phi",
     "{% for m in messages %}{% if m.role == 'user' %}{{ 'Instruct: ' ~ text(m.content) ~ '\\n' }}{% elif m.role == 'assistant' %}"
     "{{ 'Output: ' ~ text(m.content) ~ '\\n' }}{% else %}{{ text(m.content) ~ '\\n' }}{% endif %}{% endfor %}"
     "{% if add_generation_prompt %}{{ 'Output:' }}{% endif %}"},
    {"zephyr",
     "{% for m in messages %}{{ '<|' ~ m.role ~ '|>\\n' ~ text(m.content) ~ eos_token ~ '\\n' }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"},
    {"vicuna",
     "{{ bos_token }}{% if messages and messages[0].role == 'system' %}{% set turns = messages[1:] %}{{ text(messages[0].content) ~ ' ' }}"
     "{% else %}{% set turns = messages %}{{ 'A chat between a curious user and an artificial intelligence assistant. The assistant "
     "gives helpful, detailed, and polite answers to the user\\'s questions. ' }}{% endif %}{% for m in turns %}"
     "{% if m.role == 'user' %}{{ 'USER: ' ~ text(m.content) ~ ' ' }}{% else %}{{ 'ASSISTANT: ' ~ text(m.content) ~ eos_token }}{% endif %}"
     "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"},
    {"deepseek",
     "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ 'User: ' ~ text(m.content) ~ '\\n\\n' }}"
     "{% elif m.role == 'assistant' %}{{ 'Assistant: ' ~ text(m.content) ~ eos_token }}{% else %}{{ text(m.content) ~ '\\n\\n' }}{% endif "
     "%}"
     "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"},
    {"deepseek3",
     "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '<｜User｜>' ~ text(m.content) }}{% elif m.role == 'assistant' %}"
     "{{ '<｜Assistant｜>' ~ text(m.content) ~ '<｜end▁of▁sentence｜>' }}{% else %}{{ text(m.content) }}{% endif %}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<｜Assistant｜>' }}{% endif %}"},
    {"chatglm3",
     "{{ '[gMASK]sop' }}{% for m in messages %}{{ '<|' ~ m.role ~ '|>\\n ' ~ text(m.content) }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"},
    {"glm4",
     "{{ '[gMASK]<sop>' }}{% for m in messages %}{{ '<|' ~ m.role ~ '|>\\n' ~ text(m.content) }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"},
    {"command-r",
     "{{ bos_token }}{% for m in messages %}{{ '<|START_OF_TURN_TOKEN|>' ~ ('<|CHATBOT_TOKEN|>' if m.role == 'assistant' else "
     "'<|USER_TOKEN|>' if m.role == 'user' else '<|SYSTEM_TOKEN|>') ~ text(m.content) | trim ~ '<|END_OF_TURN_TOKEN|>' }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>' }}{% endif %}"},
    {"granite",
     "{% for m in messages %}{{ '<|start_of_role|>' ~ m.role ~ '<|end_of_role|>' ~ text(m.content) ~ '<|end_of_text|>\\n' }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|start_of_role|>assistant<|end_of_role|>' }}{% endif %}"},
    {"exaone",
     "{% for m in messages %}{{ '[|system|][|endofturn|]\\n' if loop.first and m.role != 'system' }}"
     "{{ '[|' ~ m.role ~ '|]' ~ text(m.content) ~ ('\\n' if m.role == 'user' else '[|endofturn|]\\n') }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}"},
    {"baichuan",
     "{% for m in messages %}{{ ('<reserved_106>' if m.role == 'user' else '<reserved_107>' if m.role == 'assistant' else '') ~ "
     "text(m.content) }}{% endfor %}{% if add_generation_prompt %}{{ '<reserved_107>' }}{% endif %}"},
}};

[[nodiscard]] constexpr const DefaultTemplate* find_default_template(std::string_view name) noexcept {
  for (const DefaultTemplate& entry : default_templates)
    if (entry.name == name) return &entry;
  return nullptr;
}

/// The format of a checkpoint without a template. `model_type` is config.json's (or a GGUF file's architecture), `name` what the
/// checkpoint is called, `has_token(text)` tells whether the vocabulary has a token: a format whose marks are no tokens was not
/// trained. The marks decide before the family does, as families have members of several formats. Null: no format fits.
template <class HasToken>
[[nodiscard]] const DefaultTemplate* choose_default_template(std::string_view model_type, std::string_view name, HasToken&& has_token) {
  struct Mark {
    std::string_view token, format;
  };
  static constexpr std::array<Mark, 11> marks{{{"<|start_header_id|>", "llama3"},
                                               {"<|im_start|>", "chatml"},
                                               {"<start_of_turn>", "gemma"},
                                               {"<｜User｜>", "deepseek3"},
                                               {"<|START_OF_TURN_TOKEN|>", "command-r"},
                                               {"<|start_of_role|>", "granite"},
                                               {"[|assistant|]", "exaone"},
                                               {"<sop>", "glm4"},
                                               {"<|end|>", "phi3"},
                                               {"<reserved_107>", "baichuan"},
                                               {"[INST]", "mistral"}}};
  struct Family {
    std::string_view model_types, format;  // between blanks
  };
  static constexpr std::array<Family, 5> families{{{" mistral mixtral ", "mistral"},
                                                   {" phi phi2 phi-msft ", "phi"},
                                                   {" deepseek deepseek2 deepseek_v2 ", "deepseek"},
                                                   {" chatglm ", "chatglm3"},
                                                   {" stablelm stablelm_epoch ", "zephyr"}}};
  std::string lower{name};
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  for (const std::string_view named : {"vicuna", "zephyr"})
    if (lower.find(named) != std::string::npos) return find_default_template(named);
  for (const Mark& mark : marks)
    if (has_token(mark.token)) return find_default_template(mark.format);
  // Of the many models of this type and of those that tell none, those with Llama's own vocabulary.
  if ((model_type == "llama" || model_type.empty()) && has_token("<0x0A>") && has_token("<s>")) return find_default_template("llama2");
  for (const Family& family : families) {
    const std::size_t at = model_type.empty() ? std::string_view::npos : family.model_types.find(model_type);
    if (at == std::string_view::npos || family.model_types[at - 1] != ' ' || family.model_types[at + model_type.size()] != ' ') continue;
    return find_default_template(family.format);
  }
  return nullptr;
}

}  // namespace ingot::text
