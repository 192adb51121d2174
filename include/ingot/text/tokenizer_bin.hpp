// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/tokenizer_bin.hpp: a whole tokenizer as one image that runs where it is mapped.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/result.hpp>
#include <ingot/text/definition.hpp>
#include <ingot/text/normalizer.hpp>

namespace ingot::text {

/// The image: this header, then the sections, each aligned to 64 bytes. Integers are little-endian.
struct ImageHeader {
  static constexpr std::array<char, 8> expected_magic{'i', 'n', 'g', 'o', 't', 't', 'o', 'k'};
  static constexpr std::uint32_t expected_version = 2;
  enum SectionName : std::uint32_t {
    components,        ///< archive of Components
    token_offsets,     ///< u32 [tokens + 1], into token_bytes
    token_bytes,       ///< text of every token, in id order
    token_flags,       ///< u8 [tokens]
    token_slots,       ///< u32 [power of two]: TokenTable, the model's vocabulary
    added_slots,       ///< u32 [power of two]: TokenTable, the added tokens
    merge_slots,       ///< Merge [power of two]
    added_raw,         ///< AddedEntry, sorted by content: looked for before normalization
    added_normalized,  ///< the same, looked for after it
    added_bytes,       ///< what those entries are looked for by
    token_scores,      ///< f64 [vocabulary of a Unigram model]
    trie_nodes,        ///< TrieNode: TokenTrie of the tokens that have a score
    section_count
  };
  struct Section {
    std::uint64_t offset = 0, size = 0;
  };
  std::array<char, 8> magic = expected_magic;
  std::uint32_t version = expected_version, sections = section_count;
  std::uint64_t size = 0;             ///< of the image
  std::uint64_t digest = 0;           ///< hash of this header (with digest 0) and of the components
  std::array<Section, 16> section{};  // the rest is zero: room for what other models need
};
static_assert(sizeof(ImageHeader) == 288);

/// Facts about one id.
struct TokenFlag {
  static constexpr std::uint8_t present = 1, added = 2, special = 4;
};

/// The parts of an image, all offsets checked. Views; valid while the bytes are.
struct Image {
  Components components;
  ModelTables model;
  TokenTable added;  ///< shares its texts with model.tokens; differs in what find() knows
  std::span<const std::uint8_t> flags;
  AddedTokenFinder raw, normalized;
};

namespace image_detail {

[[nodiscard]] inline std::uint64_t digest(ImageHeader header, std::string_view components) {
  header.digest = 0;
  char raw[sizeof header];
  std::memcpy(raw, &header, sizeof header);
  return hash_bytes({raw, sizeof raw}) ^ hash_bytes(components) * 3;
}

/// The entries of one stage, sorted; their contents are appended to `bytes`. Of equal contents the last counts.
[[nodiscard]] inline std::vector<AddedEntry> sort_added(std::vector<std::pair<std::string, const AddedToken*>> tokens, std::string& bytes) {
  std::stable_sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<AddedEntry> entries;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto& [content, token] = tokens[i];
    if (content.empty() || (i + 1 < tokens.size() && tokens[i + 1].first == content)) continue;
    const std::uint32_t flags = (token->single_word ? AddedEntry::single_word : 0) | (token->lstrip ? AddedEntry::lstrip : 0) |
                                (token->rstrip ? AddedEntry::rstrip : 0);
    entries.push_back({static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(content.size()), token->id, flags});
    bytes += content;
  }
  return entries;
}

}  // namespace image_detail

