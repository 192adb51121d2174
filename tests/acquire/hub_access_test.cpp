// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/hub_access.hpp>

#include <filesystem>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;
using Variables = std::map<std::string, std::string, std::less<>>;

namespace {

HubAccess access(const std::string& reference, const Variables& variables, const AccessOptions& options = {}) {
  auto found = hub_access(*parse_reference(reference), options, test::environment_of(variables));
  REQUIRE_MESSAGE(found, found.error().message());
  return *found;
}

std::string sent(const HubAccess& hub, const std::string& url, const char* header = "Authorization") {
  HttpContext context;
  hub.grant(context);
  Headers headers;
  context.credentials.apply(Url::parse(url)->origin, headers);
  return std::string{headers.get(header)};
}

}  // namespace

TEST_CASE("endpoints") {
  CHECK(access("hf:a/b", {}).url("/x") == "https://huggingface.co/x");
  CHECK(access("hf:a/b", {{"HF_ENDPOINT", "https://mirror/prefix/"}}).url("/x") == "https://mirror/prefix/x");
  CHECK(access("mlc:a/b", {{"HF_ENDPOINT", "https://mirror"}}).url("/x") == "https://mirror/x");
  CHECK(access("hf:a/b", {{"HF_ENDPOINT", "https://mirror"}}, {.endpoint = "https://option", .token_file = {}}).url("/x") ==
        "https://option/x");
  CHECK(access("ms:a/b", {}).url("") == "https://modelscope.cn");
  CHECK(access("ms:a/b", {{"MODELSCOPE_PREFER_AI_SITE", "1"}}).url("") == "https://www.modelscope.ai");
  CHECK(access("ms:a/b", {}).second->text() == "https://www.modelscope.ai");
  CHECK(access("ms:a/b", {{"MODELSCOPE_PREFER_AI_SITE", "1"}}).second->text() == "https://modelscope.cn");
  CHECK(access("https://www.modelscope.ai/models/a/b", {}).url("") == "https://www.modelscope.ai");
  CHECK(!access("https://www.modelscope.ai/models/a/b", {}).second);
  CHECK(!access("ms:a/b", {{"MODELSCOPE_ENDPOINT", "https://mirror"}}).second);
  CHECK(!access("hf:a/b", {}).second);
  CHECK(access("ms:a/b", {{"MODELSCOPE_DOMAIN", "www.modelscope.cn"}}).url("") == "https://www.modelscope.cn");
  CHECK(access("https://huggingface.co/a/b", {{"HF_ENDPOINT", "https://mirror"}}).url("") == "https://mirror");
  CHECK(access("https://other/a/b", {{"HF_ENDPOINT", "https://mirror"}}).url("") == "https://other");
  for (const char* bad : {"ftp://x", "mirror", "https://u:p@mirror", "https://mirror?x=1"})
    CHECK(hub_access(*parse_reference("hf:a/b"), {.endpoint = bad, .token_file = {}}, Environment{}).error().code == ErrorCode::usage);
}

TEST_CASE("tokens, in their order, for the endpoint alone") {
  const test::TemporaryDirectory home;
  home.write("token", "hf_file\r\n");
  const Variables file{{"HF_HOME", home.path().string()}};
  CHECK(access("hf:a/b", file).token == "hf_file");
  CHECK(access("hf:a/b", file).token_source == (home.path() / "token").string());
  Variables all = file;
  all["HUGGING_FACE_HUB_TOKEN"] = "hf_old";
  CHECK(access("hf:a/b", all).token == "hf_old");
  all["HF_TOKEN"] = "hf_new";
  CHECK(access("hf:a/b", all).token == "hf_new");
  const auto other = home.write("other", " hf_option \n");
  CHECK(access("hf:a/b", all, {.endpoint = {}, .token_file = other}).token == "hf_option");
  all["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1";
  CHECK(access("hf:a/b", all).token.empty());

  const auto hub = access("hf:a/b", {{"HF_TOKEN", "hf_x"}});
  CHECK(sent(hub, "https://huggingface.co/y") == "Bearer hf_x");
  CHECK(sent(hub, "https://huggingface.co:444/y").empty());
  CHECK(sent(hub, "http://huggingface.co/y").empty());
  CHECK(sent(hub, "https://cdn/y").empty());
  CHECK(hub.token_text().find("hf_x") == std::string::npos);
  CHECK(access("https://other/a/b", {{"HF_TOKEN", "hf_x"}}).token.empty());
  CHECK(sent(access("ms:a/b", {{"MODELSCOPE_API_TOKEN", "ms_x"}}), "https://modelscope.cn/", "Cookie") == "m_session_id=ms_x");
  CHECK(access("ms:a/b", {{"HF_TOKEN", "hf_x"}}).token.empty());
}

TEST_CASE("what is no token") {
  const test::TemporaryDirectory home;
  for (const char* text : {"a b", "a\x01", "a\xC3\xA9"})
    CHECK(hub_access(*parse_reference("hf:a/b"), {.endpoint = {}, .token_file = home.write("t", text)}, Environment{}).error().code ==
          ErrorCode::usage);
  CHECK(hub_access(*parse_reference("hf:a/b"), {.endpoint = {}, .token_file = "/nowhere"}, Environment{}).error().code ==
        ErrorCode::not_found);
  CHECK(basic_authorization("user:pass") == "Basic dXNlcjpwYXNz");
  CHECK(hugging_face_home(test::environment_of({{"XDG_CACHE_HOME", "/c"}})) == "/c/huggingface");
}
