// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/curl_failure.hpp: libcurl's codes as this room's failures; included by curl_transport_definitions.hpp.

#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <ingot/acquire/environment.hpp>
#include <ingot/acquire/transport.hpp>

namespace ingot::acquire::detail {

/// What curl's own codes mean to a caller that must decide whether to try again.
[[nodiscard]] inline Failure failure_of(CURL* handle, CURLcode code) noexcept {
  long connect_status = 0;  // of the proxy, to CONNECT
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  if (connect_status >= 300) return Failure::proxy;
  switch (code) {
    case CURLE_OK:
      return Failure::none;
    case CURLE_WRITE_ERROR:
      return Failure::refused_by_receiver;
    case CURLE_COULDNT_RESOLVE_HOST:
      return Failure::resolve;
    case CURLE_COULDNT_CONNECT:
      return Failure::connect;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return Failure::proxy;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return Failure::tls;
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t connected = 0;
      curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &connected);
      return connected == 0 ? Failure::connect : Failure::interrupted;
    }
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Failure::interrupted;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return Failure::protocol;
    default:
      return Failure::other;
  }
}

/// The proxy `configured`, else the one the environment names for `url`, without its password; libcurl itself decides about no_proxy.
[[nodiscard]] inline std::string proxy_for(std::string_view url, const std::string& configured) {
  const auto environment = Environment::of_process();
  std::optional<std::string> proxy = configured;
  if (proxy->empty())
    proxy = url.starts_with("https:") ? environment.first({"https_proxy", "HTTPS_PROXY"}) : environment.find("http_proxy");
  if (!proxy) proxy = environment.first({"all_proxy", "ALL_PROXY"});
  if (!proxy) return {};
  const auto at = proxy->rfind('@');
  return at == std::string::npos ? *proxy : proxy->substr(at + 1);
}

}  // namespace ingot::acquire::detail
