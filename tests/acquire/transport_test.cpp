// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/transport.hpp>

#include <string>

#include <doctest/doctest.h>

#include <support/fake_transport.hpp>

using namespace ingot;
using namespace ingot::acquire;

namespace {
struct Log : Receiver {
  bool head(const ResponseHead& head) override {
    events += "head " + std::to_string(head.status) + ";";
    return true;
  }
  bool body(std::span<const std::byte> bytes) override {
    events += std::to_string(bytes.size()) + ";";
    return events.size() < 100;
  }
  void done(Failure failure, const std::string&) override { events += failure == Failure::none ? "done" : "failed"; }
  std::string events;
};
struct NoClock {
  ExchangeId start(Request, Receiver&);
  void cancel(ExchangeId);
  void run(Clock::duration);
  void wake();
};
}  // namespace

static_assert(Transport<test::FakeTransport> && Transport<AnyTransport> && !Transport<NoClock>);
static_assert(ByteRange{3, 10}.size() == 7);

TEST_CASE("any transport is used through one type") {
  test::FakeTransport fake{[](const Request& request) { return test::serve("0123456789", request); }};
  AnyTransport transport{fake};
  Log log, cancelled;
  transport.start({.url = "http://h/", .range = ByteRange{2, 5}}, log);
  transport.cancel(transport.start({.url = "http://h/"}, cancelled));
  const auto begin = transport.now();
  for (int i = 0; i < 5; ++i) transport.run(std::chrono::seconds{1});
  CHECK(log.events == "head 206;3;done");
  CHECK(cancelled.events.empty());
  CHECK(transport.now() > begin);
}
