// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/matrix_view.hpp>

#include <algorithm>
#include <cstdint>

#include <ingot/quant/visit.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::quant;

TEST_CASE("storage has the layout's sizes, is aligned and zero") {
  for (const Scheme& scheme : shipped) {
    PackedStorage storage{scheme, 19, 70};
    const PackedLayout layout{scheme, 19, 70};
    CHECK(storage.quants().size() == layout.quant_bytes());
    CHECK(storage.scales().size() == layout.scale_bytes());
    CHECK(reinterpret_cast<std::uintptr_t>(storage.quants().data()) % 64 == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(storage.scales().data()) % 64 == 0);
    CHECK(std::ranges::all_of(storage.quants(), [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST_CASE("a view keeps its bytes when the storage moves, and gives the typed matrix") {
  PackedStorage storage{{.bits = 8, .group = 32}, 5, 64};
  const MatrixView view = storage.view();
  const PackedStorage moved = std::move(storage);
  CHECK(moved.view().quants.data() == view.quants.data());
  const auto typed = view.as<Scheme{.bits = 8, .group = 32}>();
  CHECK(typed.quants == view.quants.data());
  CHECK(typed.scales == view.scales.data());
  CHECK(typed.rows == 5);
  CHECK(typed.columns == 64);
}