/// The image of a tokenizer. Errors: damaged (two texts for one id, too many or too long tokens), or what compiling a
/// normalizer gives.
[[nodiscard]] inline Result<Buffer<std::byte>> write_image(const Definition& definition) {
  const auto damaged = [](std::string what, std::string where) { return Error{ErrorCode::damaged, std::move(what), std::move(where), {}}; };
  std::size_t count = definition.vocabulary.size();
  for (const AddedToken& token : definition.added) count = std::max<std::size_t>(count, std::size_t{token.id} + 1);
  if (count > max_tokens) return damaged("more tokens than the limit of " + std::to_string(max_tokens), "vocabulary");

  std::vector<const std::string*> texts(count, nullptr);
  std::vector<std::uint8_t> flags(count, 0);
  std::vector<std::uint32_t> own, added;
  for (std::size_t id = 0; id < definition.vocabulary.size(); ++id) {
    if (!definition.vocabulary[id]) continue;
    texts[id] = &*definition.vocabulary[id];
    flags[id] = TokenFlag::present;
    own.push_back(static_cast<std::uint32_t>(id));
  }
  INGOT_TRY(const Normalizer normalizer, Normalizer::compile(definition.components.normalizers));
  RegexScratch scratch;
  std::vector<std::pair<std::string, const AddedToken*>> raw, normalized;
  for (const AddedToken& token : definition.added) {
    if (texts[token.id] != nullptr && *texts[token.id] != token.content)
      return damaged("two tokens with id " + std::to_string(token.id), "added token \"" + token.content + "\"");
    texts[token.id] = &token.content;
    flags[token.id] = static_cast<std::uint8_t>(TokenFlag::present | TokenFlag::added | (token.special ? TokenFlag::special : 0));
    added.push_back(token.id);
    std::string storage;
    INGOT_TRY(const std::string_view wanted,
              token.normalized ? normalizer.apply(token.content, storage, scratch) : Result<std::string_view>{token.content});
    (token.normalized ? normalized : raw).emplace_back(wanted, &token);
  }

  std::string bytes, added_bytes;
  std::vector<std::uint32_t> offsets(count + 1, 0);
  for (std::size_t id = 0; id < count; ++id) {
    if (texts[id] != nullptr && texts[id]->size() > max_token_bytes)
      return damaged("token longer than 65536 bytes", "id " + std::to_string(id));
    if (texts[id] != nullptr) bytes += *texts[id];
    if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) return damaged("vocabulary larger than 4 GiB", "vocabulary");
    offsets[id + 1] = static_cast<std::uint32_t>(bytes.size());
  }
  const TokenTable table{offsets, bytes, {}};
  const auto slots = TokenTable::make_slots(table, own), added_slots = TokenTable::make_slots(table, added);
  const auto merges = MergeTable::make_slots(definition.merges);
  const auto raw_entries = image_detail::sort_added(std::move(raw), added_bytes);
  const auto normalized_entries = image_detail::sort_added(std::move(normalized), added_bytes);
  std::vector<std::pair<std::string_view, std::uint32_t>> scored;
  for (std::size_t id = 0; id < definition.scores.size() && id < definition.vocabulary.size(); ++id)
    if (definition.vocabulary[id] && !std::isnan(definition.scores[id]))
      scored.emplace_back(*definition.vocabulary[id], static_cast<std::uint32_t>(id));
  const auto trie = scored.empty() ? std::vector<TrieNode>{} : TrieBuilder::build(std::move(scored));
  Components stored = definition.components;
  if (auto* bpe = std::get_if<BpeOptions>(&stored.model)) bpe->joined = JoinedPairs{definition.merges, table, bpe->unknown};
  ArchiveWriter components;
  components(stored);

  const auto view = [](const auto& items) { return std::as_bytes(std::span{items.data(), items.size()}); };
  const std::array<std::span<const std::byte>, ImageHeader::section_count> parts{view(components.bytes()),
                                                                                 view(offsets),
                                                                                 view(bytes),
                                                                                 view(flags),
                                                                                 view(slots),
                                                                                 view(added_slots),
                                                                                 view(merges),
                                                                                 view(raw_entries),
                                                                                 view(normalized_entries),
                                                                                 view(added_bytes),
                                                                                 view(definition.scores),
                                                                                 view(trie)};
  ImageHeader header;
  std::size_t end = sizeof(ImageHeader);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    end = round_up(end, Buffer<std::byte>::alignment);
    header.section[i] = {end, parts[i].size()};
    end += parts[i].size();
  }
  header.size = end;
  header.digest = image_detail::digest(header, components.bytes());
  Buffer<std::byte> image{end};
  std::memcpy(image.data(), &header, sizeof header);
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!parts[i].empty()) std::memcpy(image.data() + header.section[i].offset, parts[i].data(), parts[i].size());
  return image;
}

