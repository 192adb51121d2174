// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_config.hpp: what adapter_config.json says about a low-rank adapter (PEFT).

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/checkpoint/module_pattern.hpp>
#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// Largest rank, larger than any adapter's; it keeps arithmetic on ranks within 64 bits.
inline constexpr std::uint32_t lora_rank_limit = 1u << 16;

/// Numbers that modules have in place of a default, the first pattern that fits deciding. Patterns that are plain names, which files
/// have thousands of, are looked up; true expressions are tried one by one.
class ModuleNumbers {
 public:
  /// Members of `object`: patterns, numbers. Errors: damaged, unsupported (an expression; too many of them).
  [[nodiscard]] static Result<ModuleNumbers> read(const json::Value& object);
  [[nodiscard]] double of(std::string_view module, double fallback) const;
  [[nodiscard]] std::span<const double> all() const noexcept { return numbers_; }

 private:
  struct Expression {
    std::size_t place;
    ModulePattern pattern;
  };
  std::vector<double> numbers_;                            // in the file's order
  std::map<std::string, std::size_t, std::less<>> names_;  // name, or its end after a dot -> place
  std::vector<Expression> expressions_;
};

/// A LoRA adapter (arXiv 2106.09685) with what PEFT adds to it.
struct LoraConfig {
  std::uint32_t rank = 8;
  double alpha = 8;
  bool rank_stabilized = false;  ///< `use_rslora`: alpha / sqrt(rank), arXiv 2312.03732
  bool dora = false;             ///< rows are scaled to a stored length, arXiv 2402.09353
  bool transposed = false;       ///< `fan_in_fan_out`: the base's matrices are [in, out]
  bool tied = false;             ///< `ensure_weight_tying`: what changes the embedding changes the head that it is tied to
  ModuleNumbers ranks, alphas;   ///< `rank_pattern`, `alpha_pattern`

  [[nodiscard]] std::size_t rank_of(std::string_view module) const { return static_cast<std::size_t>(ranks.of(module, rank)); }
  /// What B A is multiplied with.
  [[nodiscard]] double scale_of(std::string_view module) const;
};

/// Errors: damaged (values), unsupported (another kind of adapter, or what cannot be merged, by name). Compiled in ingot::runtime.
[[nodiscard]] Result<LoraConfig> read_lora_config(const json::Value& root);

}  // namespace ingot::checkpoint
