// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_experts.hpp: factors of a change to all experts of a layer at once.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/lora_config.hpp>
#include <ingot/checkpoint/lora_values.hpp>
#include <ingot/checkpoint/tensor_index.hpp>

namespace ingot::checkpoint {

/// What PEFT stores for a parameter [experts, out, in] or [experts, in, out] (`target_parameters`): A [experts * rank, in], one expert
/// after the other, and B [out, rank * experts], in which the expert runs fastest. The file does not say which parameter of the module it
/// is for: the shapes do.
class LoraExperts {
 public:
  /// `transposed`: the model's own parameters are [experts, in, out], which shapes alone do not tell where both are one.
  LoraExperts(const TensorInfo& a, const TensorInfo& b, const LoraConfig& config, bool transposed)
      : a_{a}, b_{b}, config_{config}, transposed_{transposed} {}

  /// The changed matrices of `module`, whose tensors `find(std::string) -> const TensorInfo*` knows: fused ones, or those of each expert
  /// where the model's parameters are fused and the checkpoint's are not. None where `module` is no experts'. Errors: damaged.
  template <class Find>
  [[nodiscard]] Result<std::vector<LoraParts>> match(const std::string& module, Find&& find) const {
    std::vector<LoraParts> parts;
    bool experts = false;
    for (const char* name : {"gate_up_proj", "down_proj", "gate_proj", "up_proj"}) {
      const TensorInfo* const fused = find(module + "." + name);
      if (fused == nullptr || fused->shape.size() != 3) continue;
      experts = true;
      INGOT_TRY(const bool fits, match_fused(*fused, module + "." + name, parts));
      if (fits) return parts;
    }
    struct Apart {
      std::string_view parameter;
      std::array<std::string_view, 2> matrices;  // the rows of one after those of the other
    };
    constexpr std::array<Apart, 4> forms{{{"gate_up_proj", {"gate_proj", "up_proj"}},
                                          {"down_proj", {"down_proj", ""}},
                                          {"gate_up_proj", {"w1", "w3"}},
                                          {"down_proj", {"w2", ""}}}};
    for (const Apart& form : forms) {
      if (find(module + ".0." + std::string{form.matrices[0]} + ".weight") == nullptr) continue;
      experts = true;
      INGOT_TRY(const bool fits, match_apart(module, form.parameter, form.matrices, find, parts));
      if (fits) return parts;
    }
    if (experts)
      return a_.problem(ErrorCode::damaged, "no experts of " + module + " have its shape",
                        "it was trained on another model than --path names");
    return parts;
  }

 private:
  /// The rank, of so many experts.
  [[nodiscard]] Result<std::size_t> rank(std::size_t experts, const std::string& key) const {
    const std::size_t rank = experts == 0 ? 0 : a_.shape[0] / experts;
    if (rank == 0 || rank * experts != a_.shape[0] || b_.shape[1] != a_.shape[0] || rank != config_.rank_of(key))
      return a_.problem(ErrorCode::damaged,
                        "not rank " + std::to_string(config_.rank_of(key)) + " for each of " + std::to_string(experts) + " experts");
    return rank;
  }

  [[nodiscard]] Result<bool> match_fused(const TensorInfo& base, const std::string& key, std::vector<LoraParts>& parts) const {
    const std::size_t experts = base.shape[0], rows = base.shape[1], columns = base.shape[2], in = a_.shape[1], out = b_.shape[0];
    const bool straight = rows == out && columns == in, crossed = rows == in && columns == out;
    if ((!straight && !crossed) || (base.values && base.values->lora() != nullptr)) return false;
    INGOT_TRY(const std::size_t r, rank(experts, key));
    const LoraFactor of_in{.bytes = a_.bytes, .type = a_.type, .blocks = r * in, .step = 1, .ranks = in};
    const LoraFactor of_out{.bytes = b_.bytes, .type = b_.type, .blocks = 1, .step = r * experts, .ranks = experts};
    const bool down = crossed && (!straight || (transposed_ && base.type != ElementType::mxfp4));  // MXFP4 is stored [out, in]
    parts.push_back({.base = base,
                     .block_rows = rows,
                     .rank = r,
                     .scale = static_cast<float>(config_.scale_of(key)),
                     .left = down ? of_in : of_out,
                     .right = down ? of_out : of_in});
    return true;
  }

  template <class Find>
  [[nodiscard]] Result<bool> match_apart(const std::string& module, std::string_view parameter,
                                         const std::array<std::string_view, 2>& matrices, Find&& find,
                                         std::vector<LoraParts>& parts) const {
    const std::string key = module + "." + std::string{parameter};
    const auto of = [&](std::size_t expert, std::string_view matrix) -> const TensorInfo* {
      return find(module + "." + std::to_string(expert) + "." + std::string{matrix} + ".weight");
    };
    std::size_t experts = 0;
    while (of(experts, matrices[0]) != nullptr) ++experts;
    const std::size_t in = a_.shape[1], out = b_.shape[0];
    for (std::size_t expert = 0; expert < experts; ++expert) {
      std::size_t row = 0;
      for (const std::string_view matrix : matrices) {
        if (matrix.empty()) continue;
        const TensorInfo* const base = of(expert, matrix);
        if (base == nullptr || base->shape.size() != 2 || base->shape[1] != in || (base->values && base->values->lora() != nullptr) ||
            base->shape[0] > out - row) {
          parts.clear();
          return false;
        }
        INGOT_TRY(const std::size_t r, rank(experts, key));
        const std::size_t width = r * experts;
        parts.push_back({.base = *base,
                         .block_rows = base->shape[0],
                         .rank = r,
                         .scale = static_cast<float>(config_.scale_of(key)),
                         .left = {.bytes = b_.bytes, .type = b_.type, .first = row * width + expert, .step = width, .ranks = experts},
                         .right = {.bytes = a_.bytes, .type = a_.type, .first = expert * r * in, .step = 1, .ranks = in}});
        row += base->shape[0];
      }
      if (row != out) {
        parts.clear();
        return false;
      }
    }
    return experts != 0;
  }

  const TensorInfo& a_;
  const TensorInfo& b_;
  const LoraConfig& config_;
  bool transposed_;
};

}  // namespace ingot::checkpoint
