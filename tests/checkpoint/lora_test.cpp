// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/lora.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/arrangement.hpp>
#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/checkpoint/source.hpp>

using namespace ingot;
using namespace ingot::checkpoint;
namespace fs = std::filesystem;

namespace {
const fs::path golden = INGOT_GOLDEN_DIR "/checkpoint/lora";

std::vector<float> decoded(const TensorInfo& tensor) {
  std::vector<float> values(tensor.elements());
  REQUIRE(decode_rows(tensor, 0, tensor.rows(), values));
  return values;
}

Checkpoint base_of(const std::string& name) {
  auto base = open(golden / (name.starts_with("gpt_oss") ? "gpt_oss" : "base"));
  REQUIRE(base);
  return *std::move(base);
}

}  // namespace

TEST_CASE("merged weights are those of PEFT") {
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator{golden}) {
    const std::string name = entry.path().filename().string();
    if (name == "base" || name == "gpt_oss") continue;
    INFO(name);
    ++cases;
    const Checkpoint before = base_of(name);
    Checkpoint merged = base_of(name);
    const Status status = merge_lora(merged, entry.path());
    REQUIRE_MESSAGE(status, status.error().message());
    const auto expected = open_safetensors(entry.path() / "expected.safetensors");
    REQUIRE(expected);
    CHECK(merged.tensors.size() == before.tensors.size());
    CHECK(merged.tensors.files().size() == 2);
    for (const TensorInfo& tensor : before.tensors) {
      INFO(tensor.name);
      const TensorInfo* const changed = expected->tensors.find(tensor.name);
      const TensorInfo* const now = merged.tensors.find(tensor.name);
      REQUIRE(now != nullptr);
      CHECK(now->shape == tensor.shape);
      const auto values = decoded(*now), wanted = decoded(changed != nullptr ? *changed : tensor);
      double worst = 0;
      for (std::size_t i = 0; i < values.size(); ++i) worst = std::max(worst, std::abs(double{values[i]} - double{wanted[i]}));
      CHECK(worst <= (changed != nullptr ? 2e-6 : 0));
    }
  }
  CHECK(cases == 15);
}
