// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/batch.hpp: what one step computes: rows of tokens, each at a position of a sequence.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ingot::model {

/// Names a sequence of a KvCache.
enum class SequenceId : std::uint32_t {};

/// Consecutive tokens of one sequence; they continue it at its present length.
struct Run {
  SequenceId sequence{};
  std::uint32_t row = 0, rows = 0;  ///< rows of the batch
  std::uint32_t position = 0;       ///< of the first row
};

/// Prefill chunks, decode of many sequences and verification are all a list of runs.
class Batch {
 public:
  /// Appends tokens of `sequence`, which now holds `position` tokens. `logits` asks for the logits of the last row, or of all.
  enum class Logits : std::uint8_t { none, last, all };
  void add(SequenceId sequence, std::uint32_t position, std::span<const std::int32_t> tokens, Logits logits) {
    if (tokens.empty()) return;
    const auto first = static_cast<std::uint32_t>(tokens_.size()), count = static_cast<std::uint32_t>(tokens.size());
    runs_.push_back({sequence, first, count, position});
    tokens_.insert(tokens_.end(), tokens.data(), tokens.data() + tokens.size());
    for (std::uint32_t i = 0; i < count; ++i) {
      positions_.push_back(position + i);
      if (logits == Logits::all || (logits == Logits::last && i + 1 == count)) logit_rows_.push_back(first + i);
    }
  }
  void clear() noexcept {
    runs_.clear();
    tokens_.clear();
    positions_.clear();
    logit_rows_.clear();
  }

  [[nodiscard]] std::uint32_t rows() const noexcept { return static_cast<std::uint32_t>(tokens_.size()); }
  [[nodiscard]] std::span<const Run> runs() const noexcept { return runs_; }
  [[nodiscard]] std::span<const std::int32_t> tokens() const noexcept { return tokens_; }
  [[nodiscard]] std::span<const std::uint32_t> positions() const noexcept { return positions_; }
  /// Whether a sequence has several runs, so that rows of one need what rows of another append.
  [[nodiscard]] bool continues_itself() const noexcept {
    for (std::size_t i = 0; i < runs_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (runs_[i].sequence == runs_[j].sequence) return true;
    return false;
  }
  /// Rows whose logits are wanted, ascending; row i of the result belongs to logit_rows()[i].
  [[nodiscard]] std::span<const std::uint32_t> logit_rows() const noexcept { return logit_rows_; }

 private:
  std::vector<Run> runs_;
  std::vector<std::int32_t> tokens_;
  std::vector<std::uint32_t> positions_, logit_rows_;
};

}  // namespace ingot::model
