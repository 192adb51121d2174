// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/bit_allocation.hpp: which matrix gets how many bits, for the least divergence within a number of bytes.

#include <cstdint>
#include <string>
#include <vector>

#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/export.hpp>
#include <ingot/model/open_checkpoint.hpp>

namespace ingot::model {

/// What all weights of a package may take.
struct SizeTarget {
  double bits_per_weight = 0;  ///< of all matrices, scales and padding counted; or, where it is 0,
  std::uint64_t bytes = 0;     ///< of weights.safetensors
  bool embedding = false;      ///< whether an embedding stored apart from the head has a choice, too; else ExportOptions::embedding
};

/// What one matrix got.
struct AllocatedMatrix {
  std::string name;
  Role role{};
  quant::PackedLayout layout;
  double divergence = 0;   ///< its estimated share of the divergence, in nats a token
  double sensitivity = 0;  ///< nats a token for each unit of mean squared output error
};

struct Allocation {
  std::vector<AllocatedMatrix> matrices;  ///< those that there was a choice for
  double divergence = 0;                  ///< their sum, in nats a token: an estimate
  double bits_per_weight = 0;             ///< of all matrices
  std::size_t tokens = 0;                 ///< of the calibration text that were read
};

/// Chooses among the shipped schemes of 2 to 8 bits in groups of 32, 64 and 128 (with a min where options.layers have one), and sets
/// options.schemes. A matrix's cost in a scheme is what its rounding, by options.search, does to its output: sum over weights of
/// error^2 * E[x^2], x the inputs that `options.calibration` gives it (errors of different columns are taken for independent), times how
/// much the divergence (KL of the next token's distribution) grows with such an error: measured by rounding all matrices of one role in
/// one third of the layers at a time. Divergences are small and so add up. An embedding's rows are the hidden states
/// themselves: each counts alike. Other matrices without inputs and those with a scheme of their own in options.schemes keep theirs. About
/// 20 passes over the text's first 512 tokens. Errors: usage (no text, a target below what the smallest schemes take), those of
/// calibrate(). Compiled in ingot::runtime.
[[nodiscard]] Result<Allocation> allocate_bits(const ModelCheckpoint& opened, const SizeTarget& target, ExportOptions& options,
                                               const ProgressSink& progress, const Cancellation* cancellation);

}  // namespace ingot::model
