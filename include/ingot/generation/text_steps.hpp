// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/text_steps.hpp: many texts through a model, in steps that several of them share.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/model.hpp>

namespace ingot::generation {

/// Rows of a step: enough that a weight is read seldom, few enough for the caches. Longer texts are cut into several steps, shorter
/// ones share a step; an encoder's texts are never cut.
inline constexpr std::uint32_t step_rows = 512;
/// Texts of a step.
inline constexpr std::uint32_t step_texts = 64;

/// Which rows of a text are wanted.
enum class WantedRows : std::uint8_t { first, last, all };

/// Computes texts, each on a sequence of its own.
class TextSteps {
 public:
  /// One text: `sequence` holds what stands before `tokens`, which are not empty.
  struct Text {
    model::SequenceId sequence{};
    std::span<const std::int32_t> tokens;
  };

  TextSteps(model::Model& model, WantedRows wanted, const Cancellation* cancellation) noexcept
      : model_{model}, cancellation_{cancellation}, wanted_{wanted} {}
  TextSteps(const TextSteps&) = delete;
  TextSteps& operator=(const TextSteps&) = delete;
  ~TextSteps() {
    for (const model::SequenceId sequence : open_) model_.cache().release(sequence);
  }

  /// For each text i < count asks `begin(i) -> Text`; `compute(batch) -> Status` computes a step, and `take(i, position, row)` is told
  /// which text and position each row of batch.logit_rows() belongs to. Sequences are released with the last row of their text.
  /// Errors: those of compute, cancelled; what was begun is released then.
  template <class Begin, class Compute, class Take>
  Status run(std::size_t count, Begin&& begin, Compute&& compute, Take&& take) {
    const bool whole = !model_.config().causal;
    const auto step = [&]() -> Status {
      if (cancellation_ != nullptr) INGOT_CHECK(cancellation_->check());
      INGOT_CHECK(compute(batch_));
      const auto rows = batch_.logit_rows();
      std::size_t row = 0;
      for (std::size_t part = 0; part < texts_.size(); ++part)
        for (const model::Run& run = batch_.runs()[part]; row < rows.size() && rows[row] < run.row + run.rows; ++row)
          take(texts_[part], std::size_t{run.position} + (rows[row] - run.row), row);
      for (std::size_t i = 0; i < ended_; ++i) model_.cache().release(open_[i]);
      open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(ended_));
      texts_.clear();
      batch_.clear();
      ended_ = 0;
      return {};
    };
    for (std::size_t i = 0; i < count; ++i) {
      const Text text = begin(i);
      open_.push_back(text.sequence);
      const std::uint32_t before = model_.cache().length(text.sequence);
      for (std::size_t done = 0; done < text.tokens.size();) {
        const std::size_t left = text.tokens.size() - done, room = step_rows - batch_.rows();
        if (batch_.rows() != 0 && ((whole && left > room) || texts_.size() == step_texts || room == 0)) {
          INGOT_CHECK(step());
          continue;
        }
        const std::size_t rows = whole ? left : std::min(left, room);
        batch_.add(text.sequence, before + static_cast<std::uint32_t>(done), text.tokens.subspan(done, rows), rows_of(done, rows == left));
        texts_.push_back(i);
        done += rows;
      }
      ++ended_;
      if (batch_.rows() >= step_rows) INGOT_CHECK(step());
    }
    return batch_.rows() == 0 ? Status{} : step();
  }

 private:
  [[nodiscard]] model::Batch::Logits rows_of(std::size_t begin, bool end) const noexcept {
    using enum model::Batch::Logits;
    if (wanted_ == WantedRows::last) return end ? last : none;
    return wanted_ == WantedRows::all || begin == 0 ? all : none;
  }

  model::Model& model_;
  const Cancellation* cancellation_;
  WantedRows wanted_;
  model::Batch batch_;
  std::vector<std::size_t> texts_;       // [batch_.runs()]
  std::vector<model::SequenceId> open_;  // in the order of their texts
  std::size_t ended_ = 0;                // of them, those whose last row is computed with this step
};

}  // namespace ingot::generation
