// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/buffer.hpp>

#include <cstdint>
#include <utility>

#include <doctest/doctest.h>

using namespace ingot;

TEST_CASE("buffers are zeroed, aligned and move") {
  for (const std::size_t size : {1u, 3u, 64u, 1000u}) {
    Buffer<float> buffer{size};
    CHECK(buffer.size() == size);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
    for (const float x : buffer) CHECK(x == 0);
  }
  Buffer<int> a{4};
  a[2] = 5;
  const Buffer<int> b = std::move(a);
  CHECK(b[2] == 5);
  CHECK(Buffer<int>{}.data() == nullptr);
  CHECK(Buffer<int>{0}.begin() == Buffer<int>{0}.end());
}

TEST_CASE("reserve_discarding grows and never shrinks") {
  Buffer<int> buffer{4};
  int* const before = buffer.data();
  buffer.reserve_discarding(3);
  CHECK(buffer.data() == before);
  CHECK(buffer.size() == 4);
  buffer.reserve_discarding(9);
  CHECK(buffer.size() == 9);
}
