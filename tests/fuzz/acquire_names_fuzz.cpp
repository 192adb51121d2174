// SPDX-License-Identifier: Apache-2.0
// Any bytes as an address, a reference, a name, a pattern, a pointer or a version: what is accepted is what it promises to be.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/glob.hpp>
#include <ingot/acquire/lfs_pointer.hpp>
#include <ingot/acquire/python_version.hpp>
#include <ingot/acquire/reference.hpp>
#include <ingot/acquire/safe_path.hpp>
#include <ingot/acquire/url.hpp>

namespace {
using namespace ingot::acquire;

void require(bool holds) {
  if (!holds) std::abort();
}

void use(const Url& url) {
  require(url.path.starts_with('/') && (url.origin.scheme == "http" || url.origin.scheme == "https"));
  require(url.text().find_first_of("\r\n\t ") == std::string::npos);
  const auto again = Url::parse(url.text());
  require(again && again->text() == url.text());
  require(url.redacted().find('?') == std::string::npos &&
          url.redacted().find('@') == url.text().substr(0, url.text().find('?')).find('@'));
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::string_view second = first.size() < text.size() ? text.substr(first.size() + 1) : std::string_view{};

  if (const auto url = Url::parse(first)) {
    use(*url);
    if (const auto joined = url->join(second)) use(*joined);
  }
  static const Url base = *Url::parse("https://hub.test:8443/a/b/c?q=1");
  if (const auto joined = base.join(text)) use(*joined);
  require(percent_decode(percent_encode(text)) == text);
  static_cast<void>(percent_decode(text));

  if (const auto reference = parse_reference(text)) {
    if (is_remote(text)) {
      require(static_cast<bool>(check_path(reference->name)));
      require(reference->revision.empty() || check_path(reference->revision));
      const auto again = parse_reference(reference->text());
      require(!reference->endpoint.empty() || (again && again->name == reference->name && again->revision == reference->revision));
    }
  }
  if (check_path(text)) {
    require(!text.empty() && text.front() != '/' && !text.starts_with("../") && text.find("/../") == text.npos &&
            text.find('\0') == text.npos);
    require(static_cast<bool>(folded_path(text)));
  }
  const std::vector<std::string> pair{std::string{first}, std::string{second}};
  if (check_paths(pair)) require(first != second);
  for (const char c : escaped(text)) require(c >= ' ' && c <= '~');

  if (const auto pointer = parse_lfs_pointer(text)) require(pointer->sha256.size() == 64);
  if (const auto version = PythonVersion::parse(text)) require(*version == *version);
  if (size < 4096) static_cast<void>(matches_glob(first, second));
  return 0;
}
