// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/mlc.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

namespace {

std::string shard(const std::string& path, int nbytes, const std::string& tensors, const std::string& md5 = std::string(32, 'd')) {
  return R"({"dataPath":")" + path + R"(","format":"raw-shard","nbytes":)" + std::to_string(nbytes) + R"(,"md5sum":")" + md5 +
         R"(","records":[)" + tensors + "]}";
}
std::string tensor(const std::string& offset, const std::string& bytes) {
  return R"({"name":"w","byteOffset":)" + offset + R"(,"nbytes":)" + bytes + "}";
}
std::string manifest(const std::string& records) { return R"({"metadata":{},"records":[)" + records + "]}"; }

RemoteFile file(const std::string& path, std::uint64_t size) { return {path, size, {Digest{Hash::sha256, std::string(64, 'a')}}, {}, {}}; }

}  // namespace

TEST_CASE("manifests") {
  const auto shards =
      parse_mlc_manifest(manifest(shard("p0.bin", 10, tensor("0", "4") + "," + tensor("4", "6")) + "," + shard("p1.bin", 0, "", "")), "m");
  REQUIRE_MESSAGE(shards, shards.error().message());
  CHECK((*shards)[0].digests == std::vector{Digest{Hash::md5, std::string(32, 'd')}});
  CHECK((*shards)[1].digests.empty());
}

TEST_CASE("manifests that lie") {
  const std::string most = "18446744073709551615";
  for (const std::string& records :
       {shard("../x.bin", 1, ""), shard("/x", 1, ""), shard("a", 1, "") + "," + shard("A", 1, ""), shard("a", 10, tensor("8", "4")),
        shard("a", 10, tensor(most, "2")), shard("a", 10, tensor("0", "6") + "," + tensor("5", "5")), shard("a", 1, "", "short"),
        std::string{R"({"dataPath":"a"})"}, std::string{"1"}})
    CHECK_MESSAGE(parse_mlc_manifest(manifest(records), "m").error().code == ErrorCode::damaged, records);
  CHECK(!parse_mlc_manifest("{}", "m"));
}

TEST_CASE("what of a repository is the model's") {
  const auto text = [](const RemoteFile& of) -> Result<std::string> {
    CHECK(of.path == "ndarray-cache.json");
    return manifest(shard("p0.bin", 10, ""));
  };
  Listing listing{
      "o/n", "main", "c", {file("ndarray-cache.json", 9), file("p0.bin", 10), file("other.bin", 5), file("mlc-chat-config.json", 2)}};
  REQUIRE(keep_mlc_files(listing, text));
  REQUIRE(listing.files.size() == 3);
  CHECK(listing.find("p0.bin")->digests.size() == 2);
  CHECK(listing.find("other.bin") == nullptr);

  Listing smaller{"o/n", "main", "c", {file("ndarray-cache.json", 9), file("p0.bin", 9)}};
  CHECK(keep_mlc_files(smaller, text).error().code == ErrorCode::damaged);
  Listing without{"o/n", "main", "c", {file("ndarray-cache.json", 9)}};
  CHECK(keep_mlc_files(without, text).error().code == ErrorCode::damaged);
  Listing none{"o/n", "main", "c", {file("config.json", 9)}};
  CHECK(keep_mlc_files(none, text).error().code == ErrorCode::unsupported);
  Listing both{"o/n", "main", "c", {file("ndarray-cache.json", 9), file("tensor-cache.json", 9)}};
  CHECK(find_mlc_manifest(both) == "tensor-cache.json");
}
