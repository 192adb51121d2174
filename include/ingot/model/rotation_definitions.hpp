// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/rotation_definitions.hpp: weights turned while they are decoded; ingot::runtime compiles it, once.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/stored_values.hpp>
#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/input_of.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/model/rotation.hpp>
#include <ingot/quant/random_rotation.hpp>

namespace ingot::model {

namespace detail {

/// A tensor whose values are made from those of another.
class DerivedValues : public checkpoint::StoredValues {
 public:
  explicit DerivedValues(checkpoint::TensorInfo base) : base_{std::move(base)} {}
  [[nodiscard]] std::string_view form() const noexcept override { return base_.values ? base_.values->form() : name(base_.type); }
  [[nodiscard]] bool is_quantized() const noexcept override {
    return base_.values ? base_.values->is_quantized() : info(base_.type).elements > 1;
  }

 protected:
  [[nodiscard]] const checkpoint::TensorInfo& base() const noexcept { return base_; }
  /// All values; the caller has checked that they can be decoded.
  void decode_all(std::size_t begin, std::size_t end, std::span<float> out) const noexcept {
    static_cast<void>(checkpoint::decode_rows(base_, begin, end, out));
  }

 private:
  checkpoint::TensorInfo base_;
};

/// W diag(norm) Q
class TurnedColumns final : public DerivedValues {
 public:
  TurnedColumns(checkpoint::TensorInfo base, std::shared_ptr<const quant::RandomRotation> rotation, std::vector<float> norm)
      : DerivedValues{std::move(base)}, rotation_{std::move(rotation)}, norm_{std::move(norm)} {}
  void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
    if (out.size() == base().columns()) return turn(row, out);
    std::vector<float> whole(base().columns());
    turn(row, whole);
    std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(column), out.size(), out.begin());
  }

 private:
  void turn(std::size_t row, std::span<float> out) const noexcept {
    decode_all(row, row + 1, out);
    for (std::size_t i = 0; i < norm_.size(); ++i) out[i] *= norm_[i];
    rotation_->turn(out, 1);
  }
  std::shared_ptr<const quant::RandomRotation> rotation_;
  std::vector<float> norm_;  // empty: all 1
};

/// The matrix that was turned last: each row of QT W takes all rows of W.
struct TurnedMatrix {
  std::mutex mutex;
  const void* owner = nullptr;
  std::shared_ptr<const std::vector<float>> values;
};

/// QT W
class TurnedRows final : public DerivedValues {
 public:
  TurnedRows(checkpoint::TensorInfo base, std::shared_ptr<const quant::RandomRotation> rotation, std::shared_ptr<TurnedMatrix> last)
      : DerivedValues{std::move(base)}, rotation_{std::move(rotation)}, last_{std::move(last)} {}
  void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
    const auto values = turned();
    std::copy_n(values->begin() + static_cast<std::ptrdiff_t>(row * base().columns() + column), out.size(), out.begin());
  }

 private:
  [[nodiscard]] std::shared_ptr<const std::vector<float>> turned() const {
    const std::lock_guard lock{last_->mutex};
    if (last_->owner != this) {
      last_->values.reset();
      auto values = std::make_shared<std::vector<float>>(base().elements());
      decode_all(0, base().rows(), *values);
      rotation_->turn(*values, base().columns());
      last_->values = std::move(values);
      last_->owner = this;
    }
    return last_->values;
  }
  std::shared_ptr<const quant::RandomRotation> rotation_;
  std::shared_ptr<TurnedMatrix> last_;
};

/// A vector as it is given.
class GivenVector final : public checkpoint::StoredValues {
 public:
  explicit GivenVector(std::vector<float> values) : values_{std::move(values)} {}
  [[nodiscard]] std::string_view form() const noexcept override { return "F32"; }
  [[nodiscard]] bool is_quantized() const noexcept override { return false; }
  void decode(std::size_t, std::size_t column, std::span<float> out) const noexcept override {
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(column), out.size(), out.begin());
  }

 private:
  std::vector<float> values_;
};

/// Why a model's stream cannot be turned; empty: it can.
[[nodiscard]] inline std::string_view rotation_obstacle(const Family& traits, const Config& config) noexcept {
  if (traits.norm != Norm::rms) return "its norms subtract the mean";
  if (traits.residual == Residual::sandwich) return "it has norms behind its blocks";
  if (traits.residual == Residual::post) return "its stream is itself normed";
  if (config.learned_positions || config.token_types != 0) return "positions are added to its stream";
  if (!config.causal) return "it predicts no tokens";
  return {};
}

/// Whether a matrix writes the residual stream.
[[nodiscard]] constexpr bool writes_stream(Role role) noexcept {
  switch (role) {
    case Role::output:
    case Role::down:
    case Role::expert_down:
    case Role::shared_down:
    case Role::delta_output:
    case Role::convolution_output:
      return true;
    default:
      return false;
  }
}

/// Turns the tensors of one checkpoint, one after the other.
class StreamTurner {
 public:
  StreamTurner(const Config& config, bool parallel, std::uint64_t seed)
      : rotation_{std::make_shared<const quant::RandomRotation>(config.shape.hidden, seed)}, parallel_{parallel} {}

