// SPDX-License-Identifier: Apache-2.0
#include <ingot/generation/default_chat.hpp>

#include <string>

#include <doctest/doctest.h>

#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::generation;

TEST_CASE("a checkpoint says what it is in its config.json") {
  const test::TemporaryDirectory temporary;
  CHECK(model_origin(temporary.path()).model_type.empty());
  temporary.write("config.json", R"({"model_type":"qwen3"})");
  CHECK(model_origin(temporary.path()).model_type == "qwen3");
  CHECK(model_origin(temporary.path() / "tokenizer.json").model_type == "qwen3");
  CHECK(model_origin(temporary.path()).name == temporary.path().filename().string());
  temporary.write("llm_config.json", R"({"model_type":"llama"})");  // a package: config.json there holds settings
  temporary.write("config.json", R"({"model_type":"ignored"})");
  CHECK(model_origin(temporary.path()).model_type == "llama");
  temporary.write("llm_config.json", "{");
  CHECK(model_origin(temporary.path()).model_type == "ignored");
  temporary.write("config.json", "[7]");
  CHECK(model_origin(temporary.path()).model_type.empty());
  CHECK(model_origin(temporary.path() / "missing.gguf").model_type.empty());
}

TEST_CASE("the note names the format") {
  CHECK(default_template_note(*text::find_default_template("gemma")) ==
        "the model has no chat template; its family's usual format is used: gemma");
}
