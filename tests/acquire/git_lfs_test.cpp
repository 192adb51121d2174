// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/git_lfs.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;

namespace {

const std::string oid(64, 'a');

std::string server_of(const std::string& configuration, const std::string& own = {}) {
  const test::TemporaryDirectory clone;
  std::filesystem::create_directories(clone.path() / ".git");
  clone.write(".git/config", configuration);
  if (!own.empty()) clone.write(".lfsconfig", own);
  const auto server = lfs_server(clone.path());
  return server ? *server : "[" + std::to_string(server.error().exit_code()) + "]";
}

}  // namespace

TEST_CASE("where a clone's objects are") {
  CHECK(server_of("[remote \"origin\"]\n\turl = https://host/o/n\n") == "https://host/o/n.git/info/lfs");
  CHECK(server_of("[remote \"other\"]\n url = https://h/x.git/\n[remote \"origin\"]\nurl = git@host:o/n.git\n") ==
        "https://host/o/n.git/info/lfs");
  CHECK(server_of("[remote \"origin\"]\nurl = ssh://git@host:22/o/n\n") == "https://host/o/n.git/info/lfs");
  CHECK(server_of("[lfs]\n url = https://lfs/x\n[remote \"origin\"]\nurl = https://h/x\n") == "https://lfs/x");
  CHECK(server_of("[remote \"origin\"]\nurl = https://h/x\n", "[lfs]\nurl = \"https://own/y\"\n") == "https://own/y");
  CHECK(server_of("[core]\nbare = false\n") == "[4]");
  CHECK(server_of("[remote \"origin\"]\nurl = /some/path\n") == "[2]");
}

TEST_CASE("answers") {
  const auto objects = parse_lfs_batch(R"({"objects":[{"oid":")" + oid +
                                           R"(","size":3,"actions":{"download":{"href":"https://x/y","header":{"A":"b"},"expires_in":-5}}},
    {"oid":")" + oid + R"(","size":3,"error":{"code":404,"message":"gone"}}]})",
                                       "where");
  REQUIRE_MESSAGE(objects, objects.error().message());
  CHECK((*objects)[0].href == "https://x/y");
  CHECK((*objects)[0].headers.get("a") == "b");
  CHECK((*objects)[0].expires_in == 0);
  CHECK((*objects)[1].error_code == 404);
  for (const std::string& bad :
       {std::string{"{}"}, std::string{R"({"objects":1})"}, std::string{R"({"objects":[{"oid":"x"}]})"},
        R"({"objects":[{"oid":")" + oid + R"(","actions":{}}]})",
        R"({"objects":[{"oid":")" + oid + R"(","actions":{"download":{"href":"x","header":{"A":"b\r\nC: d"}}}}]})"})
    CHECK_MESSAGE(parse_lfs_batch(bad, "where").error().code == ErrorCode::damaged, bad);
}

TEST_CASE("a batch that is too large is halved, one that is not answered is an error") {
  test::FakeTransport transport{[&](const Request& request) -> test::Answer {
    std::vector<std::string> oids;
    for (auto at = request.body.find("\"oid\":\""); at != std::string::npos; at = request.body.find("\"oid\":\"", at + 1))
      oids.push_back(request.body.substr(at + 7, 64));
    if (oids.size() > 40) return {.status = 413};
    std::string objects;
    for (const std::string& one : oids)
      if (one[63] != 'f')
        objects += (objects.empty() ? "" : ",") +
                   ("{\"oid\":\"" + one + "\",\"size\":1,\"actions\":{\"download\":{\"href\":\"https://x/" + one + "\"}}}");
    return {.status = 200, .body = "{\"objects\":[" + objects + "]}"};
  }};
  HttpContext context;
  HttpClient client{transport, context};
  std::vector<LfsPointer> pointers;
  for (int i = 100; i < 230; ++i) pointers.push_back({std::string(61, 'b') + std::to_string(i), 1});
  const auto objects = lfs_batch(client, "http://127.0.0.1:1/o/n.git/info/lfs", "refs/heads/main", pointers);
  REQUIRE_MESSAGE(objects, objects.error().message());
  REQUIRE(objects->size() == pointers.size());
  CHECK((*objects)[129].href == "https://x/" + pointers[129].sha256);
  CHECK(transport.requests[0].headers.get("Accept") == "application/vnd.git-lfs+json");
  CHECK(transport.requests[0].body.find(R"("ref":{"name":"refs/heads/main"})") != std::string::npos);
  CHECK(lfs_batch(client, "http://127.0.0.1:1", "r", {{std::string(64, 'f'), 1}}).error().code == ErrorCode::damaged);
}

TEST_CASE("a clone without pointers needs nobody; one with them does") {
  const test::TemporaryDirectory clone;
  clone.write("a.txt", "plain");
  FetchOptions options;
  options.environment = Environment{};
  options.offline = true;
  CHECK(resolve_lfs(clone.path(), options));
  clone.write("b.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 5\n");
  CHECK(resolve_lfs(clone.path(), options).error().code == ErrorCode::not_found);
  options.dry_run = true;
  CHECK(resolve_lfs(clone.path(), options)->files[0].size == 5);
}
