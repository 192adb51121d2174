// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/rounded_reading.hpp: a text is read while some matrices are rounded: what that does to the hidden states.

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/export_plan.hpp>
#include <ingot/quant/encoder.hpp>
#include <ingot/quant/import.hpp>

namespace ingot::model::detail {

/// Matrices whose errors count alike: of one role, in one third of the layers.
struct SensitivityClass {
  Role role{};
  std::uint32_t third = 0;
  friend auto operator<=>(const SensitivityClass&, const SensitivityClass&) = default;
};

/// `rows` [any, columns] become what storing them in `scheme` makes of them.
inline void round_rows(const quant::Encoder& encoder, const quant::Scheme& scheme, std::size_t columns, std::span<float> rows) {
  const quant::PackedLayout layout{scheme, rows.size() / columns, columns};
  std::vector<std::uint8_t> codes(layout.rows * layout.padded_columns());
  std::vector<quant::GroupScale> scales(layout.rows * layout.groups());
  quant::round_rows(layout, encoder, rows, codes, scales);
}

/// What the text gives each matrix, and the hidden states that reach the head.
struct ReadText {
  std::map<std::string, std::vector<double>, std::less<>> squares;  // by tensor: sums of x^2, [columns]
  const WeightRequest* head = nullptr;
  Buffer<float> hidden;  // [tokens, hidden]
};

/// Reads the text with the matrices of one class rounded, or none.
class RoundedReading final : public CalibrationObserver {
 public:
  explicit RoundedReading(bool record) : record_{record} {}
  RoundedReading(const std::map<std::string, SensitivityClass, std::less<>>& classes, const SensitivityClass& rounded,
                 const quant::Encoder& encoder, const quant::Scheme& scheme)
      : record_{false}, classes_{&classes}, rounded_{rounded}, encoder_{&encoder}, scheme_{scheme} {}

  Status observe(const WeightRequest& matrix, Rows<const float> x) override {
    const std::size_t rows = x.extent(0), columns = x.extent(1);
    if (leading(matrix.roles) == Role::head) {
      read_.head = &matrix;
      read_.hidden = Buffer<float>{rows * columns};
      for (std::size_t r = 0; r < rows; ++r) std::copy_n(x.row(r), columns, read_.hidden.data() + r * columns);
    }
    if (!record_) return {};
    std::vector<double>& squares = read_.squares[matrix.tensor->name];
    squares.resize(columns);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < columns; ++j) squares[j] += static_cast<double>(x.row(r)[j]) * static_cast<double>(x.row(r)[j]);
    return {};
  }
  Result<quant::RowSource> weights(const WeightRequest& matrix) override {
    quant::RowSource source = quant::row_source(*matrix.tensor);
    if (classes_ == nullptr) return source;
    const auto found = classes_->find(matrix.tensor->name);
    if (found == classes_->end() || found->second != rounded_) return source;
    return quant::RowSource{[this, source = std::move(source), columns = matrix.tensor->columns()](std::size_t begin, std::size_t end,
                                                                                                   std::span<float> out) -> Status {
      INGOT_CHECK(source(begin, end, out));
      round_rows(*encoder_, scheme_, columns, out);
      return {};
    }};
  }
  Status end_layer(std::uint32_t) override { return {}; }

  [[nodiscard]] ReadText& read() noexcept { return read_; }

 private:
  bool record_;
  const std::map<std::string, SensitivityClass, std::less<>>* classes_ = nullptr;
  SensitivityClass rounded_{};
  const quant::Encoder* encoder_ = nullptr;
  quant::Scheme scheme_ = quant::f32;
  ReadText read_;
};

}  // namespace ingot::model::detail
