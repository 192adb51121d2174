// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/http_client.hpp: small whole requests on any Transport: redirects walked, credentials kept to their origin,
              // retries, limits.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/credentials.hpp>
#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/rate_limit.hpp>
#include <ingot/acquire/transport.hpp>
#include <ingot/acquire/url.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// What to do with a redirect to another origin.
enum class Redirects : std::uint8_t {
  follow,       ///< to any http(s) origin, never from https to http
  same_origin,  ///< the first that leaves the origin is the answer itself: a hub's 302 to its storage, whose headers describe the file
};

struct HttpRequest {
  Method method = Method::get;
  std::string url = {};
  Headers headers = {};   ///< not secret and not needed elsewhere: dropped, but for Accept, when a redirect leaves the origin
  std::string body = {};  ///< of a POST
  std::size_t max_body = std::size_t{64} << 20;  ///< of the response; longer ones are an Error (damaged)
  Redirects redirects = Redirects::follow;
};

/// A whole response of any status.
struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
  Url url;                         ///< that gave it: after the redirects
  std::vector<ResponseHead> hops;  ///< the redirects before it, in order (X-Repo-Commit and X-Linked-* stand on them)

  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// `WHAT: HTTP STATUS from URL: X-Error-Code, X-Error-Message, the begin of a text body, X-Request-Id`, secrets left out.
/// Code: forbidden for 401 and 403, not_found for 404 and 410, network for all else. A hub that knows better changes code and hint.
[[nodiscard]] Error response_error(std::string what, const HttpResponse& response);

/// What a client and the transfers beside it share: who may know what, who has to wait.
struct HttpContext {
  Credentials credentials;
  RateLimits limits;
  const Cancellation* cancellation = nullptr;
  NoteSink note;
};

/// Blocks in Transport::run(), which moves other exchanges of the same transport on meanwhile.
class HttpClient {
 public:
  HttpClient(AnyTransport transport, HttpContext& context) : transport_{transport}, context_{&context} {}

  /// The response, of any status but 408, 429 and 5xx, which are retried (full jitter, Retry-After and RateLimit obeyed) for up to 90 s
  /// and then returned as they are. `Accept-Encoding: identity` is always sent.
  /// Errors: network (unreachable, TLS, redirect loop or downgrade, a wait above 120 s asked for), damaged (body too long), cancelled,
  /// usage (the address).
  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request);
  [[nodiscard]] Result<HttpResponse> get(std::string url, Headers headers = {}) {
    return send({.url = std::move(url), .headers = std::move(headers)});
  }
  [[nodiscard]] Result<HttpResponse> head(std::string url, Redirects redirects = Redirects::follow) {
    return send({.method = Method::head, .url = std::move(url), .redirects = redirects});
  }
  [[nodiscard]] Result<HttpResponse> post(std::string url, std::string body, Headers headers) {
    return send({.method = Method::post, .url = std::move(url), .headers = std::move(headers), .body = std::move(body)});
  }

  [[nodiscard]] HttpContext& context() noexcept { return *context_; }
  [[nodiscard]] AnyTransport transport() const noexcept { return transport_; }

 private:
  AnyTransport transport_;
  HttpContext* context_;
};

}  // namespace ingot::acquire
