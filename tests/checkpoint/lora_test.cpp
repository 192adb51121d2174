// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/lora.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/checkpoint/arrangement.hpp>
#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/safetensors.hpp>
#include <ingot/checkpoint/source.hpp>

#include "checkpoint/tensor_file.hpp"
#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::checkpoint;
using namespace ingot::test;
namespace fs = std::filesystem;

namespace {
const fs::path golden = INGOT_GOLDEN_DIR "/checkpoint/lora";

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

TEST_CASE("the change is seen through every arrangement of the base, and in any part of a row") {
  const TemporaryDirectory directory;
  const std::size_t rows = 24, columns = 600;  // more than a run of columns
  FloatTensors base{{"m.qkv.weight", random_tensor({rows, columns}, 1)}, {"m.x.weight", random_tensor({8, 600}, 2)}};
  const FloatTensor a = random_tensor({2, columns}, 3), b = random_tensor({rows, 2}, 4);
  write_adapter(directory.path() / "a", {{"base_model.model.m.qkv.lora_A.weight", a}, {"base_model.model.m.qkv.lora_B.weight", b}});
  auto opened = open(write_model(directory.path() / "m", base));
  REQUIRE(opened);
  REQUIRE(merge_lora(*opened, directory.path() / "a"));
  const auto whole = merged(base["m.qkv.weight"], b, a, 1.5);
  CHECK(close(decoded(*opened->tensors.find("m.qkv.weight")), whole));
  CHECK(!opened->tensors.find("m.qkv.weight")->values->is_quantized());
  CHECK(opened->tensors.find("m.qkv.weight")->values->form() == "F32");
  std::vector<float> part(301);
  opened->tensors.find("m.qkv.weight")->values->decode(7, 250, part);
  CHECK(close(part, {whole.begin() + 7 * 600 + 250, whole.begin() + 7 * 600 + 551}));

  Arrangement arrangement{std::move(opened->tensors)};
  arrangement.copy("m.qkv", "t").transpose("t").split("m.qkv", Split{3, {{"q", 5}, {"k", 3}}}).normalize_rows("q");
  const auto index = std::move(arrangement).finish();
  REQUIRE(index);
  const auto k = decoded(*index->find("k.weight")), t = decoded(*index->find("t.weight")), q = decoded(*index->find("q.weight"));
  for (std::size_t row = 0; row < 9; ++row)
    CHECK(close({k.begin() + static_cast<std::ptrdiff_t>(row * columns), k.begin() + static_cast<std::ptrdiff_t>((row + 1) * columns)},
                {whole.begin() + static_cast<std::ptrdiff_t>((row / 3 * 8 + 5 + row % 3) * columns),
                 whole.begin() + static_cast<std::ptrdiff_t>((row / 3 * 8 + 6 + row % 3) * columns)}));
  bool same = true;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t c = 0; c < columns; ++c) same = same && std::abs(t[c * rows + row] - whole[row * columns + c]) < 1e-5f;
  CHECK(same);
  double squares = 0;
  for (std::size_t c = 0; c < columns; ++c) squares += double{q[c]} * double{q[c]};
  CHECK(std::abs(squares - 1) < 1e-5);
}

TEST_CASE("a quantized base is decoded, changed, and still called quantized") {
  const TemporaryDirectory directory;
  const fs::path gptq = INGOT_GOLDEN_DIR "/checkpoint/quantized/gptq-order";
  auto base = open(gptq);
  REQUIRE(base);
  const FloatTensor w{{24, 64}, decoded(*base->tensors.find("m.x_proj.weight"))}, a = random_tensor({2, 64}, 5),
                                                                                  b = random_tensor({24, 2}, 6);
  write_adapter(directory.path(), {{"m.x_proj.lora_A.weight", a}, {"m.x_proj.lora_B.weight", b}});
  REQUIRE(merge_lora(*base, directory.path()));
  const TensorInfo& tensor = *base->tensors.find("m.x_proj.weight");
  CHECK(close(decoded(tensor), merged(w, b, a, 1.5)));
  CHECK(tensor.values->is_quantized());
  CHECK(tensor.values->form() == "GPTQ");
  CHECK(tensor.values->group_codes() == nullptr);
}

