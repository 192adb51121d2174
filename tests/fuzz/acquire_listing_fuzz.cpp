// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a hub lists: a page of a Hugging Face tree, ModelScope's files, MLC's manifest, our record of a tree.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <ingot/acquire/hugging_face.hpp>
#include <ingot/acquire/mlc.hpp>
#include <ingot/acquire/model_scope.hpp>
#include <ingot/acquire/tree_records.hpp>

namespace {
using namespace ingot::acquire;

/// Digests are digests; names are safe where the listing is said to have been checked.
void use(const std::vector<RemoteFile>& files, bool checked) {
  for (const RemoteFile& file : files) {
    if (checked && !check_path(file.path)) std::abort();
    for (const Digest& digest : file.digests)
      if (!Digest::parse(digest.hash, digest.hex)) std::abort();
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  Listing page;
  if (add_tree_page(text, "page", page)) use(page.files, false);
  if (const auto listing = parse_model_scope_listing(text, "listing", "test/model", "master")) use(listing->files, true);
  if (const auto shards = parse_mlc_manifest(text, "manifest")) use(*shards, true);
  if (const auto listing = parse_tree_json(text, "tree")) {
    use(listing->files, true);
    const auto again = parse_tree_json(tree_json(*listing), "again");
    if (!again || again->files.size() != listing->files.size()) std::abort();
  }
  return 0;
}
