// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/normalizer_spec.hpp>

#include <ingot/text/normalizer.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("plain data with the defaults of tokenizer.json") {
  const std::vector<NormalizerSpec> specs{normalize::Strip{}, normalize::Bert{}, normalize::Prepend{"x"}};
  CHECK((std::get<normalize::Strip>(specs[0]).left && std::get<normalize::Strip>(specs[0]).right));
  CHECK((std::get<normalize::Bert>(specs[1]).clean_text && std::get<normalize::Bert>(specs[1]).lowercase));
  CHECK(Normalizer::compile(specs));
}
