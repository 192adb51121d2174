// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/fuzz/use_tokenizer.hpp: what must hold for every tokenizer that opens.

#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include <ingot/core/utf8.hpp>
#include <ingot/text/stream_decoder.hpp>

inline void use(const ingot::text::Tokenizer& tokenizer) {
  for (const std::string_view text : {"Hello world, it's 12 <s> a\n\n\u00e9\u4f60", "\xff ab  ba", "e\u0301\u200b\u0130 abab\uac00"}) {
    const auto ids = tokenizer.encode(text);
    if (!ids) continue;
    for (const std::int32_t id : *ids)
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer.size()) std::abort();
    const std::string whole = tokenizer.decode(*ids);
    ingot::text::StreamDecoder stream{tokenizer};
    std::string joined;
    for (std::size_t i = 0; i < ids->size(); ++i) joined += stream.push((*ids)[i], std::span{*ids}.subspan(i + 1));
    joined += stream.finish();
    if (joined != whole || !ingot::is_utf8(whole)) std::abort();
  }
}
