// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/foreign_cache.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

namespace {

std::string safetensors(std::size_t bytes) {
  const std::string header =
      R"({"w":{"dtype":"U8","shape":[)" + std::to_string(bytes) + R"(],"data_offsets":[0,)" + std::to_string(bytes) + "]}}";
  std::string out(8, '\0');
  out[0] = static_cast<char>(header.size());
  return out + header + std::string(bytes, 'x');
}

}  // namespace

TEST_CASE("where other clients put models") {
  const test::TemporaryDirectory home;
  for (const char* directory : {"ms/models/o--n.1/snapshots/master", "ms/hub/models/o/n___1", "ro/hf/o/n.1", "mlc/model_weights/hf/o/n.1"})
    fs::create_directories(home.path() / directory);
  const auto environment = test::environment_of({{"MODELSCOPE_CACHE", (home.path() / "ms").string()},
                                                 {"MLC_LLM_READONLY_WEIGHT_CACHE", "/nowhere:" + (home.path() / "ro").string()},
                                                 {"MLC_LLM_HOME", (home.path() / "mlc").string()}});
  using Paths = std::vector<fs::path>;
  CHECK(foreign_directories(*parse_reference("ms:o/n.1"), environment) ==
        Paths{home.path() / "ms/models/o--n.1/snapshots/master", home.path() / "ms/hub/models/o/n___1"});
  CHECK(foreign_directories(*parse_reference("ms:o/n.1@v2"), environment) == Paths{home.path() / "ms/hub/models/o/n___1"});
  CHECK(foreign_directories(*parse_reference("mlc:o/n.1"), environment) ==
        Paths{home.path() / "ro/hf/o/n.1", home.path() / "mlc/model_weights/hf/o/n.1"});
  CHECK(foreign_directories(*parse_reference("hf:o/n.1"), environment).empty());
}

TEST_CASE("a directory proves itself complete") {
  const test::TemporaryDirectory directory;
  const auto complete = [&] { return prove_complete(directory.path())->has_value(); };
  CHECK(!complete());
  directory.write("config.json", "{}");
  CHECK(!complete());
  directory.write("model.safetensors", safetensors(100));
  CHECK(complete());
  CHECK((*prove_complete(directory.path()))->files.size() == 2);
  directory.write("model.safetensors", safetensors(100).substr(0, 100));
  CHECK(!complete());
  directory.write("model.safetensors.index.json", R"({"weight_map":{"a":"m1.safetensors","b":"m2.safetensors"}})");
  directory.write("m1.safetensors", safetensors(5));
  CHECK(!complete());
  directory.write("m2.safetensors", safetensors(7));
  CHECK(complete());
  directory.write("model.safetensors.index.json", R"({"weight_map":{"a":"../m1.safetensors"}})");
  CHECK(!complete());
}

TEST_CASE("an MLC model by its manifest") {
  const test::TemporaryDirectory directory;
  directory.write("mlc-chat-config.json", "{}");
  directory.write("ndarray-cache.json", R"({"records":[{"dataPath":"p.bin","nbytes":3,"records":[]}]})");
  CHECK(!prove_complete(directory.path())->has_value());
  directory.write("p.bin", "ab");
  CHECK(!prove_complete(directory.path())->has_value());
  directory.write("p.bin", "abc");
  const auto found = find_proven(*parse_reference("hf:o/n"), directory.path(), Environment{});
  REQUIRE((found && *found));
  CHECK((*found)->directory == directory.path());
  CHECK((*found)->repository == "o/n");
}
