// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_merger.hpp: what each tensor of an adapter changes in a checkpoint.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/lora_config.hpp>
#include <ingot/checkpoint/lora_experts.hpp>
#include <ingot/checkpoint/lora_names.hpp>
#include <ingot/checkpoint/lora_values.hpp>
#include <ingot/checkpoint/module_finder.hpp>

namespace ingot::checkpoint {

/// Finds out what each tensor of an adapter changes, and collects the changed tensors.
class LoraMerger {
 public:
  LoraMerger(const TensorIndex& base, const LoraConfig& config, bool experts_transposed, bool split)
      : config_{config}, experts_transposed_{experts_transposed}, split_{split}, finder_{base} {}

  /// Takes up a tensor of the adapter, which outlives this. Errors: damaged, unsupported.
  [[nodiscard]] Status add(const TensorInfo& tensor) {
    constexpr std::size_t name_limit = 512;
    if (tensor.name.size() > name_limit) return Error{ErrorCode::damaged, "a name of more than 512 characters", tensor.file, {}};
    auto name = parse_lora_name(tensor.name);
    if (!name)
      return tensor.problem(ErrorCode::unsupported, "a part of an adapter that is no plain LoRA", "merge it with the tool that trained it");
    if (name->part == LoraPart::copy) return {};
    if (tensor.type != ElementType::f32 && tensor.type != ElementType::f16 && tensor.type != ElementType::bf16)
      return tensor.problem(ErrorCode::unsupported, "an adapter of type " + std::string{checkpoint::name(tensor.type)});
    if (tensor.elements() == 0) return tensor.problem(ErrorCode::damaged, "an adapter of rank 0 or an empty tensor");
    INGOT_CHECK(check_finite(tensor));
    if (!name->adapter.empty()) {
      if (!adapter_.empty() && adapter_ != name->adapter)
        return tensor.problem(ErrorCode::unsupported, "adapters \"" + adapter_ + "\" and \"" + name->adapter + "\" in one file",
                              "save them apart");
      adapter_ = name->adapter;
    }
    if (split_ && (name->part == LoraPart::b_bias || name->part == LoraPart::magnitude)) return no_factor(tensor);
    if (name->part == LoraPart::whole) {
      if (!wholes_.emplace(std::move(name->module), &tensor).second) return tensor.problem(ErrorCode::damaged, "stored twice");
      return {};
    }
    const TensorInfo*& place = modules_[std::move(name->module)].parts[static_cast<std::size_t>(name->part)];
    if (place != nullptr) return tensor.problem(ErrorCode::damaged, "stored twice, the other time as " + place->name);
    place = &tensor;
    return {};
  }

  /// The tensors that take the place of the base's of the same names, or are new. Errors: damaged, unsupported.
  [[nodiscard]] Result<std::map<std::string, TensorInfo>> changed() {
    for (const auto& [name, tensor] : wholes_) INGOT_CHECK(replace(name, *tensor));
    for (const auto& [module, group] : modules_) INGOT_CHECK(change(module, group));
    keep_tied_head();
    return std::move(changed_);
  }
  /// Names that the adapter has in another form than the base: the first of them.
  [[nodiscard]] const std::string& renamed() const noexcept { return renamed_; }

 private:
  struct Module {
    std::array<const TensorInfo*, lora_parts> parts{};
    [[nodiscard]] const TensorInfo* operator[](LoraPart part) const noexcept { return parts[static_cast<std::size_t>(part)]; }
  };
  static constexpr std::string_view other_base = "it was trained on another model than --path names";
  static constexpr std::array<std::string_view, 3> heads{"lm_head", "embed_out", "output_layer"};

