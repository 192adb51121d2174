// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/visit.hpp: the one place where a scheme known at run time becomes a template argument.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <ingot/core/result.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::quant {

namespace detail {

/// Group sizes of the schemes with one scale a group; 0 is the whole row.
inline constexpr std::array<std::uint16_t, 6> scale_groups{16, 32, 64, 128, 256, 0};
inline constexpr std::array<std::uint8_t, 6> integer_bits{2, 3, 4, 5, 6, 8};

inline constexpr std::array nested_schemes{
    Scheme{.bits = 4, .group = 32, .zero = Zero::min, .scale = Scale::nested},   // Q4_K
    Scheme{.bits = 8, .group = 32, .zero = Zero::min, .scale = Scale::nested},   // Q5_K
    Scheme{.bits = 8, .group = 16, .zero = Zero::none, .scale = Scale::nested},  // Q6_K, Q3_K
    Scheme{.bits = 8, .group = 16, .zero = Zero::min, .scale = Scale::nested},   // Q2_K
};

/// Of 2:4 matrices. A min would have to be added where a weight is kept, and nowhere else: they have none.
inline constexpr std::array<std::uint8_t, 2> sparse_bits{4, 8};
inline constexpr std::array<std::uint16_t, 5> sparse_groups{32, 64, 128, 256, 0};

constexpr auto list_shipped() noexcept {
  std::array<Scheme,
             (integer_bits.size() * scale_groups.size() * 2 + sparse_bits.size() * sparse_groups.size()) * 2 + nested_schemes.size() + 3>
      list{};
  std::size_t n = 0;
  for (const Scale scale : {Scale::half, Scale::single}) {
    for (const std::uint8_t bits : integer_bits)
      for (const std::uint16_t group : scale_groups)
        for (const Zero zero : {Zero::none, Zero::min}) list[n++] = {.bits = bits, .group = group, .zero = zero, .scale = scale};
    for (const std::uint8_t bits : sparse_bits)
      for (const std::uint16_t group : sparse_groups)
        list[n++] = {.bits = bits, .group = group, .scale = scale, .sparsity = Sparsity::two_of_four};
  }
  for (const Scheme& scheme : nested_schemes) list[n++] = scheme;
  for (const Scheme& scheme : {f32, f16, bf16}) list[n++] = scheme;
  return list;
}

template <class T>
struct Flat {
  using type = Result<T>;
};
template <class T>
struct Flat<Result<T>> {
  using type = Result<T>;
};

}  // namespace detail

/// Every scheme a package may hold and the kernels are instantiated for.
inline constexpr auto shipped = detail::list_shipped();

[[nodiscard]] constexpr bool is_shipped(const Scheme& scheme) noexcept {
  for (const Scheme& member : shipped)
    if (member == scheme) return true;
  return false;
}

/// Calls `f.template operator()<S>()` for the member S of `shipped` that equals `scheme`. All calls return one type R; the result
/// is R itself when that is a Result, else Result<R>. Errors: unsupported when `scheme` is not shipped, and those of `f`.
template <class F>
[[nodiscard]] constexpr auto visit(const Scheme& scheme, F&& f) {
  using R = decltype(f.template operator()<shipped[0]>());
  using Flat = typename detail::Flat<R>::type;
  std::optional<Flat> result;
  const auto call = [&]<Scheme S>() {
    if constexpr (std::is_void_v<R>) {
      f.template operator()<S>();
      result.emplace();
    } else {
      static_assert(std::is_same_v<R, decltype(f.template operator()<S>())>, "every scheme gives the same type");
      result.emplace(f.template operator()<S>());
    }
    return true;
  };
  const bool found = [&]<std::size_t... i>(std::index_sequence<i...>) {
    return ((scheme == shipped[i] && call.template operator()<shipped[i]>()) || ...);
  }
  (std::make_index_sequence<shipped.size()>{});
  if (found) return *std::move(result);
  return Flat{Error{ErrorCode::unsupported, "no kernels for the scheme " + to_string(scheme), {}, "choose one of the shipped schemes"}};
}

/// The shipped scheme that to_string() calls `name`. Errors: unsupported.
[[nodiscard]] inline Result<Scheme> parse_scheme(std::string_view name) {
  for (const Scheme& scheme : shipped)
    if (to_string(scheme) == name) return scheme;
  return Error{ErrorCode::unsupported, "unknown scheme \"" + std::string{name.substr(0, 40)} + "\"", {}, {}};
}

/// The group to store a row of `columns` weights with when `wanted` was asked for: `wanted` halved until it divides the row, as
/// MNN's exporter does, but not below 32 unless less was asked for. When none divides it, `wanted` stays and the last group is padded:
/// finer groups would cost a scale each on the whole row and still need the padding.
[[nodiscard]] constexpr std::uint16_t fitting_group(std::size_t columns, std::uint16_t wanted) noexcept {
  const std::uint16_t smallest = wanted < 32 ? detail::scale_groups[0] : 32;
  for (std::uint16_t group = wanted; group >= smallest; group = static_cast<std::uint16_t>(group / 2))
    if (columns % group == 0) return group;
  return wanted;
}

static_assert(shipped.size() == 171 && is_shipped(f32) && is_shipped({.bits = 3}) && !is_shipped({.bits = 7}));
static_assert(fitting_group(576, 128) == 64 && fitting_group(576, 64) == 64 && fitting_group(100, 64) == 64 && fitting_group(576, 0) == 0);

}  // namespace ingot::quant
