// SPDX-License-Identifier: Apache-2.0
// Any bytes as tokenizer.bin; the digest is made to fit, so that changes get past it.
#include <cstring>

#include <ingot/core/buffer.hpp>
#include <ingot/text/tokenizer_bin.hpp>

#include "fuzz/use_tokenizer.hpp"

using namespace ingot::text;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < sizeof(ImageHeader)) return 0;
  ingot::Buffer<std::byte> image{size};
  std::memcpy(image.data(), data, size);
  ImageHeader header;
  std::memcpy(&header, data, sizeof header);
  header.magic = ImageHeader::expected_magic;
  header.version = ImageHeader::expected_version;
  header.sections = ImageHeader::section_count;
  header.size = size;
  const auto& section = header.section[ImageHeader::components];
  if (section.offset <= size && section.size <= size - section.offset) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    header.digest = image_detail::digest(header, input.substr(section.offset, section.size));
    std::memcpy(image.data(), &header, sizeof header);
  }
  if (const auto tokenizer = Tokenizer::open({image.data(), image.size()})) use(*tokenizer);
  return 0;
}
