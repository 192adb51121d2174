// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/backend.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/compiled.hpp>
#include <ingot/model/row_buffers.hpp>
#include <ingot/quant/pack.hpp>

#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

struct Spec {
  static constexpr Shape shape{.hidden = 70, .layers = 1, .heads = 3, .kv_heads = 1, .head_dim = 14, .intermediate = 50, .vocabulary = 33};
  static constexpr quant::Scheme scheme(Role role) {
    return role == Role::embedding ? quant::bf16
           : role == Role::down    ? quant::Scheme{.bits = 8, .group = 0, .zero = Zero::min}
                                   : quant::Scheme{.bits = 4, .group = 32};
  }
};
using Exact = StaticBackend<Spec, kernels::isa::compiled, quant::bf16>;
static_assert(Exact::matrix<Role::query>::layout.rows == 42 && Exact::matrix<Role::query>::layout.columns == 70);
static_assert(Exact::matrix<Role::down>::layout.rows == 70 && Exact::matrix<Role::down>::layout.columns == 50);
static_assert(sizeof(Exact::matrix<Role::query>) == 3 * sizeof(void*));  // the shape is in the type

/// Two layers that differ in the width of their feed-forward; no gate.
struct UnevenSpec {
  static constexpr Shape shape = Spec::shape;
  static constexpr Shape extents[] = {
      Spec::shape, {.hidden = 70, .layers = 2, .heads = 3, .kv_heads = 1, .head_dim = 14, .intermediate = 30, .vocabulary = 33}};
  static constexpr quant::Scheme scheme(Role role) { return role == Role::gate ? quant::Scheme{.bits = 0} : Spec::scheme(role); }
};
using Uneven = StaticBackend<UnevenSpec, kernels::isa::compiled, quant::bf16>;
static_assert(Exact::extents_of(0).intermediate == 50 && Uneven::extents_of(0).intermediate == 50 &&
              Uneven::extents_of(1).intermediate == 30);
static_assert(sizeof(Uneven::matrix<Role::query>) == 3 * sizeof(void*) && sizeof(Uneven::matrix<Role::down>) > 3 * sizeof(void*));
static_assert(sizeof(Exact::matrix<Role::positions>) > 3 * sizeof(void*));  // their rows are no number of a Shape
static_assert(std::is_same_v<Uneven::matrix<Role::gate>, AbsentMatrix>);

quant::PackedStorage random_packed(Role role) {
  const auto [rows, columns] = extents(role, Spec::shape);
  std::mt19937 engine{static_cast<std::uint32_t>(role) + 1};
  std::normal_distribution<float> normal{0.0f, 1.0f};
  std::vector<float> values(std::size_t{rows} * columns);
  for (float& x : values) x = normal(engine);
  Team team{1};
  auto packed = quant::pack(
      Spec::scheme(role), rows, columns,
      [&, width = columns](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
        for (std::size_t i = begin * width; i < end * width; ++i) out[i - begin * width] = values[i];
        return {};
      },
      team);
  REQUIRE(packed);
  return *std::move(packed);
}

/// y of both backends' matrices for three random rows, and an embedding row.
template <Role R>
void compare() {
  const kernels::Functions* table = kernels::find_functions(kernels::isa::compiled::name());
  REQUIRE(table != nullptr);
  const RuntimeBackend run_time{{Spec::shape, {}}, *table, quant::bf16};
  const Exact exact;
  const quant::PackedStorage packed = random_packed(R);
  const auto a = run_time.bind<R>(packed.view());
  const auto b = exact.template bind<R>(packed.view());
  REQUIRE(a);
  REQUIRE(b);
  const auto [rows, columns] = extents(R, Spec::shape);
  RowBuffer buffer;
  const Rows<float> x = buffer.reserve(3, columns);
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < columns; ++c) x.row(r)[c] = static_cast<float>((c * 37 + r * 11) % 23) - 11;
  const kernels::InputForm form = kernels::form_of(packed.layout());
  CodeBuffer codes;
  codes.reserve(3, columns);
  kernels::Input input{};
  if (form.integer) {
    codes.quantize(*table, x, {0, 3}, columns, form);
    input = codes.view(form, 3);
  } else {
    input.floats = x.data(), input.stride = x.layout().stride(), input.rows = 3;
  }
  std::vector<float> from_table(3 * rows), from_type(3 * rows), row_of_table(columns), row_of_type(columns);
  a->multiply(input, from_table.data(), rows, {0, packed.layout().panels()});
  b->multiply(input, from_type.data(), rows, {0, packed.layout().panels()});
  CHECK(same_bits(from_table, from_type));
  CHECK(deviation(from_table) > 1);
  const std::size_t panels = packed.layout().panels();
  if (panels > 2) {
    std::fill(from_type.begin(), from_type.end(), 0.f);
    b->part({1, panels - 1}).multiply(input, from_type.data() + quant::panel_rows, rows, {0, panels - 2});
    for (std::size_t i = 0; i < from_type.size(); ++i)
      CHECK(from_type[i] == (i % rows / quant::panel_rows == 0 || i % rows / quant::panel_rows == panels - 1 ? 0.f : from_table[i]));
  }
  for (const std::size_t r : {std::size_t{0}, std::size_t{rows} - 1}) {
    a->row(r, row_of_table.data());
    b->row(r, row_of_type.data());
    CHECK(same_bits(row_of_table, row_of_type));
  }
}

}  // namespace

TEST_CASE("a matrix bound by type computes what one bound by table does, bit for bit") {
  compare<Role::embedding>();
  compare<Role::query>();
  compare<Role::down>();
}

TEST_CASE("where layers differ, a matrix has the extents that it is stored with") {
  const quant::PackedStorage packed = random_packed(Role::down);
  const auto matrix = Uneven{}.bind<Role::down>(packed.view());
  REQUIRE(matrix);
  CHECK(matrix->layout.columns == 50);
  std::vector<float> row(50), expected(50);
  matrix->row(3, row.data());
  Exact{}.bind<Role::down>(packed.view())->row(3, expected.data());
  CHECK(same_bits(row, expected));
  CHECK_FALSE(Uneven{}.bind<Role::down>(random_packed(Role::query).view()));

  const auto absent = Uneven{}.bind<Role::gate>(packed.view());
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message().find("says that there is none") != std::string::npos);
}

TEST_CASE("schemes and extents without kernels are refused") {
  const quant::PackedStorage packed = random_packed(Role::query);
  quant::MatrixView view = packed.view();
  const Exact exact;
  const auto other_role = exact.bind<Role::key>(view);  // 14 rows
  REQUIRE_FALSE(other_role);
  CHECK(other_role.error().code == ErrorCode::damaged);
  CHECK(other_role.error().message().find("14 rows of 70") != std::string::npos);
  CHECK_FALSE(exact.bind<Role::down>(view));
  CHECK_FALSE(exact.bind<Role::embedding>(view));

  view.scheme = {.bits = 7, .group = 32};
  const auto unknown = RuntimeBackend{{Spec::shape, {}}, kernels::best_functions(), quant::bf16}.bind<Role::query>(view);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::unsupported);
  CHECK(unknown.error().message().find("int7-g32") != std::string::npos);
}
