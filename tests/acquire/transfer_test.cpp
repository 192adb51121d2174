// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/transfer.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/resource.h>

#include <doctest/doctest.h>

#include <ingot/acquire/concurrency.hpp>
#include <ingot/acquire/entry_lock.hpp>
#include <ingot/acquire/place.hpp>
#include <support/fake_transport.hpp>
#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(std::size_t size, unsigned seed = 1) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1664525U + 1013904223U) >> 24);
  return bytes;
}

Digest sha256_of(const std::string& bytes) {
  Hasher hasher{Hash::sha256, bytes.size()};
  hasher.update(std::as_bytes(std::span{bytes}));
  return *hasher.finish();
}

/// A transfer of one file of 1 MiB (unless told otherwise) in parts of 64 KiB from http://hub/file.
struct Scene {
  std::string content = bytes_of(std::size_t{1} << 20);
  test::TemporaryDirectory directory;
  HttpContext context;
  TransferItem item;
  TransferSettings settings;
  test::FakeTransport transport;
  std::vector<std::string> notes;

  explicit Scene(test::FakeTransport::Server server = {})
      : transport{server ? std::move(server) : [this](const Request& request) { return test::serve(content, request); }} {
    context.note = [this](std::string_view note) { notes.emplace_back(note); };
    settings.staging_root = directory.path() / ".staging";
    settings.part_size = 64 << 10;
    item.path = "file";
    item.staging = {"http://hub", "owner/name", "commit", "file"};
    item.locate = [] { return Result<Source>{Source{.url = "http://hub/file"}}; };
    item.publish = [this](const StagedFile& staged) -> Status {
      INGOT_CHECK(place(staged.path, directory.path(), "file", Taken::replace));
      return {};
    };
    expect(content);
  }
  void expect(const std::string& bytes) {
    content = bytes;
    item.size = bytes.size();
    item.digests = {sha256_of(bytes)};
  }
  Result<TransferReport> run() {
    HttpClient client{transport, context};
    return transfer(client, {&item, 1}, settings);
  }
  [[nodiscard]] bool published() const {
    return fs::exists(directory.path() / "file") && test::read_file(directory.path() / "file") == content;
  }
  [[nodiscard]] bool nothing_published() const { return !fs::exists(directory.path() / "file"); }
};

}  // namespace

TEST_CASE("a file arrives whole, by parts, and leaves nothing in staging") {
  Scene scene;
  const auto report = scene.run();
  REQUIRE_MESSAGE(report, report.error().message());
  CHECK(scene.published());
  CHECK(!fs::exists(scene.settings.staging_root));
  CHECK(report->bytes_fetched == scene.content.size());
  CHECK(report->requests == 16);
  CHECK(scene.transport.most_at_once == Concurrency::initial);
}

TEST_CASE("sizes around parts, and none") {
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 131072, 131073}) {
    Scene scene;
    scene.expect(bytes_of(size));
    const auto report = scene.run();
    REQUIRE_MESSAGE(report, report.error().message());
    CHECK(scene.published());
    CHECK(report->bytes_fetched == size);
  }
}

TEST_CASE("a size that only the storage knows, with and without a Content-Length") {
  for (const bool length : {true, false}) {
    Scene scene;
    scene.item.size.reset();
    Scene sized{[&](const Request& request) {
      auto answer = test::serve(scene.content, request);
      if (!length) answer.headers.remove("Content-Length");
      return answer;
    }};
    sized.item.size.reset();
    const auto report = sized.run();
    REQUIRE_MESSAGE(report, report.error().message());
    CHECK(sized.published());
  }
}

TEST_CASE("what was cut is fetched from where it broke") {
  int cuts = 0;
  Scene scene{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    if (cuts++ < 3) {
      answer.body.resize(answer.body.size() * 37 / 100);
      answer.failure = Failure::interrupted;
    }
    return answer;
  }};
  const auto report = scene.run();
  REQUIRE_MESSAGE(report, report.error().message());
  CHECK(scene.published());
  CHECK(report->bytes_fetched == scene.content.size());
  CHECK(report->requests == 19);
}

TEST_CASE("a body that ends early without a failure is noticed by its size") {
  int cuts = 0;
  Scene scene{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    answer.headers.remove("Content-Length");
    if (cuts++ % 2 == 0) answer.body.resize(answer.body.size() / 2);
    return answer;
  }};
  REQUIRE(scene.run());
  CHECK(scene.published());
}

