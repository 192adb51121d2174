// SPDX-License-Identifier: Apache-2.0
// Any bytes as tokenizer.json and as vocab.txt (and, behind a NUL, as tokenizer_config.json), then as tokenizer.bin.
#include <cstdlib>

#include <ingot/text/bert_vocabulary.hpp>
#include <ingot/text/stream_decoder.hpp>
#include <ingot/text/tokenizer_json.hpp>

using namespace ingot::text;

namespace {
void use(const Tokenizer& tokenizer) {
  for (const std::string_view text : {"Hello world, it's 12 <s> a\n\n\u00e9\u4f60", "\xff ab  ba", "e\u0301\u200b\u0130 abab\uac00"}) {
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
}
}  // namespace

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
  if (size < sizeof(ImageHeader)) return 0;
  ingot::Buffer<std::byte> image{size};
  std::memcpy(image.data(), data, size);
  ImageHeader header;
  std::memcpy(&header, data, sizeof header);
  const auto& section = header.section[ImageHeader::components];
  if (section.offset <= size && section.size <= size - section.offset) {  // a digest that fits lets changes get past it
    header.digest = image_detail::digest(header, input.substr(section.offset, section.size));
    std::memcpy(image.data(), &header, sizeof header);
  }
  if (const auto tokenizer = Tokenizer::open({image.data(), image.size()})) use(*tokenizer);
  return 0;
}
