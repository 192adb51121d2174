// SPDX-License-Identifier: Apache-2.0
// Any bytes as the page of a Python index, in HTML and in JSON: what it lists are wheels at http addresses, their names safe.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <ingot/acquire/python_index.hpp>
#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/url.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::acquire;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const auto parse : {parse_index_html, parse_index_json}) {
    const auto wheels = parse(text, "https://index.test/simple/fake/", "fake");
    if (!wheels) continue;
    for (const WheelFile& wheel : *wheels) {
      if (!check_path(wheel.filename) || wheel.filename.find('/') != std::string::npos || !wheel.path.empty()) std::abort();
      if (!Url::parse(wheel.url)) std::abort();
      if (wheel.digest && !Digest::parse(wheel.digest->hash, wheel.digest->hex)) std::abort();
    }
    if (const auto chosen = choose_wheel(*wheels, "fake", ""); chosen && wheels->empty()) std::abort();
  }
  return 0;
}
