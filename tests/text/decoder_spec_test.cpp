// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/decoder_spec.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("tokens of bytes") {
  CHECK(fallback_byte("<0x0A>") == 10);
  CHECK(fallback_byte("<0xff>") == 255);
  for (const std::string_view no : {"<0x0A", "<0xG0>", "<0x1>", "<0x-1>", "<0x012>", "a0x0A>"}) CHECK(!fallback_byte(no));
}

TEST_CASE("steps that tokens of bytes pass unchanged") {
  CHECK(keeps_byte_tokens(decode::Replace{{"\u2581", false}, " "}));
  CHECK(!keeps_byte_tokens(decode::Replace{{"\u2581", false}, "<"}));
  CHECK(!keeps_byte_tokens(decode::Replace{{"x", false}, " "}));
  CHECK(!keeps_byte_tokens(decode::Replace{{"\u2581", true}, " "}));
  CHECK(!keeps_byte_tokens(decode::Ctc{}));
}

TEST_CASE("what depends on a whole token") {
  CHECK((needs_whole_token(decode::WordPiece{"##", true}) && !needs_whole_token(decode::WordPiece{"##", false})));
  CHECK((needs_whole_token(decode::ByteFallback{}) && needs_whole_token(decode::Bpe{}) && needs_whole_token(decode::Ctc{})));
  CHECK((!needs_whole_token(decode::Strip{}) && !needs_whole_token(decode::Replace{{"x", false}, ""})));
  CHECK((needs_whole_token(decode::Replace{{"x", true}, ""}) && needs_whole_token(decode::Replace{{std::string(65, 'x'), false}, ""})));
}

TEST_CASE("chains that come down to a replacement") {
  const decode::Replace mark{{"\u2581", false}, " "};
  CHECK(leaves_replacement_alone({mark, decode::ByteFallback{}, decode::Fuse{}, decode::Strip{" ", 1, 0}}));
  CHECK((leaves_replacement_alone({mark, decode::ByteFallback{}, decode::Fuse{}}) &&
         leaves_replacement_alone({mark, decode::ByteFallback{}})));
  CHECK(!leaves_replacement_alone({mark, decode::ByteFallback{}, decode::Fuse{}, decode::Strip{" ", 1, 1}}));
  CHECK(!leaves_replacement_alone({mark, decode::ByteFallback{}, decode::Strip{" ", 1, 0}}));
  CHECK((!leaves_replacement_alone({decode::ByteFallback{}, mark}) && !leaves_replacement_alone({mark}) && !leaves_replacement_alone({})));
  CHECK(!leaves_replacement_alone({decode::Replace{{"x", false}, " "}, decode::ByteFallback{}}));
  std::string out;
  append_replaced("\u2581\u2581a\u2581b\u2581", mark, out);
  CHECK(out == "  a b ");
}
