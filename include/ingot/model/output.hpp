// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/output.hpp: what a step gives.

#include <cstdint>
#include <span>

#include <ingot/tensor/tensor.hpp>

namespace ingot::model {

/// A token that may come next.
struct Candidate {
  float logit = 0;
  std::int32_t token = 0;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// What a step is asked for.
struct Output {
  Rows<float> logits;         ///< [batch.logit_rows().size(), vocabulary], or none
  std::span<Candidate> best;  ///< [batch.logit_rows().size(), k] likeliest tokens, k maybe 0
  Rows<float> hidden;         ///< [batch.logit_rows().size(), hidden] normed last rows, or none: an embedding
};

}  // namespace ingot::model