TEST_CASE("a GGUF base is changed in the order of rows that adapters know") {
  const TemporaryDirectory directory;
  auto base = open(INGOT_GOLDEN_DIR "/checkpoint/llama.gguf");
  REQUIRE(base);
  const std::string name = "model.layers.1.self_attn.k_proj";
  const TensorInfo& before = *base->tensors.find(name + ".weight");
  REQUIRE(!before.permutation.is_identity());
  const FloatTensor w{before.shape, decoded(before)}, a = random_tensor({2, before.columns()}, 7), b = random_tensor({before.rows(), 2}, 8);
  write_adapter(directory.path(), {{"base_model.model." + name + ".lora_A.weight", a}, {"base_model.model." + name + ".lora_B.weight", b}});
  REQUIRE(merge_lora(*base, directory.path()));
  CHECK(close(decoded(*base->tensors.find(name + ".weight")), merged(w, b, a, 1.5)));
}

TEST_CASE("what is tied to a changed embedding or head stays as it was trained with") {
  const TemporaryDirectory directory;
  const FloatTensor embedding = random_tensor({6, 4}, 1), a = random_tensor({2, 4}, 2), b = random_tensor({6, 2}, 3),
                    ea = random_tensor({2, 6}, 4), eb = random_tensor({4, 2}, 5), whole = random_tensor({6, 4}, 6);
  const auto model = write_model(directory.path() / "m", {{"model.embed_tokens.weight", embedding}}, ",\"tie_word_embeddings\":true");
  const auto with = [&](const FloatTensors& tensors, const std::string& config = R"({"peft_type":"LORA","r":2,"lora_alpha":3})") {
    auto base = open(model);
    REQUIRE(base);
    const auto status = merge_lora(*base, write_adapter(directory.path() / "a", tensors, config));
    REQUIRE_MESSAGE(status, status.error().message());
    return *std::move(base);
  };
  const auto head = with({{"base_model.model.lm_head.lora_A.weight", a}, {"base_model.model.lm_head.lora_B.weight", b}});
  CHECK(decoded(*head.tensors.find("model.embed_tokens.weight")) == embedding.values);
  CHECK(close(decoded(*head.tensors.find("lm_head.weight")), merged(embedding, b, a, 1.5)));

  const FloatTensors of_embedding{{"base_model.model.model.embed_tokens.lora_embedding_A", ea},
                                  {"base_model.model.model.embed_tokens.lora_embedding_B", eb}};
  const auto tokens = with(of_embedding);
  CHECK(decoded(*tokens.tensors.find("lm_head.weight")) == embedding.values);
  CHECK(decoded(*tokens.tensors.find("model.embed_tokens.weight")) != embedding.values);
  const auto tied = with(of_embedding, R"({"peft_type":"LORA","r":2,"lora_alpha":3,"ensure_weight_tying":true})");
  CHECK(tied.tensors.find("lm_head.weight") == nullptr);

  const auto both = with({{"base_model.model.lm_head.weight", whole}, {"base_model.model.model.embed_tokens.weight", whole}});
  CHECK(both.tensors.find("lm_head.weight") == nullptr);
  CHECK(decoded(*both.tensors.find("model.embed_tokens.weight")) == whole.values);
  const auto unchanged = with({{"base_model.model.model.embed_tokens.weight", embedding}});
  CHECK(unchanged.tensors.find("lm_head.weight") == nullptr);
}

