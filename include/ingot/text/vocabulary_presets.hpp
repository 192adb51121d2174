// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/vocabulary_presets.hpp: what a GGUF vocabulary's `tokenizer.ggml.pre` stands for.

#include <array>
#include <cstddef>
#include <string_view>

namespace ingot::text {

/// A byte-level pre-tokenizer: the patterns in Oniguruma syntax, each splitting what those before it left (isolated).
struct VocabularyPreset {
  std::string_view names;                    ///< values of `pre`, between blanks
  std::array<std::string_view, 6> patterns;  ///< in order; the unused are empty
  bool add_bos = false, ignore_merges = false, nfc = false;
};

namespace preset_patterns {
inline constexpr std::string_view gpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view llama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view qwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view qwen35 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view o200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view o200k_digit =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view tekken = R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
                                           R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
                                           R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kimi =
    R"([\p{Han}]+)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view cjk_run = R"([一-龥\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+)";
inline constexpr std::string_view cjk_run_wide = R"([一-龥\x{800}-一가-\x{d7ff}]+)";
/// Digits in threes from the right, for a run of them that stands alone.
inline constexpr std::string_view digits_from_right = R"(\A\p{N}{1,2}(?=(?:\p{N}{3})++\z)|\p{N}{3})";
/// Scripts that AFMoE keeps apart, by blocks and what lies between some of them.
inline constexpr std::string_view asian_run =
    R"([一-\x{9fff}\x{3400}-\x{4dbf}\x{8c48}-\x{faff}\x{3040}-\x{30ff}\x{ff65}-\x{ff9f}\x{2f00}-\x{2fdf}\x{e40}-\x{eff})"
    R"(\x{1780}-\x{17ff}\x{1000}-\x{109f}\x{aa60}-\x{aa7f}\x{a9e0}-\x{a9ff}가-\x{d7af}\x{1100}-\x{11ff}]+)";
inline constexpr std::string_view deepseek3 = R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+)"
                                              R"(|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view deepseek_letters =
    R"(\s?[A-Za-z\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293}\x{295}-\x{2af}\x{370}-\x{373}\x{376}\x{377})"
    R"(\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1}\x{3a3}-\x{3f5}\x{3f7}-\x{481}\x{48a}-\x{52f}\x{531}-\x{556})"
    R"(\x{10a0}-\x{10c5}\x{13a0}-\x{13f5}\x{13f8}-\x{13fd}\x{1c90}-\x{1cba}\x{1cbd}-\x{1cbf}\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77})"
    R"(\x{1d79}-\x{1d9a}\x{1e00}-\x{1f15}\x{1f18}-\x{1f1d}\x{1f20}-\x{1f45}\x{1f48}-\x{1f4d}\x{1f50}-\x{1f57}\x{1f59}\x{1f5b}\x{1f5d})"
    R"(\x{1f5f}-\x{1f7d}\x{1f80}-\x{1fb4}\x{1fb6}-\x{1fbc}\x{1fbe}\x{1fc2}-\x{1fc4}\x{1fc6}-\x{1fcc}\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb})"
    R"(\x{1fe0}-\x{1fec}\x{1ff2}-\x{1ff4}\x{1ff6}-\x{1ffc}\x{2102}\x{2107}\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d}\x{2124}\x{2126})"
    R"(\x{2128}\x{212a}-\x{212d}\x{212f}-\x{2134}\x{2139}\x{213c}-\x{213f}\x{2145}-\x{2149}\x{214e}\x{2183}\x{2184}\x{2c00}-\x{2c7b})"
    R"(\x{2c7e}-\x{2ce4}\x{2ceb}-\x{2cee}\x{2cf2}\x{2cf3}\x{a640}-\x{a66d}\x{a680}-\x{a69b}\x{a722}-\x{a76f}\x{a771}-\x{a787})"
    R"(\x{a78b}-\x{a78e}\x{ab70}-\x{abbf}\x{fb00}-\x{fb06}\x{fb13}-\x{fb17}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}\x{10400}-\x{1044f})"
    R"(\x{104b0}-\x{104d3}\x{104d8}-\x{104fb}\x{10c80}-\x{10cb2}\x{10cc0}-\x{10cf2}\x{118a0}-\x{118df}\x{1e900}-\x{1e943}]+)";
inline constexpr std::string_view deepseek_marks = R"(\s?[!-/:-~！-／：-～‘-‟\x{3000}-。]+)";
inline constexpr std::string_view bloom = R"( ?[^(\s|.,!?…。，、।۔،)]+)";
inline constexpr std::string_view digit = R"(\p{N})";
}  // namespace preset_patterns

/// What llama.cpp knows (src/llama-vocab.cpp as of llama-cpp-python 0.3.36; k2-horizon as in IFM's fork, mmbert as of a7b94df2c), spelled
/// as Hugging Face's tokenizer.json of the same models where llama.cpp only approximates it. Its `add_sep` (jina-v1-en, jina-v2-code,
/// roberta-bpe) is about pairs of texts: one text has EOS behind it where the file says add_eos_token.
inline constexpr std::array<VocabularyPreset, 34> vocabulary_presets{{
    {" default ", {R"([\p{P}\$\+<=>\^~\|]+)", preset_patterns::gpt2, R"(\p{N}+)", "[0-9][0-9][0-9]"}},
    {" llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano ", {preset_patterns::llama3}, true, true},
    {" dbrx smaug-bpe chatglm-bpe ", {preset_patterns::llama3}},
    {" glm4 glm5 ", {preset_patterns::llama3}, false, true},
    {" gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert olmo jais trillion granite-docling exaone4 "
     "jina-v1-en jina-v2-code roberta-bpe ",
     {preset_patterns::gpt2}},
    {" mpt ", {preset_patterns::gpt2}, false, false, true},
    {" starcoder refact command-r smollm codeshell exaone minerva-7b mellum2 ", {preset_patterns::digit, preset_patterns::gpt2}},
    {" qwen2 ", {preset_patterns::qwen2}, false, false, true},
    {" deepseek-r1-qwen kormo f2llmv2 stablelm2 megrez hunyuan solar-open grok-2 ", {preset_patterns::qwen2}},
    {" ufakzeka ", {R"([^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
    {" qwen35 ", {preset_patterns::qwen35}},
    {" k2-horizon ",
     {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}|\p{M}|\x{200c}|\x{200d})+)"
      R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
    {" gpt-4o llama4 kanana2 talkie minimax-m2 ", {preset_patterns::o200k}},
    {" granite-embed-multi-97m ", {preset_patterns::o200k}, false, true},
    {" tekken ", {preset_patterns::tekken}, true, true},
    {" kimi-k2 ", {preset_patterns::kimi}},
    {" deepseek-v3 hunyuan-dense joyai-llm hy_v4 ", {R"(\p{N}{1,3})", preset_patterns::cjk_run, preset_patterns::deepseek3}},
    {" spark2_5 ",
     {R"(\p{N}{1,3})", preset_patterns::cjk_run,
      R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+)"
      R"(|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+)",
      preset_patterns::digit}},
    {" afmoe ", {R"(\p{N}+)", preset_patterns::digits_from_right, preset_patterns::asian_run, preset_patterns::deepseek3}},
    {" deepseek-llm ",
     {"[\r\n]", preset_patterns::deepseek_letters, preset_patterns::deepseek_marks, R"(\s+$)", preset_patterns::cjk_run_wide,
      preset_patterns::digit}},
    {" deepseek-coder ", {"[\r\n]", R"(\s?\p{L}+)", R"(\s?\p{P}+)", preset_patterns::cjk_run_wide, preset_patterns::digit}},
    {" falcon ", {R"([\p{P}\$\+<=>\^~\|`]+)", preset_patterns::gpt2, "[0-9][0-9][0-9]"}},
    {" poro-chat bloom gpt3-finnish ", {preset_patterns::bloom}},
    {" viking ", {preset_patterns::bloom, preset_patterns::digit}},
    {" bailingmoe bailingmoe2 llada-moe ",
     {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)"}},
    {" seed-coder ", {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
    {" exaone-moe ",
     {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+)"
      R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+)"}},
    {" minicpm5 ",
     {R"(\p{N}{1,3})",
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
     false,
     true},
    {" tiny_aya cohere2moe ", {R"(\d{1,3}(?=(?:\d{3})*\b))", preset_patterns::o200k}},
    {" jais-2 ",
     {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+)"
      R"(|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1})"}},
    {" youtu ",
     {R"([가-힣\x{3131}-\x{318e}]+|[！…“”‘’—：；，、-\x{303f}\x{fe30}-\x{fe4f}]+|[\x{3105}-\x{312f}]+)"
      R"(|[一-龥\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+)",
      preset_patterns::o200k_digit},
     false,
     true},
    {" laguna ", {R"([^\n]+|[\n]+)", preset_patterns::qwen2}},
    {" superbpe ", {R"(\p{N}+)", R"((?=(\d{3})+(?!\d)))"}},
    {" chameleon ",
     {"<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", R"([\t\n]|    |  )", preset_patterns::digit, R"([\p{P}!-/:-@\[-`{-~])",
      preset_patterns::gpt2},
     true},
}};

/// The first of `presets` among whose `names`, which stand between blanks, is `name`; or null.
template <class Presets>
[[nodiscard]] constexpr const typename Presets::value_type* find_named(const Presets& presets, std::string_view name) noexcept {
  if (name.empty() || name.find(' ') != std::string_view::npos) return nullptr;
  for (const auto& preset : presets)
    for (std::size_t at = preset.names.find(name); at != std::string_view::npos; at = preset.names.find(name, at + 1))
      if (preset.names[at - 1] == ' ' && preset.names[at + name.size()] == ' ') return &preset;
  return nullptr;
}

/// The preset for one value of `pre`, or null.
[[nodiscard]] constexpr const VocabularyPreset* find_preset(std::string_view pre) noexcept { return find_named(vocabulary_presets, pre); }
static_assert(find_preset("roberta-bpe") == find_preset("gpt-2"));
static_assert(find_preset("llama-bpe")->ignore_merges && !find_preset("llama") && !find_preset("smoll") && find_preset("default"));

}  // namespace ingot::text
