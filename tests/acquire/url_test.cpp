// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/url.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("addresses come apart, in normal form") {
  const auto url = Url::parse("HTTPS://User:pa%40ss@Hub.Example:8443/a/./b/../c%20d?x=1&y=%2F#part");
  REQUIRE(url);
  CHECK(url->origin == Origin{"https", "hub.example", 8443});
  CHECK(url->user == "User:pa@ss");
  CHECK(url->path == "/a/c%20d");
  CHECK(url->query == "x=1&y=%2F");
  CHECK(url->text() == "https://hub.example:8443/a/c%20d?x=1&y=%2F");
  CHECK(url->redacted() == "https://hub.example:8443/a/c%20d");
  CHECK(Url::parse("http://h")->text() == "http://h/");
  CHECK(Url::parse("http://h")->origin.port == 80);
  CHECK(Url::parse("https://h:443/")->text() == "https://h/");
  CHECK(Url::parse("https://[2001:DB8::1]:8/x")->origin.host == "[2001:db8::1]");
}

TEST_CASE("what is no http address is refused") {
  for (const std::string text : {"", "hub/file", "ftp://h/x", "file:///etc/passwd", "http://", "http://h:0/", "http://h:99999/",
                                 "http://h/\n", "//h/x", "http://%31/", "http://b%b%36c%/"}) {
    CAPTURE(text);
    const auto url = Url::parse(text);
    REQUIRE(!url);
    CHECK(url.error().code == ErrorCode::usage);
  }
  CHECK(!Url::parse("http://h/" + std::string(20'000, 'a')));
  const auto secret = Url::parse("http://h/a\x01?token=abc");
  REQUIRE(!secret);
  CHECK(secret.error().message().find("abc") == std::string::npos);
}

TEST_CASE("references are resolved as RFC 3986 says; a query is its own") {
  const auto base = *Url::parse("https://h:8/a/b?q=1");
  CHECK(base.join("/c?d=%22e%22")->text() == "https://h:8/c?d=%22e%22");
  CHECK(base.join("c")->text() == "https://h:8/a/c");
  CHECK(base.join("../../c")->text() == "https://h:8/c");
  CHECK(base.join("//other/x")->text() == "https://other/x");
  CHECK(base.join("http://other/x y")->text() == "http://other/x%20y");
  CHECK(base.join("?z=2")->text() == "https://h:8/a/b?z=2");
  for (const std::string reference : {"ftp://h/x", "file:///etc/passwd", "http://h\r\nX: y"}) CHECK(!base.join(reference));
}

TEST_CASE("origins differ by scheme, host and port; loopback is this machine alone") {
  const auto origin = [](const char* text) { return Url::parse(text)->origin; };
  CHECK(origin("http://h/a") == origin("http://H:80/b"));
  CHECK(origin("http://h/") != origin("https://h/"));
  CHECK(origin("http://h/") != origin("http://h:81/"));
  CHECK(origin("https://h").text() == "https://h:443");
  for (const char* const here : {"http://localhost:1", "http://127.0.0.1", "http://127.9.9.9", "http://[::1]:5"})
    CHECK(origin(here).is_loopback());
  for (const char* const there : {"http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1", "http://[::2]"})
    CHECK(!origin(there).is_loopback());
}

TEST_CASE("percent-encoding goes both ways") {
  CHECK(percent_encode("refs/pr/1") == "refs%2Fpr%2F1");
  CHECK(percent_encode("a b/c~\xc3\xa9", "/") == "a%20b/c~%C3%A9");
  CHECK(percent_decode("a%20b%2fc") == "a b/c");
  for (const char* const odd : {"%", "%4", "%zz", "a%4"}) CHECK(percent_decode(odd) == odd);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(percent_decode(percent_encode(all)) == all);
}
