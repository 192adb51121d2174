// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/calibrated_export.hpp: matrices are pruned and encoded when a calibration text first reaches them, and go
              // on as what they have become.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/activation_choice.hpp>
#include <ingot/model/calibration.hpp>
#include <ingot/model/input_of.hpp>
#include <ingot/model/matrix_exporter.hpp>
#include <ingot/quant/activation_blocks.hpp>
#include <ingot/quant/gptq.hpp>
#include <ingot/quant/input_sample.hpp>
#include <ingot/quant/scale_search.hpp>
#include <ingot/quant/unpack.hpp>

namespace ingot::model::detail {

/// Encodes what the plan searches, layer by layer: by GPTQ, or by `encoders` after Wanda's pruning. Errors pass from layer to layer: each
/// matrix is fitted to the inputs that the quantized layers before it give. Experts are told apart from the layer's other matrices in two
/// ways: their first products use the Gram of all the layer's tokens, and their last ones, whose inputs come in parts, are encoded when the
/// layer ends.
class CalibratedExport final : public CalibrationObserver {
 public:
  /// What writes a matrix when GPTQ does not: pruned by the importance of its inputs, [columns], or by magnitude where there is none.
  using Writer = std::function<Result<quant::PackedStorage>(std::size_t index, std::vector<float> importance)>;

  CalibratedExport(std::span<const PlannedMatrix> plan, MatrixExporter& exporter, const ExportOptions& options, Writer write,
                   const quant::Product& product, Team& team)
      : plan_{plan},
        exporter_{exporter},
        options_{options.gptq},
        write_{std::move(write)},
        product_{product},
        team_{team},
        journal_{options.journal},
        by_gptq_{options.search == Search::gptq},
        choose_blocks_{options.activation_block == 0} {
    options_.mask = options.mask;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      by_tensor_[plan[i].tensor->name].push_back(i);
      if (plan[i].is_searched() && !exporter.is_kept(i)) wanted_.insert(place_of(plan[i].role, plan[i].name));
    }
  }

  Status observe(const WeightRequest& matrix, Rows<const float> x) override {
    const Role role = leading(matrix.roles);
    const bool own = role == Role::key_up || role == Role::value_up;  // each head multiplies rows of its own
    if (own || (role != Role::router && !is_searched(matrix)) || !wanted_.contains(place_of(role, matrix.name))) return {};
    LayerInput& input = inputs_[input_name(role, matrix.name)];
    if (input.sample == nullptr) {
      input.feeder = matrix.name;
      if (by_gptq_) input.gram = std::make_unique<quant::Gram>(x.extent(1));
      input.sample = std::make_unique<quant::InputSample>(x.extent(1), sampled_rows);
    }
    if (input.feeder != matrix.name) return {};
    if (by_gptq_) input.gram->add(x, product_);
    input.sample->add(x);
    return {};
  }
  Result<quant::RowSource> weights(const WeightRequest& matrix) override {
    const auto planned = by_tensor_.find(matrix.tensor->name);
    const Role role = leading(matrix.roles);
    if (role == Role::expert_down || role == Role::head || planned == by_tensor_.end() || !is_searched(matrix))
      return quant::row_source(*matrix.tensor);
    std::shared_ptr<const quant::PackedStorage> packed;
    for (const std::size_t index : planned->second) {
      if (exporter_.is_done(index)) return quant::row_source(*matrix.tensor);
      INGOT_TRY(auto written, encode(index));
      packed = std::make_shared<const quant::PackedStorage>(std::move(written));
    }
    return quant::RowSource{[packed, rows = quant::row_source(packed->view())](std::size_t begin, std::size_t end, std::span<float> out) {
      return rows(begin, end, out);
    }};
  }
  Status end_layer(std::uint32_t layer) override {
    for (std::size_t i = 0; i < plan_.size(); ++i)
      if (!exporter_.is_done(i) && plan_[i].is_searched() && layer_of(plan_[i].name) == layer) INGOT_CHECK(encode(i));
    inputs_.clear();
    return {};
  }

  /// How finely the inputs have to be scaled, by matrix.
  [[nodiscard]] const quant::ActivationBlocks& activation_blocks() const noexcept { return blocks_; }

  /// Writes what no layer has: the head by the inputs that finish the text, embeddings as they are.
  Status finish() {
    for (std::size_t i = 0; i < plan_.size(); ++i)
      if (!exporter_.is_done(i)) INGOT_CHECK(encode(i));
    return {};
  }

