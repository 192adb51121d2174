// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/model/golden.hpp: the committed golden models, and how a model's logits are compared with them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/functions.hpp>
#include <ingot/model/kv_cache.hpp>
#include <ingot/model/open.hpp>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

namespace ingot::test {

inline const std::filesystem::path golden_models = std::filesystem::path{INGOT_GOLDEN_DIR} / "models";
/// Models of odd extents, for what does not depend on the family.
inline const std::vector<std::string> golden_names{"llama", "llama-tied", "llama-rope3", "qwen2", "qwen3"};
inline const model::Options reference_mode{.threads = 1, .positions = 256, .kv = quant::f32, .float_weights = true};

/// Names of the instruction sets that this machine runs.
inline std::vector<std::string> runnable_isas() {
  std::vector<std::string> names;
  for (const char* name : {"scalar", "avx2", "avx-vnni", "avx512vnni", "amx"})
    if (kernels::find_functions(name) != nullptr) names.emplace_back(name);
  return names;
}

/// Every committed model: each graph and each layout of weights.
inline std::vector<std::string> all_golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{golden_models}) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  REQUIRE(names.size() >= 50);
  return names;
}

inline std::vector<std::int32_t> read_ids(const std::filesystem::path& path) {
  std::ifstream file{path};
  std::vector<std::int32_t> ids;
  for (std::int32_t id; file >> id;) ids.push_back(id);
  REQUIRE(!ids.empty());
  return ids;
}

/// The floats of a little-endian float32 .npy file of version 1.
inline std::vector<float> read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  REQUIRE(bytes.size() > 10);
  const std::size_t header = 10 + static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  REQUIRE(bytes.find("'<f4'") < header);
  std::vector<float> values((bytes.size() - header) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + header, values.size() * sizeof(float));
  return values;
}

struct Golden {
  std::filesystem::path path;
  std::vector<std::int32_t> tokens, greedy;
  std::vector<float> logits;   // [tokens, vocabulary], or the rows after the final norm [tokens, hidden]
  std::size_t vocabulary = 0;  // columns of logits
  bool hidden = false;         // rows after the final norm
  bool in_chunks = true;       // else what a token sees depends on the length of the whole text
  double shift = 0;            // how far positions shifted by one from the middle on move logits, in deviations
  double rounded[2] = {1, 1};  // cosine that remains after plain rounding to int8, to int4
};

inline Golden read_golden(const std::string& name) {
  Golden golden{.path = golden_models / name, .tokens = {}, .greedy = {}, .logits = {}};
  const auto document = json::Document::parse(read_file(golden.path / "golden.json"), name);
  REQUIRE(document);
  const json::Value facts = document->root();
  golden.hidden = *facts.get<std::string>("kind", "causal") == "hidden";
  golden.in_chunks = !facts.find("modes") || facts.find("modes")->size() > 1;
  golden.shift = *facts.get<double>("shift", 0);
  if (const auto rounded = facts.find("rounded")) {
    golden.rounded[0] = *rounded->get<double>("int8");
    golden.rounded[1] = *rounded->get<double>("int4");
  }
  golden.tokens = read_ids(golden.path / "tokens.txt");
  if (!golden.hidden) golden.greedy = read_ids(golden.path / "greedy.txt");
  golden.logits = read_npy(golden.path / (golden.hidden ? "hidden.npy" : "logits.npy"));
  golden.vocabulary = golden.logits.size() / golden.tokens.size();
  return golden;
}

inline std::unique_ptr<model::Model> open_model(const std::filesystem::path& path, const model::Options& options) {
  auto opened = model::open(path, options);
  INFO(path.string(), ": ", (opened ? std::string{} : opened.error().message()));
  REQUIRE(opened);
  return *std::move(opened);
}

/// Rows of all `tokens` [tokens, columns], appended to `sequence` in steps of `chunk` tokens: logits, or what is before the head.
inline std::vector<float> rows_of(model::Model& model, model::SequenceId sequence, std::span<const std::int32_t> tokens, std::size_t chunk,
                                  bool hidden = false) {
  const std::size_t columns = hidden ? model.config().shape.hidden : model.config().shape.vocabulary;
  std::vector<float> rows(tokens.size() * columns);
  for (std::size_t done = 0; done < tokens.size();) {
    const std::size_t count = std::min(chunk, tokens.size() - done);
    model::Batch batch;
    batch.add(sequence, model.cache().length(sequence), tokens.subspan(done, count), model::Batch::Logits::all);
    const auto out = std::span{rows}.subspan(done * columns, count * columns);
    const auto stepped = hidden ? model.embed(batch, out) : model.step(batch, out);
    INFO((stepped ? std::string{} : stepped.error().message()));
    REQUIRE(stepped);
    done += count;
  }
  return rows;
}
inline std::vector<float> logits_of(model::Model& model, model::SequenceId sequence, std::span<const std::int32_t> tokens,
                                    std::size_t chunk) {
  return rows_of(model, sequence, tokens, chunk);
}

inline constexpr std::size_t at_once = 1u << 20;

/// The same on a sequence of its own.
inline std::vector<float> rows_of(model::Model& model, std::span<const std::int32_t> tokens, std::size_t chunk, bool hidden) {
  const model::SequenceId sequence = model.cache().create();
  auto rows = rows_of(model, sequence, tokens, chunk, hidden);
  model.cache().release(sequence);
  return rows;
}
inline std::vector<float> logits_of(model::Model& model, std::span<const std::int32_t> tokens, std::size_t chunk = at_once) {
  return rows_of(model, tokens, chunk, false);
}

inline double largest_difference(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return INFINITY;
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

inline double cosine(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    ab += x * y, aa += x * x, bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

inline double deviation(std::span<const float> x) {
  double sum = 0, squares = 0;
  for (const double v : x) sum += v, squares += v * v;
  const double n = static_cast<double>(x.size()), mean = sum / n;
  return std::sqrt(squares / n - mean * mean);
}

inline std::int32_t argmax(std::span<const float> x) { return static_cast<std::int32_t>(std::max_element(x.begin(), x.end()) - x.begin()); }

}  // namespace ingot::test
