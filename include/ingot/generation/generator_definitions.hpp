// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/generator_definitions.hpp: prompts and the tokens after them; ingot::runtime compiles it, once.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/generation/generator.hpp>
#include <ingot/generation/sampler.hpp>
#include <ingot/generation/settings.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/model.hpp>

namespace ingot::generation {

namespace detail {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace detail

Generator::Generator(model::Model& model, const Settings& settings)
    : model_{&model},
      sequence_{model.cache().create()},
      sampler_{std::make_unique<Sampler>(settings.sampler)},
      chunk_{std::max(settings.chunk, 1u)},
      all_logits_{settings.all_logits},
      logits_(model.config().shape.vocabulary),
      best_(std::min<std::size_t>(sampler_->content_with(), logits_.size())) {}

Generator::~Generator() { model_->cache().release(sequence_); }

Status Generator::prompt(std::span<const std::int32_t> tokens, const Cancellation* cancellation) {
  if (tokens.empty()) return Error{ErrorCode::usage, "an empty prompt", {}, "give at least one token"};
  const auto [theirs, mine] = std::mismatch(tokens.begin(), tokens.end(), text_.begin(), text_.end());
  auto done = static_cast<std::size_t>(mine - text_.begin());
  done = std::min(done, tokens.size() - 1);  // the last token's logits are not kept: it is computed again
  done = cut(done);
  sampler_->forget();
  for (const std::int32_t token : tokens) sampler_->accept(token);
  statistics_ = {.prompt_tokens = static_cast<std::uint32_t>(tokens.size()), .reused_tokens = static_cast<std::uint32_t>(done)};
  pending_.reset();
  prompt_logits_.clear();
  const auto start = std::chrono::steady_clock::now();
  while (done < tokens.size()) {
    if (cancellation != nullptr) INGOT_CHECK(cancellation->check());
    const std::size_t count = std::min<std::size_t>(chunk_, tokens.size() - done);
    const bool last = done + count == tokens.size();
    if (all_logits_)
      INGOT_CHECK(compute_all(tokens.subspan(done, count)));
    else
      INGOT_CHECK(compute(tokens.subspan(done, count), last));
    done += count;
  }
  statistics_.prefill_seconds = detail::seconds_since(start);
  return {};
}

Result<std::int32_t> Generator::next() {
  if (pending_) {
    const auto start = std::chrono::steady_clock::now();
    INGOT_CHECK(compute({&*pending_, 1}, true));
    statistics_.decode_seconds += detail::seconds_since(start);
    ++statistics_.decoded_tokens;
  }
  const std::int32_t token = best_.empty() ? sampler_->pick(std::span<float>{logits_}) : sampler_->pick(best_);
  sampler_->accept(token);
  pending_ = token;
  return token;
}

std::uint32_t Generator::room() const noexcept { return model_->cache().room(sequence_); }

Status Generator::compute(std::span<const std::int32_t> tokens, bool logits) {
  batch_.clear();
  batch_.add(sequence_, static_cast<std::uint32_t>(text_.size()), tokens, logits ? model::Batch::Logits::last : model::Batch::Logits::none);
  if (logits)
    INGOT_CHECK(model_->step(batch_, logits_, best_));
  else
    INGOT_CHECK(model_->step(batch_, {}));
  text_.insert(text_.end(), tokens.begin(), tokens.end());
  return {};
}

Status Generator::compute_all(std::span<const std::int32_t> tokens) {
  const std::size_t vocabulary = logits_.size(), before = prompt_logits_.size();
  batch_.clear();
  batch_.add(sequence_, static_cast<std::uint32_t>(text_.size()), tokens, model::Batch::Logits::all);
  prompt_logits_.resize(before + tokens.size() * vocabulary);
  std::vector<model::Candidate> best(tokens.size() * best_.size());
  if (auto status = model_->step(batch_, std::span{prompt_logits_}.subspan(before), best); !status) {
    prompt_logits_.resize(before);
    return status;
  }
  std::copy(prompt_logits_.end() - static_cast<std::ptrdiff_t>(vocabulary), prompt_logits_.end(), logits_.begin());
  std::copy(best.end() - static_cast<std::ptrdiff_t>(best_.size()), best.end(), best_.begin());
  text_.insert(text_.end(), tokens.begin(), tokens.end());
  return {};
}

std::size_t Generator::cut(std::size_t length) {
  text_.resize(model_->cache().truncate(sequence_, static_cast<std::uint32_t>(length)));
  return text_.size();
}

}  // namespace ingot::generation
