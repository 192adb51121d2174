// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tiktoken_reader.hpp: what a tiktoken file means as a tokenizer.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/text/base64.hpp>
#include <ingot/text/byte_level.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/ranked_merges.hpp>
#include <ingot/text/tokenizer_files.hpp>
#include <ingot/text/vocabulary_presets.hpp>

namespace ingot::text {

namespace tiktoken {

/// Special tokens that follow the ranks without being in any file: those named, then `numbered` up to `count` in all. A "%" is the
/// number: `first` for the first of them.
struct Specials {
  std::array<std::string_view, 11> named{};
  std::string_view numbered{};
  std::uint32_t count = 0, first = 0;
};

/// What comes with one kind of file. The file itself says nothing but tokens.
struct Preset {
  std::string_view names;  ///< tokenizer classes, model types and file names without extension, between blanks
  std::string_view pattern;
  Specials specials{};
  std::string_view bos{}, eos{};
  std::array<std::string_view, 2> prefix{};  ///< around every text
  bool nfc = false;
};

inline constexpr std::array<Preset, 8> presets{{
    {.names = " QWenTokenizer qwen ",
     .pattern = preset_patterns::qwen2,
     .specials = {{"<|endoftext|>", "<|im_start|>", "<|im_end|>"}, "<|extra_%|>", 208},
     .eos = "<|endoftext|>",
     .nfc = true},
    // moonshotai/Kimi-Linear-48B-A3B-Instruct, tokenization_kimi.py as of 919416f: 256 reserved tokens and two more. What they are named
    // stands in tokenizer_config.json.
    {.names = " TikTokenTokenizer tiktoken ",
     .pattern = preset_patterns::kimi,
     .specials = {{}, "<|reserved_token_#|>", 258},
     .bos = "[BOS]",
     .eos = "[EOS]"},
    {.names = " ChatGLM4Tokenizer chatglm ", .pattern = preset_patterns::llama3, .eos = "<|endoftext|>", .prefix = {"[gMASK]", "<sop>"}},
    // tencent/Hunyuan-A13B-Instruct, tokenization_hy.py: 205 extra tokens behind five named ones; Hunyuan-Large's has 204 of them.
    {.names = " HYTokenizer hy ",
     .pattern = preset_patterns::qwen2,
     .specials = {{"<|endoftext|>", "<|startoftext|>", "<|bos|>", "<|eos|>", "<|pad|>"}, "<|extra_%|>", 210},
     .eos = "<|endoftext|>",
     .nfc = true},
    {.names = " cl100k_base ", .pattern = preset_patterns::llama3, .eos = "<|endoftext|>"},
    {.names = " o200k_base ", .pattern = preset_patterns::o200k, .eos = "<|endoftext|>"},
    {.names = " r50k_base p50k_base gpt2 multilingual ", .pattern = preset_patterns::gpt2, .eos = "<|endoftext|>"},
    // Llama 3: the names that its tokenizer.json has
    {.names = " llama tokenizer ",
     .pattern = preset_patterns::llama3,
     .specials = {{"<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
                   "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>",
                   "<|eot_id|>", "<|python_tag|>"},
                  "<|reserved_special_token_%|>",
                  256,
                  3},
     .bos = "<|begin_of_text|>",
     .eos = "<|end_of_text|>",
     .prefix = {"<|begin_of_text|>"}},
}};

/// The preset for one name, or null.
[[nodiscard]] constexpr const Preset* find_preset(std::string_view name) noexcept { return find_named(presets, name); }
static_assert(find_preset("qwen") && find_preset("tokenizer") && !find_preset("token") && find_preset("r50k_base") != find_preset("qwen"));

/// What neither class nor file name gives away is taken for cl100k, which most have copied.
[[nodiscard]] inline const Preset& choose(const TokenizerTraits& traits, std::string_view stem) noexcept {
  for (const std::string_view name : {std::string_view{traits.tokenizer_class}, stem, std::string_view{traits.model_type}})
    if (const Preset* preset = find_preset(name)) return *preset;
  return *find_preset("cl100k_base");
}

/// Texts (in the byte alphabet) by rank. Errors: damaged; names the line.
[[nodiscard]] inline Status read_ranks(std::string_view file, Definition& definition) {
  std::size_t number = 0, count = 0;
  while (!file.empty()) {
    ++number;
    const auto damaged = [&](const char* what) {
      return Error{ErrorCode::damaged, what, "tiktoken file: line " + std::to_string(number), {}};
    };
    const std::string_view line = take_line(file);
    if (line.empty()) continue;
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return damaged("not a token and its rank");
    const auto token = decode_base64(line.substr(0, blank));
    std::uint32_t rank = 0;
    const auto parsed = std::from_chars(line.data() + blank + 1, line.data() + line.size(), rank);
    if (!token || token->empty() || parsed.ec != std::errc{} || parsed.ptr != line.data() + line.size())
      return damaged("not a token in base64 and its rank");
    if (rank >= max_tokens || rank / 16 > ++count + 65536) return damaged("a rank beyond the limit");
    if (rank >= definition.vocabulary.size()) definition.vocabulary.resize(std::size_t{rank} + 1);
    if (definition.vocabulary[rank]) return damaged("a rank that another token has");
    byte_level::append_encoded(definition.vocabulary[rank].emplace(), *token);
  }
  if (count == 0) return Error{ErrorCode::damaged, "no tokens", "tiktoken file", {}};
  return {};
}

/// See read_tiktoken.
[[nodiscard]] inline Result<Definition> read(std::string_view file, std::string_view stem, const TokenizerFiles& files) {
  Definition definition;
  INGOT_CHECK(read_ranks(file, definition));
  INGOT_TRY(const TokenizerTraits traits, read_traits(files));
  const Preset& preset = choose(traits, stem);

  const std::vector<std::optional<std::string>> own = definition.vocabulary;  // `ids` are views of it
  TokenIds ids;
  std::vector<std::uint32_t> ranks(own.size());
  for (std::size_t id = 0; id < own.size(); ++id) {
    ranks[id] = static_cast<std::uint32_t>(id);
    if (own[id] && !ids.emplace(*own[id], ranks[id]).second)
      return Error{ErrorCode::damaged, "a token twice", "tiktoken file: rank " + std::to_string(id), {}};
  }
  definition.merges = merges_of_splits(ids, ranks);
  Components& components = definition.components;
  components.model = BpeOptions{.ignore_merges = true};
  if (preset.nfc) components.normalizers.emplace_back(normalize::Unicode{normalize::Form::nfc});
  components.pre_tokenizers = {pre::Split{{std::string{preset.pattern}, true}, SplitBehavior::isolated, false},
                               pre::ByteLevel{false, false}};
  components.decoders = {decode::ByteLevel{}};

  AddedTokenList added{ids, true};
  const auto base = static_cast<std::uint32_t>(own.size());
  for (std::uint32_t i = 0; i < preset.specials.count; ++i) {
    const bool is_named = i < preset.specials.named.size() && !preset.specials.named[i].empty();
    std::string content{is_named ? preset.specials.named[i] : preset.specials.numbered};
    const auto named = static_cast<std::uint32_t>(
        std::find(preset.specials.named.begin(), preset.specials.named.end(), std::string_view{}) - preset.specials.named.begin());
    if (const std::size_t mark = content.find_first_of("%#"); mark != std::string::npos)  // "%": counted from `first`, "#": the id
      content.replace(mark, 1, std::to_string(content[mark] == '#' ? base + i : i - named + preset.specials.first));
    added.add({.content = std::move(content), .special = true}, base + i);
  }
  INGOT_CHECK(add_tokens(files, definition, added));
  const auto id = [&](std::string_view text) { return text.empty() ? std::nullopt : added.id_of(text); };
  if (!components.bos) components.bos = id(preset.bos);
  if (!components.eos) components.eos = id(preset.eos);
  frame_text(traits, false, false, components);
  if (!traits.add_bos)
    for (const std::string_view text : preset.prefix)
      if (const auto token = id(text)) components.post_processor.prefix.push_back(*token);
  finish_added(std::move(added), definition);
  return definition;
}

}  // namespace tiktoken

}  // namespace ingot::text
