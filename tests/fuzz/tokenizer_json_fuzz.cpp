// SPDX-License-Identifier: Apache-2.0
// Any bytes as tokenizer.json and as vocab.txt (and, behind a NUL, as tokenizer_config.json).
#include <cstdlib>

#include <ingot/text/bert_vocabulary.hpp>
#include <ingot/text/tokenizer_json.hpp>

#include "fuzz/use_tokenizer.hpp"

using namespace ingot::text;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t end = std::min(input.find('\0'), size);
  const std::string_view first = input.substr(0, end), rest = input.substr(std::min(end + 1, size));
  for (const auto& definition : {read_tokenizer_json(first, rest), read_bert_vocabulary(first, rest)}) {
    const auto tokenizer = definition ? Tokenizer::create(*definition) : ingot::Result<Tokenizer>{definition.error()};
    if (!tokenizer) continue;
    use(*tokenizer);
    if (!Tokenizer::open(tokenizer->image())) std::abort();
  }
  return 0;
}
