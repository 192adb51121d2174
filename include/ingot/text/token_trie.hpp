// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/token_trie.hpp: all tokens that a text begins with, over a double array that may be a mapped file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/token_table.hpp>

namespace ingot::text {

/// One node of the double array. The child for byte `b` is node `children ^ b`, if that node's parent is this one.
struct TrieNode {
  std::uint32_t children = 0, parent = no_token, token = no_token;
};
static_assert(sizeof(TrieNode) == 12, "stored as it lies in memory");

/// Non-owning. Node 0 is the root. Nothing read is trusted: a damaged array gives fewer or other tokens, never outside it.
class TokenTrie {
 public:
  TokenTrie() noexcept = default;
  explicit TokenTrie(std::span<const TrieNode> nodes) noexcept : nodes_{nodes} {}

  /// Calls `visit(token, size)` for each token that is the first `size` bytes of `text`, by rising size.
  template <class Visit>
  void each_prefix(std::string_view text, Visit&& visit) const {
    if (nodes_.empty()) return;
    std::size_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t child = nodes_[node].children ^ static_cast<unsigned char>(text[i]);
      if (child >= nodes_.size() || nodes_[child].parent != node) return;
      node = child;
      if (nodes_[node].token != no_token) visit(nodes_[node].token, i + 1);
    }
  }

 private:
  std::span<const TrieNode> nodes_;
};

/// Builds the array. Places for a node's children are looked for among the free nodes of the last 16 blocks of 256; older free
/// nodes are given up (a few percent), which keeps the work linear.
class TrieBuilder {
 public:
  /// `entries`: texts and their tokens; of equal texts the last counts, empty ones are left out.
  [[nodiscard]] static std::vector<TrieNode> build(std::vector<std::pair<std::string_view, std::uint32_t>> entries) {
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    TrieBuilder builder;
    builder.add_block();
    builder.take(0);
    builder.nodes_[0].parent = no_token;
    std::vector<Range> open{{0, 0, entries.size(), 0}};
    while (!open.empty()) {
      const Range range = open.back();
      open.pop_back();
      builder.place_children(entries, range, open);
    }
    return std::move(builder.nodes_);
  }

 private:
  using Entries = std::vector<std::pair<std::string_view, std::uint32_t>>;
  /// The entries that share the first `depth` bytes, which lead to `node`.
  struct Range {
    std::uint32_t node;
    std::size_t begin, end, depth;
  };
  static constexpr std::uint32_t block = 256, open_blocks = 16;

  void place_children(const Entries& entries, Range range, std::vector<Range>& open) {
    while (range.begin < range.end && entries[range.begin].first.size() == range.depth) {
      if (range.depth > 0) nodes_[range.node].token = entries[range.begin].second;
      ++range.begin;
    }
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(entries[i].first[range.depth]); };
    labels_.clear();
    for (std::size_t i = range.begin; i < range.end; ++i)
      if (labels_.empty() || labels_.back() != byte(i)) labels_.push_back(byte(i));
    if (labels_.empty()) return;
    const std::uint32_t children = find_place();
    nodes_[range.node].children = children;
    for (std::size_t i = range.begin, next; i < range.end; i = next) {
      for (next = i + 1; next < range.end && byte(next) == byte(i);) ++next;
      const std::uint32_t child = children ^ byte(i);
      take(child);
      nodes_[child].parent = range.node;
      open.push_back({child, i, next, range.depth + 1});
    }
  }

  /// A value for `children` such that all nodes for labels_ are free.
  [[nodiscard]] std::uint32_t find_place() {
    for (std::uint32_t at = first_free_; at < nodes_.size(); at = next_free(at)) {
      const std::uint32_t children = at ^ labels_.front();
      if (std::all_of(labels_.begin(), labels_.end(), [&](std::uint32_t label) { return free_[children ^ label]; })) return children;
    }
    add_block();
    return static_cast<std::uint32_t>(nodes_.size()) - block;
  }
  [[nodiscard]] std::uint32_t next_free(std::uint32_t at) const noexcept {
    do ++at;
    while (at < free_.size() && !free_[at]);
    return at;
  }
  void take(std::uint32_t at) noexcept {
    free_[at] = false;
    if (at == first_free_) first_free_ = next_free(at);
  }
  void add_block() {
    nodes_.resize(nodes_.size() + block);
    free_.resize(nodes_.size(), true);
    const auto oldest = static_cast<std::uint32_t>(nodes_.size() > open_blocks * block ? nodes_.size() - open_blocks * block : 0);
    if (first_free_ < oldest) first_free_ = free_[oldest] ? oldest : next_free(oldest);
  }

  std::vector<TrieNode> nodes_;
  std::vector<bool> free_;
  std::vector<unsigned char> labels_;
  std::uint32_t first_free_ = 0;
};

}  // namespace ingot::text
