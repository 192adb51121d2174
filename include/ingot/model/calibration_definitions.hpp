// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/calibration_definitions.hpp: matrices that tell an observer before they multiply; ingot::runtime compiles it.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model {

std::optional<std::uint32_t> layer_of(std::string_view name) noexcept {
  constexpr std::string_view prefix = "model.layers.";
  if (!name.starts_with(prefix)) return {};
  std::uint32_t layer = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + prefix.size(), end, layer);
  return error == std::errc{} && rest != end && *rest == '.' ? std::optional{layer} : std::nullopt;
}

namespace detail {

class TappedModel;

/// A matrix of which the decoder only holds the handle. A float matrix has no plane of scales: its pointer, which part() leaves as it is,
/// leads the kernels of `tapped_functions` here.
struct TappedMatrix {
  const WeightRequest* request = nullptr;
  TappedModel* model = nullptr;
  std::optional<quant::PackedStorage> packed;  // while its layer is computed
  quant::RowSource rows;                       // of an embedding
};

/// What the taps of a model share: who observes, which layer it is, the first Error.
class TappedModel {
 public:
  TappedModel(CalibrationObserver& observer, const kernels::Functions& functions, Team& team, const Cancellation* cancellation)
      : observer_{observer}, functions_{functions}, team_{team}, cancellation_{cancellation} {}

  /// y = W x; zeros after an Error.
  void multiply(TappedMatrix& tap, const kernels::MatrixBytes& part, const kernels::Input& x, float* y, std::size_t y_stride, Slice panels,
                const kernels::Epilogue& epilogue) noexcept {
    const std::size_t offset = static_cast<std::size_t>(part.quants - base(tap));
    if (!failure_)
      if (auto status = prepare(tap, x, part.layout.columns, offset == 0 && panels.begin == 0); !status)
        failure_ = std::move(status).error();
    if (failure_) {
      const std::size_t first = panels.begin * quant::panel_rows, last = std::min(panels.end * quant::panel_rows, part.layout.rows);
      for (std::size_t r = 0; r < x.rows; ++r) std::fill(y + r * y_stride + first, y + r * y_stride + std::max(first, last), 0.f);
      return;
    }
    const kernels::Matrix matrix{{part.layout, tap.packed->view().quants.data() + offset, nullptr}, functions_.matrix(quant::f32)};
    team_.run([&](Lane& lane) {
      const Slice share = lane.slice(panels.size()), mine{panels.begin + share.begin, panels.begin + share.end};
      if (!mine.empty()) matrix.multiply(x, y, y_stride, mine, epilogue);
    });
  }
  /// An embedding.
  void row(TappedMatrix& tap, std::size_t r, std::span<float> out) noexcept {
    const auto read = [&]() -> Status {
      if (!tap.rows) {
        INGOT_TRY(tap.rows, observer_.weights(*tap.request));
      }
      return tap.rows(r, r + 1, out);
    };
    if (failure_) return;
    if (auto status = read(); !status) failure_ = std::move(status).error();
  }
  /// The head's input, after the last layer.
  void finish(TappedMatrix* head, Rows<const float> x) {
    if (!failure_ && layer_)
      if (auto status = leave_layer(); !status) failure_ = std::move(status).error();
    if (!failure_ && head != nullptr)
      if (auto status = observer_.observe(*head->request, x); !status) failure_ = std::move(status).error();
  }
  [[nodiscard]] Status status() { return failure_ ? Status{*std::move(failure_)} : Status{}; }

  /// Where the bytes of a tapped matrix seem to begin.
  [[nodiscard]] static const std::byte* base(const TappedMatrix& tap) noexcept { return reinterpret_cast<const std::byte*>(&tap); }

 private:
  Status prepare(TappedMatrix& tap, const kernels::Input& x, std::size_t columns, bool first_part) {
    if (cancellation_ != nullptr) INGOT_CHECK(cancellation_->check());
    const WeightRequest& request = *tap.request;
    if (const auto layer = layer_of(request.name); layer && layer_ != layer) {
      if (layer_) INGOT_CHECK(leave_layer());
      layer_ = layer;
    }
    if (first_part) {
      const PaddedRows rows{x.rows, columns, x.stride};
      INGOT_CHECK(observer_.observe(request, {{x.floats, rows.span_size()}, rows}));
    }
    if (tap.packed) return {};
    INGOT_TRY(const auto source, observer_.weights(request));
    auto packed = quant::pack(quant::f32, request.tensor->rows(), request.tensor->columns(), source, team_);
    if (!packed) return std::move(packed).error().in(request.tensor->file + ": " + request.tensor->name);
    tap.packed = *std::move(packed);
    decoded_.push_back(&tap);
    return {};
  }
  Status leave_layer() {
    for (TappedMatrix* tap : decoded_) tap->packed.reset();
    decoded_.clear();
    return observer_.end_layer(*layer_);
  }

