// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/package_source.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "model/exported.hpp"
#include "model/tiny_model.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

const std::string query = "model.layers.0.self_attn.q_proj.weight", norm = "model.norm.weight";

std::filesystem::path export_tiny(const std::filesystem::path& directory, const quant::Scheme& scheme) {
  static_cast<void>(export_model(write_checkpoint(directory / "m", TinyModel{}), directory / "p", uniform(scheme)));
  return directory / "p";
}

std::unique_ptr<PackageSource> open_source(const std::filesystem::path& directory) {
  auto package = quant::Package::open(directory);
  REQUIRE(package);
  return std::make_unique<PackageSource>(*std::move(package));
}

template <class T>
void refused(const Result<T>& result, const std::string& name) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::damaged);
  CHECK(result.error().message().find(name) != std::string::npos);
}

}  // namespace

TEST_CASE("what a package holds is handed out in place, and nothing else") {
  const TemporaryDirectory temporary;
  const auto source = open_source(export_tiny(temporary.path(), {.bits = 4, .group = 32}));
  CHECK(source->has(query));
  CHECK(source->has(norm));
  CHECK_FALSE(source->has("lm_head.bias"));
  const auto view = source->matrix(query, Role::query, 64, 64);
  REQUIRE(view);
  CHECK(view->scheme == quant::Scheme{.bits = 4, .group = 32});
  CHECK(source->matrix(query, Role::query, 64, 64)->quants.data() == view->quants.data());
  const auto values = source->vector(norm, 64);
  REQUIRE(values);
  CHECK(std::vector<float>(*values, *values + 64) == TinyModel{}.tensors().at(norm).values);

  refused(source->matrix(query, Role::query, 64, 32), query);
  refused(source->matrix(query, Role::query, 32, 64), query);
  refused(source->matrix("absent.weight", Role::query, 64, 64), "absent.weight");
  refused(source->matrix(norm, Role::query, 1, 64), norm);
  refused(source->vector(norm, 63), norm);
  refused(source->vector("absent.weight", 64), "absent.weight");
  refused(source->vector(query, 64), query);
}

TEST_CASE("the oracle has the values of the package in float32") {
  for (const quant::Scheme& scheme :
       {quant::Scheme{.bits = 4, .group = 64, .zero = Zero::min}, quant::Scheme{.bits = 8, .group = 0}, quant::bf16}) {
    CAPTURE(to_string(scheme));
    const TemporaryDirectory temporary;
    const auto path = export_tiny(temporary.path(), scheme);
    const auto stored = open_source(path);
    FloatSource oracle{open_source(path), 2};
    CHECK(oracle.has(query));
    const auto packed = stored->matrix(query, Role::query, 64, 64), decoded = oracle.matrix(query, Role::query, 64, 64);
    REQUIRE(packed);
    REQUIRE(decoded);
    CHECK(decoded->scheme == quant::f32);
    std::vector<float> a(64), b(64);
    for (std::size_t row = 0; row < 64; ++row) {
      quant::unpack_row(*packed, row, a);
      quant::unpack_row(*decoded, row, b);
      CHECK(a == b);
    }
    CHECK(oracle.matrix(query, Role::query, 64, 64)->quants.data() == decoded->quants.data());
    CHECK(oracle.vector(norm, 64));
    refused(oracle.matrix("absent.weight", Role::query, 64, 64), "absent.weight");
  }
}
