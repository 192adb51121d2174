// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/weight_writer.hpp: the bytes of the data file, weight by weight, as the graph lists them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/core/atomic_file.hpp>
#include <ingot/core/buffer.hpp>
#include <ingot/core/float16.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/onnx/graph.hpp>
#include <ingot/model/onnx/weight_store.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/codes.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/unpack.hpp>

namespace ingot::model::onnx::detail {

class WeightWriter {
 public:
  /// packed: as export_onnx() has it
  WeightWriter(AtomicFile file, WeightSource* packed, Team& team) : file_{std::move(file)}, packed_{packed}, team_{team} {}

  /// The tensors of one weight. Those before it in `externals` have been written.
  Status write(const StoredWeight& weight, std::span<const External> externals) {
    INGOT_CHECK(pad(externals[weight.values].offset));
    scales_.clear();
    for (const WeightRequest* source : weight.sources) {
      auto status = weight.scheme.is_integer() ? integers(*source, weight.scheme) : floats(*source, weight);
      if (!status) return std::move(status).error().in(source->tensor->file + ": " + source->name);
    }
    if (!weight.scheme.is_integer()) return {};
    INGOT_CHECK(pad(externals[weight.scales].offset));
    return append(std::as_bytes(std::span{scales_}));
  }
  Status commit() { return file_.commit(); }

 private:
  static constexpr std::size_t piece = std::size_t{1} << 18;  // values on their way to the file

  Status append(std::span<const std::byte> bytes) {
    end_ += bytes.size();
    return file_.write(bytes);
  }
  Status pad(std::uint64_t offset) {
    const std::vector<std::byte> zeros(static_cast<std::size_t>(offset - end_));
    return append(zeros);
  }

  /// A matrix of the package. A tied one is stored there twice, as the graph has it: as rows and as a factor.
  Result<quant::MatrixView> view_of(const WeightRequest& source, bool as_factor) {
    const bool head = as_factor && source.name == "model.embed_tokens.weight" && packed_->has("lm_head.weight");
    return packed_->matrix(head ? "lm_head.weight" : source.name, source.roles.front(), static_cast<std::uint32_t>(source.tensor->rows()),
                           static_cast<std::uint32_t>(source.tensor->columns()));
  }
  Result<quant::RowSource> rows_of(const WeightRequest& source, bool as_factor) {
    if (packed_ == nullptr) return quant::row_source(*source.tensor);
    INGOT_TRY(const quant::MatrixView view, view_of(source, as_factor));
    return quant::row_source(view);
  }

  Status floats(const WeightRequest& source, const StoredWeight& weight) {
    if (!source.is_matrix) {
      INGOT_TRY(const auto values, decode_vector(*source.tensor));
      const float* first = values.data();
      if (packed_ != nullptr) {
        INGOT_TRY(first, packed_->vector(source.name, static_cast<std::uint32_t>(values.size())));
      }
      return append(std::as_bytes(std::span<const float>{first, values.size()}));
    }
    INGOT_TRY(const quant::RowSource decode, rows_of(source, weight.transposed));
    const std::size_t rows = source.tensor->rows(), columns = source.tensor->columns();
    if (weight.transposed) {
      Buffer<float> matrix{rows * columns};
      INGOT_CHECK(decode(0, rows, {matrix.data(), matrix.size()}));
      const std::size_t step = std::max<std::size_t>(1, piece / rows);
      for (std::size_t first = 0; first < columns; first += step) {
        const std::size_t count = std::min(step, columns - first);
        values_.resize(count * rows);
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t c = 0; c < count; ++c) values_[c * rows + r] = matrix.data()[r * columns + first + c];
        INGOT_CHECK(append_values(weight.scheme));
      }
      return {};
    }
    const std::size_t step = std::max<std::size_t>(1, piece / columns);
    for (std::size_t first = 0; first < rows; first += step) {
      const std::size_t count = std::min(step, rows - first);
      values_.resize(count * columns);
      INGOT_CHECK(decode(first, first + count, values_));
      INGOT_CHECK(append_values(weight.scheme));
    }
    return {};
  }
  Status append_values(const quant::Scheme& scheme) {
    if (!quant::all_finite(values_))
      return Error{ErrorCode::damaged, "a weight is not finite", {}, "the checkpoint is damaged or was trained badly"};
    if (scheme.bits == 32) return append(std::as_bytes(std::span{values_}));
    halves_.resize(values_.size());
    std::transform(values_.begin(), values_.end(), halves_.begin(), [](float x) { return to_f16(x); });
    if (!std::all_of(halves_.begin(), halves_.end(), [](ingot::f16 h) { return quant::is_finite(h); }))
      return Error{ErrorCode::unsupported, "a weight is too large for f16", {}, "export with --quant-bit 32"};
    return append(std::as_bytes(std::span{halves_}));
  }

  /// Codes [columns, rows] less that of 0, in two's complement; scales are kept until all codes are written.
  Status integers(const WeightRequest& source, const quant::Scheme& scheme) {
    quant::PackedStorage own;
    quant::MatrixView view;
    if (packed_ != nullptr) {
      INGOT_TRY(view, view_of(source, true));
      if (view.scheme != scheme)
        return Error{ErrorCode::unsupported,
                     "the package holds this matrix as " + to_string(view.scheme) + ", the graph as " + to_string(scheme),
                     {},
                     "export with --sym and the same options"};
    } else {
      INGOT_TRY(own, quant::pack(scheme, source.tensor->rows(), source.tensor->columns(), quant::row_source(*source.tensor), team_));
      view = own.view();
    }
    const quant::PackedLayout layout = view.layout();
    const bool nibbles = scheme.bits == 4;
    // Whole units, which are even, so that a piece ends with a byte.
    const std::size_t step = round_up(std::max<std::size_t>(1, piece / view.rows), layout.unit_columns());
    std::vector<std::uint8_t> unpacked(step);
    for (std::size_t first = 0; first < view.columns; first += step) {
      const std::size_t count = std::min(step, view.columns - first);
      codes_.assign(round_up(count * view.rows, 2), 0);
      for (std::size_t r = 0; r < view.rows; ++r) {
        const std::byte* const panel = view.quants.data() + r / quant::panel_rows * layout.panel_quant_bytes();
        quant::load_codes(layout, panel, r % quant::panel_rows, first, std::span{unpacked}.first(round_up(count, layout.unit_columns())));
        for (std::size_t c = 0; c < count; ++c) codes_[c * view.rows + r] = static_cast<std::uint8_t>(unpacked[c] - scheme.zero_point());
      }
      if (nibbles) {
        for (std::size_t i = 0; i < codes_.size(); i += 2) codes_[i / 2] = static_cast<std::uint8_t>((codes_[i] & 15) | codes_[i + 1] << 4);
        codes_.resize(codes_.size() / 2);
      } else {
        codes_.resize(count * view.rows);
      }
      INGOT_CHECK(append(std::as_bytes(std::span{codes_})));
    }
    for (std::size_t group = 0; group < layout.groups(); ++group)
      for (std::size_t row = 0; row < view.rows; ++row) scales_.push_back(quant::group_factors(view, row, group).scale);
    return {};
  }

  AtomicFile file_;
  WeightSource* packed_;
  Team& team_;
  std::uint64_t end_ = 0;
  std::vector<float> values_, scales_;
  std::vector<ingot::f16> halves_;
  std::vector<std::uint8_t> codes_;
};

}  // namespace ingot::model::onnx::detail