  CalibrationObserver& observer_;
  const kernels::Functions& functions_;
  Team& team_;
  const Cancellation* cancellation_;
  std::optional<std::uint32_t> layer_;
  std::vector<TappedMatrix*> decoded_;
  std::optional<Error> failure_;
};

inline TappedMatrix& tap_of(const kernels::MatrixBytes& matrix) noexcept {
  return *reinterpret_cast<TappedMatrix*>(const_cast<std::byte*>(matrix.scales));
}
inline void tapped_multiply(const kernels::MatrixBytes& w, const kernels::Input& x, float* y, std::size_t y_stride, Slice panels,
                            const kernels::Epilogue& epilogue) noexcept {
  tap_of(w).model->multiply(tap_of(w), w, x, y, y_stride, panels, epilogue);
}
inline void tapped_row(const kernels::MatrixBytes& w, std::size_t r, float* out) noexcept {
  tap_of(w).model->row(tap_of(w), r, {out, w.layout.columns});
}

/// Hands out taps for matrices, the checkpoint's own vectors.
class TappedSource final : public WeightSource {
 public:
  TappedSource(TappedModel& model, std::span<const WeightRequest> requests) {
    for (const WeightRequest& request : requests) {
      if (request.is_matrix)
        taps_.emplace(request.name, TappedMatrix{&request, &model, {}, {}});
      else
        vectors_.emplace(request.name, &request);
    }
  }
  [[nodiscard]] bool has(std::string_view name) const override { return taps_.contains(name) || vectors_.contains(name); }
  Result<quant::MatrixView> matrix(std::string_view name, Role role, std::uint32_t rows, std::uint32_t columns) override {
    const auto tap = taps_.find(name);
    if (tap == taps_.end()) return Error{ErrorCode::other, "a matrix that was not listed", std::string{name}, {}};
    if (role == Role::head) head_ = &tap->second;
    const std::span<const std::byte> bytes{TappedModel::base(tap->second), 1};
    return quant::MatrixView{quant::f32, rows, columns, bytes, bytes};
  }
  Result<const float*> vector(std::string_view name, std::uint32_t, std::uint32_t) override {
    const auto request = vectors_.find(name);
    if (request == vectors_.end()) return Error{ErrorCode::other, "a vector that was not listed", std::string{name}, {}};
    if (const auto known = values_.find(name); known != values_.end()) return static_cast<const float*>(known->second.data());
    INGOT_TRY(auto values, decode_vector(*request->second->tensor));
    return static_cast<const float*>(values_.emplace(name, std::move(values)).first->second.data());
  }
  [[nodiscard]] TappedMatrix* head() const noexcept { return head_; }

 private:
  std::map<std::string, TappedMatrix, std::less<>> taps_;
  std::map<std::string, const WeightRequest*, std::less<>> vectors_;
  std::map<std::string, Buffer<float>, std::less<>> values_;
  TappedMatrix* head_ = nullptr;
};

}  // namespace detail

Status calibrate(const ModelCheckpoint& opened, std::span<const WeightRequest> requests, const CalibrationText& text,
                 CalibrationObserver& observer, Team& team, const Cancellation* cancellation) {
  const kernels::Functions& best = kernels::best_functions();
  std::array<kernels::MatrixFunctions, quant::shipped.size()> taps;
  taps.fill({&detail::tapped_multiply, &detail::tapped_row});
  kernels::Functions functions = best;
  functions.matrices = taps.data();

  const std::size_t tokens = text.tokens();
  if (tokens == 0) return Error{ErrorCode::usage, "the calibration text is empty", {}, "give --calib_data a file with text"};
  detail::TappedModel tapped{observer, best, team, cancellation};
  auto owned = std::make_unique<detail::TappedSource>(tapped, requests);
  const detail::TappedSource& source = *owned;
  INGOT_TRY(const auto model, with_family(opened.config.model_type, [&]<class F>() {
              return Instantiate<F::traits>::open(opened.config, std::move(owned), functions, options_for(text.sequences, 1));
            }));
  Batch batch;
  for (const auto& sequence : text.sequences) batch.add(model->cache().create(), 0, sequence, Batch::Logits::all);
  Buffer<float> hidden{tokens * opened.config.shape.hidden};
  INGOT_CHECK(model->embed(batch, {hidden.data(), hidden.size()}));
  const PaddedRows rows{tokens, opened.config.shape.hidden, opened.config.shape.hidden};
  tapped.finish(source.head(), {{hidden.data(), rows.span_size()}, rows});
  return tapped.status();
}

}  // namespace ingot::model
