// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/glob.hpp>

#include <string>

#include <doctest/doctest.h>

using ingot::acquire::ends_with_any, ingot::acquire::matches_glob;

TEST_CASE("globs as fnmatch has them") {
  CHECK(matches_glob("*", "a/b"));
  CHECK(matches_glob("*.json", "sub/config.json"));
  CHECK(!matches_glob("*.json", "config.jsonl"));
  CHECK(matches_glob("model-????\?-of-*.safetensors", "model-00001-of-00002.safetensors"));
  CHECK(matches_glob("[a-c]x[!0-9]", "bxz"));
  CHECK(matches_glob("[abc]x", "ax"));  // matched by its first character: it once never ended
  CHECK(!matches_glob("[!a-c]x", "bx"));
  CHECK(matches_glob("[]]", "]"));
  CHECK(matches_glob("[", "["));
  CHECK(matches_glob("a[", "a["));
  CHECK(matches_glob("[a-]", "-"));
  CHECK(matches_glob("sub/", "sub/x/y"));
  CHECK(!matches_glob("sub/", "sub"));
  CHECK(!matches_glob("", "a"));
  CHECK(matches_glob("", ""));
  CHECK(matches_glob("a**b*", "axxb"));
}

TEST_CASE("a pattern of many stars takes no longer than pattern times text") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  CHECK(!matches_glob(pattern + "b", std::string(5000, 'a')));
}

TEST_CASE("endings") {
  CHECK(ends_with_any("Model.GGUF", {".bin", ".gguf"}));
  CHECK(!ends_with_any("gguf", {".gguf"}));
}
