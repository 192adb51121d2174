// SPDX-License-Identifier: Apache-2.0
// Any bytes as a journal, and any bytes behind a true one's header: no byte is trusted that the file does not have.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <ingot/acquire/journal.hpp>

namespace {
using namespace ingot::acquire;

constexpr std::uint64_t file_size = 1 << 20, there = file_size / 2;
constexpr std::uint32_t boot = 7;

void use(std::string_view bytes, const JournalIdentity& identity) {
  const auto contents = read_journal(bytes, identity, boot, there);
  if (!contents) return;
  if (contents->bytes > bytes.size() || contents->extents.covered() > there) std::abort();
  for (const ByteRange range : contents->extents.ranges())
    if (range.begin >= range.end || range.end > there || range.end > contents->size) std::abort();
  // What was valid stays so, and goes on.
  std::string more{bytes.substr(0, contents->bytes)};
  more += journal_record(Durability::durable, {0, std::min<std::uint64_t>(contents->size, 100)}, boot);
  const auto again = read_journal(more, identity, boot, there);
  if (!again || again->bytes != more.size() || again->extents.covered() < contents->extents.covered()) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const JournalIdentity identity{file_size, {{Hash::sha256, std::string(64, 'a')}}, "commit"};
  use(text, identity);
  const std::string header = journal_header(file_size, identity);
  use(header + std::string{text}, identity);
  std::string records = header;  // ranges as the input says, with true checksums
  for (std::size_t at = 0; at + 17 <= size; at += 17) {
    ByteRange range;
    std::memcpy(&range.begin, data + at + 1, 8);
    std::memcpy(&range.end, data + at + 9, 8);
    if (data[at] & 2) range = {range.begin % file_size, range.end % file_size};
    records += data[at] & 4 ? journal_validator(range.begin)
                            : journal_record(data[at] & 1 ? Durability::durable : Durability::this_boot, range, boot);
  }
  use(records, identity);
  return 0;
}
