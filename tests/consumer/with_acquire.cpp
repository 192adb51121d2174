// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/curl_transport.hpp>
#include <ingot/acquire/http_client.hpp>

int main() {
  auto transport = ingot::acquire::CurlTransport::create();
  if (!transport) return 1;
  ingot::acquire::HttpContext context;
  ingot::acquire::HttpClient client{*transport, context};
  return client.get("ftp://example.com/").error().code == ingot::ErrorCode::usage ? 0 : 1;
}