TEST_CASE("a cancelled transfer goes on where it was") {
  Cancellation cancellation;
  int requests = 0;
  Scene scene{[&](const Request& request) {
    if (++requests == 9) cancellation.request();
    return test::serve(bytes_of(std::size_t{1} << 20), request);
  }};
  scene.context.cancellation = &cancellation;
  const auto first = scene.run();
  REQUIRE(!first);
  CHECK(first.error().code == ErrorCode::cancelled);
  CHECK(scene.nothing_published());
  cancellation.reset();
  const auto second = scene.run();
  REQUIRE_MESSAGE(second, second.error().message());
  CHECK(scene.published());
  CHECK(second->bytes_kept >= std::uint64_t{8} * (64 << 10) - (4 << 16));
  CHECK(second->bytes_kept + second->bytes_fetched == scene.content.size());
}

TEST_CASE("a complete file whose publishing failed is published without a request") {
  Scene scene;
  bool refuse = true;
  const auto publish = scene.item.publish;
  scene.item.publish = [&](const StagedFile& staged) -> Status {
    if (refuse) return Error{ErrorCode::disk, "not now", {}, {}};
    return publish(staged);
  };
  CHECK(scene.run().error().code == ErrorCode::disk);
  refuse = false;
  const auto report = scene.run();
  REQUIRE(report);
  CHECK(report->requests == 0);
  CHECK(scene.published());
}

TEST_CASE("a server without ranges gives the file in one response") {
  Scene scene{[&](const Request& request) {
    Request whole = request;
    whole.range.reset();
    return test::serve(bytes_of(std::size_t{1} << 20), whole);
  }};
  const auto report = scene.run();
  REQUIRE_MESSAGE(report, report.error().message());
  CHECK(scene.published());
  CHECK(report->requests == 1);
}

TEST_CASE("kept bytes of a server that has lost its ranges are dropped, not appended to") {
  bool ranges = true;
  Cancellation cancellation;
  int requests = 0;
  Scene scene{[&](Request request) {
    if (++requests == 5) cancellation.request();
    if (!ranges) request.range.reset();
    return test::serve(bytes_of(std::size_t{1} << 20), request);
  }};
  scene.context.cancellation = &cancellation;
  REQUIRE(!scene.run());
  cancellation.reset();
  ranges = false;
  REQUIRE(scene.run());
  CHECK(scene.published());
}

TEST_CASE("answers that do not fit the question are refused before a byte is written; then one response is asked for") {
  const std::vector<std::string> wrong{"bytes 1-65536/1048576", "bytes 0-65535/*x", "", "bytes 0-10485760/1048576", "bytes 5-4/1048576"};
  for (const std::string& field : wrong) {
    CAPTURE(field);
    Scene scene{[&](const Request& request) {
      auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
      if (request.range) {
        answer.headers.set("Content-Range", field);
        answer.body.assign(answer.body.size(), 'x');
      }
      return answer;
    }};
    const auto report = scene.run();
    REQUIRE_MESSAGE(report, report.error().message());
    CHECK(scene.published());
  }
}

TEST_CASE("compressed bodies are never stored") {
  Scene scene{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    answer.headers.add("Content-Encoding", "gzip");
    return answer;
  }};
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().code == ErrorCode::damaged);
  CHECK(scene.nothing_published());
}

TEST_CASE("a body that does not end is cut at its size") {
  Scene scene{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    answer.headers.remove("Content-Length");
    answer.body += std::string(1 << 20, 'x');
    return answer;
  }};
  scene.settings.part_size = 4 << 20;
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().code == ErrorCode::damaged);
  CHECK(scene.nothing_published());
}

TEST_CASE("another size than the listing's is explained by whoever knows the hub") {
  Scene scene{[&](const Request&) { return test::serve("version https://git-lfs", {}); }};
  scene.item.explain = [](const HttpResponse& response) { return Error{ErrorCode::damaged, "a pointer: " + response.body, {}, {}}; };
  scene.settings.part_size = 4 << 20;
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().what == "a pointer: version https://git-lfs");
}

TEST_CASE("server errors pass, or end the transfer with the last answer") {
  int failures = 3;
  Scene scene{[&](const Request& request) {
    if (failures-- > 0) return test::Answer{.status = 502, .headers = {{"X-Request-Id", "abc"}}, .body = "overload"};
    return test::serve(bytes_of(std::size_t{1} << 20), request);
  }};
  REQUIRE(scene.run());
  CHECK(scene.published());

  failures = 1'000'000;
  fs::remove(scene.directory.path() / "file");
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().code == ErrorCode::network);
  CHECK(report.error().message().find("overload") != std::string::npos);
  CHECK(report.error().message().find("abc") != std::string::npos);
}

