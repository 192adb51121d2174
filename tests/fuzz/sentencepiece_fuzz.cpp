// SPDX-License-Identifier: Apache-2.0
// Any bytes as tokenizer.model (and, behind a mark, as tokenizer_config.json), as tiktoken file, and as normalization rules.
#include <cstdlib>

#include <ingot/core/utf8.hpp>
#include <ingot/text/charsmap.hpp>
#include <ingot/text/sentencepiece.hpp>
#include <ingot/text/sentencepiece_normalizer.hpp>
#include <ingot/text/tiktoken.hpp>

#include "fuzz/use_tokenizer.hpp"

using namespace ingot::text;

namespace {
void run(const ingot::Result<Definition>& definition) {
  if (!definition) return;
  const auto tokenizer = Tokenizer::create(*definition);
  if (!tokenizer) return;
  use(*tokenizer);
  const auto again = Tokenizer::open(tokenizer->image());
  if (!again || *again->encode("a b\u00e9") != *tokenizer->encode("a b\u00e9")) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  constexpr std::string_view mark = "\n{";  // where a configuration begins
  const std::size_t end = std::min(input.rfind(mark), size);
  const TokenizerFiles files{.config = input.substr(std::min(end + 1, size))};
  run(read_sentencepiece(input.substr(0, end), files));
  run(read_tiktoken(input.substr(0, end), "qwen", files));
  if (const auto rules = Charsmap::parse(input)) {
    const normalize::SentencePiece spec{.rules = *rules};
    std::string out;
    normalize_sentencepiece(spec, kept_texts(spec), "A\u0301 \uff21\t\u3000b", true, out);
    if (!ingot::is_utf8(out)) std::abort();
  }
  return 0;
}
