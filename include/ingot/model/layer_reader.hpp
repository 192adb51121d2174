// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/layer_reader.hpp: what the layers of a config.json differ in: windows, rotation, mixers, experts.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/model/config.hpp>

namespace ingot::model {

/// Upper limit of the experts of a layer that a config may claim.
inline constexpr std::uint32_t max_experts = 1u << 14;

/// Whether `key` is there and null: transformers then has None, where an absent key has the default of its class.
inline bool is_none(const json::Value& root, std::string_view key) {
  bool none = false;
  const Status visited = root.each_member([&](std::string_view name, const json::Value& value) -> Status {
    if (name == key) none = value.is_null();
    return {};
  });
  return visited && none;
}

/// An integer from 1 to `limit`; `fallback` where the key is absent, 0: it must be there. Errors: damaged.
inline Result<std::uint32_t> read_count(const json::Value& root, std::string_view key, std::uint32_t limit, std::uint32_t fallback = 0) {
  INGOT_TRY(const auto value, fallback == 0 ? root.get<std::uint32_t>(key) : root.get<std::uint32_t>(key, fallback));
  if (value == 0 || value > limit) return root.problem("value out of range for", key);
  return value;
}

/// Size of a window or chunk: `fallback` where the key is absent, 0 (all positions) where it is null.
inline Result<std::uint32_t> read_span(const json::Value& root, std::string_view key, std::uint32_t fallback) {
  if (is_none(root, key)) return 0u;
  return root.get<std::uint32_t>(key, fallback);
}

/// Calls `use(Layer&, std::string_view type) -> bool` for each layer with its entry of `layer_types`; false: the type is unknown.
/// Returns whether the list is there. Errors: damaged, unsupported.
template <class Use>
Result<bool> each_layer_type(const json::Value& root, std::string_view key, Config& config, Use&& use) {
  const auto types = root.find(key);
  if (!types) return false;
  if (!types->is_array() || types->size() != config.layers.size()) return root.problem("one entry a layer expected in", key);
  std::size_t layer = 0;
  INGOT_CHECK(types->each_element([&](const json::Value& value) -> Status {
    INGOT_TRY(const auto type, value.as<std::string_view>(key));
    if (!use(config.layers[layer], type))
      return Error{ErrorCode::unsupported, "layer type \"" + std::string{type.substr(0, 60)} + "\" is not supported", "config.json", {}};
    ++layer;
    return {};
  }));
  return true;
}

/// A list of integers, one a layer; entries beyond the layers are not looked at. Empty where the key is absent.
/// Errors: damaged (too short, or `limit` passed).
inline Result<std::vector<std::uint32_t>> read_list(const json::Value& root, std::string_view key, std::size_t layers,
                                                    std::uint32_t limit) {
  std::vector<std::uint32_t> values;
  const auto list = root.find(key);
  if (!list || (list->is_array() && list->size() == 0)) return values;
  if (!list->is_array() || list->size() < layers) return root.problem("one entry a layer expected in", key);
  INGOT_CHECK(list->each_element([&](const json::Value& value) -> Status {
    if (values.size() == layers) return {};
    INGOT_TRY(const auto entry, value.is_bool() ? Result<std::uint32_t>{*value.as<bool>() ? 1u : 0u} : value.as<std::uint32_t>(key));
    if (entry > limit) return root.problem("value out of range in", key);
    values.push_back(entry);
    return {};
  }));
  return values;
}

/// A list of layer numbers as one flag a layer; numbers beyond the layers name none. Errors: damaged.
inline Result<std::vector<bool>> read_layer_set(const json::Value& root, std::string_view key, std::size_t layers) {
  std::vector<bool> members(layers, false);
  const auto list = root.find(key);
  if (!list) return members;
  if (!list->is_array()) return root.problem("expected a list for", key);
  INGOT_CHECK(list->each_element([&](const json::Value& value) -> Status {
    INGOT_TRY(const auto layer, value.as<std::uint32_t>(key));
    if (layer < layers) members[layer] = true;
    return {};
  }));
  return members;
}

/// The windows of Qwen 2 and 3: with use_sliding_window, by `layer_types`, else from layer max_window_layers on.
inline Status read_windows(const json::Value& root, Config& config) {
  INGOT_TRY(const bool used, root.get<bool>("use_sliding_window", false));
  INGOT_TRY(const auto window, read_span(root, "sliding_window", 4096));
  INGOT_TRY(const bool typed, each_layer_type(root, "layer_types", config, [&](Layer& layer, std::string_view type) {
              if (type == "sliding_attention" && used) layer.window = window;
              return type == "sliding_attention" || type == "full_attention";
            }));
  if (typed || !used) return {};
  INGOT_TRY(const auto first, root.get<std::uint32_t>("max_window_layers", 28));
  for (std::size_t layer = first; layer < config.layers.size(); ++layer) config.layers[layer].window = window;
  return {};
}

/// One window for all layers: `sliding_window`, `fallback` where it is absent, none where it is null.
inline Status read_window(const json::Value& root, std::uint32_t fallback, Config& config) {
  INGOT_TRY(const auto window, read_span(root, "sliding_window", fallback));
  for (Layer& layer : config.layers) layer.window = window;
  return {};
}

/// Windows on layers of type "sliding_attention"; without `layer_types` on all but each `pattern`-th. Returns which layers have one:
/// with window 0 too, since some families rotate those layers by other frequencies.
inline Result<std::vector<bool>> read_sliding_layers(const json::Value& root, std::uint32_t window, std::uint32_t pattern, Config& config) {
  std::vector<bool> sliding(config.layers.size(), false);
  std::size_t index = 0;
  INGOT_TRY(const bool typed, each_layer_type(root, "layer_types", config, [&](Layer&, std::string_view type) {
              sliding[index++] = type == "sliding_attention";
              return type == "sliding_attention" || type == "full_attention";
            }));
  for (std::size_t i = 0; i < sliding.size(); ++i) {
    if (!typed) sliding[i] = (i + 1) % pattern != 0;
    if (sliding[i]) config.layers[i].window = window;
  }
  return sliding;
}

/// Which layers do not rotate: `no_rope_layers` (0: this one does not), else each `no_rope_layer_interval`-th.
inline Status read_unrotated_layers(const json::Value& root, Config& config) {
  INGOT_TRY(const auto rotates, read_list(root, "no_rope_layers", config.layers.size(), 1));
  INGOT_TRY(const auto interval, read_count(root, "no_rope_layer_interval", 1u << 30, 4));
  for (std::size_t i = 0; i < config.layers.size(); ++i)
    if (rotates.empty() ? (i + 1) % interval == 0 : rotates[i] == 0) config.layers[i].rope = -1;
  return {};
}

/// Keys of a mixture of experts, and what transformers assumes where they are absent; 0: must be there.
struct ExpertKeys {
  std::string_view experts = "num_experts", used = "num_experts_per_tok", width = "moe_intermediate_size";
  std::uint32_t default_experts = 0, default_used = 0, default_width = 0;
};

/// The experts' extents. Errors: damaged.
inline Status read_experts(const json::Value& root, const ExpertKeys& keys, Config& config) {
  Shape& shape = config.shape;
  INGOT_TRY(shape.experts, read_count(root, keys.experts, max_experts, keys.default_experts));
  INGOT_TRY(shape.experts_used, read_count(root, keys.used, shape.experts, keys.default_used));
  INGOT_TRY(shape.expert_width, read_count(root, keys.width, 1u << 20, keys.default_width));
  return {};
}

/// Experts by Qwen's rule: layers outside `mlp_only_layers`, each `decoder_sparse_step`-th.
inline Status read_sparse_layers(const json::Value& root, Config& config) {
  INGOT_TRY(const auto dense, read_layer_set(root, "mlp_only_layers", config.layers.size()));
  INGOT_TRY(const auto step, read_count(root, "decoder_sparse_step", 1u << 30, 1));
  for (std::size_t i = 0; i < config.layers.size(); ++i) config.layers[i].sparse = !dense[i] && (i + 1) % step == 0;
  return {};
}

/// Groups of experts as DeepSeek has them. `defaults`: {n_group, topk_group}. Errors: damaged (groups that do not divide the experts,
/// fewer experts in the chosen groups than a token visits).
inline Status read_groups(const json::Value& root, std::pair<std::uint32_t, std::uint32_t> defaults, Config& config) {
  RoutingConfig& routing = config.routing;
  const Shape& shape = config.shape;
  INGOT_TRY(routing.groups, read_count(root, "n_group", shape.experts, defaults.first));
  INGOT_TRY(routing.groups_used, read_count(root, "topk_group", routing.groups, defaults.second));
  if (shape.experts % routing.groups != 0) return root.problem("must divide the experts:", "n_group");
  const std::uint32_t in_group = shape.experts / routing.groups;
  if (shape.experts_used > in_group * routing.groups_used) return root.problem("fewer experts to choose from than chosen:", "topk_group");
  if (routing.group_by_two && in_group < 2) return root.problem("groups of two experts at least expected:", "n_group");
  return {};
}

}  // namespace ingot::model
