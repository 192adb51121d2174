// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/bpe.hpp: byte-pair encoding of one piece in O(n log n), over a merge table that may be mapped.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ingot/text/byte_level.hpp>
#include <ingot/text/joined_pairs.hpp>
#include <ingot/text/merge_table.hpp>
#include <ingot/text/text_finder.hpp>
#include <ingot/text/token_table.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// What a BPE model does besides merging; as in tokenizer.json.
struct BpeOptions {
  std::uint32_t unknown = no_token;  ///< stands for characters without a token
  bool fuse_unknown = false;         ///< one `unknown` for a run of such characters
  bool byte_fallback = false;        ///< such characters become their bytes' tokens <0x00> … <0xFF>
  bool ignore_merges = false;        ///< a piece that is a token is that token, whatever the merges say
  std::string continuing_prefix = {}, end_suffix = {};
  JoinedPairs joined = {};                 ///< set when an image is written
  std::vector<std::uint32_t> whole = {};   ///< tokens that are taken wherever a piece goes on with them, before any merge
  std::vector<std::uint32_t> unused = {};  ///< tokens that merges may pass through, but that end up as what they were merged from
  static void fields(auto& self, auto& archive) {
    archive(self.unknown, self.fuse_unknown, self.byte_fallback, self.ignore_merges, self.continuing_prefix, self.end_suffix, self.joined,
            self.whole, self.unused);
  }
};

/// Working memory of one thread; grows to the longest piece seen.
struct BpeScratch {
  struct Symbol {
    std::uint32_t token;
    std::int32_t previous, next;  // -1 at the ends
    bool alive;
  };
  struct Candidate {
    std::uint32_t rank;
    std::int32_t at;
    std::uint32_t left, right, result;  // stale once the tokens at `at` are no longer these
    /// Of two candidates the one with the lower rank, then the leftmost, goes first.
    friend bool operator<(const Candidate& a, const Candidate& b) noexcept { return a.rank != b.rank ? a.rank > b.rank : a.at > b.at; }
  };
  std::vector<Symbol> symbols;
  std::vector<Candidate> heap;
  std::string spelling;
  std::unordered_map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> origins;  ///< of unused tokens
};

/// Longest piece, in symbols: positions are 32 bits.
inline constexpr std::size_t max_piece_symbols = 0x7FFF'FFFF;

/// A BPE model over a vocabulary and its merges. Immutable; copies share the arrays.
class Bpe {
 public:
  using Scratch = BpeScratch;