/// Checks an image and gives its parts. Expects `bytes` to be aligned to 8. The model's tables are not
/// read through (half of the file, and looking things up in them trusts nothing), so opening costs a walk over the
/// token offsets and the added tokens. Errors: damaged, unsupported (a newer version).
[[nodiscard]] inline Result<Image> read_image(std::span<const std::byte> bytes) {
  const auto damaged = [](std::string what) {
    return Error{ErrorCode::damaged, std::move(what), "tokenizer.bin", "export the model again"};
  };
  ImageHeader header;
  if (bytes.size() < sizeof header) return damaged("too short for a tokenizer");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != ImageHeader::expected_magic) return damaged("no tokenizer.bin (magic)");
  if (header.version != ImageHeader::expected_version)
    return Error{
        ErrorCode::unsupported,
        "tokenizer.bin version " + std::to_string(header.version) + "; this library reads " + std::to_string(ImageHeader::expected_version),
        "tokenizer.bin", "use a newer ingot, or export the model again"};
  if (header.size != bytes.size() || header.sections != ImageHeader::section_count) return damaged("wrong size in the header");
  for (const auto& section : header.section)
    if (section.offset % 64 != 0 || section.offset > bytes.size() || section.size > bytes.size() - section.offset)
      return damaged("a section lies outside the file");

  const auto raw = [&](ImageHeader::SectionName name) {
    const auto& section = header.section[name];
    return bytes.subspan(static_cast<std::size_t>(section.offset), static_cast<std::size_t>(section.size));
  };
  const auto text = [&](ImageHeader::SectionName name) {
    return std::string_view{reinterpret_cast<const char*>(raw(name).data()), raw(name).size()};
  };
  bool whole = true;
  const auto array = [&]<class T>(ImageHeader::SectionName name, T) {
    whole = whole && raw(name).size() % sizeof(T) == 0;
    return std::span<const T>{reinterpret_cast<const T*>(raw(name).data()), raw(name).size() / sizeof(T)};
  };
  const auto offsets = array(ImageHeader::token_offsets, std::uint32_t{});
  const auto slots = array(ImageHeader::token_slots, std::uint32_t{}), added_slots = array(ImageHeader::added_slots, std::uint32_t{});
  const auto merges = array(ImageHeader::merge_slots, Merge{});
  const auto scores = array(ImageHeader::token_scores, double{});
  const auto trie = array(ImageHeader::trie_nodes, TrieNode{});
  const auto flags = array(ImageHeader::token_flags, std::uint8_t{});
  if (!whole || !std::has_single_bit(slots.size()) || !std::has_single_bit(added_slots.size()) || !std::has_single_bit(merges.size()))
    return damaged("a table of impossible size");
  if (image_detail::digest(header, text(ImageHeader::components)) != header.digest) return damaged("the header's digest does not fit");
  const std::string_view texts = text(ImageHeader::token_bytes);
  if (offsets.empty() || offsets.size() - 1 != flags.size() || flags.size() > max_tokens || offsets[0] != 0 ||
      offsets.back() != texts.size())
    return damaged("the token offsets do not fit the tokens");
  if (std::adjacent_find(offsets.begin(), offsets.end(), std::greater<>{}) != offsets.end()) return damaged("token offsets that fall");
  const std::string_view contents = text(ImageHeader::added_bytes);
  const auto cuts = [](std::string_view in, std::size_t at) { return at < in.size() && is_continuation(in[at]); };
  if (!is_utf8(texts) || !is_utf8(contents) || std::any_of(offsets.begin(), offsets.end(), [&](auto at) { return cuts(texts, at); }))
    return damaged("a token is not UTF-8");

  Image image;
  ArchiveReader reader{text(ImageHeader::components)};
  reader(image.components);
  if (!reader.ok() || !reader.at_end()) return damaged("malformed components");
  const auto valid_id = [&](std::uint32_t id) { return id < flags.size(); };
  const PostProcessor& around = image.components.post_processor;
  if (!std::all_of(around.prefix.begin(), around.prefix.end(), valid_id) ||
      !std::all_of(around.suffix.begin(), around.suffix.end(), valid_id) || !valid_id(image.components.bos.value_or(0)) ||
      !valid_id(image.components.eos.value_or(0)))
    return damaged("a special token without an id in the vocabulary");

  const auto check_added = [&](std::span<const AddedEntry> entries) {
    std::string_view before;
    for (const AddedEntry& entry : entries) {
      if (entry.size == 0 || entry.offset > contents.size() || entry.size > contents.size() - entry.offset || !valid_id(entry.id) ||
          entry.flags > AddedEntry::known_flags || cuts(contents, entry.offset) || cuts(contents, entry.offset + entry.size))
        return false;
      const std::string_view content = contents.substr(entry.offset, entry.size);
      if (content <= before) return false;
      before = content;
    }
    return true;
  };
  const auto added_raw = array(ImageHeader::added_raw, AddedEntry{}), added_normalized = array(ImageHeader::added_normalized, AddedEntry{});
  if (!whole || !check_added(added_raw) || !check_added(added_normalized)) return damaged("malformed added tokens");
  image.model.tokens = TokenTable{offsets, texts, slots};
  image.added = TokenTable{offsets, texts, added_slots};
  image.model.scores = scores;
  image.model.trie = TokenTrie{trie};
  image.flags = flags;
  image.model.merges = MergeTable{merges};
  image.raw = AddedTokenFinder{added_raw, contents};
  image.normalized = AddedTokenFinder{added_normalized, contents};
  return image;
}

}  // namespace ingot::text
