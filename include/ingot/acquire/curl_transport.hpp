// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/curl_transport.hpp: the Transport made of libcurl's multi interface.

#include <cstdint>
#include <filesystem>
#include <memory>

#include <ingot/acquire/transport.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire {

struct CurlSettings {
  std::filesystem::path ca_file = {};  ///< PEM; empty: SSL_CERT_FILE, CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE, else the system's
  std::string proxy = {};              ///< empty: https_proxy, http_proxy, all_proxy, no_proxy
  std::uint64_t max_rate = 0;          ///< bytes per second of all bodies together; 0: no limit
  std::string user_agent = {};         ///< empty: "ingot/VERSION"
};

/// Certificates are always verified, TLS is 1.2 or newer; proxies come from the settings or the environment.
/// One thread at a time; several objects are independent of each other.
class CurlTransport {
 public:
  /// Errors: not_found (the certificates' file), other (libcurl older than 7.85 or out of memory).
  [[nodiscard]] static Result<CurlTransport> create(CurlSettings settings = {});
  CurlTransport(CurlTransport&&) noexcept;
  CurlTransport& operator=(CurlTransport&&) noexcept;
  ~CurlTransport();

  ExchangeId start(Request request, Receiver& receiver);
  void cancel(ExchangeId id);
  void run(Clock::duration duration);
  void wake();
  [[nodiscard]] Clock::time_point now() const { return Clock::now(); }

 private:
  struct State;
  explicit CurlTransport(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

static_assert(Transport<CurlTransport>);

}  // namespace ingot::acquire
