// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/added_token_list.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("known tokens keep their ids, new ones come behind all others") {  // as tokenizers 0.22 does
  const TokenIds model{{"a", 0}, {"b", 1}, {"ab", 2}};
  AddedTokenList list{model};
  list.add({.content = "ab", .id = 9});
  list.add({.content = "<z>", .id = 55});
  list.add({.content = "<y>"});
  list.add({.content = ""});
  CHECK(list.id_of("<y>") == 4u);
  CHECK(list.id_of("a") == 0u);
  CHECK((list.has("ab") && !list.has("a") && !list.id_of("c")));
  const auto tokens = std::move(list).take();
  REQUIRE(tokens.size() == 3);
  CHECK((tokens[0].id == 2 && tokens[1].id == 3 && tokens[2].id == 4));
}

TEST_CASE("a token that comes again replaces its flags, but stays special") {
  const TokenIds model{{"a", 0}};
  AddedTokenList list{model};
  list.add({.content = "<x>", .special = true, .lstrip = true});
  list.add({.content = "<x>", .rstrip = true});
  const auto tokens = std::move(list).take();
  REQUIRE(tokens.size() == 1);
  CHECK((tokens[0].id == 1 && tokens[0].special && tokens[0].rstrip && !tokens[0].lstrip));
}

TEST_CASE("stated ids count where they are kept, and who comes later has the id") {
  const TokenIds model{{"a", 0}, {"b", 1}};
  AddedTokenList list{model, true};
  list.add({.content = "<x>", .special = true}, 9);
  list.add({.content = "a"}, 5);
  list.add({.content = "<y>"}, 9);
  list.add({.content = "<y>"}, 7);
  list.add({.content = "<z>"});
  CHECK((list.id_of("a") == 5u && list.id_of("<y>") == 7u && list.id_of("<z>") == 10u && !list.has("<x>")));
  CHECK(std::move(list).take().size() == 3);
  AddedTokenList plain{model};
  plain.add({.content = "a"}, 5);
  CHECK(plain.id_of("a") == 0u);
}
