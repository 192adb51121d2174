// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/append.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("a scale is rounded up to the next binary16") {
  Random random{3};
  for (int i = 0; i < 20000; ++i) {
    const float scale = std::ldexp(1.0f + static_cast<float>(random.below(1u << 23)) / 8388608.0f, static_cast<int>(random.below(40)) - 25);
    const auto half = kernels::detail::half_scale(scale);
    CHECK(to_float(f16{half.bits}) == half.value);
    if (half.value == 65504.0f) continue;
    REQUIRE(half.value >= scale);
    CHECK(to_float(f16{static_cast<std::uint16_t>(half.bits - 1)}) < scale);
  }
  CHECK(kernels::detail::half_scale(0.0f).bits == 0);
  CHECK(kernels::detail::half_scale(std::numeric_limits<float>::infinity()).value == 65504.0f);
}

TEST_CASE("float keys and values lie where the layout says") {
  Random random{4};
  const kernels::HeadShape head{20, 33};
  for (const Functions* f : runnable())
    for (const Scheme& kv : {quant::f32, quant::bf16}) {
      CAPTURE(f->isa);
      CAPTURE(to_string(kv));
      Buffer<std::byte> keys{kernels::key_bytes(kv, head)}, values{kernels::value_bytes(kv, head)};
      const auto key_plane = kernels::key_layout(kv, head), value_plane = kernels::value_layout(kv, head);
      for (const std::uint32_t slot : {0u, 1u, 17u, 63u}) {
        const auto k = random.normals(head.key), v = random.normals(head.value);
        f->cache(kv).append(k.data(), v.data(), head, slot, keys.data(), values.data());
        const auto stored = [&](const std::byte* p) { return kv == quant::f32 ? read<float>(p) : to_float(read<bf16>(p)); };
        const auto rounded = [&](float x) { return kv == quant::f32 ? x : to_float(to_bf16(x)); };
        for (std::uint32_t d = 0; d < head.key; ++d) CHECK(stored(&keys[key_plane.quant_offset(slot, d)]) == rounded(k[d]));
        for (std::uint32_t d = 0; d < head.value; ++d) CHECK(stored(&values[value_plane.quant_offset(d, slot)]) == rounded(v[d]));
      }
    }
}

TEST_CASE("behind the last position the scales of values are zeros") {
  Random random{6};
  const kernels::HeadShape head{16, 16};
  for (const Functions* f : runnable()) {
    Buffer<std::byte> keys{kernels::key_bytes(kernels::int8_kv, head)}, values{kernels::value_bytes(kernels::int8_kv, head)};
    std::memset(values.data(), 0xff, values.size());
    const std::byte* const scales = values.data() + kernels::value_layout(kernels::int8_kv, head).quant_bytes();
    for (const std::uint32_t slot : {0u, 1u, 0u}) {  // the last: a page that is written anew
      const auto x = random.normals(16);
      f->cache(kernels::int8_kv).append(x.data(), x.data(), head, slot, keys.data(), values.data());
      for (std::uint32_t i = 0; i < 64; ++i) CHECK((read<float>(scales + 4 * i) == 0) == (i > slot));
    }
  }
}

TEST_CASE("a key common to a page costs its differences no precision") {
  Random random{5};
  const kernels::HeadShape head{64, 64};
  for (const Functions* f : runnable()) {
    Buffer<std::byte> keys{kernels::key_bytes(kernels::int8_kv, head)}, values{kernels::value_bytes(kernels::int8_kv, head)};
    const auto plane = kernels::key_layout(kernels::int8_kv, head);
    for (std::uint32_t slot = 0; slot < 64; ++slot) {
      auto k = random.normals(head.key);
      for (std::uint32_t d = 0; d < head.key; ++d) k[d] += d == 5 ? 500.0f : 0.0f;
      f->cache(kernels::int8_kv).append(k.data(), k.data(), head, slot, keys.data(), values.data());
      const float scale = to_float(read<f16>(&keys[plane.quant_bytes() + plane.scale_offset(slot, 0) + slot % 16 * 2]));
      CHECK(scale < 8.0f / 127);  // differences of two normal numbers, not 500 / 127
      if (slot == 0) CHECK(scale == 0);
    }
  }
}
