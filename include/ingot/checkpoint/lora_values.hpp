// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_values.hpp: a matrix and the low-rank change to it, added while rows are decoded.

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/stored_values.hpp>
#include <ingot/checkpoint/tensor_index.hpp>

namespace ingot::checkpoint {

/// A stored factor of a change: element (block, index, k), k below the rank, lies at `first + block * blocks + index * step + k * ranks`.
struct LoraFactor {
  std::span<const std::byte> bytes = {};
  ElementType type = ElementType::f32;
  std::size_t first = 0, blocks = 0, step = 0, ranks = 0;

  [[nodiscard]] float operator()(std::size_t block, std::size_t index, std::size_t k) const noexcept {
    return detail::load_element(type, bytes, first + block * blocks + index * step + k * ranks);
  }
};

/// The parts of W + scale * left right; who fills them in checks that they fit. W is [rows, columns], all its dimensions but the last
/// counted as one, in blocks (experts) of `block_rows`, each with factors of its own.
struct LoraParts {
  TensorInfo base;  ///< not transposed
  std::size_t block_rows = 0, rank = 0;
  float scale = 1;
  LoraFactor left = {}, right = {};  ///< elements (block, row within it, k) and (block, column, k)
  enum class Magnitude : std::uint8_t { none, rows, columns } magnitude = Magnitude::none;
  LoraFactor lengths = {};  ///< DoRA: the length (0, row, 0) or (0, column, 0) that rows, or columns, get
};

/// value(row, column) = W + scale * sum over k of left(row, k) * right(column, k), in float; with DoRA, times length / norm of the row
/// or column. Norms of rows are found as rows are asked for; those of columns take a pass over the matrix before the first value.
class LoraValues final : public StoredValues {
 public:
  explicit LoraValues(LoraParts parts)
      : p_{std::move(parts)}, row_norms_(p_.magnitude == LoraParts::Magnitude::rows ? p_.base.rows() : 0) {}

  [[nodiscard]] std::string_view form() const noexcept override { return p_.base.values ? p_.base.values->form() : name(p_.base.type); }
  [[nodiscard]] bool is_quantized() const noexcept override {
    return p_.base.values ? p_.base.values->is_quantized() : info(p_.base.type).elements > 1;
  }
  [[nodiscard]] const LoraValues* lora() const noexcept override { return this; }
  [[nodiscard]] const LoraParts& parts() const noexcept { return p_; }

  void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
    add(row, column, out);
    if (p_.magnitude == LoraParts::Magnitude::rows) {
      const float factor = p_.lengths(0, row, 0) / row_norm(row, out.size() == p_.base.columns() ? out : std::span<float>{});
      for (float& value : out) value *= factor;
    } else if (p_.magnitude == LoraParts::Magnitude::columns) {
      std::call_once(once_, [this] { find_column_norms(); });
      for (std::size_t i = 0; i < out.size(); ++i) out[i] *= p_.lengths(0, column + i, 0) / column_norms_[column + i];
    }
  }

 private:
  static constexpr std::size_t run = 256;  // columns whose right factors are decoded together: they stay in the nearest cache

  void add(std::size_t row, std::size_t column, std::span<float> out) const noexcept {
    const TensorInfo& base = p_.base;
    if (base.values)
      base.values->decode(base.stored(row), column, out);
    else
      detail::decode_run(base, base.stored(row) * base.columns() + column, out);
    const std::size_t block = row / p_.block_rows, within = row % p_.block_rows;
    std::array<float, run> right;
    for (std::size_t begin = 0; begin < out.size(); begin += run) {
      const std::size_t size = std::min(run, out.size() - begin);
      for (std::size_t k = 0; k < p_.rank; ++k) {
        const float left = p_.scale * p_.left(block, within, k);
        detail::visit_element(p_.right.type, [&]<class Stored>() {
          const std::size_t first = p_.right.first + block * p_.right.blocks + (column + begin) * p_.right.step + k * p_.right.ranks;
          for (std::size_t i = 0; i < size; ++i) right[i] = detail::load_element<Stored>(p_.right.bytes, first + i * p_.right.step);
        });
        for (std::size_t i = 0; i < size; ++i) out[begin + i] += left * right[i];
      }
    }
  }

  /// Of the whole row, which `values` are if there are any.
  [[nodiscard]] float row_norm(std::size_t row, std::span<const float> values) const noexcept {
    if (const float known = row_norms_[row].load(std::memory_order_relaxed); known != 0) return known;
    double squares = 0;
    const auto count = [&](std::span<const float> part) {
      for (const float value : part) squares += static_cast<double>(value) * static_cast<double>(value);
    };
    count(values);
    std::array<float, run> part;
    for (std::size_t begin = 0; values.empty() && begin < p_.base.columns(); begin += run) {
      const std::span<float> some = std::span{part}.first(std::min(run, p_.base.columns() - begin));
      add(row, begin, some);
      count(some);
    }
    const auto norm = static_cast<float>(std::sqrt(squares));
    row_norms_[row].store(norm, std::memory_order_relaxed);
    return norm;
  }

  void find_column_norms() const noexcept {
    const std::size_t columns = p_.base.columns();
    std::vector<double> squares(columns);
    std::vector<float> values(columns);
    for (std::size_t row = 0; row < p_.base.rows(); ++row) {
      add(row, 0, values);
      for (std::size_t i = 0; i < columns; ++i) squares[i] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
    for (std::size_t i = 0; i < columns; ++i) values[i] = static_cast<float>(std::sqrt(squares[i]));
    column_norms_ = std::move(values);
  }

  LoraParts p_;
  mutable std::vector<std::atomic<float>> row_norms_;  // 0: not known yet
  mutable std::vector<float> column_norms_;
  mutable std::once_flag once_;
};

}  // namespace ingot::checkpoint
