// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/reference.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::acquire;

namespace {

Reference parsed(std::string_view text) {
  auto reference = parse_reference(text);
  REQUIRE_MESSAGE(reference, std::string{text});
  return *reference;
}

}  // namespace

TEST_CASE("references of every kind") {
  CHECK(parsed("hf:owner/name").hub == Hub::hugging_face);
  CHECK(parsed("hf:gpt2").name == "gpt2");
  CHECK(parsed("HF://mlc-ai/x-MLC").name == "mlc-ai/x-MLC");
  const auto full = parsed("hf:owner/na.me-1_B:Q4_K_M@refs/pr/1");
  CHECK(full.name == "owner/na.me-1_B");
  CHECK(full.quant == "Q4_K_M");
  CHECK(full.revision == "refs/pr/1");
  CHECK(full.text() == "hf:owner/na.me-1_B:Q4_K_M@refs/pr/1");
  CHECK(parsed("ms:Qwen/Qwen2.5-0.5B").hub == Hub::model_scope);
  CHECK(parsed("mlc:a/b").hub == Hub::mlc);
  CHECK(parsed("pypi:LLM_Smol.LM2==0.1.2").name == "llm-smol-lm2");
  CHECK(parsed("pypi:a@1.0rc1").revision == "1.0rc1");
  CHECK(parsed("file:/a/b").name == "/a/b");
  CHECK(parsed("file:///a/b").name == "/a/b");
  CHECK(parsed("file:a").name == "a");
  CHECK(parsed("some/path").hub == Hub::path);
}

TEST_CASE("addresses") {
  CHECK(parsed("https://huggingface.co/owner/name").endpoint == "https://huggingface.co:443");
  CHECK(parsed("https://huggingface.co/owner/name/tree/v1").revision == "v1");
  const auto file = parsed("https://hub.example/o/n/blob/main/sub/model%20a.gguf");
  CHECK(file.file == "sub/model a.gguf");
  CHECK(file.endpoint == "https://hub.example:443");
  CHECK(parsed("https://modelscope.cn/models/o/n").hub == Hub::model_scope);
  CHECK(parse_reference("https://host/o/n.git").error().message().find("resolve-lfs") != std::string::npos);
}

TEST_CASE("malformed references are usage errors") {
  const std::string long_name(97, 'a');
  for (const std::string& text : {std::string{},
                                  std::string{"hf:"},
                                  std::string{"hf:../x"},
                                  std::string{"hf:a/../b"},
                                  std::string{"hf:a/b/c"},
                                  std::string{"hf:a--b/c"},
                                  std::string{"hf:.a/b"},
                                  std::string{"hf:a/b-"},
                                  std::string{"hf:a/b.git"},
                                  std::string{"hf:a/b@"},
                                  std::string{"hf:a/b@../x"},
                                  std::string{"hf:a/b@x\\y"},
                                  std::string{"hf:a/b@x y"},
                                  std::string{"hf:a/b:"},
                                  std::string{"hf:a/b:Q4/x"},
                                  "hf:a/" + long_name,
                                  std::string{"ms:a"},
                                  std::string{"mlc:a/b\n"},
                                  std::string{"mlc:a/b:Q4"},
                                  std::string{"pypi:"},
                                  std::string{"pypi:../x"},
                                  std::string{"pypi:a==../b"},
                                  std::string{"pypi:-a"},
                                  std::string{"hf:nul"},
                                  std::string{"hf:owner/COM1"},
                                  std::string{"ms:con/name"},
                                  std::string{"pypi:AUX"},
                                  std::string{"s3:bucket/x"},
                                  std::string{"file:"},
                                  std::string{"file://host/x"},
                                  std::string{"https://host/only"},
                                  std::string{"https://host/o/n/tree/a/b"},
                                  std::string{"a\0b", 3}}) {
    const auto reference = parse_reference(text);
    REQUIRE_MESSAGE(!reference, text);
    CHECK_MESSAGE(reference.error().code == ErrorCode::usage, text);
  }
}

TEST_CASE("a name beside a device's is a name") {
  CHECK(parse_reference("hf:owner/console"));
  CHECK(parse_reference("pypi:aux-lib"));
  CHECK(parse_reference("pypi:con.nul")->name == "con-nul");
}

TEST_CASE("what is to be fetched") {
  CHECK(is_remote("hf:a/b"));
  CHECK(is_remote("https://h/a/b"));
  CHECK(!is_remote("file:x"));
  CHECK(!is_remote("model.gguf"));
}