TEST_CASE("a wait that the server asks for holds all workers; a day is not waited for") {
  int requests = 0;
  std::vector<Clock::time_point> times;
  Scene* self = nullptr;
  std::string wait = "2";
  Scene scene{[&](const Request& request) {
    times.push_back(self->transport.now());
    if (++requests == 3) return test::Answer{.status = 429, .headers = {{"Retry-After", wait}}};
    return test::serve(bytes_of(std::size_t{1} << 20), request);
  }};
  self = &scene;
  REQUIRE(scene.run());
  CHECK(scene.published());
  // Once the answer of the third is there, which takes 1 ms, nothing is asked for during 2 s.
  bool waited = false;
  for (std::size_t i = 3; i < times.size(); ++i) {
    const auto after = times[i] - times[2];
    CHECK((after < std::chrono::milliseconds{30} || after >= std::chrono::seconds{2}));
    waited = waited || after >= std::chrono::seconds{2};
  }
  CHECK(waited);

  requests = 0;
  wait = "86400";
  fs::remove(scene.directory.path() / "file");
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().code == ErrorCode::network);
  CHECK(report.error().message().find("86400 s") != std::string::npos);
}

TEST_CASE("a stalled connection is replaced; silence ends the transfer within 90 s") {
  int requests = 0;
  Scene scene{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    if (++requests == 2) answer.stall_at = 1000;
    return answer;
  }};
  const auto begin = scene.transport.now();
  const auto report = scene.run();
  REQUIRE_MESSAGE(report, report.error().message());
  CHECK(scene.published());
  CHECK(scene.transport.now() - begin < std::chrono::seconds{75});
  CHECK(report->bytes_fetched == scene.content.size());
  CHECK(scene.transport.requests.back().new_connection);

  Scene silent{[&](const Request&) { return test::Answer{.silent = true}; }};
  const auto since = silent.transport.now();
  const auto failed = silent.run();
  REQUIRE(!failed);
  CHECK(failed.error().code == ErrorCode::network);
  CHECK(silent.transport.now() - since <= std::chrono::seconds{90});

  Scene slow{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    answer.pause = std::chrono::seconds{1};
    answer.piece = 1;
    return answer;
  }};
  const auto start = slow.transport.now();
  CHECK(slow.run().error().code == ErrorCode::network);
  CHECK(slow.transport.now() - start <= std::chrono::seconds{90});
}

TEST_CASE("a flipped bit is fetched again; one that stays is never published") {
  int flips = 1;
  Scene scene{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    if (request.range && request.range->begin == 128 << 10 && flips-- > 0) answer.body[5] ^= 1;
    return answer;
  }};
  REQUIRE(scene.run());
  CHECK(scene.published());

  fs::remove(scene.directory.path() / "file");
  Scene always{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    if (!request.range || request.range->begin == 0) answer.body[5] ^= 1;
    return answer;
  }};
  const auto report = always.run();
  REQUIRE(!report);
  CHECK(report.error().code == ErrorCode::damaged);
  CHECK(always.nothing_published());
  CHECK(fs::exists(always.settings.staging_root / (always.item.staging.name() + ".quarantined")));
  CHECK(always.transport.requests.size() == 16 + 16 + 1);
}

TEST_CASE("a file that changes meanwhile is begun anew, and not mixed") {
  const std::string old = bytes_of(std::size_t{1} << 20, 7);
  int requests = 0;
  Scene scene{[&](const Request& request) {
    const bool before = ++requests <= 3;
    auto answer = test::serve(before ? old : bytes_of(std::size_t{1} << 20), request);
    answer.headers.add("ETag", before ? "\"old\"" : "\"new\"");
    return answer;
  }};
  scene.item.digests.clear();
  REQUIRE(scene.run());
  CHECK(scene.published());

  requests = 0;
  fs::remove(scene.directory.path() / "file");
  Scene shrinks{[&](const Request& request) { return test::serve(bytes_of(++requests == 1 ? 1 << 20 : 1 << 19), request); }};
  CHECK(shrinks.run().error().code == ErrorCode::damaged);
  CHECK(shrinks.nothing_published());
}

TEST_CASE("redirects are walked once a file; tokens stay with their origin; signatures are renewed, but not for ever") {
  int signature = 0, used = 0;
  bool refuse_all = false;
  Scene scene{[&](const Request& request) {
    if (request.url == "https://hub/file") {
      ++signature;
      return test::Answer{.status = 302, .headers = {{"Location", "https://storage/file?signature=" + std::to_string(signature)}}};
    }
    if (refuse_all || (signature == 1 && ++used > 4)) return test::Answer{.status = 403, .body = "expired"};
    return test::serve(bytes_of(std::size_t{1} << 20), request);
  }};
  scene.item.locate = [] { return Result<Source>{Source{.url = "https://hub/file", .headers = {{"X-Own", "secret"}}}}; };
  scene.context.credentials.add(Url::parse("https://hub")->origin, "Authorization", "Bearer token");
  const auto report = scene.run();
  REQUIRE_MESSAGE(report, report.error().message());
  CHECK(scene.published());
  CHECK(signature <= 4);
  for (const Request& request : scene.transport.requests) {
    const bool hub = request.url.starts_with("https://hub/");
    CHECK(request.headers.has("Authorization") == hub);
    CHECK(request.headers.has("X-Own") == hub);
    CHECK(request.headers.get("Accept-Encoding") == "identity");
  }

  fs::remove(scene.directory.path() / "file");
  refuse_all = true;
  scene.settings.part_size = 4 << 20;
  scene.transport.requests.clear();
  const auto refused = scene.run();
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::network);
  CHECK(refused.error().message().find("expired") != std::string::npos);
  CHECK(std::ranges::count_if(scene.transport.requests,
                              [](const Request& request) { return request.url.starts_with("https://storage/"); }) <= 3);
}

