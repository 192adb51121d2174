// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/row_buffers.hpp>

#include <cstddef>
#include <cstdint>

#include <doctest/doctest.h>

#include <ingot/kernels/functions.hpp>

using namespace ingot;
using namespace ingot::model;

TEST_CASE("rows start on cache lines, are zero at first, and grow") {
  RowBuffer buffer;
  const Rows<float> small = buffer.reserve(3, 17);
  CHECK(small.layout().stride() == 32);
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(reinterpret_cast<std::uintptr_t>(small.row(r)) % 64 == 0);
    for (std::size_t c = 0; c < 32; ++c) CHECK(small.row(r)[c] == 0);
  }
  CHECK(buffer.reserve(2, 17).data() == small.data());
  const Rows<float> large = buffer.reserve(9, 64);
  CHECK(large.layout().stride() == 64);
  large.row(8)[63] = 1;
}

TEST_CASE("float matrices read some columns of some rows where they are") {
  RowBuffer buffer;
  const Rows<float> x = buffer.reserve(5, 21);
  const kernels::Input input = float_input(x, 2, 3, 7);
  CHECK(input.floats == x.row(2) + 7);
  CHECK(input.stride == 32);
  CHECK(input.rows == 3);
  CHECK(input.codes == nullptr);
  CHECK(float_input(x, 0, 5).floats == x.data());
}

TEST_CASE("codes of a row are where the view says, with its scale and corrections") {
  const kernels::Functions& k = kernels::best_functions();
  RowBuffer rows;
  const Rows<float> x = rows.reserve(3, 40);
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 40; ++c) x.row(r)[c] = (c == 0 ? 127.0f : static_cast<float>(c % 7)) * static_cast<float>(r + 1);
  const kernels::InputForm form = kernels::form_of({{.bits = 4, .group = 32}, 16, 40});
  CodeBuffer buffer;
  buffer.reserve(3, 40);
  buffer.quantize(k, x, {0, 3}, 40, form);
  const kernels::Input view = buffer.view(form, 3);
  CHECK(view.rows == 3);
  CHECK(view.stride == 64);
  CHECK(view.correction_stride == 2);
  for (std::size_t r = 0; r < 3; ++r) {
    CHECK(view.scales[r] == doctest::Approx(static_cast<double>(r + 1)));
    std::int32_t sums[2] = {};
    for (std::size_t c = 0; c < 64; ++c) {
      const int code = view.codes[r * view.stride + c];
      CHECK(code == (c == 0 ? 127 : c < 40 ? static_cast<int>(c % 7) : 0));
      sums[c / 32] += code;
    }
    for (std::size_t g = 0; g < 2; ++g) CHECK(view.corrections[r * 2 + g] == -8 * sums[g]);
  }
}

TEST_CASE("some columns of rows are quantized like rows of their own") {
  const kernels::Functions& k = kernels::best_functions();
  RowBuffer wide_rows, narrow_rows;
  const Rows<float> wide = wide_rows.reserve(2, 60), narrow = narrow_rows.reserve(2, 20);
  for (std::size_t r = 0; r < 2; ++r)
    for (std::size_t c = 0; c < 60; ++c) {
      wide.row(r)[c] = static_cast<float>(c * (r + 1)) - 31.0f;
      if (c >= 33 && c < 53) narrow.row(r)[c - 33] = wide.row(r)[c];
    }
  const kernels::InputForm form = kernels::form_of({{.bits = 8, .group = 0}, 16, 20});
  CodeBuffer part, whole;
  part.reserve(2, 20), whole.reserve(2, 20);
  part.quantize(k, wide, {0, 2}, 20, form, 33);
  whole.quantize(k, narrow, {0, 2}, 20, form);
  const kernels::Input a = part.view(form, 2), b = whole.view(form, 2);
  for (std::size_t r = 0; r < 2; ++r) {
    CHECK(a.scales[r] == b.scales[r]);
    for (std::size_t c = 0; c < form.columns; ++c) CHECK(a.codes[r * a.stride + c] == b.codes[r * b.stride + c]);
  }
}

TEST_CASE("rows quantized some columns at a time are as those quantized whole") {
  const kernels::Functions& k = kernels::best_functions();
  RowBuffer all, some;
  const Rows<float> x = all.reserve(3, 300), part = some.reserve(3, 128);
  for (std::size_t r = 0; r < 3; ++r)
    for (std::size_t c = 0; c < 300; ++c) x.row(r)[c] = static_cast<float>(c * (r + 3) % 101) - 50.0f;
  for (const std::uint32_t group : {32u, 64u, 128u}) {
    const kernels::InputForm form = kernels::form_of({{.bits = 4, .group = static_cast<std::uint16_t>(group)}, 16, 300});
    CodeBuffer whole, parts;
    whole.reserve(3, 300), parts.reserve(3, 300);
    whole.quantize(k, x, {0, 3}, 300, form);
    for (const Slice columns : {Slice{256, 300}, Slice{0, 128}, Slice{128, 256}}) {
      for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = columns.begin; c < columns.end; ++c) part.row(r)[c - columns.begin] = x.row(r)[c];
      parts.quantize_columns(k, part, {0, 2}, columns, 300, form);
      parts.quantize_columns(k, part, {2, 3}, columns, 300, form);
    }
    const kernels::Input a = parts.view(form, 3), b = whole.view(form, 3);
    for (std::size_t i = 0; i < 3 * form.columns; ++i) CHECK(a.codes[i] == b.codes[i]);
    for (std::size_t i = 0; i < 3 * form.scales(); ++i) CHECK(a.scales[i] == b.scales[i]);
    for (std::size_t i = 0; i < 3 * form.corrections(); ++i) CHECK(a.corrections[i] == b.corrections[i]);
  }
}