TEST_CASE("adapters of other bases and hostile ones are refused before anything is decoded") {
  const TemporaryDirectory directory;
  const auto model = write_model(directory.path() / "m", {{"m.q.weight", random_tensor({6, 4}, 1)},
                                                          {"m.conv.weight", random_tensor({6, 1, 3}, 1)},
                                                          {"m.e.down_proj", random_tensor({3, 4, 4}, 1)}});
  const auto zeros = [](std::vector<std::size_t> shape) { return random_tensor(std::move(shape), 1); };
  const std::string q = "base_model.model.m.q.", plain = R"({"peft_type":"LORA","r":2,"lora_alpha":3)";
  const auto fails = [&](const FloatTensors& tensors, const std::string& config, ErrorCode code, std::string_view what) {
    auto base = open(model);
    REQUIRE(base);
    const auto status = merge_lora(*base, write_adapter(directory.path() / "a", tensors, config + "}"));
    REQUIRE(!status);
    CHECK_MESSAGE(status.error().code == code, status.error().message());
    CHECK_MESSAGE(status.error().message().find(what) != std::string::npos, status.error().message());
  };
  const FloatTensor a = zeros({2, 4}), b = zeros({6, 2});
  const ErrorCode damaged = ErrorCode::damaged, unsupported = ErrorCode::unsupported;
  {
    auto base = open(model);
    REQUIRE(merge_lora(*base, write_adapter(directory.path() / "a", {{q + "lora_A.weight", a}, {q + "lora_B.weight", b}})));
  }
  fails({}, plain, damaged, "without tensors");
  fails({{q + "lora_A.weight", a}}, plain, damaged, "B of B A, is missing");
  fails({{q + "lora_B.weight", b}}, plain, damaged, "A of B A, is missing");
  fails({{"m.x.lora_A.weight", a}, {"m.x.lora_B.weight", b}}, plain, damaged, "the model has no m.x.weight");
  fails({{q + "lora_A.weight", zeros({2, 5})}, {q + "lora_B.weight", b}}, plain, damaged, "6 x 5");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", zeros({7, 2})}}, plain, damaged, "m.q.weight is 6 x 4");
  fails({{q + "lora_A.weight", zeros({2, 6})}, {q + "lora_B.weight", zeros({4, 2})}}, plain, damaged, "4 x 6");
  fails({{q + "lora_A.weight", zeros({3, 4})}, {q + "lora_B.weight", zeros({6, 3})}}, plain, damaged, "rank is 3");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", zeros({6, 3})}}, plain, damaged, "rank");
  fails({{q + "lora_A.weight", zeros({0, 4})}, {q + "lora_B.weight", zeros({6, 0})}}, plain, damaged, "rank 0");
  fails({{q + "lora_A.weight", zeros({4})}, {q + "lora_B.weight", b}}, plain, unsupported, "convolution");
  fails({{"m.conv.lora_A.weight", zeros({2, 3})}, {"m.conv.lora_B.weight", b}}, plain, unsupported, "no matrix");
  fails({{q + "lora_A.weight", a}, {q + "lora_A.default.weight", a}, {q + "lora_B.weight", b}}, plain, damaged, "stored twice");
  fails({{q + "lora_A.x.weight", a}, {q + "lora_B.y.weight", b}}, plain, unsupported, "\"x\" and \"y\"");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}, {q + "lora_E", a}}, plain, unsupported, "lora_E");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}}, plain + ",\"use_dora\":true", damaged, "lora_magnitude_vector");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}, {q + "lora_magnitude_vector", zeros({6})}}, plain, damaged, "use_dora");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}, {q + "lora_magnitude_vector", zeros({4})}}, plain + ",\"use_dora\":true",
        damaged, "not 6 lengths");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}, {q + "lora_B.bias", zeros({6})}}, plain, unsupported, "none");
  fails({{q + "weight", zeros({7, 4})}}, plain, damaged, "its shape is not that of");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}, {"m.q.base_layer.lora_A.weight", a}, {"m.q.base_layer.lora_B.weight", b}},
        plain, damaged, "second change");
  fails({{"m.e.lora_A.weight", zeros({6, 5})}, {"m.e.lora_B.weight", zeros({4, 6})}}, plain, damaged, "no experts of m.e");
  fails({{"m.e.lora_A.weight", zeros({7, 4})}, {"m.e.lora_B.weight", zeros({4, 7})}}, plain, damaged, "each of 3 experts");
  fails({{q + std::string(600, 'x') + ".lora_A.weight", a}}, plain, damaged, "512");
  fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}}, R"({"peft_type":"LORA","r":2,"lora_alpha":1e300)", damaged, "scale");
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    FloatTensor poisoned = b;
    poisoned.values.back() = value;
    fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", poisoned}}, plain, damaged, "value 11 is not finite");
    fails({{q + "lora_A.weight", a}, {q + "lora_B.weight", b}}, R"({"peft_type":"LORA","r":2,"lora_alpha":1e400)", damaged,
          "adapter_config.json");
  }

  auto base = open(model);
  REQUIRE(base);
  CHECK(merge_lora(*base, directory.path()).error().code == ErrorCode::not_found);
  write_adapter(directory.path() / "a", {});
  fs::remove(directory.path() / "a" / "adapter_model.safetensors");
  CHECK(merge_lora(*base, directory.path() / "a").error().code == ErrorCode::not_found);
  directory.write("a/adapter_model.bin", "x");
  CHECK(merge_lora(*base, directory.path() / "a").error().code == unsupported);
  CHECK(decoded(*base->tensors.find("m.q.weight")) == random_tensor({6, 4}, 1).values);  // still usable
}

