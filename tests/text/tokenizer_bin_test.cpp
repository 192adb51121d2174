// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_bin.hpp>

#include <ingot/text/tokenizer.hpp>
#include <ingot/text/tokenizer_json.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
Definition sample() {
  auto definition = read_tokenizer_json(
      R"({"added_tokens":[{"id":4,"content":"<s>","special":true,"rstrip":true},{"id":5,"content":"<n>","normalized":true}],
      "normalizer":{"type":"Lowercase"},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"Removed","invert":false},"decoder":{"type":"Fuse"},
      "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"c":3},"merges":["a b"]}})");
  REQUIRE(definition);
  return *std::move(definition);
}
std::span<const std::byte> bytes_of(const Buffer<std::byte>& image) { return {image.data(), image.size()}; }
}  // namespace

TEST_CASE("an image holds what went in") {
  auto image = write_image(sample());
  REQUIRE(image);
  const auto parts = read_image(bytes_of(*image));
  REQUIRE(parts);
  CHECK(parts->model.tokens.size() == 6);
  CHECK(parts->model.tokens.text(2) == "ab");
  CHECK(parts->model.tokens.find("ab") == 2);
  CHECK(parts->model.tokens.find("<s>") == no_token);
  CHECK(parts->added.find("<s>") == 4);
  CHECK(parts->model.merges.find(0, 1)->result == 2);
  CHECK(parts->flags[4] == (TokenFlag::present | TokenFlag::added | TokenFlag::special));
}

TEST_CASE("every truncation and every changed byte of the header is an error") {
  const auto image = write_image(sample());
  REQUIRE(image);
  for (std::size_t size = 0; size < image->size(); size += size < 400 ? 1 : 37) {
    const auto parts = read_image(bytes_of(*image).first(size));
    REQUIRE(!parts);
    CHECK(parts.error().code == ErrorCode::damaged);
  }
  for (std::size_t at = 0; at < sizeof(ImageHeader); ++at)
    for (const int bit : {1, 128}) {
      Buffer<std::byte> changed{image->size()};
      std::copy(image->begin(), image->end(), changed.begin());
      changed[at] ^= static_cast<std::byte>(bit);
      REQUIRE(!read_image(bytes_of(changed)));
    }
}

TEST_CASE("a newer version says so") {
  const auto image = write_image(sample());
  Buffer<std::byte> newer{image->size()};
  std::copy(image->begin(), image->end(), newer.begin());
  newer[8] = std::byte{ImageHeader::expected_version + 1};
  const auto parts = read_image(bytes_of(newer));
  REQUIRE(!parts);
  CHECK(parts.error().code == ErrorCode::unsupported);
}

TEST_CASE("changed bytes anywhere do no harm") {
  const auto image = write_image(sample());
  REQUIRE(image);
  int opened = 0;
  for (std::size_t at = sizeof(ImageHeader); at < image->size(); ++at) {
    auto changed = std::make_shared<Buffer<std::byte>>(image->size());
    std::copy(image->begin(), image->end(), changed->begin());
    (*changed)[at] ^= std::byte{0x55};
    const auto tokenizer = Tokenizer::open(bytes_of(*changed), changed);
    if (!tokenizer) continue;
    ++opened;
    const auto ids = tokenizer->encode("ab c <s> ABC<n>");
    if (ids) CHECK(tokenizer->decode(*ids).size() < 1000);
  }
  CHECK(opened > 0);
}

TEST_CASE("two texts for one id are refused") {
  Definition definition = sample();
  definition.added.push_back({.content = "zz", .id = 1});
  CHECK(write_image(definition).error().code == ErrorCode::damaged);
  definition.added.back().id = 0xFFFF'FFFF;
  CHECK(write_image(definition).error().code == ErrorCode::damaged);
}
