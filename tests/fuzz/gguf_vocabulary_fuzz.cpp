// SPDX-License-Identifier: Apache-2.0
// Any bytes as a GGUF file: its vocabulary as a tokenizer, used in both directions.
#include <cstdlib>
#include <span>
#include <string>

#include <ingot/checkpoint/gguf.hpp>
#include <ingot/generation/open_text.hpp>
#include <ingot/text/stream_decoder.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::text;
  const auto parsed = ingot::checkpoint::detail::parse_gguf(std::as_bytes(std::span{data, size}), "input");
  if (!parsed) return 0;
  const auto assets = ingot::generation::open_gguf_text(parsed->metadata);
  if (!assets) return 0;
  const Tokenizer& tokenizer = assets->tokenizer;
  for (const std::string_view text : {"Hello world, it's 12 <s> a\n\n\u00e9\u4f60", "\xff ab  ba"}) {
    const auto ids = tokenizer.encode(text);
    if (!ids) continue;
    for (const std::int32_t id : *ids)
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer.size()) std::abort();
    const std::string whole = tokenizer.decode(*ids);
    StreamDecoder stream{tokenizer};
    std::string joined;
    for (std::size_t i = 0; i < ids->size(); ++i) joined += stream.push((*ids)[i], std::span{*ids}.subspan(i + 1));
    joined += stream.finish();
    if (joined != whole || !is_utf8(whole)) std::abort();
  }
  return 0;
}
