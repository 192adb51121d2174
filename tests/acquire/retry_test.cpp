// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/retry.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

static_assert(may_retry(429) && may_retry(503) && may_retry(408) && !may_retry(404) && !may_retry(403) && !may_retry(200) &&
              !may_retry(501));
static_assert(may_retry(Failure::interrupted) && may_retry(Failure::connect) && !may_retry(Failure::tls) && !may_retry(Failure::proxy));

TEST_CASE("errors name what failed and hide signatures") {
  const auto url = *Url::parse("https://h/file?signature=secret");
  for (const Failure failure :
       {Failure::resolve, Failure::connect, Failure::proxy, Failure::tls, Failure::interrupted, Failure::protocol, Failure::other}) {
    const Error error = failure_error(failure, "the reason", url);
    CHECK(error.code == ErrorCode::network);
    CHECK(error.message().find("the reason") != std::string::npos);
    CHECK(error.message().find("https://h/file") != std::string::npos);
    CHECK(error.message().find("secret") == std::string::npos);
  }
  CHECK(failure_error(Failure::tls, "", url).hint.find("certificates") != std::string::npos);
  CHECK(failure_error(Failure::proxy, "", url).what.find("proxy") != std::string::npos);
  CHECK(long_wait_error(std::chrono::seconds{86400}, url).message().find("86400 s") != std::string::npos);
}
