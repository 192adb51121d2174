// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/prompt_context.hpp: positions that depend on the tokens: ChatGLM-6B's context that sees all of itself.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/kv_cache.hpp>

namespace ingot::model {

/// What rope turns each row by.
struct PromptPositions {
  std::vector<std::uint32_t> first;   // [rows]
  std::vector<std::uint32_t> second;  // [rows], of RopePairs::planar
};

namespace detail {

/// Looks for the mask token and the end of the context among tokens from `position` on.
inline void read_marks(const Config& config, std::uint32_t position, std::span<const std::int32_t> tokens, PromptMarks& marks) noexcept {
  if (position == 0) marks = {};
  if (position <= marks.end) marks.end = PromptMarks::none;  // a new text, or one taken back into its context
  for (std::size_t i = 0; i < tokens.size() && marks.end == PromptMarks::none; ++i) {
    const std::uint32_t place = position + static_cast<std::uint32_t>(i);
    for (std::uint32_t kind = 0; kind < 2 && kind < marks.kind; ++kind)
      if (tokens[i] == config.mask_tokens[kind]) marks.mask = place, marks.kind = kind;
    if (tokens[i] == config.context_end) marks.end = place;
  }
}

}  // namespace detail

/// What all rows of `batch` turn by: their positions, except with Config::context_end. There the tokens before that token are a
/// sequence's context, which see each other, and the tokens behind take the position of the mask token and count a second one
/// (arXiv 2103.10360, section 2.1; modeling_chatglm.py of ChatGLM-6B). The cache keeps where contexts end.
inline void place_prompts(const Config& config, const Batch& batch, KvCache& cache, PromptPositions& turns) {
  turns.first.assign(batch.positions().begin(), batch.positions().end());
  if (config.context_end < 0) return;
  turns.second.assign(batch.rows(), 0);
  for (const Run& run : batch.runs()) {
    PromptMarks& marks = cache.marks(run.sequence);
    detail::read_marks(config, run.position, batch.tokens().subspan(run.row, run.rows), marks);
    for (std::uint32_t i = 0; i < run.rows; ++i) {
      const std::uint32_t position = run.position + i;
      if (position < marks.end) continue;
      turns.first[run.row + i] = marks.mask;
      turns.second[run.row + i] = position - marks.end + 1;
    }
  }
}

/// Positions that every row of `run` sees, whatever its own: of an encoder all, of a context that sees itself the context.
[[nodiscard]] inline std::uint32_t prompt_prefix(const Config& config, const Run& run, KvCache& cache) noexcept {
  const std::uint32_t end = run.position + run.rows;
  if (!config.causal) return end;
  return config.context_end < 0 ? 0 : std::min(cache.marks(run.sequence).end, end);
}

}  // namespace ingot::model