 private:
  [[nodiscard]] bool is_searched(const WeightRequest& matrix) const {
    const auto planned = by_tensor_.find(matrix.tensor->name);
    return planned != by_tensor_.end() && plan_[planned->second.front()].is_searched();
  }
  Result<quant::PackedStorage> encode(std::size_t index) {
    const PlannedMatrix& m = plan_[index];
    if (!m.is_searched()) return exporter_.write(index);
    const auto found = inputs_.find(input_name(m.role, m.name));
    if (exporter_.is_kept(index)) {
      INGOT_TRY(const std::uint32_t block, kept_block(m.name));
      if (block != 0) blocks_.insert_or_assign(m.name, block);
      if (block != 0 && found != inputs_.end()) found->second.block = block;
      return exporter_.write(index);
    }
    if (!by_gptq_) return write_(index, found == inputs_.end() ? std::vector<float>{} : found->second.sample->mean_squares());
    if (found == inputs_.end()) return exporter_.write(index, quant::SearchEncoder{std::vector<float>(m.tensor->columns(), 1.f)});
    const quant::PackedLayout layout{m.scheme, m.tensor->rows(), m.tensor->columns()};
    Buffer<float> weights{layout.rows * layout.columns};
    const quant::RowSource rows = exporter_.rows_of(index);
    INGOT_CHECK(read(rows, layout, {weights.data(), weights.size()}));
    LayerInput& input = found->second;
    const std::span<float> all{weights.data(), weights.size()};
    quant::GptqOptions options = options_;
    if (m.was_pruned) options.mask = quant::Mask::magnitude;  // which keeps what is not 0
    auto encoder = quant::GptqEncoder::create(layout, all, *input.gram, options, product_, team_);
    if (!encoder) return std::move(encoder).error().in(m.tensor->file + ": " + m.tensor->name);
    if (choose_blocks_) {
      if (input.block == 0) {                                                       // those that share an input share its form
        const double lost = output_energy(input.sample->rows(), all, 0, product_);  // the encoder leaves what each weight lost
        INGOT_CHECK(read(rows, layout, all));
        input.block = activation_block(input.sample->rows(), all, lost, product_);
      }
      blocks_.insert_or_assign(m.name, input.block);
      if (journal_ != nullptr && !journal_->has(block_record(m.name)))
        INGOT_CHECK(journal_->write(block_record(m.name), {std::as_bytes(std::span{&input.block, 1})}));
    }
    return exporter_.write(index, *encoder);
  }

  /// An input, among those of all layers.
  [[nodiscard]] static std::string place_of(Role role, const std::string& matrix) {
    const auto layer = layer_of(matrix);
    return (layer ? std::to_string(*layer) + " " : std::string{}) + input_name(role, matrix);
  }
  [[nodiscard]] static std::string block_record(const std::string& matrix) { return "block " + matrix; }
  /// 0: none was chosen.
  [[nodiscard]] Result<std::uint32_t> kept_block(const std::string& matrix) const {
    std::uint32_t block = 0;
    if (journal_->has(block_record(matrix)))
      INGOT_CHECK(journal_->read(block_record(matrix), {std::as_writable_bytes(std::span{&block, 1})}));
    return block;
  }

  /// All rows of a matrix.
  Status read(const quant::RowSource& rows, const quant::PackedLayout& layout, std::span<float> out) {
    return quant::detail::for_each_slice(team_, layout.rows, [&](Slice slice) {
      return rows(slice.begin, slice.end, out.subspan(slice.begin * layout.columns, slice.size() * layout.columns));
    });
  }

  /// Rows of an input that activations are judged by.
  static constexpr std::size_t sampled_rows = 256;

  /// What some matrices of the layer multiply.
  struct LayerInput {
    std::string feeder;  // the matrix that shows it: the others of that input show the same rows
    std::unique_ptr<quant::Gram> gram;
    std::unique_ptr<quant::InputSample> sample;
    std::uint32_t block = 0;  // once chosen
  };

  std::span<const PlannedMatrix> plan_;
  MatrixExporter& exporter_;
  quant::GptqOptions options_;
  Writer write_;
  const quant::Product& product_;
  Team& team_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_tensor_;  // a tied matrix may be planned twice
  std::set<std::string, std::less<>> wanted_;                               // inputs of matrices that are not kept
  std::map<std::string, LayerInput, std::less<>> inputs_;                   // of the present layer
  Journal* journal_;
  bool by_gptq_, choose_blocks_;
  quant::ActivationBlocks blocks_;
};

}  // namespace ingot::model::detail
