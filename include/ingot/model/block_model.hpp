// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/block_model.hpp: one stored block of a checkpoint, run alone on a text, with weights that are exchanged at
              // will.

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/checkpoint_source.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/listing.hpp>
#include <ingot/model/open_families.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model::detail {

/// An embedding of which rows are decoded when a token asks for them. Its handle's pointer to scales, which a float matrix has none of,
/// leads here.
struct RowTap {
  static constexpr std::size_t none = ~std::size_t{0};
  quant::RowSource rows;
  std::size_t columns;
  std::size_t unread = none;  // a row that could not be read; lanes write it at the same time
};
inline void tapped_embedding_row(const kernels::MatrixBytes& w, std::size_t r, float* out) noexcept {
  RowTap& tap = *reinterpret_cast<RowTap*>(const_cast<std::byte*>(w.scales));
  if (!tap.rows(r, r + 1, {out, w.layout.columns})) std::atomic_ref{tap.unread}.store(r, std::memory_order_relaxed);
}

/// Room for the weights of one block. Other blocks' matrices are bound to nothing, and never multiplied.
class BlockSource final : public WeightSource {
 public:
  /// scheme_of(request): how a matrix of the block is stored.
  template <class SchemeOf>
  BlockSource(std::span<const WeightRequest> requests, std::uint32_t block, SchemeOf&& scheme_of) {
    for (const WeightRequest& request : requests) {
      const auto of = layer_of(request.name);
      names_.insert(request.name);
      if (!request.is_matrix)
        vectors_.emplace(request.name, Vector{!of || of == block ? request.tensor : nullptr, {}});
      else if (of == block)
        matrices_.emplace(request.name, quant::PackedStorage{scheme_of(request), request.tensor->rows(), request.tensor->columns()});
      else if (!of)
        embeddings_.emplace(request.name, RowTap{quant::row_source(*request.tensor), request.tensor->columns()});
    }
  }

  [[nodiscard]] bool has(std::string_view name) const override { return names_.contains(name); }
  Result<quant::MatrixView> matrix(std::string_view name, Role, std::uint32_t rows, std::uint32_t columns) override {
    if (const auto held = matrices_.find(name); held != matrices_.end()) return held->second.view();
    quant::MatrixView view{quant::f32, rows, columns, {}, {}};
    if (const auto tap = embeddings_.find(name); tap != embeddings_.end())
      view.scales = {reinterpret_cast<const std::byte*>(&tap->second), 1};
    return view;
  }
  Result<const float*> vector(std::string_view name, std::uint32_t, std::uint32_t) override {
    Vector& held = vectors_.find(name)->second;
    if (held.values.size() == 0 && held.tensor != nullptr) {
      INGOT_TRY(held.values, decode_vector(*held.tensor));
    }
    return static_cast<const float*>(held.values.data());
  }

  /// A matrix of the block, of the scheme it was given room for.
  void set(const std::string& name, const quant::MatrixView& view) noexcept {
    quant::PackedStorage& held = matrices_.find(name)->second;
    assert(held.layout().scheme == view.scheme && held.quants().size() == view.quants.size());
    std::copy(view.quants.begin(), view.quants.end(), held.quants().begin());
    std::copy(view.scales.begin(), view.scales.end(), held.scales().begin());
  }
  void set(const std::string& name, std::span<const float> vector) noexcept {
    Buffer<float>& held = vectors_.find(name)->second.values;
    if (held.size() == vector.size()) std::copy(vector.begin(), vector.end(), held.data());
  }
  /// Errors: of an embedding's row that could not be read, which is read once more.
  [[nodiscard]] Status status() const {
    for (const auto& [name, tap] : embeddings_) {
      if (tap.unread == RowTap::none) continue;
      std::vector<float> row(tap.columns);
      INGOT_CHECK(tap.rows(tap.unread, tap.unread + 1, row));
    }
    return {};
  }

 private:
  struct Vector {
    const checkpoint::TensorInfo* tensor = nullptr;
    Buffer<float> values;
  };
  std::set<std::string, std::less<>> names_;
  std::map<std::string, quant::PackedStorage, std::less<>> matrices_;
  std::map<std::string, Vector, std::less<>> vectors_;
  std::map<std::string, RowTap, std::less<>> embeddings_;
};

/// The layers that run one stored block, on texts of which they see every token, by the kernels of the block's schemes: what integer
/// matrices multiply is rounded as it will be.
class BlockModel {
 public:
  /// scheme_of(request): of each of the block's matrices; all are zero at first. Errors: those of the checkpoint.
  template <class SchemeOf>
  [[nodiscard]] static Result<std::unique_ptr<BlockModel>> open(const ModelCheckpoint& opened, std::span<const WeightRequest> requests,
                                                                std::uint32_t block, std::uint32_t threads,
                                                                std::span<const std::vector<std::int32_t>> texts, SchemeOf&& scheme_of) {
    auto owned = std::make_unique<BlockSource>(requests, block, scheme_of);
    std::unique_ptr<BlockModel> opened_block{new BlockModel{*owned, texts}};
    std::set<std::uint32_t> blocks;
    for (const WeightRequest& request : requests)
      if (const auto of = layer_of(request.name)) blocks.insert(*of);
    const std::size_t runs = opened.config.shape.layers / std::max<std::size_t>(blocks.size(), 1);
    opened_block->layers_ = {block * runs, (block + 1) * runs};
    INGOT_TRY(opened_block->model_, with_family(opened.config.model_type, [&]<class F>() {
                return Instantiate<F::traits>::open(opened.config, std::move(owned), opened_block->functions_, options_for(texts, threads));
              }));
    return opened_block;
  }

  [[nodiscard]] BlockSource& weights() noexcept { return weights_; }

  /// Takes the residual stream of the texts, [tokens, hidden], through the block, in place. Before the first block it becomes the tokens'
  /// embedding.
  Status run(std::span<float> stream) {
    Batch batch;
    std::vector<SequenceId> sequences;
    for (const auto& text : texts_) batch.add(sequences.emplace_back(model_->cache().create()), 0, text, Batch::Logits::none);
    auto status = model_->advance(batch, layers_, stream);
    for (const SequenceId sequence : sequences) model_->cache().release(sequence);
    INGOT_CHECK(weights_.status());
    return status;
  }

 private:
  BlockModel(BlockSource& weights, std::span<const std::vector<std::int32_t>> texts)
      : weights_{weights}, texts_{texts}, functions_{kernels::best_functions()} {
    std::copy_n(functions_.matrices, matrices_.size(), matrices_.begin());
    matrices_[static_cast<std::size_t>(functions_.matrix(quant::f32) - functions_.matrices)].row = &tapped_embedding_row;
    functions_.matrices = matrices_.data();
  }

  BlockSource& weights_;  // which the model owns
  std::span<const std::vector<std::int32_t>> texts_;
  std::array<kernels::MatrixFunctions, quant::shipped.size()> matrices_;
  kernels::Functions functions_;
  Slice layers_;
  std::unique_ptr<Model> model_;
};

}  // namespace ingot::model::detail
