// SPDX-License-Identifier: Apache-2.0
#include <ingot/checkpoint/element_type.hpp>

#include <cstdint>
#include <limits>
#include <set>
#include <string_view>

#include <doctest/doctest.h>

using namespace ingot::checkpoint;

static_assert(info(ElementType::q6_k).bytes == 210 && info(ElementType::q3_k).elements == 256);
static_assert(name(ElementType::boolean) == "BOOL" && name(ElementType::iq4_xs) == "IQ4_XS");
static_assert(stored_bytes(ElementType::f16, 3) == 6 && stored_bytes(ElementType::q4_0, 0) == 0);
static_assert(!stored_bytes(ElementType::f64, std::numeric_limits<std::size_t>::max() / 4), "overflow");

TEST_CASE("types and names stand in the table once, and numbers lead back to them") {
  std::set<ElementType> types;
  std::set<std::string_view> names;
  for (const ElementTypeInfo& type : element_types) {
    CHECK(types.insert(type.type).second);
    CHECK(names.insert(type.name).second);
    CHECK(type.elements > 0);
    CHECK(type.bytes > 0);
    const auto number = static_cast<std::uint32_t>(type.type);
    CHECK(element_type_of_ggml(number) == (number < 128 ? std::optional{type.type} : std::nullopt));
    CHECK(element_type_of_safetensors(type.safetensors) == (type.safetensors.empty() ? std::nullopt : std::optional{type.type}));
  }
}

TEST_CASE("withdrawn and future numbers, unknown names") {
  for (const std::uint32_t number : {4u, 5u, 31u, 33u, 36u, 38u, 42u, 127u, 128u, 256u, 4294967295u}) CHECK(!element_type_of_ggml(number));
  for (const std::string_view dtype : {"", "f32", "F4", "C64", "F32 "}) CHECK(!element_type_of_safetensors(dtype));
}
