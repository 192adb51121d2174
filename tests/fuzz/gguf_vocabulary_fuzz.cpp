// SPDX-License-Identifier: Apache-2.0
// Any bytes as a GGUF file: its vocabulary as a tokenizer, used in both directions.
#include <span>

#include <ingot/checkpoint/gguf.hpp>
#include <ingot/generation/read_text.hpp>

#include "fuzz/use_tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = ingot::checkpoint::detail::parse_gguf(std::as_bytes(std::span{data, size}), "input");
  if (!parsed) return 0;
  if (const auto assets = ingot::generation::open_gguf_text(parsed->metadata)) use(assets->tokenizer);
  return 0;
}
