// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/checkpoint_source.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/quant/unpack.hpp>

#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

struct Stored {
  checkpoint::ElementType type;
  std::vector<std::size_t> shape;
  std::string bytes;
};

/// A safetensors file with tensors of any type, opened.
checkpoint::TensorIndex index_of(const TemporaryDirectory& temporary, const std::vector<std::pair<std::string, Stored>>& tensors) {
  std::vector<checkpoint::TensorDeclaration> declarations;
  for (const auto& [name, tensor] : tensors) declarations.push_back({name, tensor.type, tensor.shape});
  auto writer = checkpoint::SafetensorsWriter::create(temporary.path() / "model.safetensors", declarations, {});
  REQUIRE(writer);
  std::size_t i = 0;
  for (const auto& [name, tensor] : tensors) REQUIRE(writer->write(i++, std::as_bytes(std::span{tensor.bytes})));
  REQUIRE(writer->finish());
  auto opened = checkpoint::open_safetensors(temporary.path() / "model.safetensors");
  REQUIRE(opened);
  return std::move(opened->tensors);
}

/// bf16 of 0, 1, 2, ...
std::string counting(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const ingot::bf16 value = to_bf16(static_cast<float>(i));
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes;
}

std::vector<std::pair<std::string, Stored>> sample() {
  using checkpoint::ElementType;
  return {{"w", {ElementType::bf16, {3, 5}, counting(15)}},
          {"v", {ElementType::bf16, {5}, counting(5)}},
          {"cube", {ElementType::bf16, {3, 5, 1}, counting(15)}},
          {"ids", {ElementType::i8, {3, 5}, std::string(15, '\1')}},
          {"names", {ElementType::i8, {5}, std::string(5, '\1')}}};
}

}  // namespace

TEST_CASE("matrices come in float32 or as they are stored, and once") {
  const TemporaryDirectory temporary;
  for (const bool as_float : {true, false}) {
    CheckpointSource source{index_of(temporary, sample()), as_float, 2};
    CHECK(source.has("w"));
    CHECK_FALSE(source.has("W"));
    const auto view = source.matrix("w", Role::query, 3, 5);
    REQUIRE(view);
    CHECK(view->scheme == (as_float ? quant::f32 : quant::bf16));
    CHECK(reinterpret_cast<std::uintptr_t>(view->quants.data()) % 64 == 0);
    std::vector<float> row(5);
    for (std::size_t r = 0; r < 3; ++r) {
      quant::unpack_row(*view, r, row);
      for (std::size_t c = 0; c < 5; ++c) CHECK(row[c] == static_cast<float>(5 * r + c));
    }
    const auto again = source.matrix("w", Role::head, 3, 5);
    REQUIRE(again);
    CHECK(again->quants.data() == view->quants.data());
  }
}

TEST_CASE("vectors come in float32, wherever they are stored") {
  const TemporaryDirectory temporary;
  CheckpointSource source{index_of(temporary, sample()), false, 1};
  const auto values = source.vector("v", 5);
  REQUIRE(values);
  for (std::size_t i = 0; i < 5; ++i) CHECK((*values)[i] == static_cast<float>(i));
}

TEST_CASE("what is missing, misshapen or of a wrong type is named with its file") {
  const TemporaryDirectory temporary;
  for (const bool as_float : {true, false}) {
    CheckpointSource source{index_of(temporary, sample()), as_float, 1};
    const auto refused = [&](const auto& result, const char* name, ErrorCode code, const char* says) {
      REQUIRE_FALSE(result);
      INFO(result.error().message());
      CHECK(result.error().code == code);
      CHECK(result.error().message().find(name) != std::string::npos);
      CHECK(result.error().message().find("model.safetensors") != std::string::npos);
      CHECK(result.error().message().find(says) != std::string::npos);
    };
    refused(source.matrix("absent", Role::query, 3, 5), "absent", ErrorCode::damaged, "lacks a tensor");
    refused(source.vector("absent", 5), "absent", ErrorCode::damaged, "lacks a tensor");
    refused(source.matrix("w", Role::query, 5, 3), "w", ErrorCode::damaged, "[3, 5], the config asks for [5, 3]");
    refused(source.matrix("v", Role::query, 5, 1), "v", ErrorCode::damaged, "[5], the config asks for [5, 1]");
    refused(source.matrix("cube", Role::query, 3, 5), "cube", ErrorCode::damaged, "[3, 5, 1]");
    refused(source.vector("w", 15), "w", ErrorCode::damaged, "asks for [15]");
    refused(source.vector("v", 4), "v", ErrorCode::damaged, "[5], the config asks for [4]");
    refused(source.matrix("ids", Role::query, 3, 5), "ids", ErrorCode::unsupported, "I8");
    refused(source.vector("names", 5), "names", ErrorCode::unsupported, "I8");
  }
}
