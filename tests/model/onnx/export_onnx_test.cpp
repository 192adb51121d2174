// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/model/onnx/export_onnx.hpp>
#include <ingot/model/package_source.hpp>
#include <ingot/quant/codec.hpp>

#include "model/exported.hpp"
#include "model/onnx/proto_fields.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::model::onnx;
using namespace ingot::test;

namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

Status write(const std::filesystem::path& from, const std::filesystem::path& to, const GraphForm& form,
             const Cancellation* cancellation = nullptr) {
  INGOT_TRY(const auto opened, open_checkpoint(from));
  INGOT_TRY(auto directory, OnnxDirectory::create(to));
  INGOT_CHECK(export_onnx(opened, form, directory, nullptr, 2, {}, cancellation));
  return directory.commit();
}

GraphForm in(const quant::Scheme& scheme) {
  return {.weights = {.layers = scheme, .head = scheme, .embedding = scheme.is_integer() ? quant::f16 : scheme}};
}

/// The bytes that a graph's file names for a tensor.
std::string stored(const std::filesystem::path& directory, const std::string& name) {
  const std::string model = contents(directory / "model.onnx"), data = contents(directory / "model.onnx_data");
  for (const std::string_view tensor : texts(texts(model, 7).at(0), 5))
    if (texts(tensor, 8).at(0) == name) {
      std::vector<std::string> entries;
      for (const std::string_view entry : texts(tensor, 13)) entries.emplace_back(texts(entry, 2).at(0));
      REQUIRE(entries.size() == 3);
      CHECK(entries[0] == "model.onnx_data");
      const std::size_t offset = std::stoul(entries[1]), length = std::stoul(entries[2]);
      REQUIRE(offset + length <= data.size());
      return data.substr(offset, length);
    }
  FAIL("no tensor ", name);
  return {};
}
template <class T>
std::vector<T> values(const std::string& bytes) {
  std::vector<T> all(bytes.size() / sizeof(T));
  std::memcpy(all.data(), bytes.data(), all.size() * sizeof(T));
  return all;
}

const std::string up = "model.layers.1.mlp.up_proj.weight";  // [88, 64]

}  // namespace

TEST_CASE("floats are stored as they are, factors transposed") {
  const TemporaryDirectory temporary;
  const TinyModel tiny;
  const TinyTensors tensors = tiny.tensors();
  const auto from = write_checkpoint(temporary.path() / "in", tiny), to = temporary.path() / "out";
  REQUIRE(write(from, to, in(quant::f32)));
  CHECK(contents(to / "config.json") == tiny.config_json());
  CHECK_FALSE(std::filesystem::exists(to / "decode.onnx"));
  CHECK(values<float>(stored(to, "model.norm.weight")) == tensors.at("model.norm.weight").values);
  CHECK(values<float>(stored(to, "model.embed_tokens.weight")) == tensors.at("model.embed_tokens.weight").values);
  const auto& matrix = tensors.at(up);
  const auto transposed = values<float>(stored(to, up + "/transposed"));
  REQUIRE(transposed.size() == matrix.values.size());
  for (std::size_t r = 0; r < 88; ++r)
    for (std::size_t c = 0; c < 64; ++c) REQUIRE(transposed[c * 88 + r] == matrix.values[r * 64 + c]);

  REQUIRE(write(from, to, in(quant::f16)));  // replaces it
  const auto halves = values<ingot::f16>(stored(to, up + "/transposed"));
  REQUIRE(halves.size() == matrix.values.size());
  CHECK(halves[3 * 88 + 2].bits == to_f16(matrix.values[2 * 64 + 3]).bits);
}

TEST_CASE("integers and their scales give what the codec decodes") {
  const TemporaryDirectory temporary;
  const TinyModel tiny;
  const TinyTensors tensors = tiny.tensors();
  const auto from = write_checkpoint(temporary.path() / "in", tiny);
  for (const quant::Scheme scheme : {quant::Scheme{.bits = 4, .group = 32}, quant::Scheme{.bits = 8, .group = 0}}) {
    CAPTURE(to_string(scheme));
    const auto to = temporary.path() / to_string(scheme);
    REQUIRE(write(from, to, in(scheme)));
    const auto codes = values<std::uint8_t>(stored(to, up + "/quantized"));
    const auto scales = values<float>(stored(to, up + "/scales"));
    const std::size_t group = scheme.group == 0 ? 64 : scheme.group;
    REQUIRE(codes.size() == 88 * 64 * scheme.bits / 8);
    REQUIRE(scales.size() == 88 * 64 / group);
    for (std::size_t r = 0; r < 88; ++r)
      for (std::size_t first = 0; first < 64; first += group) {
        const std::span<const float> weights{tensors.at(up).values.data() + r * 64 + first, group};
        std::vector<std::uint8_t> expected(group);
        const quant::GroupScale stored_scale = quant::encode_group(scheme, weights, expected);
        REQUIRE(scales[first / group * 88 + r] == stored_scale.scale);
        for (std::size_t c = 0; c < group; ++c) {
          const std::size_t at = (first + c) * 88 + r;
          const int code =
              scheme.bits == 8 ? static_cast<std::int8_t>(codes[at]) : ((at % 2 == 0 ? codes[at / 2] & 15 : codes[at / 2] >> 4) ^ 8) - 8;
          REQUIRE(code == expected[c] - scheme.zero_point());
        }
      }
  }
}

