// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/ranked_merges.hpp: BPE models that rank tokens (SentencePiece, tiktoken) as merges of pairs.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include <ingot/text/added_token_list.hpp>
#include <ingot/text/bpe.hpp>
#include <ingot/text/unicode.hpp>

namespace ingot::text {

/// Splits of a token are tried at every place: longer tokens than this are left out, which bounds the work for hostile files.
inline constexpr std::size_t max_merged_bytes = 1024;

/// Ranks of scores, none of them NaN: the best is 0, equal scores are equal ranks.
[[nodiscard]] inline std::vector<std::uint32_t> ranks_of(std::span<const float> scores) {
  std::vector<float> best{scores.begin(), scores.end()};
  std::sort(best.begin(), best.end(), std::greater<>{});
  best.erase(std::unique(best.begin(), best.end()), best.end());
  std::vector<std::uint32_t> ranks;
  for (const float score : scores)
    ranks.push_back(static_cast<std::uint32_t>(std::lower_bound(best.begin(), best.end(), score, std::greater<>{}) - best.begin()));
  return ranks;
}

/// SentencePiece and tiktoken join the neighbours whose union ranks best. Every split of a token in two tokens is such a pair, so this
/// is BPE over the same merges. `ids`: all tokens that take part, whole or as a half; `ranks` by id.
[[nodiscard]] inline std::vector<Merge> merges_of_splits(const TokenIds& ids, std::span<const std::uint32_t> ranks) {
  std::vector<Merge> merges;
  for (const auto& [text, id] : ids) {
    if (text.empty() || text.size() > max_merged_bytes) continue;
    for (std::size_t at = code_point_size(text[0]); at < text.size(); at += code_point_size(text[at])) {
      const auto left = ids.find(text.substr(0, at)), right = ids.find(text.substr(at));
      if (left != ids.end() && right != ids.end()) merges.push_back({left->second, right->second, ranks[id], id});
    }
  }
  // Equal input gives equal files, whatever order a hash table has.
  std::sort(merges.begin(), merges.end(),
            [](const Merge& a, const Merge& b) { return std::tie(a.result, a.left) < std::tie(b.result, b.left); });
  return merges;
}

}  // namespace ingot::text
