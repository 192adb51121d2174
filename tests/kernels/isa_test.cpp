// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/isa.hpp>

#include <type_traits>

#include <doctest/doctest.h>

namespace isa = ingot::kernels::isa;

#if INGOT_X86_64
static_assert(std::is_base_of_v<isa::avx2::fallback, isa::avx2> && std::is_base_of_v<isa::avx_vnni::fallback, isa::avx_vnni> &&
              std::is_base_of_v<isa::avx512vnni::fallback, isa::avx512vnni> && std::is_base_of_v<isa::amx::fallback, isa::amx>);
static_assert(std::is_same_v<isa::built, isa::List<isa::amx, isa::avx512vnni, isa::avx_vnni, isa::avx2, isa::scalar>>, "best first");

TEST_CASE("a CPU that runs an ISA runs its fallback") {
  CHECK((!isa::amx::supported() || isa::amx::fallback::supported()));
  CHECK((!isa::avx512vnni::supported() || isa::avx512vnni::fallback::supported()));
  CHECK((!isa::avx_vnni::supported() || isa::avx_vnni::fallback::supported()));
  CHECK((!isa::avx2::supported() || isa::avx2::fallback::supported()));
}
#endif

#if INGOT_ARM64
static_assert(std::is_base_of_v<isa::neon_i8mm::fallback, isa::neon_i8mm>);
static_assert(std::is_same_v<isa::built, isa::List<isa::neon_i8mm, isa::neon_dotprod, isa::scalar>>, "best first");

TEST_CASE("the emulated CPU runs every ISA that is built") { CHECK((isa::neon_i8mm::supported() && isa::neon_dotprod::supported())); }
#endif

TEST_CASE("every CPU runs the scalar ISA") {
  CHECK(isa::scalar::supported());
  CHECK(isa::scalar::name() == "scalar");
}