TEST_CASE("what a package holds is taken as it is") {
  const TemporaryDirectory temporary;
  const TinyModel tiny{.tied = true};
  const auto from = write_checkpoint(temporary.path() / "in", tiny);
  const quant::Scheme scheme{.bits = 4, .group = 32};
  const auto opened = open_checkpoint(from);
  REQUIRE(opened);
  const auto write_packed = [&](const ExportOptions& options, const std::filesystem::path& to) -> Status {
    std::filesystem::remove_all(temporary.path() / "package");
    export_model(from, temporary.path() / "package", options);
    INGOT_TRY(auto package, quant::Package::open(temporary.path() / "package"));
    PackageSource source{std::move(package)};
    INGOT_TRY(auto directory, OnnxDirectory::create(to));
    INGOT_CHECK(export_onnx(*opened, in(scheme), directory, &source, 2, {}, nullptr));
    return directory.commit();
  };
  const auto plain = temporary.path() / "plain", packed = temporary.path() / "packed";
  REQUIRE(write(from, plain, in(scheme)));
  REQUIRE(write_packed({.layers = scheme, .head = scheme, .embedding = quant::f32, .separate_embedding = true}, packed));
  CHECK(contents(plain / "model.onnx_data") == contents(packed / "model.onnx_data"));
  const Status other = write_packed({.layers = {.bits = 8, .group = 32}, .head = scheme, .embedding = quant::f32}, packed);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::unsupported);
}

TEST_CASE("fixed extents come as two graphs of one file of weights") {
  const TemporaryDirectory temporary;
  const auto from = write_checkpoint(temporary.path() / "in", TinyModel{}), to = temporary.path() / "out";
  GraphForm form = in({.bits = 8, .group = 0});
  form.activations.bits = 16, form.rows = 4, form.cached = 12;
  REQUIRE(write(from, to, form));
  const std::string prefill = contents(to / "model.onnx"), decode = contents(to / "decode.onnx");
  const auto externals = [](std::string_view model) {
    std::vector<std::string> all;
    for (const std::string_view tensor : texts(texts(model, 7).at(0), 5))
      if (!texts(tensor, 13).empty()) all.emplace_back(tensor);
    return all;
  };
  CHECK(externals(prefill) == externals(decode));
  CHECK(prefill != decode);
}

TEST_CASE("nothing is left of an export that failed") {
  const TemporaryDirectory temporary;
  const TinyModel tiny;
  TinyTensors tensors = tiny.tensors();
  const auto good = write_checkpoint(temporary.path() / "good", tiny), to = temporary.path() / "out";
  const auto is_gone = [&] {
    return std::none_of(std::filesystem::directory_iterator{temporary.path()}, {},
                        [](const auto& entry) { return entry.path().filename().string().find("out") != std::string::npos; });
  };
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    tensors[up].values[77] = bad;
    const auto from = write_checkpoint(temporary.path() / "bad", tiny.config_json(), tensors);
    for (const quant::Scheme scheme : {quant::f32, quant::f16, quant::Scheme{.bits = 4, .group = 32}}) {
      const Status done = write(from, to, in(scheme));
      REQUIRE_FALSE(done);
      CHECK(done.error().code == ErrorCode::damaged);
      CHECK(done.error().message().find(up) != std::string::npos);
      CHECK(is_gone());
    }
  }
  tensors[up].values[77] = 1e6f;
  const Status large = write(write_checkpoint(temporary.path() / "large", tiny.config_json(), tensors), to, in(quant::f16));
  REQUIRE_FALSE(large);
  CHECK(large.error().code == ErrorCode::unsupported);

  Cancellation cancellation;
  cancellation.request();
  const Status cancelled = write(good, to, in(quant::f32), &cancellation);
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == ErrorCode::cancelled);
  CHECK(is_gone());
}

TEST_CASE("a directory of something else is not replaced") {
  const TemporaryDirectory temporary;
  const auto from = write_checkpoint(temporary.path() / "in", TinyModel{}), to = temporary.path() / "out";
  std::filesystem::create_directories(to);
  REQUIRE(write(from, to, in(quant::f32)));  // an empty one is
  std::filesystem::create_directories(to / "folder");
  CHECK(write(from, to, in(quant::f32)).error().code == ErrorCode::usage);
  CHECK(write(from, from, in(quant::f32)).error().code == ErrorCode::usage);
  std::ofstream{temporary.path() / "file"} << "x";
  CHECK(write(from, temporary.path() / "file", in(quant::f32)).error().code == ErrorCode::usage);
  const auto directory = OnnxDirectory::create(temporary.path() / "names");
  REQUIRE(directory);
  CHECK_FALSE(directory->add_file("../x", "x"));
  CHECK_FALSE(directory->add_file("", "x"));
}
