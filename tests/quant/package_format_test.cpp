// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/package_format.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::quant;

TEST_CASE("descriptions of matrices parse back") {
  for (const Scheme& scheme : shipped)
    for (const std::size_t rows : {1u, 151936u}) {
      const PackedLayout layout{scheme, rows, 576};
      const auto parsed = parse_matrix(describe_matrix(layout));
      REQUIRE(parsed);
      CHECK(parsed->scheme == scheme);
      CHECK(parsed->rows == rows);
      CHECK(parsed->columns == 576);
      CHECK(quants_shape(layout)[0] * quants_shape(layout)[1] == layout.quant_bytes());
      CHECK(scales_shape(layout)[0] * scales_shape(layout)[1] * checkpoint::info(scales_type(layout)).bytes == layout.scale_bytes());
    }
  for (const char* wrong : {"", " ", "  ", "f32", "f32 1", "f32 1 ", "f32  1", "f32 1 1 1", "f32 1 +1", "f32 1 0x1",
                            "f32 1 99999999999999999999", "f32 0 1", "f32 1 9223372036854775808", "1 1 f32"})
    CHECK_MESSAGE(parse_matrix(wrong).error().code == ErrorCode::damaged, wrong);
  CHECK(parse_matrix("f8 1 1").error().code == ErrorCode::unsupported);
}

TEST_CASE("the digest depends on every part, and on where one part ends") {
  const std::vector<std::size_t> shape{2, 3}, turned{3, 2};
  const StoredTensor a{"a", checkpoint::ElementType::u8, shape}, b{"b", checkpoint::ElementType::u8, shape};
  const PackageMetadata metadata{{"key", "value"}};
  const auto digest = [](const PackageMetadata& m, std::vector<StoredTensor> tensors) { return header_digest(m, tensors); };
  const std::string reference = digest(metadata, {a, b});
  CHECK(reference.size() == 16);
  CHECK(digest({{"key", "value"}, {"ingot.header", "x"}}, {a, b}) == reference);
  for (const std::string& other :
       {digest({}, {a, b}), digest({{"keyv", "alue"}}, {a, b}), digest({{"key", "valuf"}}, {a, b}), digest(metadata, {b, a}),
        digest(metadata, {a}), digest(metadata, {{"a", checkpoint::ElementType::f16, shape}, b}),
        digest(metadata, {{"a", checkpoint::ElementType::u8, turned}, b})})
    CHECK(other != reference);
  CHECK(digest({}, {}) == "cbf29ce484222325");
}
