// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/redirect_walk.hpp: from an address to where its content is, hop by hop, with the right header fields at each.

#include <string>
#include <utility>
#include <vector>

#include <ingot/acquire/credentials.hpp>
#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/transport.hpp>
#include <ingot/acquire/url.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

/// Where a request stands. At most 10 hops, none twice, never from https to http, only http and https.
class RedirectWalk {
 public:
  static constexpr std::size_t most_hops = 10;

  /// `own`: fields for the first origin. Accept goes to all; the rest is dropped once another origin is reached, for good.
  RedirectWalk(Url start, Headers own) : url_{std::move(start)}, own_{std::move(own)} {}

  [[nodiscard]] const Url& url() const noexcept { return url_; }
  [[nodiscard]] std::size_t hops() const noexcept { return seen_.size(); }

  [[nodiscard]] static bool is_redirect(int status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  /// What to send to where it stands now. Compression is never wanted: a compressed body has no ranges and another digest.
  [[nodiscard]] Headers headers(const Credentials& credentials) const {
    Headers headers = own_;
    headers.set("Accept-Encoding", "identity");
    credentials.apply(url_.origin, headers);
    return headers;
  }

  /// The address a redirect names. Errors: network.
  [[nodiscard]] Result<Url> next(const ResponseHead& head) const {
    const auto refused = [&](std::string what) { return Error{ErrorCode::network, std::move(what), url_.redacted(), {}}; };
    const std::string location{head.headers.get("Location")};
    if (location.empty()) return refused("a redirect without a Location");
    auto next = url_.join(location);
    if (!next) return refused("a redirect to " + next.error().message());
    if (url_.origin.is_https() && !next->origin.is_https()) return refused("refused: a redirect from https to " + next->redacted());
    return next;
  }
  /// Goes there. Errors: network.
  [[nodiscard]] Status follow(Url next) {
    seen_.push_back(url_.text());
    if (seen_.size() > most_hops) return Error{ErrorCode::network, "more than 10 redirects", next.redacted(), {}};
    for (const std::string& seen : seen_)
      if (seen == next.text()) return Error{ErrorCode::network, "a redirect loop", next.redacted(), {}};
    if (next.origin != url_.origin) {
      const std::string accept{own_.get("Accept")};
      own_.clear();
      if (!accept.empty()) own_.add("Accept", accept);
    }
    url_ = std::move(next);
    return {};
  }

 private:
  Url url_;
  Headers own_;
  std::vector<std::string> seen_;
};

}  // namespace ingot::acquire
