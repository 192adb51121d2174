// SPDX-License-Identifier: Apache-2.0
// Any bytes as the value of each response field that downloads read: Link, RateLimit, Retry-After, Content-Range and ETag.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <ingot/acquire/content_range.hpp>
#include <ingot/acquire/hugging_face.hpp>
#include <ingot/acquire/link_header.hpp>
#include <ingot/acquire/rate_limit.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::acquire;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto now = std::chrono::system_clock::time_point{std::chrono::seconds{1'700'000'000}};
  constexpr std::chrono::seconds longest = std::chrono::hours{24 * 366 * 10};

  if (const auto next = next_link(text); next && text.find(*next) == text.npos) std::abort();
  if (const auto wait = parse_retry_after(text, now); wait && (wait->count() < 0 || *wait > longest)) std::abort();
  if (const auto wait = parse_rate_limit(text); wait && (wait->count() < 0 || *wait > longest)) std::abort();
  if (const auto parsed = parse_content_range(text)) {
    if (parsed->range && parsed->range->begin >= parsed->range->end) std::abort();
    if (parsed->range && parsed->total && parsed->range->end > *parsed->total) std::abort();
  }
  if (const auto digest = digest_of_etag(text); digest && !Digest::parse(digest->hash, digest->hex)) std::abort();
  ResponseHead head;
  head.status = 429;
  head.headers.add("Retry-After", std::string{text});
  head.headers.add("RateLimit", std::string{text});
  if (const auto wait = asked_wait(head, now); wait && wait->count() < 0) std::abort();
  return 0;
}
