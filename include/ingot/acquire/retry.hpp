// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/retry.hpp: which failures another try may cure, how long to be patient, and what to say in the end.

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/acquire/transport.hpp>
#include <ingot/acquire/url.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

inline constexpr std::chrono::seconds stall_window{30};  ///< an exchange without progress for so long is begun anew, on a new connection
inline constexpr std::chrono::seconds patience{85};      ///< nothing at all moves for so long: the end, before 90 s are over

[[nodiscard]] constexpr bool may_retry(int status) noexcept {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}
/// A wrong certificate stays wrong, and a proxy that refuses goes on refusing.
[[nodiscard]] constexpr bool may_retry(Failure failure) noexcept {
  return failure == Failure::resolve || failure == Failure::connect || failure == Failure::interrupted || failure == Failure::protocol ||
         failure == Failure::other;
}

[[nodiscard]] inline Error failure_error(Failure failure, std::string_view reason, const Url& url) {
  const auto [what, hint] = [&]() -> std::pair<std::string_view, std::string_view> {
    switch (failure) {
      case Failure::resolve:
        return {"cannot find the host", "check the name and the network"};
      case Failure::connect:
        return {"cannot connect", "check the network"};
      case Failure::proxy:
        return {"the proxy does not let us through", "check https_proxy, http_proxy, all_proxy and no_proxy"};
      case Failure::tls:
        return {"no secure connection", "check the clock and the certificates (--cacert, SSL_CERT_FILE)"};
      case Failure::interrupted:
        return {"the connection was cut", "try again: what has arrived is kept"};
      case Failure::protocol:
        return {"not an HTTP answer", "check the address"};
      case Failure::too_large:
        return {"too large an answer", {}};
      default:
        return {"the exchange failed", {}};
    }
  }();
  return {ErrorCode::network, std::string{what} + " (" + std::string{reason} + ")", url.redacted(), std::string{hint}};
}

/// The server wants to be left alone for longer than anyone waits.
[[nodiscard]] inline Error long_wait_error(std::chrono::seconds wait, const Url& url) {
  return {ErrorCode::network, "the server asks to wait for " + std::to_string(wait.count()) + " s", url.redacted(),
          "try again after that: what has arrived is kept"};
}

}  // namespace ingot::acquire
