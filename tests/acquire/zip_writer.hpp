// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/acquire/zip_writer.hpp: zip archives and wheels for tests, with the lies that a test asks for.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <openssl/evp.h>
#include <zlib.h>

#include <ingot/core/sha256.hpp>

namespace ingot::test {

struct ZipMember {
  std::string name, bytes;
  bool deflate = true;
  std::uint32_t mode = 0100644;
};

/// The archive; `change` may alter the central entry of a member (46 bytes and its name) before it is written.
inline std::string zip_of(const std::vector<ZipMember>& members, const std::function<void(std::size_t, std::string&)>& change = {}) {
  const auto put = [](std::string& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  };
  std::string out, directory;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const ZipMember& member = members[i];
    std::string packed = member.bytes;
    if (member.deflate) {
      z_stream stream{};
      deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
      packed.resize(deflateBound(&stream, static_cast<uLong>(member.bytes.size())));
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(member.bytes.data()));
      stream.avail_in = static_cast<uInt>(member.bytes.size());
      stream.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_out = static_cast<uInt>(packed.size());
      deflate(&stream, Z_FINISH);
      packed.resize(stream.total_out);
      deflateEnd(&stream);
    }
    const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(member.bytes.data()), member.bytes.size());
    std::string common;
    put(common, 20, 2), put(common, 0, 2), put(common, member.deflate ? 8 : 0, 2), put(common, 0, 4);
    put(common, crc, 4), put(common, packed.size(), 4), put(common, member.bytes.size(), 4), put(common, member.name.size(), 2);
    put(common, 0, 2);
    std::string entry = "PK\x01\x02";
    put(entry, 0x0314, 2);
    entry += common;
    put(entry, 0, 2), put(entry, 0, 2), put(entry, 0, 2), put(entry, static_cast<std::uint64_t>(member.mode) << 16, 4),
        put(entry, out.size(), 4);
    entry += member.name;
    if (change) change(i, entry);
    directory += entry;
    out += "PK\x03\x04" + common + member.name + packed;
  }
  const auto offset = out.size();
  out += directory + "PK\x05\x06";
  put(out, 0, 4), put(out, members.size(), 2), put(out, members.size(), 2), put(out, directory.size(), 4), put(out, offset, 4),
      put(out, 0, 2);
  return out;
}

/// A wheel that holds `members`, with a RECORD of them.
inline std::string wheel_of(const std::string& name, std::vector<ZipMember> members) {
  std::string record;
  for (const ZipMember& member : members) {
    const auto digest = *sha256(std::as_bytes(std::span{member.bytes}));
    unsigned char text[48];
    EVP_EncodeBlock(text, digest.data(), 32);
    std::string encoded{reinterpret_cast<const char*>(text), 43};
    for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
    record += member.name + ",sha256=" + encoded + "," + std::to_string(member.bytes.size()) + "\n";
  }
  members.push_back({name + "-1.0.dist-info/RECORD", record + name + "-1.0.dist-info/RECORD,,\n"});
  return zip_of(members);
}

}  // namespace ingot::test