  [[nodiscard]] static Error no_factor(const TensorInfo& tensor) {
    return tensor.problem(ErrorCode::unsupported, "no factor of a matrix, which is all that can stand beside the base",
                          "merge the adapter: leave --lora_split out");
  }
  [[nodiscard]] static Status check_finite(const TensorInfo& tensor) {
    std::array<float, 1024> values;
    for (std::size_t first = 0, size; first < tensor.elements(); first += size) {
      size = std::min(values.size(), tensor.elements() - first);
      detail::decode_run(tensor, first, std::span{values}.first(size));
      for (std::size_t i = 0; i < size; ++i)
        if (!std::isfinite(values[i]))
          return tensor.problem(ErrorCode::damaged, "value " + std::to_string(first + i) + " is not finite",
                                "the adapter is damaged or was trained badly");
    }
    return {};
  }

  /// The tensor of the base that the adapter calls `name`, and what it is so far: a null pointer when there is none.
  [[nodiscard]] const TensorInfo* find(const std::string& name) {
    const TensorInfo* tensor = finder_.find(name);
    if (tensor == nullptr) return nullptr;
    if (tensor->name != name && renamed_.empty()) renamed_ = name + " of the adapter is taken for " + tensor->name;
    const auto known = changed_.find(tensor->name);
    return known == changed_.end() ? tensor : &known->second;
  }

  /// The embedding of the base, which is its head, too, where that has no tensor.
  [[nodiscard]] const TensorInfo* embedding() {
    for (const char* name : {"embed_tokens.weight", "wte.weight", "word_embeddings.weight", "tok_embeddings.weight", "embed_in.weight"})
      if (const TensorInfo* tensor = finder_.find(name)) return tensor;
    return nullptr;
  }
  [[nodiscard]] bool has_head() {
    return std::any_of(heads.begin(), heads.end(),
                       [&](std::string_view head) { return finder_.find(std::string{head} + ".weight") != nullptr; });
  }
  /// The head as a tensor of its own, of the values that the base's embedding has.
  [[nodiscard]] static TensorInfo head_of(const TensorInfo& embedding) {
    constexpr std::string_view stem = "model.embed_tokens.weight";
    TensorInfo head = embedding;
    const std::string_view name = embedding.name;
    const std::string_view before = name.ends_with(stem) ? name.substr(0, name.size() - stem.size()) : std::string_view{};
    head.name = (before.empty() || before.back() == '.' ? std::string{before} : std::string{}) + "lm_head.weight";
    return head;
  }
  /// The base's tensor for `name` of the adapter, or the tied head where it is that.
  [[nodiscard]] Result<TensorInfo> target(const std::string& name, const TensorInfo& adapter) {
    if (const TensorInfo* tensor = find(name)) return *tensor;
    for (const std::string_view head : heads)
      if (name == std::string{head} + ".weight" || name.ends_with("." + std::string{head} + ".weight"))
        if (const TensorInfo* tied = embedding(); tied != nullptr && !has_head()) {
          TensorInfo made = head_of(*tied);
          const auto known = changed_.find(made.name);
          return known == changed_.end() ? made : known->second;
        }
    return adapter.problem(ErrorCode::damaged, "the model has no " + name, std::string{other_base});
  }