  /// `raw_bytes`: pieces are bytes that stand for their characters of the byte alphabet (PreTokenizer::raw_bytes).
  Bpe(TokenTable tokens, MergeTable merges, BpeOptions options, bool raw_bytes)
      : tokens_{tokens}, merges_{merges}, options_{std::move(options)}, raw_bytes_{raw_bytes}, fallback_tokens_{tokens} {
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string spelling;
      append_utf8(spelling, byte_level::characters[byte]);
      byte_tokens_[byte] = tokens_.find(spelling);
    }
    std::sort(options_.unused.begin(), options_.unused.end());
    std::vector<std::pair<std::string_view, std::uint32_t>> whole;
    for (const std::uint32_t token : options_.whole) whole.emplace_back(tokens_.text(token), token);
    whole_ = TextFinder{std::move(whole)};
    const bool plain = options_.continuing_prefix.empty() && options_.end_suffix.empty();
    // Where a run of unknown characters becomes something else than its characters alone, it must stay whole.
    // Where one is dropped, those beside it become neighbours.
    const bool no_runs = options_.byte_fallback ? fallback_tokens_.complete() : options_.unknown < tokens_.size() && !options_.fuse_unknown;
    cuts_ = !raw_bytes_ && plain && !options_.ignore_merges && options_.joined && no_runs && whole_.empty() && options_.unused.empty();
    plain_bytes_ =
        raw_bytes_ && plain && whole_.empty() && std::find(byte_tokens_.begin(), byte_tokens_.end(), no_token) == byte_tokens_.end();
  }

  /// Where the part of `piece` that starts at `at` and may be encoded by itself ends.
  [[nodiscard]] std::size_t part_end(std::string_view piece, std::size_t at) const noexcept {
    if (!cuts_) return piece.size();
    for (char32_t left = next_code_point(piece, at); at < piece.size();) {
      const std::size_t end = at;
      const char32_t right = next_code_point(piece, at);
      if (!options_.joined.contains(left, right)) return end;
      left = right;
    }
    return piece.size();
  }

  /// Appends the tokens of `piece` (not empty). Every id is below the vocabulary's size.
  void encode(std::string_view piece, BpeScratch& scratch, std::vector<std::int32_t>& out) const {
    scratch.symbols.clear();
    const std::string_view bytes = piece;
    if (raw_bytes_ && (options_.ignore_merges || !plain_bytes_)) {
      scratch.spelling.clear();
      byte_level::append_encoded(scratch.spelling, piece);
      piece = scratch.spelling;
    }
    if (options_.ignore_merges) {
      if (const std::uint32_t whole = tokens_.find(piece); whole != no_token) {
        out.push_back(static_cast<std::int32_t>(whole));
        return;
      }
    }
    if (plain_bytes_)
      for (const char byte : bytes) add(scratch, byte_tokens_[static_cast<unsigned char>(byte)]);
    else
      start_symbols(piece, scratch);
    if (options_.unused.empty() && scratch.symbols.size() <= few_symbols) return merge_few(scratch.symbols, out);
    if (scratch.symbols.empty()) return;
    merge_many(scratch);
    const std::size_t first = out.size();
    for (std::int32_t at = 0; at >= 0; at = scratch.symbols[static_cast<std::size_t>(at)].next) {
      const std::uint32_t token = scratch.symbols[static_cast<std::size_t>(at)].token;
      if (options_.unused.empty())
        out.push_back(static_cast<std::int32_t>(token));
      else
        write_parts(token, first, scratch, out);
    }
  }

 private:
  static void add(BpeScratch& scratch, std::uint32_t token) {
    const auto at = static_cast<std::int32_t>(scratch.symbols.size());
    scratch.symbols.push_back({token, at - 1, at + 1, true});
  }

  /// One symbol for each character, or what stands for it. An unknown one that waits to be fused is written when the
  /// next known character comes, behind byte tokens that came in between, as `tokenizers` does.
  void start_symbols(std::string_view piece, BpeScratch& scratch) const {
    bool unknown_waits = false;
    std::string decorated;
    for (std::size_t at = 0; at < piece.size();) {
      const std::size_t start = at;
      if (const AddedEntry* entry = whole_.longest_at(piece, at)) {
        if (std::exchange(unknown_waits, false)) add(scratch, options_.unknown);
        add(scratch, entry->id);
        at += entry->size;
        continue;
      }
      at = std::min(at + code_point_size(piece[at]), piece.size());
      std::string_view character = piece.substr(start, at - start);
      if (const bool first = start == 0, last = at == piece.size();
          (!first && !options_.continuing_prefix.empty()) || (last && !options_.end_suffix.empty())) {
        decorated.assign(first ? "" : options_.continuing_prefix).append(character).append(last ? options_.end_suffix : "");
        character = decorated;
      }
      if (const std::uint32_t token = tokens_.find(character); token != no_token) {
        if (std::exchange(unknown_waits, false)) add(scratch, options_.unknown);
        add(scratch, token);
        continue;
      }
      if (options_.byte_fallback && fallback_tokens_.cover(character)) {
        for (const char byte : character) add(scratch, fallback_tokens_[byte]);
        continue;
      }
      if (options_.unknown >= tokens_.size()) continue;  // without an unknown token the character is dropped
      if (unknown_waits && !options_.fuse_unknown) add(scratch, options_.unknown);
      unknown_waits = true;
    }
    if (unknown_waits) add(scratch, options_.unknown);
  }

  /// The merge of two neighbours, or nothing.
  [[nodiscard]] const Merge* merge_of(std::uint32_t left, std::uint32_t right) const noexcept {
    const Merge* found = merges_.find(left, right);
    return found != nullptr && found->result < tokens_.size() ? found : nullptr;
  }

  /// A word has some five symbols: looking at all pairs for the best one is faster than a heap, up to about a hundred.
  void merge_few(std::span<const BpeScratch::Symbol> symbols, std::vector<std::int32_t>& out) const {
    std::array<std::uint32_t, few_symbols> tokens, results;
    std::array<std::uint64_t, few_symbols> order;  // of each token's merge with the next one: its rank, or none
    constexpr std::uint64_t none = ~std::uint64_t{0};
    std::size_t count = symbols.size();
    for (std::size_t i = 0; i < count; ++i) tokens[i] = symbols[i].token;
    const auto consider = [&](std::size_t at) {
      const Merge* found = at + 1 < count ? merge_of(tokens[at], tokens[at + 1]) : nullptr;
      order[at] = found != nullptr ? found->rank : none;
      results[at] = found != nullptr ? found->result : no_token;
    };
    for (std::size_t i = 0; i < count; ++i) consider(i);
    while (count > 1) {
      const auto best =
          static_cast<std::size_t>(std::min_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count)) - order.begin());
      if (order[best] == none) break;
      tokens[best] = results[best];
      --count;
      for (std::size_t i = best + 1; i < count; ++i) tokens[i] = tokens[i + 1], order[i] = order[i + 1], results[i] = results[i + 1];
      consider(best);
      if (best > 0) consider(best - 1);
    }
    out.insert(out.end(), tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count));
  }

  [[nodiscard]] bool is_unused(std::uint32_t token) const {
    return std::binary_search(options_.unused.begin(), options_.unused.end(), token);
  }
  /// The last pair of which an unused token could have been made, as libsentencepiece has it. Tokens that are not their parts' texts
  /// joined are left out, so that taking apart comes to an end.
  void remember_origin(const Merge& merge, BpeScratch& scratch) const {
    if (is_unused(merge.result) && tokens_.text(merge.left).size() + tokens_.text(merge.right).size() == tokens_.text(merge.result).size())
      scratch.origins[merge.result] = {merge.left, merge.right};
  }
  /// The parts of `token`; an unused character counts as unknown. The piece's tokens begin at `first` in `out`.
  void write_parts(std::uint32_t token, std::size_t first, BpeScratch& scratch, std::vector<std::int32_t>& out) const {
    for (std::vector<std::uint32_t> rest{token}; !rest.empty();) {
      const std::uint32_t next = rest.back();
      rest.pop_back();
      const bool unused = is_unused(next);
      const auto origin = scratch.origins.find(next);
      if (unused && origin != scratch.origins.end()) {
        rest.push_back(origin->second.second);
        rest.push_back(origin->second.first);
      } else if (unused && options_.byte_fallback) {
        for (const char byte : tokens_.text(next)) {
          const std::uint32_t fallback = fallback_tokens_[byte];
          if (fallback != no_token) out.push_back(static_cast<std::int32_t>(fallback));
        }
      } else {
        const std::uint32_t written = unused ? options_.unknown : next;
        if (written >= tokens_.size()) continue;
        if (written == options_.unknown && out.size() > first && out.back() == static_cast<std::int32_t>(written))
          continue;  // one for a run
        out.push_back(static_cast<std::int32_t>(written));
      }
    }
  }

  void merge_many(BpeScratch& scratch) const {
    auto& symbols = scratch.symbols;
    auto& heap = scratch.heap;
    symbols.back().next = -1;
    if (!options_.unused.empty()) scratch.origins.clear();
    heap.clear();
    const auto symbol = [&](std::int32_t at) -> BpeScratch::Symbol& { return symbols[static_cast<std::size_t>(at)]; };
    const auto consider = [&](std::int32_t at) {
      const std::int32_t next = symbol(at).next;
      if (next < 0) return false;
      const std::uint32_t left = symbol(at).token, right = symbol(next).token;
      const Merge* found = merge_of(left, right);
      if (found == nullptr) return false;
      heap.push_back({found->rank, at, left, right, found->result});
      if (!options_.unused.empty()) remember_origin(*found, scratch);
      return true;
    };
    for (std::int32_t at = 0; at >= 0; at = symbol(at).next) consider(at);
    std::make_heap(heap.begin(), heap.end());
    while (!heap.empty()) {
      const BpeScratch::Candidate top = heap.front();
      std::pop_heap(heap.begin(), heap.end());
      heap.pop_back();
      auto& left = symbol(top.at);
      if (!left.alive || left.token != top.left || left.next < 0) continue;
      auto& right = symbol(left.next);
      if (right.token != top.right) continue;
      left.token = top.result;
      left.next = right.next;
      right.alive = false;
      if (left.next >= 0) symbol(left.next).previous = top.at;
      if (left.previous >= 0 && consider(left.previous)) std::push_heap(heap.begin(), heap.end());
      if (consider(top.at)) std::push_heap(heap.begin(), heap.end());
    }
  }

  static constexpr std::size_t few_symbols = 64;
  TokenTable tokens_;
  MergeTable merges_;
  BpeOptions options_;
  TextFinder whole_;
  bool raw_bytes_, plain_bytes_ = false, cuts_ = false;
  std::array<std::uint32_t, 256> byte_tokens_{};
  ByteTokens fallback_tokens_;
};

}  // namespace ingot::text
