// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/layer_state.hpp: the state that layers without attention keep of a sequence, and when it is copied.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/kernels/delta_task.hpp>
#include <ingot/model/batch.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/kv_states.hpp>

namespace ingot::model {

/// The state of a delta rule layer: the last inputs of its convolution [taps - 1][channels], then the heads' matrices
/// [delta_heads][kernels::delta_state_floats].
struct DeltaState {
  std::size_t heads = 0, head_floats = 0;  ///< where the matrices begin; floats of one
  std::size_t floats = 0;                  ///< of all

  explicit constexpr DeltaState(const Shape& s) noexcept
      : heads{round_up(std::size_t{s.taps == 0 ? 0 : s.taps - 1} * s.delta_channels(), 16)},
        head_floats{kernels::delta_state_floats({s.delta_key, s.delta_value})},
        floats{heads + s.delta_heads * head_floats} {}
};

/// Where the projections of a delta rule layer stand in a row of StepState::mixed. Queries, keys and values are the channels of its
/// convolution.
struct DeltaColumns {
  std::size_t query = 0, key = 0, value = 0;
  std::size_t gate = 0;             ///< z [delta_heads * delta_value]
  std::size_t beta = 0, decay = 0;  ///< [delta_heads]
  std::size_t width = 0;

  explicit constexpr DeltaColumns(const Shape& s) noexcept
      : key{std::size_t{s.delta_key_heads} * s.delta_key},
        value{2 * key},
        gate{round_up(value + std::size_t{s.delta_heads} * s.delta_value, 16)},
        beta{round_up(gate + std::size_t{s.delta_heads} * s.delta_value, 16)},
        decay{round_up(beta + s.delta_heads, 16)},
        width{decay + s.delta_heads} {}
};

/// Floats of the state of a layer; a convolution's is its last inputs [taps - 1][hidden].
[[nodiscard]] constexpr std::size_t state_floats(const Shape& s, Mixer mixer) noexcept {
  if (mixer == Mixer::delta) return DeltaState{s}.floats;
  if (mixer == Mixer::convolution) return std::size_t{s.taps == 0 ? 0 : s.taps - 1} * s.hidden;
  return 0;
}

/// Floats that the states of all layers may take. They do not grow with a file's size as weights do: a config of few weights could
/// ask for all memory.
inline constexpr std::size_t max_state_floats = std::size_t{1} << 28;

/// Calls use(row, rows, end) for a run's rows in order, cut where the state may have to be copied: `end` is the position behind
/// them, a multiple of snapshot_positions for all but the last.
template <class Use>
void each_stretch(const Run& run, Use&& use) {
  for (std::uint32_t done = 0; done < run.rows;) {
    const std::uint32_t position = run.position + done;
    const std::uint32_t rows = std::min(run.rows - done, snapshot_positions - position % snapshot_positions);
    use(run.row + done, rows, position + rows);
    done += rows;
  }
}

}  // namespace ingot::model
