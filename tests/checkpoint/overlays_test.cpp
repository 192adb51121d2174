// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/overlays.hpp>

#include <filesystem>

#include <doctest/doctest.h>

#include "checkpoint/tensor_file.hpp"
#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::checkpoint;
using namespace ingot::test;

TEST_CASE("an adapter changes what the GPTQ checkpoint has put into the base") {
  const TemporaryDirectory directory;
  const std::filesystem::path gptq = INGOT_GOLDEN_DIR "/checkpoint/quantized/gptq-order";
  const FloatTensor a = random_tensor({2, 64}, 1), b = random_tensor({24, 2}, 2);
  const auto model = write_model(directory.path() / "m", {{"m.x_proj.weight", random_tensor({24, 64}, 3)}});
  const auto adapter = write_adapter(directory.path() / "a", {{"m.x_proj.lora_A.weight", a}, {"m.x_proj.lora_B.weight", b}});
  const FloatTensor quantized{{24, 64}, decoded(*open(gptq)->tensors.find("m.x_proj.weight"))};
  auto base = open(model);
  REQUIRE(base);
  REQUIRE(overlay(*base, {}, {}));
  CHECK(!base->tensors.find("m.x_proj.weight")->values);
  REQUIRE(overlay(*base, {.lora = adapter, .gptq = gptq}, {}));
  CHECK(close(decoded(*base->tensors.find("m.x_proj.weight")), merged(quantized, b, a, 1.5)));
  CHECK(base->tensors.files().size() == 3);
  CHECK(!overlay(*base, {.gptq = directory.path() / "none"}, {}));
}
