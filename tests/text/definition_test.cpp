// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/definition.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

TEST_CASE("components survive the archive") {
  Components components;
  components.normalizers = {normalize::Unicode{normalize::Form::nfkd}, normalize::Replace{{" +", true}, "_"},
                            normalize::Strip{false, true}};
  components.pre_tokenizers = {pre::Split{{"x", false}, SplitBehavior::contiguous, true}, pre::Metaspace{"_", PrependScheme::first, false}};
  components.model = BpeOptions{.unknown = 3, .byte_fallback = true, .end_suffix = "</w>"};
  components.post_processor = {{1, 2}, {3}};
  components.decoders = {decode::Strip{"x", 4, 5}, decode::Fuse{}};
  components.eos = 9;
  ArchiveWriter writer;
  writer(components);
  ArchiveReader reader{writer.bytes()};
  Components read;
  reader(read);
  REQUIRE((reader.ok() && reader.at_end()));
  CHECK(std::get<normalize::Unicode>(read.normalizers[0]).form == normalize::Form::nfkd);
  CHECK(std::get<normalize::Replace>(read.normalizers[1]).pattern.text == " +");
  CHECK(std::get<pre::Split>(read.pre_tokenizers[0]).behavior == SplitBehavior::contiguous);
  CHECK(std::get<pre::Metaspace>(read.pre_tokenizers[1]).scheme == PrependScheme::first);
  const auto& bpe = std::get<BpeOptions>(read.model);
  CHECK((bpe.unknown == 3 && bpe.byte_fallback && !bpe.fuse_unknown && bpe.end_suffix == "</w>"));
  CHECK(read.post_processor.suffix == std::vector<std::uint32_t>{3});
  CHECK(std::get<decode::Strip>(read.decoders[0]).stop == 5);
  CHECK((!read.bos && read.eos == 9u));
}
