// SPDX-License-Identifier: Apache-2.0
// A BPE tokenizer with merges of the input's choosing: text comes back from its ids, ids are what merging the whole text without any
// shortcut gives, and pieces of a stream of any ids join to what decoding them at once gives.
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <ingot/core/utf8.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/stream_decoder.hpp>

using namespace ingot::text;

namespace {

constexpr std::string_view patterns[] = {
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"};

void require(bool holds) {
  if (!holds) std::abort();
}

/// A vocabulary of single characters (and, without `byte_level`, byte tokens), with a merge for each pair of bytes in `pairs`.
Definition definition_of(bool byte_level, std::string_view pattern, std::string_view pairs) {
  Definition d;
  std::map<std::string, std::uint32_t> ids;
  const auto add = [&](std::string text) {
    if (ids.try_emplace(text, static_cast<std::uint32_t>(d.vocabulary.size())).second) d.vocabulary.emplace_back(std::move(text));
  };
  BpeOptions options;
  if (byte_level) {
    for (const char16_t c : byte_level::characters) {
      std::string text;
      append_utf8(text, c);
      add(std::move(text));
    }
    d.components.pre_tokenizers = {pre::Split{{std::string{pattern}, true}, SplitBehavior::isolated, false}, pre::ByteLevel{false, false}};
    d.components.decoders = {decode::ByteLevel{}};
  } else {
    for (unsigned byte = 0; byte < 256; ++byte) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      add({'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'});
    }
    for (const std::string_view text : {"\xe2\x96\x81", "a", "b", "c", "\xc3\xa9", "\xe4\xbd\xa0"}) add(std::string{text});
    options.byte_fallback = options.fuse_unknown = true;
    d.components.normalizers = {normalize::Replace{{" ", false}, "\xe2\x96\x81"}};
    d.components.decoders = {decode::Replace{{"\xe2\x96\x81", false}, " "}, decode::ByteFallback{}, decode::Fuse{}};
  }
  d.components.model = options;
  const std::uint32_t first = byte_level ? 0 : 256;
  for (std::size_t at = 0; at + 1 < pairs.size(); at += 2) {
    const auto count = static_cast<std::uint32_t>(d.vocabulary.size()) - first;
    const std::uint32_t left = first + static_cast<unsigned char>(pairs[at]) % count,
                        right = first + static_cast<unsigned char>(pairs[at + 1]) % count;
    const std::string joined = *d.vocabulary[left] + *d.vocabulary[right];
    if (joined.size() > 64) continue;
    add(joined);
    d.merges.push_back({left, right, static_cast<std::uint32_t>(d.merges.size()), ids.at(joined)});
  }
  return d;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool byte_level = data[0] % 3 != 2;
  const std::string_view input{reinterpret_cast<const char*>(data) + 2, size - 2};
  const std::string_view pairs = input.substr(0, std::size_t{data[1]} * 2), text = input.substr(pairs.size());
  const Definition definition = definition_of(byte_level, patterns[data[0] % 3 % 2], pairs);
  const auto tokenizer = Tokenizer::create(definition);
  require(static_cast<bool>(tokenizer));

  std::vector<std::int32_t> any;
  for (const char c : text) any.push_back(static_cast<std::int32_t>(static_cast<unsigned char>(c) * 3) - 5);
  StreamDecoder stream{*tokenizer};
  std::string joined;
  for (std::size_t i = 0; i < any.size(); ++i) {
    const std::string_view piece = stream.push(any[i], std::span{any}.subspan(i + 1));
    require(ingot::is_utf8(piece));
    joined += piece;
  }
  joined += stream.finish();
  require(joined == tokenizer->decode(any));

  const auto ids = tokenizer->encode(text);
  require(static_cast<bool>(ids));
  require(*tokenizer->encode(text) == *ids);  // now from the cache
  std::string valid;
  append_lossy(valid, text, true);
  if (byte_level || valid.find("\xe2\x96\x81") == std::string::npos) require(tokenizer->decode(*ids) == valid);
  if (byte_level || valid.empty()) return 0;

  std::string marked;
  for (const char c : valid) c == ' ' ? marked.append("\xe2\x96\x81") : marked.append(1, c);
  std::vector<std::uint32_t> offsets{0}, members;
  std::string bytes;
  for (const auto& token : definition.vocabulary) {
    members.push_back(static_cast<std::uint32_t>(offsets.size() - 1));
    bytes += *token;
    offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
  const auto slots = TokenTable::make_slots({offsets, bytes, {}}, members);
  const auto merges = MergeTable::make_slots(definition.merges);
  const Bpe whole{{offsets, bytes, slots}, MergeTable{merges}, std::get<BpeOptions>(definition.components.model), false};
  BpeScratch scratch;
  std::vector<std::int32_t> expected;
  whole.encode(marked, scratch, expected);
  require(*ids == expected);
  return 0;
}