  [[nodiscard]] Status replace(const std::string& name, const TensorInfo& tensor) {
    INGOT_TRY(const TensorInfo old, target(name, tensor));
    if (old.shape != tensor.shape)
      return tensor.problem(ErrorCode::damaged, "its shape is not that of " + old.file + ": " + old.name,
                            "if the vocabulary was resized, resize the model as the adapter's tool did, and save it");
    const bool same = !old.values && old.type == tensor.type && old.selection.is_identity() && old.permutation.is_identity() &&
                      std::equal(old.bytes.begin(), old.bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
    if (same) return {};
    if (split_) return no_factor(tensor);
    TensorInfo made = tensor;
    made.name = old.name;
    changed_.insert_or_assign(old.name, std::move(made));
    return {};
  }

  [[nodiscard]] Status change(const std::string& module, const Module& group) {
    const bool embedding = group[LoraPart::embedding_a] != nullptr || group[LoraPart::embedding_b] != nullptr;
    const TensorInfo* const a = group[embedding ? LoraPart::embedding_a : LoraPart::a];
    const TensorInfo* const b = group[embedding ? LoraPart::embedding_b : LoraPart::b];
    const TensorInfo& any = **std::find_if(group.parts.begin(), group.parts.end(), [](const TensorInfo* part) { return part != nullptr; });
    if (a == nullptr || b == nullptr)
      return any.problem(ErrorCode::damaged, "its partner, " + std::string{a == nullptr ? "A" : "B"} + " of B A, is missing",
                         "the adapter was not saved whole");
    if (group.parts[0] != nullptr && embedding) return any.problem(ErrorCode::damaged, "factors of a matrix and of an embedding");
    if (a->shape.size() != 2 || b->shape.size() != 2) return any.problem(ErrorCode::unsupported, "LoRA of a convolution");

    std::string stem = module;
    for (constexpr std::string_view layer = ".base_layer"; stem.ends_with(layer);) stem.resize(stem.size() - layer.size());
    if (!embedding && find(stem + ".weight") == nullptr) {
      LoraExperts experts{*a, *b, config_, experts_transposed_};
      INGOT_TRY(auto matrices, experts.match(stem, [&](const std::string& name) { return find(name); }));
      if (!matrices.empty()) {
        if (group[LoraPart::magnitude] != nullptr || group[LoraPart::b_bias] != nullptr || config_.dora)
          return any.problem(ErrorCode::unsupported, "DoRA or a bias of experts");
        for (LoraParts& parts : matrices) INGOT_CHECK(put(std::move(parts), *a));
        return {};
      }
    }
    INGOT_TRY(TensorInfo base, target(stem + ".weight", *a));
    INGOT_TRY(LoraParts parts, factors(std::move(base), *a, *b, embedding, module));
    INGOT_CHECK(add_lengths(group[LoraPart::magnitude], *a, parts));
    const float scale = parts.scale;
    INGOT_CHECK(put(std::move(parts), *a));
    return group[LoraPart::b_bias] == nullptr ? Status{} : change_bias(stem, *group[LoraPart::b_bias], scale);
  }

  [[nodiscard]] Result<LoraParts> factors(TensorInfo base, const TensorInfo& a, const TensorInfo& b, bool embedding,
                                          const std::string& module) const {
    const std::size_t rank = a.shape[0], in = a.shape[1], out = b.shape[0];
    if (b.shape[1] != rank) return b.problem(ErrorCode::damaged, "its rank is not that of " + a.name);
    if (rank != config_.rank_of(module))
      return a.problem(ErrorCode::damaged,
                       "its rank is " + std::to_string(rank) + ", the adapter's config says " + std::to_string(config_.rank_of(module)));
    if (base.shape.size() != 2) return a.problem(ErrorCode::unsupported, "LoRA of a tensor that is no matrix: " + base.name);
    const std::size_t rows = base.shape[0], columns = base.shape[1];
    const bool straight = rows == out && columns == in, crossed = rows == in && columns == out;
    if (!(embedding ? crossed : straight || crossed) || (!embedding && crossed && !straight && !config_.transposed))
      return a.problem(ErrorCode::damaged,
                       "B A is " + std::to_string(out) + " x " + std::to_string(in) + ", " + base.file + ": " + base.name + " is " +
                           std::to_string(rows) + " x " + std::to_string(columns),
                       std::string{other_base});
    const LoraFactor of_in{.bytes = a.bytes, .type = a.type, .step = 1, .ranks = in},
        of_out{.bytes = b.bytes, .type = b.type, .step = rank, .ranks = 1};
    const bool down = embedding || (crossed && config_.transposed);
    return LoraParts{
        .base = std::move(base),
        .block_rows = rows,
        .rank = rank,
        .scale = static_cast<float>(config_.scale_of(module)),
        .left = down ? of_in : of_out,
        .right = down ? of_out : of_in,
        .magnitude = config_.dora ? (down ? LoraParts::Magnitude::columns : LoraParts::Magnitude::rows) : LoraParts::Magnitude::none};
  }

  [[nodiscard]] Status add_lengths(const TensorInfo* lengths, const TensorInfo& a, LoraParts& parts) const {
    if (config_.dora != (lengths != nullptr))
      return (lengths == nullptr ? a : *lengths)
          .problem(ErrorCode::damaged, config_.dora ? "DoRA without lora_magnitude_vector" : "lengths of DoRA, which use_dora denies",
                   "the adapter was not saved whole");
    if (lengths == nullptr) return {};
    const std::size_t count = parts.magnitude == LoraParts::Magnitude::rows ? parts.base.rows() : parts.base.columns();
    if (lengths->elements() != count)
      return lengths->problem(ErrorCode::damaged, "not " + std::to_string(count) + " lengths", std::string{other_base});
    parts.lengths = {.bytes = lengths->bytes, .type = lengths->type, .step = 1};
    return {};
  }

  [[nodiscard]] Status change_bias(const std::string& module, const TensorInfo& bias, float scale) {
    const TensorInfo* const base = find(module + ".bias");
    if (base == nullptr)
      return bias.problem(ErrorCode::unsupported, "a bias for a matrix that has none", "merge it with the tool that trained it");
    if (base->shape != bias.shape || bias.shape.size() != 1)
      return bias.problem(ErrorCode::damaged, "its shape is not that of " + base->name, std::string{other_base});
    static constexpr float one = 1;
    return put({.base = *base,
                .block_rows = 1,
                .rank = 1,
                .scale = scale,
                .left = {.bytes = std::as_bytes(std::span{&one, 1})},
                .right = {.bytes = bias.bytes, .type = bias.type, .step = 1}},
               bias);
  }

  /// Notes a changed tensor, whose factors fit.
  [[nodiscard]] Status put(LoraParts parts, const TensorInfo& adapter) {
    const TensorInfo& base = parts.base;
    const bool whole = base.shape.size() > 1 || (base.selection.is_identity() && base.permutation.is_identity());
    if (!is_decodable(base) || base.column_step != 0 || base.plus_one || base.unit_rows || !whole)
      return base.problem(ErrorCode::unsupported, "a tensor stored as " + std::string{name(base.type)} + " that no adapter can change");
    if (base.values && base.values->lora() != nullptr) return adapter.problem(ErrorCode::damaged, "a second change of " + base.name);
    if (!std::isfinite(parts.scale)) return adapter.problem(ErrorCode::damaged, "its scale is not finite");
    TensorInfo made{.name = base.name, .type = base.type, .shape = base.shape, .bytes = base.bytes, .file = base.file};
    made.values = std::make_shared<const LoraValues>(std::move(parts));
    std::string name = made.name;
    changed_.insert_or_assign(std::move(name), std::move(made));
    return {};
  }

  /// The adapter was trained with a head that did not change when the embedding did.
  void keep_tied_head() {
    if (config_.tied || has_head()) return;
    const TensorInfo* const tied = embedding();
    if (tied == nullptr || !changed_.contains(tied->name)) return;
    TensorInfo head = head_of(*tied);
    const TensorInfo& now = changed_.find(tied->name)->second;
    if (const auto own = changed_.find(head.name); own == changed_.end())
      changed_.emplace(head.name, head);
    else if (!own->second.values && !now.values &&
             std::equal(now.bytes.begin(), now.bytes.end(), own->second.bytes.begin(), own->second.bytes.end()))
      changed_.erase(own);  // both were saved, as one
  }

  const LoraConfig& config_;
  bool experts_transposed_, split_;
  ModuleFinder finder_;
  std::string adapter_, renamed_;
  std::map<std::string, const TensorInfo*> wholes_;
  std::map<std::string, Module> modules_;
  std::map<std::string, TensorInfo> changed_;
};

}  // namespace ingot::checkpoint