  Status turn(const std::vector<WeightRequest>& requests) {
    for (const WeightRequest& request : requests) tensors_.emplace(request.name, request.tensor);
    for (const WeightRequest& request : requests)
      if (request.is_matrix) INGOT_CHECK(turn(request));
    return {};
  }
  [[nodiscard]] std::vector<checkpoint::TensorInfo> take() && {
    std::vector<checkpoint::TensorInfo> turned;
    for (auto& [name, tensor] : turned_) turned.push_back(std::move(tensor));
    return turned;
  }

 private:
  Status turn(const WeightRequest& request) {
    const auto has = [&](Role role) { return std::find(request.roles.begin(), request.roles.end(), role) != request.roles.end(); };
    if (!checkpoint::is_decodable(*request.tensor))
      return request.tensor->problem(ErrorCode::unsupported, "tensors of this type cannot be decoded", {});
    if (has(Role::embedding))
      put("model.embed_tokens.weight", request, std::make_shared<TurnedColumns>(*request.tensor, rotation_, std::vector<float>{}));
    if (has(Role::head)) return read_by("lm_head.weight", request, "model.norm");
    if (has(Role::embedding)) return {};
    const Role role = request.roles.front();
    const std::string prefix = request.name.substr(0, request.name.find('.', std::string_view{"model.layers."}.size()) + 1);
    if (const MatrixInput input = input_of(role); input != MatrixInput::own)
      return read_by(request.name, request,
                     prefix + (input == MatrixInput::mixer || parallel_ ? "input_layernorm" : "post_attention_layernorm"));
    if (!writes_stream(role)) return {};
    put(request.name, request, std::make_shared<TurnedRows>(*request.tensor, rotation_, last_));
    const std::string bias = request.name.substr(0, request.name.size() - std::string_view{"weight"}.size()) + "bias";
    if (const auto found = tensors_.find(bias); found != tensors_.end()) {
      INGOT_TRY(auto values, vector(*found->second));
      rotation_->turn(values, 1);
      put_vector(*found->second, std::move(values));
    }
    return {};
  }
  /// A matrix behind the norm `norm`, whose weight becomes ones.
  Status read_by(const std::string& name, const WeightRequest& request, const std::string& norm) {
    const auto found = tensors_.find(norm + ".weight");
    if (found == tensors_.end()) return request.tensor->problem(ErrorCode::unsupported, "no norm is before it", "leave --rotate out");
    INGOT_TRY(auto weight, vector(*found->second));
    put_vector(*found->second, std::vector<float>(weight.size(), 1.f));
    put(name, request, std::make_shared<TurnedColumns>(*request.tensor, rotation_, std::move(weight)));
    return {};
  }
  [[nodiscard]] static Result<std::vector<float>> vector(const checkpoint::TensorInfo& tensor) {
    INGOT_TRY(const auto values, decode_vector(tensor));
    return std::vector<float>(values.begin(), values.end());
  }
  void put(const std::string& name, const WeightRequest& request, std::shared_ptr<const checkpoint::StoredValues> values) {
    const checkpoint::TensorInfo& base = *request.tensor;
    turned_.insert_or_assign(name, checkpoint::TensorInfo{.name = name,
                                                          .type = checkpoint::ElementType::f32,
                                                          .shape = {base.rows(), base.columns()},
                                                          .file = base.file,
                                                          .selection = checkpoint::RowSelection{},
                                                          .values = std::move(values)});
  }
  void put_vector(const checkpoint::TensorInfo& base, std::vector<float> values) {
    if (turned_.contains(base.name)) return;
    const std::size_t size = values.size();
    turned_.insert_or_assign(base.name, checkpoint::TensorInfo{.name = base.name,
                                                               .type = checkpoint::ElementType::f32,
                                                               .shape = {size},
                                                               .file = base.file,
                                                               .values = std::make_shared<GivenVector>(std::move(values))});
  }

  std::shared_ptr<const quant::RandomRotation> rotation_;
  bool parallel_;
  std::shared_ptr<TurnedMatrix> last_ = std::make_shared<TurnedMatrix>();
  std::map<std::string, const checkpoint::TensorInfo*, std::less<>> tensors_;
  std::map<std::string, checkpoint::TensorInfo, std::less<>> turned_;
};

}  // namespace detail

Result<ModelCheckpoint> rotated(ModelCheckpoint opened, std::uint64_t seed) {
  const Family traits = with_family(opened.config.model_type, []<class F>() { return F::traits; });
  if (const auto obstacle = detail::rotation_obstacle(traits, opened.config); !obstacle.empty())
    return Error{ErrorCode::unsupported, "the stream of a " + opened.config.model_type + " cannot be rotated: " + std::string{obstacle},
                 opened.files.directory.string(), "leave --rotate out"};
  INGOT_TRY(const auto requests, list_weights(opened));
  detail::StreamTurner turner{opened.config, traits.residual == Residual::parallel, seed};
  INGOT_CHECK(turner.turn(requests));
  auto [files, tensors] = std::move(opened.files.tensors).release();
  std::vector<checkpoint::TensorInfo> turned = std::move(turner).take();
  const auto is_turned = [&](const checkpoint::TensorInfo& tensor) {
    return std::binary_search(turned.begin(), turned.end(), tensor, [](const auto& a, const auto& b) { return a.name < b.name; });
  };
  std::erase_if(tensors, is_turned);
  std::move(turned.begin(), turned.end(), std::back_inserter(tensors));
  INGOT_TRY(opened.files.tensors, checkpoint::TensorIndex::create(std::move(files), std::move(tensors)));
  opened.files.gguf.reset();  // its tensors' own types are gone
  return opened;
}

}  // namespace ingot::model
