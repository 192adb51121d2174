// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/functions.hpp>

#include <doctest/doctest.h>

#include <ingot/kernels/cpu.hpp>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("tables are found by the name of their ISA, the best by default") {
  const Functions* scalar = kernels::find_functions("scalar");
  REQUIRE(scalar != nullptr);
  CHECK(scalar->name() == "scalar");
  CHECK(&kernels::best_functions() == shipped().front());
  for (const Functions* f : shipped()) CHECK(kernels::find_functions(f->isa) == f);
  for (const std::string_view unknown : {"", "sse9", "avx2 ", "AVX2"}) CHECK(kernels::find_functions(unknown) == nullptr);
}

TEST_CASE("every table holds every shipped scheme, and nothing else") {
  for (const Functions* f : runnable()) {
    for (const Scheme& scheme : quant::shipped) {
      const kernels::MatrixFunctions* m = f->matrix(scheme);
      REQUIRE(m != nullptr);
      CHECK((m->multiply != nullptr && m->row != nullptr));
    }
    CHECK(f->matrix({.bits = 7, .group = 64}) == nullptr);
  }
}

TEST_CASE("the kernels on a cache are found by its scheme") {
  for (const Functions* f : runnable())
    for (const Scheme& kv : kernels::kv_schemes) CHECK(&f->cache(kv) == f->caches + kernels::kv_index(kv));
}

TEST_CASE("a table and Cpu<Isa> are spelled alike and compute the same") {
  const auto norm = [](const auto& backend, std::vector<float> x) {
    backend.rms_norm(x.data(), x.data(), x.data(), x.size(), 1e-6f);
    return x;
  };
  Random random{1};
  const auto x = random.normals(77);
  const auto a = norm(*kernels::find_functions("scalar"), x), b = norm(kernels::Cpu<kernels::isa::scalar>{}, x);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-6));  // compiled with other flags
}
