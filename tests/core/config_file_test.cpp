// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/config_file.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

using namespace ingot;

TEST_CASE("a configuration is read up to the size that a JSON document may have") {
  const test::TemporaryDirectory temporary;
  const auto file = temporary.write("config.json", "{\"a\": 1}\n");
  REQUIRE(read_config_file(file));
  CHECK(*read_config_file(file) == "{\"a\": 1}\n");
  CHECK(read_config_file(temporary.write("empty.json", ""))->empty());

  std::filesystem::resize_file(file, json::Limits{}.bytes);
  CHECK(read_config_file(file));
  std::filesystem::resize_file(file, json::Limits{}.bytes + 1);
  const auto large = read_config_file(file);
  REQUIRE_FALSE(large);
  CHECK(large.error().code == ErrorCode::damaged);
  CHECK(large.error().where == file.string());

  CHECK(read_config_file(temporary.path() / "absent.json").error().code == ErrorCode::not_found);
  CHECK(read_config_file(temporary.path()).error().code == ErrorCode::disk);
}

TEST_CASE("a config.json stands for its directory, all else for itself") {
  CHECK(config_directory("a/b/config.json") == "a/b");
  CHECK(config_directory("/config.json") == "/");
  CHECK(config_directory("config.json") == ".");
  CHECK(config_directory("a/b") == "a/b");
  CHECK(config_directory("a/model.gguf") == "a/model.gguf");
  CHECK(config_directory("a/llm_config.json") == "a/llm_config.json");
}
