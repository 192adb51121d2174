// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/overlays.hpp: what changes a checkpoint's weights before anything is made of them.

#include <filesystem>

#include <ingot/checkpoint/lora.hpp>
#include <ingot/checkpoint/source.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// Directories; empty: none.
struct Overlays {
  std::filesystem::path lora;  ///< an adapter, see merge_lora()
};

/// Errors: those of merge_lora().
[[nodiscard]] inline Status overlay(Checkpoint& base, const Overlays& overlays, const NoteSink& note) {
  if (!overlays.lora.empty()) INGOT_CHECK(merge_lora(base, overlays.lora, note));
  return {};
}

}  // namespace ingot::checkpoint
