// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/tokenizer_bin.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <unordered_set>

#include <ingot/core/mapped_file.hpp>
#include <ingot/text/tokenizer.hpp>
#include <ingot/text/tokenizer_json.hpp>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

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

/// A byte-pair vocabulary of `count` tokens, all but the first 512 made of another one at random and a character.
Definition synthetic(std::uint32_t count) {
  constexpr std::uint32_t characters = 512;
  Definition definition;
  std::unordered_set<std::string> seen;
  std::mt19937 random{7};
  while (definition.vocabulary.size() < characters) {
    std::string& text = definition.vocabulary.emplace_back().emplace();
    append_utf8(text, static_cast<char32_t>('a' + definition.vocabulary.size()));
    seen.insert(text);
  }
  while (definition.vocabulary.size() < count) {
    const auto id = static_cast<std::uint32_t>(definition.vocabulary.size());
    const std::uint32_t left = random() % id, right = random() % characters;
    std::string text = *definition.vocabulary[left] + *definition.vocabulary[right];
    if (!seen.insert(text).second) continue;
    definition.merges.push_back({left, right, id - characters, id});
    definition.vocabulary.emplace_back(std::move(text));
  }
  definition.components.model = BpeOptions{};
  definition.components.decoders.emplace_back(decode::Fuse{});
  return definition;
}
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

TEST_CASE("a vocabulary as large as any opens in two milliseconds where it is mapped") {
  constexpr std::uint32_t count = 262'144;
  const Definition definition = synthetic(count);
  const auto image = write_image(definition);
  REQUIRE(image);
  const test::TemporaryDirectory directory;
  const auto path = directory.write("tokenizer.bin", {reinterpret_cast<const char*>(image->data()), image->size()});
  auto mapped = MappedFile::open(path);
  REQUIRE(mapped);
  const auto file = std::make_shared<const MappedFile>(*std::move(mapped));
  // The best of many: others may be using the processor, and the first one pays for the pages.
  double best = 1;
  for (int run = 0; run < 20; ++run) {
    const auto start = std::chrono::steady_clock::now();
    const auto tokenizer = Tokenizer::open(file->bytes(), file);
    best = std::min(best, std::chrono::duration<double>{std::chrono::steady_clock::now() - start}.count());
    REQUIRE(tokenizer);
    REQUIRE(tokenizer->size() == count);
    CHECK(tokenizer->image().data() == file->bytes().data());  // where it lies, not a copy
    for (const std::uint32_t id : {0u, count / 2, count - 1}) {
      CHECK(tokenizer->token(static_cast<std::int32_t>(id)) == *definition.vocabulary[id]);
      CHECK(tokenizer->decode(*tokenizer->encode(*definition.vocabulary[id])) == *definition.vocabulary[id]);
    }
  }
  if (INGOT_TEST_TIMES) CHECK(best < 0.002);
}
