// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/model.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("a model of each kind of options") {
  CHECK(std::variant_size_v<ModelOptions> == std::variant_size_v<Model>);
  CHECK(takes_raw_bytes(BpeOptions{}));
  CHECK(!takes_raw_bytes(UnigramOptions{}));
  CHECK(std::holds_alternative<Bpe>(make_model(BpeOptions{}, {}, false)));
  CHECK(std::holds_alternative<Unigram>(make_model(UnigramOptions{}, {}, false)));
  CHECK(!takes_raw_bytes(WordPieceOptions{}));
  CHECK(std::holds_alternative<WordPiece>(make_model(WordPieceOptions{}, {}, false)));
  CHECK(std::holds_alternative<WordLevel>(make_model(WordLevelOptions{}, {}, false)));
  CHECK(std::holds_alternative<MarkedWords>(make_model(MarkedWordsOptions{}, {}, false)));
}
