// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/sampler_settings.hpp: what shapes the choice of a token.

#include <cstdint>
#include <vector>

namespace ingot::generation {

/// One link of the sampler chain; each narrows (or reshapes) the candidates that the link before left.
enum class Filter : std::uint8_t { top_k, top_p, min_p, temperature };

/// What shapes the choice of a token. The neutral values switch a part off.
struct SamplerSettings {
  float temperature = 1;             ///< 0: greedy, the rest of the chain has no say then
  std::uint32_t top_k = 0;           ///< keep the k likeliest; 0: all
  float top_p = 1;                   ///< keep the likeliest whose probabilities reach p together (arXiv 1904.09751)
  float min_p = 0;                   ///< keep those at least min_p times as likely as the best (arXiv 2407.01082)
  float repetition_penalty = 1;      ///< divides positive, multiplies negative logits of tokens seen (arXiv 1909.05858)
  float presence_penalty = 0;        ///< subtracted once for a token seen
  float frequency_penalty = 0;       ///< subtracted for each time it was seen
  std::uint32_t penalty_window = 0;  ///< tokens looked back at; 0: all
  std::uint64_t seed = 0;
  std::vector<Filter> chain{Filter::top_k, Filter::top_p, Filter::min_p, Filter::temperature};
};

}  // namespace ingot::generation
