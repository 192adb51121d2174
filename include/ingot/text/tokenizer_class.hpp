// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_class.hpp: what transformers' fast tokenizer classes do besides reading a tokenizer.json.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace ingot::text {

struct TokenizerClass {
  /// What becomes of the post-processor: it stays, or BOS and EOS are put around by add_bos_token (whose default this says) and
  /// add_eos_token alone.
  enum class Frame : std::uint8_t { kept, without_bos, with_bos };
  /// Which switches of a BertNormalizer the configuration sets: none, all, or all but that of ideographs.
  enum class Switches : std::uint8_t { none, all, not_chinese };
  std::string_view name;
  std::array<std::string_view, 7> specials;  ///< by special_token_keys; added where the configuration does not name others
  Frame frame = Frame::kept;
  Switches switches = Switches::none;
};

/// In the order in which tokens that are new get their ids.
inline constexpr std::array<std::string_view, 7> special_token_keys{"bos_token", "eos_token", "unk_token", "sep_token",
                                                                    "pad_token", "cls_token", "mask_token"};

inline constexpr std::array<std::string_view, 7> bert_specials{"", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};

inline constexpr std::array<TokenizerClass, 19> tokenizer_classes{{
    {"LlamaTokenizer", {"<s>", "</s>", "<unk>"}, TokenizerClass::Frame::with_bos},
    {"CodeLlamaTokenizer", {"<s>", "</s>", "<unk>"}, TokenizerClass::Frame::with_bos},
    {"GemmaTokenizer", {"<bos>", "<eos>", "<unk>", "", "<pad>"}, TokenizerClass::Frame::with_bos},
    {"CohereTokenizer", {"<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>", "<UNK>"}, TokenizerClass::Frame::with_bos},
    {"GPTNeoXTokenizer", {"<|endoftext|>", "<|endoftext|>", "<|endoftext|>"}, TokenizerClass::Frame::without_bos},
    {"GPT2Tokenizer", {"<|endoftext|>", "<|endoftext|>", "<|endoftext|>"}},
    {"Qwen2Tokenizer", {"", "<|endoftext|>", "<|endoftext|>", "", "<|endoftext|>"}},
    {"BertTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"ConvBertTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"DistilBertTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"ElectraTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"LayoutLMTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"LxmertTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"MobileBertTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"SqueezeBertTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::all},
    {"RoFormerTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::not_chinese},
    {"SplinterTokenizer", bert_specials, TokenizerClass::Frame::kept, TokenizerClass::Switches::not_chinese},
    {"MPNetTokenizer",
     {"<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"},
     TokenizerClass::Frame::kept,
     TokenizerClass::Switches::not_chinese},
    {"FunnelTokenizer",
     {"<s>", "</s>", "<unk>", "<sep>", "<pad>", "<cls>", "<mask>"},
     TokenizerClass::Frame::kept,
     TokenizerClass::Switches::all},
}};

/// What all other classes are.
inline constexpr TokenizerClass plain_tokenizer_class{};

/// The class named `name`, without "Fast", or the plain one.
[[nodiscard]] constexpr const TokenizerClass& find_tokenizer_class(std::string_view name) noexcept {
  const auto* found =
      std::find_if(tokenizer_classes.begin(), tokenizer_classes.end(), [&](const TokenizerClass& c) { return c.name == name; });
  return found == tokenizer_classes.end() ? plain_tokenizer_class : *found;
}

}  // namespace ingot::text