TEST_CASE("only factors can stand beside a base") {
  const TemporaryDirectory directory;
  const FloatTensor w = random_tensor({6, 4}, 1), a = random_tensor({2, 4}, 2), b = random_tensor({6, 2}, 3);
  const auto model = write_model(directory.path() / "m", {{"m.q.weight", w}, {"m.q.bias", random_tensor({6}, 4)}, {"m.k.weight", w}});
  const auto split = [&](FloatTensors tensors, const std::string& more = {}) {
    auto base = open(model);
    REQUIRE(base);
    tensors["m.q.lora_A.weight"] = a, tensors["m.q.lora_B.weight"] = b;
    write_adapter(directory.path() / "a", tensors, R"({"peft_type":"LORA","r":2,"lora_alpha":3)" + more + "}");
    const auto status = merge_lora(*base, directory.path() / "a", true);
    return status ? ErrorCode::other : status.error().code;
  };
  CHECK(split({}) == ErrorCode::other);
  CHECK(split({{"m.k.weight", w}}) == ErrorCode::other);  // as it was
  CHECK(split({{"m.k.weight", random_tensor({6, 4}, 9)}}) == ErrorCode::unsupported);
  CHECK(split({{"m.q.lora_B.bias", random_tensor({6}, 9)}}) == ErrorCode::unsupported);
  CHECK(split({{"m.q.lora_magnitude_vector", random_tensor({6}, 9)}}, ",\"use_dora\":true") == ErrorCode::unsupported);
}

TEST_CASE("experts that the checkpoint holds apart take the change of fused parameters") {
  const TemporaryDirectory directory;
  const std::size_t experts = 3, hidden = 4, wide = 6, rank = 2;
  FloatTensors base;
  for (std::size_t e = 0; e < experts; ++e)
    for (const char* name : {"gate_proj", "up_proj", "down_proj"}) {
      const bool down = std::string{name} == "down_proj";
      base["m.experts." + std::to_string(e) + "." + name + ".weight"] =
          random_tensor({down ? hidden : wide, down ? wide : hidden}, static_cast<std::uint32_t>(10 * e + base.size()));
    }
  const FloatTensor up_a = random_tensor({rank * experts, hidden}, 91), up_b = random_tensor({2 * wide, rank * experts}, 92),
                    down_a = random_tensor({rank * experts, wide}, 93), down_b = random_tensor({hidden, rank * experts}, 94);
  write_adapter(directory.path() / "a", {{"m.experts.base_layer.lora_A.weight", up_a},
                                         {"m.experts.base_layer.lora_B.weight", up_b},
                                         {"m.experts.lora_A.weight", down_a},
                                         {"m.experts.lora_B.weight", down_b}});
  auto opened = open(write_model(directory.path() / "m", base));
  REQUIRE(opened);
  const auto status = merge_lora(*opened, directory.path() / "a");
  REQUIRE_MESSAGE(status, status.error().message());
  const auto of_expert = [&](const FloatTensor& a, const FloatTensor& b, std::size_t e, std::size_t first, std::size_t rows) {
    FloatTensor left{{rows, rank}, {}}, right{{rank, a.shape[1]}, {}};
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t k = 0; k < rank; ++k) left.values.push_back(b.values[(first + r) * rank * experts + k * experts + e]);
    for (std::size_t k = 0; k < rank; ++k)
      for (std::size_t c = 0; c < a.shape[1]; ++c) right.values.push_back(a.values[(e * rank + k) * a.shape[1] + c]);
    return std::pair{left, right};
  };
  for (std::size_t e = 0; e < experts; ++e) {
    const auto check = [&](const char* name, const FloatTensor& a, const FloatTensor& b, std::size_t first, std::size_t rows) {
      const std::string tensor = "m.experts." + std::to_string(e) + "." + name + ".weight";
      INFO(tensor);
      const auto [left, right] = of_expert(a, b, e, first, rows);
      CHECK(close(decoded(*opened->tensors.find(tensor)), merged(base[tensor], left, right, 1.5)));
    };
    check("gate_proj", up_a, up_b, 0, wide);
    check("up_proj", up_a, up_b, wide, wide);
    check("down_proj", down_a, down_b, 0, hidden);
  }
}
