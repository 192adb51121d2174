// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/overlays.hpp: what changes a checkpoint's weights before anything is made of them.

#include <filesystem>

#include <ingot/checkpoint/gptq_overlay.hpp>
#include <ingot/checkpoint/lora.hpp>
#include <ingot/checkpoint/source.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// Directories; empty: none.
struct Overlays {
  std::filesystem::path lora = {};  ///< an adapter, see merge_lora()
  bool split = false;               ///< of the adapter only what can stand beside the base
  std::filesystem::path gptq = {};  ///< see overlay_gptq(); what the adapter then changes is decoded
};

/// Errors: those of overlay_gptq() and merge_lora().
[[nodiscard]] inline Status overlay(Checkpoint& base, const Overlays& overlays, const NoteSink& note) {
  if (!overlays.gptq.empty()) INGOT_CHECK(overlay_gptq(base, overlays.gptq, note));
  if (!overlays.lora.empty()) INGOT_CHECK(merge_lora(base, overlays.lora, overlays.split, note));
  return {};
}

}  // namespace ingot::checkpoint
