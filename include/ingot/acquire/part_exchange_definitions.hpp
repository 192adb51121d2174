// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/part_exchange_definitions.hpp: part_exchange.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <string_view>

#include <ingot/acquire/part_exchange.hpp>

namespace ingot::acquire::detail {

bool PartExchange::head(const ResponseHead& answer) {
  response = answer;
  if (RedirectWalk::is_redirect(answer.status)) {
    verdict = Verdict::redirect;
  } else if (answer.status == 416) {
    verdict = Verdict::unsatisfiable;
  } else if (answer.status != 200 && answer.status != 206) {
    verdict = Verdict::status;
  } else {
    return judge(answer);
  }
  return true;
}

bool PartExchange::judge(const ResponseHead& answer) {
  if (file->item->inspect)
    if (auto status = file->item->inspect(answer, walk.url()); !status) {
      verdict = Verdict::inspected;
      error = std::move(status).error();
      return false;
    }
  if (const auto encoding = answer.headers.get("Content-Encoding"); !encoding.empty() && !equal_ignoring_case(encoding, "identity"))
    return wrong("compressed (" + std::string{encoding.substr(0, 40)} + "), which was not asked for");

  if (answer.status == 206) {
    const auto range = parse_content_range(answer.headers.get("Content-Range"));
    if (!requested) return wrong("a part (206) though all was asked for");
    if (!range || !range->range) return wrong("a part (206) that does not say which (no Content-Range)");
    if (range->range->begin != part.range.begin || range->range->end > part.range.end)
      return wrong("other bytes than asked for (Content-Range: " + std::string{answer.headers.get("Content-Range").substr(0, 60)} + ")");
    if (range->total && range->total != file->size) {
      verdict = Verdict::changed;
      text = "it now has " + std::to_string(*range->total) + " bytes, not " + std::to_string(*file->size);
      return false;
    }
    if (!same_version(answer)) return false;
    limit = std::min(limit, range->range->end);
  } else {
    if (part.range.begin != 0) {
      verdict = Verdict::no_range;
      return false;
    }
    const auto length = parse_number(answer.headers.get("Content-Length"));
    if (length && file->size && length != file->size) {
      verdict = Verdict::wrong_size;
      return true;  // its begin may tell what it is
    }
    if (!same_version(answer)) return false;
    if (!file->size && length) {
      file->size = length;
      if (auto status = file->entry->begin(*length); !status) return failed(std::move(status));
    }
    if (requested) file->no_ranges = true;  // it gave all there is, which is taken
    limit = file->size.value_or(most_unknown);
    part.range.end = limit;
  }
  verdict = Verdict::content;
  return true;
}

bool PartExchange::same_version(const ResponseHead& answer) {
  const auto tag = answer.headers.get("ETag");
  if (tag.empty() || tag.starts_with("W/")) return true;
  const std::uint64_t validator = fingerprint(tag);
  // What an earlier run kept is of the same commit and digest, whichever server now gives it another tag.
  const bool binding = file->version_known || file->item->digests.empty();
  if (binding && file->entry->validator().value_or(validator) != validator) {
    verdict = Verdict::changed;
    text = "its ETag is another now";
    return false;
  }
  file->version_known = true;
  if (auto status = file->entry->record_validator(validator); !status) return failed(std::move(status));
  return true;
}

bool PartExchange::body(std::span<const std::byte> bytes) {
  if (verdict != Verdict::content) {
    dropped += bytes.size();
    const auto room = std::min(bytes.size(), most_error_body - text.size());
    text.append(reinterpret_cast<const char*>(bytes.data()), room);
    return dropped <= (verdict == Verdict::wrong_size ? most_error_body : most_dropped);
  }
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), limit - position));
  if (taken > 0) {
    if (auto status = file->entry->write(position, bytes.first(taken)); !status) return failed(std::move(status));
    file->undurable.add({position, position + taken});
    position += taken;
    moved += taken;
    constexpr std::uint64_t most_unrecorded = std::uint64_t{4} << 20;
    if (file->entry->unrecorded() >= most_unrecorded)
      if (auto status = file->entry->record_written(); !status) return failed(std::move(status));
  }
  if (taken_over) return position < limit;
  if (taken == bytes.size()) return true;
  verdict = Verdict::wrong_size;
  error = Error{ErrorCode::damaged, "longer than its " + std::to_string(limit) + " bytes", walk.url().redacted(), {}};
  return false;
}

}  // namespace ingot::acquire::detail
