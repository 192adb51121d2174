// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/curl_transport.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

namespace {

/// Answers each connection on loopback with the same bytes, then closes it; keeps what it was asked.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : answer_{std::move(answer)} {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/path?query=1";
    thread_ = std::thread{[this] { serve(); }};
  }
  ~OneAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url, asked;

 private:
  void serve() {
    for (;;) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      char buffer[4096];
      std::string request;
      while (request.find("\r\n\r\n") == std::string::npos && !request.starts_with('\x16')) {  // the latter begins TLS
        const auto size = ::recv(client, buffer, sizeof buffer, 0);
        if (size <= 0) break;
        request.append(buffer, static_cast<std::size_t>(size));
      }
      asked = request;
      for (std::size_t sent = 0; sent < answer_.size();) {
        const auto size = ::send(client, answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
        if (size <= 0) break;
        sent += static_cast<std::size_t>(size);
      }
      ::close(client);
    }
  }
  std::string answer_;
  int listener_;
  std::thread thread_;
};

struct Collect : Receiver {
  bool head(const ResponseHead& got) override {
    response = got;
    return take_head;
  }
  bool body(std::span<const std::byte> bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  }
  void done(Failure why, const std::string& said) override {
    failure = why;
    reason = said;
    ended = true;
  }
  ResponseHead response;
  std::string text, reason;
  Failure failure = Failure::none;
  bool take_head = true, ended = false;
};

void finish(CurlTransport& transport, const Collect& collect) {
  for (const auto end = Clock::now() + std::chrono::seconds{20}; !collect.ended && Clock::now() < end;)
    transport.run(std::chrono::milliseconds{100});
  REQUIRE(collect.ended);
}

}  // namespace

TEST_CASE("a request goes out as it was said, and nothing else with it") {
  OneAnswer server{"HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nX-Two: a\r\nx-two: b\r\nLocation: /else\r\n\r\nhello"};
  auto transport = CurlTransport::create({.user_agent = "test/1"});
  REQUIRE(transport);
  Collect collect;
  transport->start(
      {.url = server.url, .headers = {{"X-Own", "1"}, {"Bad", "a\r\nInjected: b"}}, .range = ByteRange{3, 8}, .own_connection = true},
      collect);
  finish(*transport, collect);
  CHECK(collect.failure == Failure::none);
  CHECK(collect.response.status == 206);
  CHECK(collect.text == "hello");
  CHECK(collect.response.headers.get("X-TWO") == "a");
  CHECK(server.asked.starts_with("GET /path?query=1 HTTP/1.1\r\n"));
  for (const char* const line : {"\r\nRange: bytes=3-7\r\n", "\r\nX-Own: 1\r\n", "\r\nUser-Agent: test/1\r\n"})
    CHECK(server.asked.find(line) != std::string::npos);
  for (const char* const none : {"Accept-Encoding", "Cookie", "Authorization", "Injected"})
    CHECK(server.asked.find(none) == std::string::npos);
}

TEST_CASE("redirects are the caller's to follow, HEAD has no body, POST has one") {
  OneAnswer server{"HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n"};
  auto transport = CurlTransport::create();
  Collect head, post;
  transport->start({.method = Method::head, .url = server.url}, head);
  finish(*transport, head);
  CHECK(head.response.status == 302);
  CHECK(server.asked.starts_with("HEAD "));
  transport->start({.method = Method::post, .url = server.url, .headers = {{"Content-Type", "application/json"}}, .body = "{}"}, post);
  finish(*transport, post);
  CHECK(server.asked.find("Content-Length: 2\r\n") != std::string::npos);
  CHECK(server.asked.find("Expect") == std::string::npos);
}

TEST_CASE("what went wrong is told apart") {
  auto transport = CurlTransport::create();
  const auto failure = [&](const std::string& answer, bool take = true) {
    OneAnswer server{answer};
    Collect collect;
    collect.take_head = take;
    transport->start({.url = server.url, .own_connection = true, .new_connection = true}, collect);
    finish(*transport, collect);
    return collect.failure;
  };
  CHECK(failure("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort") == Failure::interrupted);
  CHECK(failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n") == Failure::interrupted);
  CHECK(failure("") == Failure::interrupted);
  CHECK(failure("this is not HTTP\r\n\r\n") == Failure::protocol);
  CHECK(failure("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false) == Failure::refused_by_receiver);
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 5000; ++i) many += "X-" + std::to_string(i) + ": " + std::string(60, 'x') + "\r\n";
  CHECK(failure(many + "\r\n") == Failure::too_large);

  Collect refused, unknown, plain;
  transport->start({.url = "http://127.0.0.1:1/"}, refused);
  finish(*transport, refused);
  CHECK(refused.failure == Failure::connect);
  CHECK(refused.reason.find("127.0.0.1") != std::string::npos);
  transport->start({.url = "http://no-such-host.invalid/"}, unknown);
  finish(*transport, unknown);
  CHECK(unknown.failure == Failure::resolve);
  OneAnswer server{"HTTP/1.1 200 OK\r\n\r\n"};
  transport->start({.url = "https" + server.url.substr(4)}, plain);
  finish(*transport, plain);
  CHECK(plain.failure == Failure::tls);
}

TEST_CASE("all bodies together keep to the rate") {
  OneAnswer server{"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + std::string(60'000, 'x')};
  auto transport = CurlTransport::create({.max_rate = 200'000});
  const auto begin = Clock::now();
  Collect a, b;
  transport->start({.url = server.url, .own_connection = true}, a);
  transport->start({.url = server.url, .own_connection = true}, b);
  finish(*transport, a);
  finish(*transport, b);
  CHECK(a.text.size() == 60'000);
  CHECK(b.text.size() == 60'000);
  CHECK(Clock::now() - begin > std::chrono::milliseconds{250});  // 120 KB, less what may come at once, at 200 KB/s
}

TEST_CASE("run() can be woken; cancelled exchanges are silent; a missing certificates file is an error") {
  auto transport = CurlTransport::create();
  const auto begin = Clock::now();
  std::thread waker{[&] { transport->wake(); }};
  transport->run(std::chrono::seconds{20});
  waker.join();
  CHECK(Clock::now() - begin < std::chrono::seconds{10});
  OneAnswer server{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"};
  Collect collect;
  transport->cancel(transport->start({.url = server.url}, collect));
  transport->run(std::chrono::milliseconds{50});
  CHECK(!collect.ended);
  CHECK(CurlTransport::create({.ca_file = "/nonexistent/ca.pem"}).error().code == ErrorCode::not_found);
}
