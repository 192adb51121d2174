// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/python_index.hpp>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;

namespace {

const std::string sha(64, 'b');
const std::string page = "https://index/simple/my-model/";

std::string chosen(const std::vector<WheelFile>& wheels, const std::string& version = {}) {
  const auto wheel = choose_wheel(wheels, "my-model", version);
  return wheel ? wheel->filename : wheel.error().message();
}

}  // namespace

TEST_CASE("pages in JSON") {
  const std::string json = R"({"meta":{"api-version":"1.1"},"files":[
    {"filename":"my_model-1.0.tar.gz","url":"x","hashes":{}},
    {"filename":"other-1.0-py3-none-any.whl","url":"x","hashes":{}},
    {"filename":"My_Model-1.0-py3-none-any.whl","url":"../../files/a.whl","hashes":{"md5":")" +
                           std::string(32, 'c') + R"(","sha256":")" + sha + R"("},"size":7},
    {"filename":"my_model-2.0-py3-none-any.whl","url":"https://cdn/b.whl","hashes":{"sha256":")" +
                           sha + R"("},"yanked":"broken"},
    {"filename":"my_model-3.0-py3-none-any.whl","url":"http://cdn/b.whl","hashes":{}},
    {"filename":"my_model-4.0-py3-none-any.whl","url":"file:///etc/passwd","hashes":{}},
    {"filename":"../my_model-5.0-py3-none-any.whl","url":"x","hashes":{}}]})";
  const auto wheels = parse_index_json(json, page, "my-model");
  REQUIRE_MESSAGE(wheels, wheels.error().message());
  REQUIRE(wheels->size() == 2);
  CHECK((*wheels)[0].url == "https://index/files/a.whl");
  CHECK((*wheels)[0].digest == Digest{Hash::sha256, sha});
  CHECK((*wheels)[0].size == 7);
  CHECK((*wheels)[1].yanked);
  CHECK(parse_index_json("{}", page, "x").error().code == ErrorCode::damaged);
  CHECK(parse_index_json("[", page, "x").error().code == ErrorCode::damaged);
}

TEST_CASE("pages in HTML") {
  const std::string html =
      "<!DOCTYPE html><A data-yanked='' HREF = \"a/my_model-1.0-py3-none-any.whl#sha256=" + sha +
      "\" >x</A><a href='my%5Fmodel-1.1-py3-none-any.whl?a=1&amp;b=2#md5=" + std::string(32, 'c') +
      "'>y</a><a>none</a><a href=\"my_model-1.2.zip\">z</a><a href=my_model-1.3-py3-none-any.whl>u</a><abbr href='x'><a href='";
  const auto wheels = parse_index_html(html, page, "my-model");
  REQUIRE(wheels);
  REQUIRE(wheels->size() == 3);
  CHECK((*wheels)[0].yanked);
  CHECK((*wheels)[0].digest == Digest{Hash::sha256, sha});
  CHECK((*wheels)[1].url == page + "my%5Fmodel-1.1-py3-none-any.whl?a=1&b=2");
  CHECK((*wheels)[1].digest == Digest{Hash::md5, std::string(32, 'c')});
  CHECK(!(*wheels)[2].digest);
  const auto based = parse_index_html("<base href='https://cdn/'><a href='my_model-1.0-py3-none-any.whl'>", page, "my-model");
  CHECK((*based)[0].url == "https://cdn/my_model-1.0-py3-none-any.whl");
}

TEST_CASE("which wheel is taken") {
  std::string html;
  for (const char* version : {"1.9", "1.10", "2.0rc1"}) html += "<a href='my_model-" + std::string{version} + "-py3-none-any.whl'>";
  html += "<a href='my_model-1.10-cp311-cp311-linux_x86_64.whl'><a data-yanked href='my_model-3.0-py3-none-any.whl'>";
  const auto wheels = *parse_index_html(html, page, "my-model");
  CHECK(chosen(wheels) == "my_model-1.10-py3-none-any.whl");
  CHECK(chosen(wheels, "1.9.0") == "my_model-1.9-py3-none-any.whl");
  CHECK(chosen(wheels, "3.0") == "my_model-3.0-py3-none-any.whl");
  CHECK(chosen(wheels, "7").find("1.9") != std::string::npos);
  CHECK(chosen(*parse_index_html("<a href='my_model-2.0rc1-py3-none-any.whl'>", page, "my-model")) == "my_model-2.0rc1-py3-none-any.whl");
  CHECK(choose_wheel({}, "my-model", {}).error().code == ErrorCode::not_found);
}

TEST_CASE("indexes: on hosts, with a user, and in directories") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() / "simple/my-model");
  directory.write("simple/my-model/index.html", "<a href='../../files/my_model-1.0-py3-none-any.whl#sha256=" + sha + "'>x</a>");
  test::FakeTransport transport{[&](const Request& request) {
    test::Answer answer{.status = 404};
    if (request.url == "http://127.0.0.1:1/simple/my-model/")
      answer = {.status = 200, .headers = {{"Content-Type", "text/html"}}, .body = "<a href='my_model-2.0-py3-none-any.whl'>"};
    return answer;
  }};
  HttpContext context;
  HttpClient client{transport, context};
  PipSettings settings{
      {"http://user:pass@127.0.0.1:1/simple", "http://127.0.0.1:2/simple/", "file://" + directory.path().string() + "/simple"}, {}, {}};
  const auto wheels = list_wheels(client, settings, "my-model");
  REQUIRE_MESSAGE(wheels, wheels.error().message());
  REQUIRE(wheels->size() == 2);
  CHECK(transport.requests[0].headers.get("Authorization") == "Basic dXNlcjpwYXNz");
  CHECK(transport.requests[0].headers.get("Accept").find("pypi.simple.v1+json") != std::string::npos);
  CHECK(!transport.requests[1].headers.has("Authorization"));
  CHECK((*wheels)[1].path == directory.path() / "simple/my-model/../../files/my_model-1.0-py3-none-any.whl");
}
