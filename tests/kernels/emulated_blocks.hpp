// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/kernels/emulated_blocks.hpp: block products in plain C++, for CPUs that have none.

#include <cstdint>
#include <cstring>

#include <ingot/kernels/isa/scalar.hpp>

namespace fixtures {

struct EmulatedBlocks : ingot::kernels::isa::scalar {
  using fallback = ingot::kernels::isa::scalar;
};

}  // namespace fixtures

template <>
struct ingot::kernels::Ops<fixtures::EmulatedBlocks> : ingot::kernels::Ops<ingot::kernels::isa::scalar> {
  /// What Ops<isa::amx>::Blocks is: eight registers of 16 rows, as many bytes of each as their kind has.
  class Blocks {
   public:
    static constexpr std::size_t rows = 16, most_columns = 64;
    Blocks(std::size_t columns, std::size_t sums, std::size_t activations) {
      for (std::size_t i = 0; i < 8; ++i) {
        widths()[i] = i >= sums && i < activations ? columns : 64;
        heights()[i] = i >= activations ? columns / 4 : rows;
      }
    }
    template <std::size_t i>
    static void load(const void* p, std::size_t stride) {
      clear<i>();
      for (std::size_t r = 0; r < heights()[i]; ++r) std::memcpy(registers()[i][r], static_cast<const char*>(p) + r * stride, widths()[i]);
    }
    template <std::size_t i>
    static void store(void* p, std::size_t stride) {
      for (std::size_t r = 0; r < heights()[i]; ++r) std::memcpy(static_cast<char*>(p) + r * stride, registers()[i][r], widths()[i]);
    }
    template <std::size_t i>
    static void clear() {
      std::memset(registers()[i], 0, sizeof registers()[i]);
    }
    template <std::size_t sum, std::size_t activations, std::size_t weights, bool is_signed>
    static void multiply() {
      for (std::size_t m = 0; m < rows; ++m)
        for (std::size_t n = 0; n < 16; ++n) {
          std::int32_t total;
          std::memcpy(&total, registers()[sum][m] + 4 * n, sizeof total);
          for (std::size_t k = 0; k < widths()[activations]; ++k) {
            const std::uint8_t w = registers()[weights][k / 4][4 * n + k % 4];
            const auto x = static_cast<std::int8_t>(registers()[activations][m][k]);
            total += x * (is_signed ? std::int32_t{static_cast<std::int8_t>(w)} : std::int32_t{w});
          }
          std::memcpy(registers()[sum][m] + 4 * n, &total, sizeof total);
        }
    }

   private:
    using Register = std::uint8_t[16][64];
    static Register* registers() {
      static Register all[8];
      return all;
    }
    static std::size_t* widths() {
      static std::size_t all[8];
      return all;
    }
    static std::size_t* heights() {
      static std::size_t all[8];
      return all;
    }
  };

  static bytes subtract(bytes codes, std::int32_t zero) {
    std::uint8_t values[sizeof(bytes)];
    std::memcpy(values, &codes, sizeof codes);
    for (std::uint8_t& v : values) v = static_cast<std::uint8_t>(v - zero);
    std::memcpy(&codes, values, sizeof codes);
    return codes;
  }
  static void store_bytes(std::byte* p, const bytes& v) { std::memcpy(p, &v, sizeof v); }
  static ints load_ints(const std::int32_t* p) {
    ints v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
};
