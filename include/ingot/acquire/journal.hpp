// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/journal.hpp: the record of which bytes of an unfinished file can be trusted, as text to append and to read
              // back.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ingot/acquire/digest.hpp>
#include <ingot/acquire/extents.hpp>
#include <ingot/acquire/transport.hpp>

namespace ingot::acquire {

/// What kept bytes belong to; bytes of anything else are of no use.
struct JournalIdentity {
  std::optional<std::uint64_t> size;  ///< unknown: whatever the journal says
  std::vector<Digest> digests;
  std::string commit;
};

/// What a record promises.
enum class Durability : std::uint8_t {
  this_boot = 1,  ///< written: in the page cache, which outlives this process, but not a power cut
  durable = 2,    ///< flushed to the disk before the record was written
};

/// File format. A header: "ingotmap", uint32 version 1, uint32 bytes of the identity, the identity (size, digests and commit as lines),
/// uint32 CRC-32 of all before. Then records of 32 bytes: uint32 kind (1 and 2: Durability, 3: validator), uint32 zero, uint64 begin,
/// uint64 end, uint32 low half of the boot's tag, uint32 CRC-32 of the 28 bytes before. Little endian.
[[nodiscard]] std::string journal_header(std::uint64_t size, const JournalIdentity& identity);
[[nodiscard]] std::string journal_record(Durability durability, ByteRange range, std::uint32_t boot);
/// Remembers which version of the file the bytes are of: `validator` is a fingerprint() of its ETag.
[[nodiscard]] std::string journal_validator(std::uint64_t validator);

struct JournalContents {
  std::uint64_t size = 0;
  Extents extents;
  std::optional<std::uint64_t> validator;
  std::size_t bytes = 0;  ///< of valid journal: what follows is a torn tail, to be cut off before more is appended
};

/// The trustworthy part of a journal: nothing when it is another file's; extents past `data_size`, and those of another boot that were
/// not durable, are left out; reading ends at the first record whose checksum is wrong.
[[nodiscard]] std::optional<JournalContents> read_journal(std::string_view bytes, const JournalIdentity& identity, std::uint32_t boot,
                                                          std::uint64_t data_size);

/// Of an ETag.
[[nodiscard]] std::uint64_t fingerprint(std::string_view text) noexcept;
/// Changes whenever the machine is started (Linux: of its boot_id; 0 where none is known: then only durable records count).
[[nodiscard]] std::uint32_t boot_tag();

}  // namespace ingot::acquire
