// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/sweep.hpp>

#include <cstring>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("a sweep reads every byte: any change of one changes the sum") {
  Random random{15};
  Buffer<std::byte> memory{4096};
  std::uint32_t expected = 0;
  for (std::size_t i = 0; i < memory.size(); i += 4) {
    const auto word = static_cast<std::uint32_t>(random.below(1u << 31));
    write(&memory[i], word);
    expected ^= word;
  }
  for (const Functions* f : runnable()) {
    CHECK(f->read_sweep(memory.data(), memory.size()) == expected);
    for (std::size_t i = 0; i < memory.size(); i += 37) {
      memory[i] ^= std::byte{1};
      CHECK(f->read_sweep(memory.data(), memory.size()) != expected);
      memory[i] ^= std::byte{1};
    }
  }
}
