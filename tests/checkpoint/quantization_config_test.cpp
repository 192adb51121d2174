// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/quantization_config.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::checkpoint;
using Method = QuantizationConfig::Method;

namespace {
Result<QuantizationConfig> read(std::string_view text) {
  const auto document = json::Document::parse(text, "config.json");
  REQUIRE(document);
  return read_quantization_config(document->root());
}
Result<QuantizationConfig> quantization(const std::string& members) { return read(R"({"quantization_config":{)" + members + "}}"); }
ErrorCode code(const std::string& members) {
  const auto config = quantization(members);
  REQUIRE(!config);
  CHECK(config.error().where == "config.json");
  return config.error().code;
}
}  // namespace

TEST_CASE("methods and their settings") {
  CHECK(read("{}")->method == Method::none);
  CHECK(read(R"({"quantization_config":null})")->method == Method::none);
  const auto gptq = quantization(R"("quant_method":"gptq","bits":8,"group_size":-1,"sym":true)");
  REQUIRE(gptq);
  CHECK(gptq->method == Method::gptq);
  CHECK(gptq->bits == 8);
  CHECK(gptq->group == 0);
  CHECK(gptq->zeros_less_one);
  CHECK(!quantization(R"("quant_method":"gptq","bits":4,"group_size":128,"checkpoint_format":"gptq_v2")")->zeros_less_one);
  CHECK(quantization(R"("quant_method":"awq","w_bit":4,"q_group_size":128,"version":"GEMM")")->group == 128);
  const auto fp8 = quantization(R"("quant_method":"fp8","weight_block_size":[128,64])");
  CHECK(fp8->method == Method::scaled);
  CHECK(fp8->block->columns == 64);
  CHECK(!quantization(R"("quant_method":"fp8")")->block);
  CHECK(read(R"({"text_config":{"quantization_config":{"quant_method":"mxfp4"}}})")->method == Method::mxfp4);
  CHECK(read(R"({"compression_config":{"quant_method":"compressed-tensors"}})")->method == Method::compressed);
  const auto blocks = quantization(R"("quant_method":"compressed-tensors","format":"float-quantized","config_groups":
    {"a":{"weights":null},"b":{"weights":{"block_structure":null}},"c":{"weights":{"block_structure":[16,40]}}})");
  CHECK(blocks->block->rows == 16);
}

TEST_CASE("forms without a meaning for us, and settings without one at all") {
  CHECK(code(R"("quant_method":"bitsandbytes")") == ErrorCode::unsupported);
  CHECK(code(R"("bits":4)") == ErrorCode::unsupported);
  CHECK(code(R"("quant_method":"gptq","bits":4,"checkpoint_format":"marlin")") == ErrorCode::unsupported);
  CHECK(code(R"("quant_method":"gptq","bits":7,"group_size":128)") == ErrorCode::unsupported);
  CHECK(code(R"("quant_method":"gptq","bits":4,"is_marlin_format":true)") == ErrorCode::unsupported);
  CHECK(code(R"("quant_method":"awq","bits":4,"group_size":128,"version":"gemv")") == ErrorCode::unsupported);
  CHECK(code(R"("quant_method":"compressed-tensors","format":"marlin-24")") == ErrorCode::unsupported);
  CHECK(code(R"("quant_method":"compressed-tensors","sparsity_config":{"format":"sparse-24-bitmask"})") == ErrorCode::unsupported);
  CHECK(code(R"("quant_method":"gptq","group_size":128)") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":"gptq","bits":4000,"group_size":128)") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":"gptq","bits":4,"group_size":0)") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":"gptq","bits":4,"group_size":-128)") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":"fp8","weight_block_size":[128])") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":"fp8","weight_block_size":[128,0])") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":"fp8","weight_block_size":[128,18446744073709551615])") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":"fp8","weight_block_size":[1,1,1])") == ErrorCode::damaged);
  CHECK(code(R"("quant_method":["gptq"])") == ErrorCode::damaged);
}
