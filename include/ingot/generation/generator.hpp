// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/generator.hpp: tokens in, tokens out: prompts that reuse the cache, then one token after the other.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/settings.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/model.hpp>
#include <ingot/model/output.hpp>

namespace ingot::generation {

/// What the last prompt and its answer cost.
struct Statistics {
  std::uint32_t prompt_tokens = 0;  ///< of the prompt, those found in the cache included
  std::uint32_t reused_tokens = 0;  ///< of them found in the cache
  double prefill_seconds = 0;
  std::uint32_t decoded_tokens = 0;  ///< steps of one token
  double decode_seconds = 0;

  [[nodiscard]] double prefill_speed() const noexcept {
    return prefill_seconds > 0 ? (prompt_tokens - reused_tokens) / prefill_seconds : 0;
  }
  [[nodiscard]] double decode_speed() const noexcept { return decode_seconds > 0 ? decoded_tokens / decode_seconds : 0; }
};

class Sampler;

/// Generates on one sequence of a model, which outlives it. Not thread-safe. Compiled in ingot::runtime.
class Generator {
 public:
  Generator(model::Model& model, const Settings& settings);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  /// Makes `tokens` (not empty) the text so far. What the cache holds of their beginning is kept, what it holds beyond is dropped,
  /// the rest is computed in chunks. Errors: usage (no tokens), other (the context is full), cancelled; the text is cut then to
  /// what was computed.
  Status prompt(std::span<const std::int32_t> tokens, const Cancellation* cancellation = nullptr);

  /// Chooses the next token and appends it to the text. Call prompt() first. Errors: other (the context is full).
  Result<std::int32_t> next();

  /// With Settings::all_logits: [prompt_tokens - reused_tokens, vocabulary], the logits behind each token that the last prompt() computed.
  /// Empty without it.
  [[nodiscard]] std::span<const float> prompt_logits() const noexcept { return prompt_logits_; }

  /// Positions left in the context.
  [[nodiscard]] std::uint32_t room() const noexcept;
  [[nodiscard]] const Statistics& statistics() const noexcept { return statistics_; }
  [[nodiscard]] model::Model& model() const noexcept { return *model_; }

 private:
  Status compute(std::span<const std::int32_t> tokens, bool logits);
  /// The same with the logits of all tokens, which are kept.
  Status compute_all(std::span<const std::int32_t> tokens);
  /// Forgets the text from `length` on, and more where the cache cannot return there. Returns what is left.
  std::size_t cut(std::size_t length);

  model::Model* model_;
  model::SequenceId sequence_;
  std::unique_ptr<Sampler> sampler_;
  std::uint32_t chunk_;
  bool all_logits_;
  std::vector<float> prompt_logits_;     // as prompt_logits() says
  std::vector<float> logits_;            // [vocabulary], of the last token of the text
  std::vector<model::Candidate> best_;   // the likeliest of them, as many as the sampler is content with
  std::vector<std::int32_t> text_;       // what the cache holds
  std::optional<std::int32_t> pending_;  // chosen, not yet computed
  model::Batch batch_;
  Statistics statistics_;
};

}  // namespace ingot::generation