TEST_CASE("what the hub forbids is asked for once") {
  Scene scene{[&](const Request&) { return test::Answer{.status = 403, .headers = {{"X-Error-Code", "GatedRepo"}}}; }};
  scene.settings.part_size = 4 << 20;
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().code == ErrorCode::forbidden);
  CHECK(scene.transport.requests.size() == 1);
}

TEST_CASE("an answer that the item's own check refuses ends it before a byte is written") {
  Scene scene;
  scene.item.inspect = [](const ResponseHead& head, const Url& url) -> Status {
    if (head.status == 200 || head.status == 206) return Error{ErrorCode::network, "not the hub", url.redacted(), {}};
    return {};
  };
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().what == "not the hub");
}

TEST_CASE("a full disk is an error at once, which says what is needed; the bytes that came are kept") {
  Scene scene;
  scene.item.size = std::uint64_t{1} << 60;
  const auto report = scene.run();
  REQUIRE(!report);
  CHECK(report.error().code == ErrorCode::disk);
  CHECK(report.error().message().find("need 1152921504606846976") != std::string::npos);
  CHECK(scene.transport.requests.empty());

  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  Scene limited;
  const rlimit limit{std::size_t{1} << 19, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const auto full = limited.run();
  ::setrlimit(RLIMIT_FSIZE, &old);
  REQUIRE(!full);
  CHECK(full.error().code == ErrorCode::disk);
  REQUIRE(limited.run());
  CHECK(limited.published());
}

TEST_CASE("who finds a file locked waits, and takes what the other published") {
  Scene scene;
  fs::create_directory(scene.settings.staging_root);
  fs::permissions(scene.settings.staging_root, fs::perms::owner_all);
  auto lock = EntryLock::try_acquire(scene.settings.staging_root / (scene.item.staging.name() + ".lock"));
  REQUIRE(lock);
  REQUIRE(*lock);
  const auto begin = scene.transport.now();
  Cancellation cancellation;
  scene.context.cancellation = &cancellation;
  bool there = false;
  scene.item.present = [&]() -> Result<bool> { return there; };
  scene.settings.progress = [&](std::string_view, std::uint64_t, std::uint64_t) {
    if (scene.transport.now() - begin < std::chrono::seconds{5}) return;
    there = true;
    lock->reset();
  };
  const auto report = scene.run();
  REQUIRE_MESSAGE(report, report.error().message());
  CHECK(scene.transport.requests.empty());
  REQUIRE(!scene.notes.empty());
  CHECK(scene.notes[0].find("waiting for process") != std::string::npos);
}

TEST_CASE("the holder of a lock that shows no life for long is left alone, and the file fetched beside it") {
  Scene scene;
  fs::create_directory(scene.settings.staging_root);
  auto lock = EntryLock::try_acquire(scene.settings.staging_root / (scene.item.staging.name() + ".lock"));
  REQUIRE(lock);
  REQUIRE(*lock);
  REQUIRE(scene.run());
  CHECK(scene.published());
}

TEST_CASE("a server that bears two connections gets two") {
  Scene* self = nullptr;
  int open = 0;
  Scene scene{[&](const Request& request) {
    open = static_cast<int>(self->transport.open());
    if (open >= 2) return test::Answer{.status = 503};
    return test::serve(bytes_of(std::size_t{1} << 20), request);
  }};
  self = &scene;
  const auto report = scene.run();
  REQUIRE_MESSAGE(report, report.error().message());
  CHECK(scene.published());
}

TEST_CASE("progress never goes back and ends at the whole") {
  int flips = 1;
  std::uint64_t last = 0, total = 0;
  bool back = false;
  Scene scene{[&](const Request& request) {
    auto answer = test::serve(bytes_of(std::size_t{1} << 20), request);
    answer.pause = std::chrono::milliseconds{20};
    if (request.range && request.range->begin == 0 && flips-- > 0) answer.body[5] ^= 1;
    return answer;
  }};
  scene.settings.progress = [&](std::string_view what, std::uint64_t done, std::uint64_t all) {
    if (what != "downloading") return;
    back = back || done < last;
    last = done;
    total = all;
  };
  REQUIRE(scene.run());
  CHECK(!back);
  CHECK(last == scene.content.size());
  CHECK(total == scene.content.size());
}
