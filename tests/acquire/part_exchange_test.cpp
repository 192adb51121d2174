// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/part_exchange.hpp>

#include <span>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;
using namespace ingot::acquire::detail;

namespace {
/// A file of 100 bytes, of which 10 to 30 are asked for.
struct Scene {
  test::TemporaryDirectory directory;
  TransferItem item;
  FileTransfer file;
  explicit Scene(ByteRange range = {10, 30}) : part{.range = range} {
    file.item = &item;
    file.size = 100;
    file.entry = *StagingEntry::open(directory.path(), {"o", "r", "c", "p"}, {}, StagingEntry::Sharing::own);
    REQUIRE(file.entry->begin(100));
    file.end.emplace(*Url::parse("https://h/f"), Headers{});
  }
  Part part;
  [[nodiscard]] std::unique_ptr<PartExchange> exchange() {
    return std::make_unique<PartExchange>(file, part, StallTimer{{}, std::chrono::seconds{30}, 1}, Clock::time_point{});
  }
};
std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span{text}); }
const ResponseHead good{206, {{"Content-Range", "bytes 10-29/100"}, {"ETag", "\"a\""}}};
}  // namespace

TEST_CASE("the bytes asked for are written where they belong") {
  Scene scene;
  const auto exchange = scene.exchange();
  CHECK(exchange->requested == ByteRange{10, 30});
  REQUIRE(exchange->head(good));
  CHECK(exchange->verdict == Verdict::content);
  REQUIRE(exchange->body(bytes("0123456789")));
  CHECK(exchange->received() == 10);
  CHECK(exchange->remainder() == ByteRange{20, 30});
  CHECK(scene.file.entry->extents().ranges() == std::vector{ByteRange{10, 20}});
  CHECK(test::read_file(scene.file.entry->data_path()).substr(10, 10) == "0123456789");
}

TEST_CASE("one byte more than announced ends it") {
  Scene scene;
  const auto exchange = scene.exchange();
  REQUIRE(exchange->head(good));
  CHECK(!exchange->body(bytes(std::string(21, 'x'))));
  CHECK(exchange->verdict == Verdict::wrong_size);
  CHECK(exchange->error->code == ErrorCode::damaged);
  CHECK(scene.file.entry->extents().covered() == 20);
}

TEST_CASE("a rest that another exchange has taken over is left to it") {
  Scene scene;
  const auto exchange = scene.exchange();
  REQUIRE(exchange->head(good));
  exchange->limit = 20;
  exchange->taken_over = true;
  CHECK(!exchange->body(bytes(std::string(15, 'x'))));
  CHECK(exchange->verdict == Verdict::content);
  CHECK(exchange->remainder().size() == 0);
  CHECK(scene.file.entry->extents().covered() == 10);
}

TEST_CASE("verdicts fall before the first byte") {
  const auto verdict = [](const ResponseHead& head, ByteRange range = {10, 30}) {
    Scene scene{range};
    const auto exchange = scene.exchange();
    static_cast<void>(exchange->head(head));
    CHECK(scene.file.entry->extents().empty());
    return exchange->verdict;
  };
  CHECK(verdict({302, {}}) == Verdict::redirect);
  CHECK(verdict({416, {}}) == Verdict::unsatisfiable);
  for (const int status : {204, 304, 400, 403, 404, 500, 503}) CHECK(verdict({status, {}}) == Verdict::status);
  CHECK(verdict({200, {}}) == Verdict::no_range);
  CHECK(verdict({200, {{"Content-Length", "100"}}}, {0, 100}) == Verdict::content);
  CHECK(verdict({200, {{"Content-Length", "99"}}}, {0, 100}) == Verdict::wrong_size);
  CHECK(verdict({206, {{"Content-Range", "bytes 0-99/100"}}}, {0, 100}) == Verdict::wrong);
  CHECK(verdict({206, {}}) == Verdict::wrong);
  CHECK(verdict({206, {{"Content-Range", "bytes 9-29/100"}}}) == Verdict::wrong);
  CHECK(verdict({206, {{"Content-Range", "bytes 10-30/100"}}}) == Verdict::wrong);
  CHECK(verdict({206, {{"Content-Range", "bytes 10-29/101"}}}) == Verdict::changed);
  CHECK(verdict({206, {{"Content-Range", "bytes 10-29/*"}}}) == Verdict::content);
  CHECK(verdict({206, {{"Content-Range", "bytes 10-19/100"}}}) == Verdict::content);
  CHECK(verdict({206, {{"Content-Range", "bytes 10-29/100"}, {"Content-Encoding", "gzip"}}}) == Verdict::wrong);
}

TEST_CASE("another ETag is another file, within a run always, across runs where no digest decides") {
  for (const bool digest : {false, true}) {
    Scene scene;
    if (digest) scene.item.digests = {{Hash::sha256, std::string(64, 'a')}};
    REQUIRE(scene.file.entry->record_validator(fingerprint("\"old\"")));
    const auto first = scene.exchange();
    CHECK(first->head(good) == digest);
    CHECK(first->verdict == (digest ? Verdict::content : Verdict::changed));
    ResponseHead other = good;
    other.headers.set("ETag", "\"b\"");
    const auto second = scene.exchange();
    CHECK(!second->head(other));
    CHECK(second->verdict == Verdict::changed);
  }
}
