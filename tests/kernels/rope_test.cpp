// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/rope.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("both orders rotate their pairs and leave the rest") {
  Random random{3};
  for (const Functions* f : runnable())
    for (const std::size_t rotary : {2u, 4u, 6u, 16u, 30u, 32u, 64u, 80u, 128u})
      for (const bool halves : {true, false}) {
        CAPTURE(f->isa);
        CAPTURE(rotary);
        CAPTURE(halves);
        const std::size_t half = rotary / 2;
        auto head = random.normals(rotary + 5);
        const auto before = head;
        std::vector<float> cosine(half), sine(half);
        for (std::size_t i = 0; i < half; ++i)
          cosine[i] = std::cos(0.37f * static_cast<float>(i + 1)), sine[i] = std::sin(0.37f * static_cast<float>(i + 1));
        (halves ? f->rope_half : f->rope_pair)(head.data(), cosine.data(), sine.data(), rotary);
        for (std::size_t i = 0; i < half; ++i) {
          const std::size_t first = halves ? i : 2 * i, second = halves ? i + half : 2 * i + 1;
          const double a = before[first], b = before[second];
          CHECK(std::fabs(head[first] - (a * cosine[i] - b * sine[i])) < 1e-6);
          CHECK(std::fabs(head[second] - (b * cosine[i] + a * sine[i])) < 1e-6);
        }
        for (std::size_t i = rotary; i < head.size(); ++i) CHECK(head[i] == before[i]);
      }
}
