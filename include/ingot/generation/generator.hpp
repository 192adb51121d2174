// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/generator.hpp: tokens in, tokens out: prompts that reuse the cache, then one token after the other.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/sampler.hpp>
#include <ingot/generation/settings.hpp>
#include <ingot/model/model.hpp>

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

/// Generates on one sequence of a model, which outlives it. Not thread-safe.
class Generator {
 public:
  Generator(model::Model& model, const Settings& settings)
      : model_{&model},
        sequence_{model.cache().create()},
        sampler_{settings.sampler},
        chunk_{std::max(settings.chunk, 1u)},
        logits_(model.config().shape.vocabulary),
        best_(std::min<std::size_t>(sampler_.content_with(), logits_.size())) {}
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator() { model_->cache().release(sequence_); }

  /// Makes `tokens` (not empty) the text so far. What the cache holds of their beginning is kept, what it holds beyond is dropped,
  /// the rest is computed in chunks. Errors: usage (no tokens), other (the context is full), cancelled; the text is cut then to
  /// what was computed.
  Status prompt(std::span<const std::int32_t> tokens, const Cancellation* cancellation = nullptr) {
    if (tokens.empty()) return Error{ErrorCode::usage, "an empty prompt", {}, "give at least one token"};
    const auto [theirs, mine] = std::mismatch(tokens.begin(), tokens.end(), text_.begin(), text_.end());
    auto done = static_cast<std::size_t>(mine - text_.begin());
    done = std::min(done, tokens.size() - 1);  // the last token's logits are not kept: it is computed again
    done = cut(done);
    sampler_.forget();
    for (const std::int32_t token : tokens) sampler_.accept(token);
    statistics_ = {.prompt_tokens = static_cast<std::uint32_t>(tokens.size()), .reused_tokens = static_cast<std::uint32_t>(done)};
    pending_.reset();
    const auto start = std::chrono::steady_clock::now();
    while (done < tokens.size()) {
      if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
      const std::size_t count = std::min<std::size_t>(chunk_, tokens.size() - done);
      const bool last = done + count == tokens.size();
      INGOT_CHECK(compute(tokens.subspan(done, count), last));
      done += count;
    }
    statistics_.prefill_seconds = seconds_since(start);
    return {};
  }

  /// Chooses the next token and appends it to the text. Call prompt() first. Errors: other (the context is full).
  Result<std::int32_t> next() {
    if (pending_) {
      const auto start = std::chrono::steady_clock::now();
      INGOT_CHECK(compute({&*pending_, 1}, true));
      statistics_.decode_seconds += seconds_since(start);
      ++statistics_.decoded_tokens;
    }
    const std::int32_t token = best_.empty() ? sampler_.pick(std::span<float>{logits_}) : sampler_.pick(best_);
    sampler_.accept(token);
    pending_ = token;
    return token;
  }

  /// Positions left in the context.
  [[nodiscard]] std::uint32_t room() const noexcept { return model_->cache().room(sequence_); }
  [[nodiscard]] const Statistics& statistics() const noexcept { return statistics_; }
  [[nodiscard]] model::Model& model() const noexcept { return *model_; }

 private:
  Status compute(std::span<const std::int32_t> tokens, bool logits) {
    batch_.clear();
    batch_.add(sequence_, static_cast<std::uint32_t>(text_.size()), tokens,
               logits ? model::Batch::Logits::last : model::Batch::Logits::none);
    if (logits)
      INGOT_CHECK(model_->step(batch_, logits_, best_));
    else
      INGOT_CHECK(model_->step(batch_, {}));
    text_.insert(text_.end(), tokens.begin(), tokens.end());
    return {};
  }
  /// Forgets the text from `length` on, and more where the cache cannot return there. Returns what is left.
  std::size_t cut(std::size_t length) {
    text_.resize(model_->cache().truncate(sequence_, static_cast<std::uint32_t>(length)));
    return text_.size();
  }
  static double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  model::Model* model_;
  model::SequenceId sequence_;
  Sampler sampler_;
  std::uint32_t chunk_;
  std::vector<float> logits_;            // [vocabulary], of the last token of the text
  std::vector<model::Candidate> best_;   // the likeliest of them, as many as the sampler is content with
  std::vector<std::int32_t> text_;       // what the cache holds
  std::optional<std::int32_t> pending_;  // chosen, not yet computed
  model::Batch batch_;
  Statistics statistics_;
};

}  // namespace ingot::generation
