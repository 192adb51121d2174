// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/text_windows.hpp: a text in windows of tokens, and a model's logits behind each of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/model.hpp>
#include <ingot/text/tokenizer.hpp>

namespace program {

/// A text as a model reads it: cut into windows, each of them a text of its own, with BOS in front where the tokenizer adds one.
class TextWindows {
 public:
  /// Errors: usage (a context or a text too short to score anything), those of encoding.
  [[nodiscard]] static ingot::Result<TextWindows> cut(const ingot::text::Tokenizer& tokenizer, std::string_view text, std::size_t context) {
    TextWindows windows;
    INGOT_TRY(windows.tokens_, tokenizer.encode(text, false));
    windows.prefix_.assign(tokenizer.prefix().begin(), tokenizer.prefix().end());
    if (windows.prefix_.size() >= context) return ingot::Error{ingot::ErrorCode::usage, "--context is too short", {}, {}};
    windows.step_ = context - windows.prefix_.size();
    if (windows.tokens_.size() < 2) return ingot::Error{ingot::ErrorCode::usage, "the text is shorter than two tokens", {}, {}};
    return windows;
  }

  [[nodiscard]] std::size_t tokens() const noexcept { return tokens_.size(); }
  [[nodiscard]] bool operator==(const TextWindows&) const = default;

  /// Calls `use(ids, tokens done) -> Status` for each window with something to score; the first of its ids is not scored.
  template <class Use>
  ingot::Status each(Use&& use) const {
    for (std::size_t begin = 0; begin + 1 < tokens_.size(); begin += step_) {
      const std::size_t end = std::min(begin + step_, tokens_.size());
      std::vector<std::int32_t> ids = prefix_;
      ids.insert(ids.end(), tokens_.data() + begin, tokens_.data() + end);
      INGOT_CHECK(use(std::span<const std::int32_t>{ids}, end));
    }
    return {};
  }

 private:
  TextWindows() = default;
  std::vector<std::int32_t> tokens_, prefix_;
  std::size_t step_ = 0;
};

/// The logits behind every token of a window, [ids.size(), vocabulary], into `rows`.
inline ingot::Status compute_window(ingot::model::Model& model, std::span<const std::int32_t> ids, std::vector<float>& rows) {
  const auto sequence = model.cache().create();
  ingot::model::Batch batch;
  batch.add(sequence, 0, ids, ingot::model::Batch::Logits::all);
  rows.resize(ids.size() * model.config().shape.vocabulary);
  ingot::Status computed = model.step(batch, rows);
  model.cache().release(sequence);
  return computed;
}

}  // namespace program
