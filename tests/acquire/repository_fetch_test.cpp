// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/repository_fetch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include <ingot/acquire/fetch.hpp>
#include <support/temporary_directory.hpp>

#include "fake_hub.hpp"

using namespace ingot;
using namespace ingot::acquire;
namespace fs = std::filesystem;

namespace {

/// A small model on a hub, and a home to fetch it into.
struct Scene {
  test::FakeHub hub{{{"config.json", R"({"model_type":"llama"})"},
                     {"model.safetensors", std::string(5000, 'w')},
                     {"pytorch_model.bin", std::string(99, 'p')}}};
  test::TemporaryDirectory home;
  FetchOptions options;
  std::size_t requests = 0;

  Scene() {
    options.environment = test::environment_of({{"HF_HOME", home.path().string()},
                                                {"XDG_CACHE_HOME", (home.path() / "xdg").string()},
                                                {"HF_ENDPOINT", "http://127.0.0.1:1"},
                                                {"HOME", home.path().string()}});
  }
  Result<Snapshot> fetch(const std::string& reference = "hf:owner/name") {
    test::FakeTransport transport{[this](const Request& request) { return hub(request); }};
    auto result = acquire::fetch(AnyTransport{transport}, *parse_reference(reference), options);
    requests = transport.requests.size();
    return result;
  }
};

}  // namespace

TEST_CASE("a model is fetched once, then asked for once, then not at all") {
  Scene scene;
  const auto first = scene.fetch();
  REQUIRE_MESSAGE(first, first.error().message());
  CHECK(first->commit == scene.hub.commit);
  CHECK(first->files.size() == 2);
  CHECK(first->directory == scene.home.path() / "hub/models--owner--name/snapshots" / scene.hub.commit);
  CHECK(test::read_file(first->directory / "model.safetensors") == scene.hub.files["model.safetensors"]);
  CHECK(!fs::exists(first->directory / "pytorch_model.bin"));
  CHECK(test::read_file(scene.home.path() / "hub/models--owner--name/refs/main") == scene.hub.commit);

  const auto second = scene.fetch();
  REQUIRE(second);
  CHECK(scene.requests == 1);
  CHECK(second->bytes_fetched == 0);
  REQUIRE(scene.fetch("hf:owner/name@" + scene.hub.commit));
  CHECK(scene.requests == 0);
  scene.options.offline = true;
  REQUIRE(scene.fetch());
  CHECK(scene.requests == 0);
}

TEST_CASE("offline, what is not complete is not found") {
  Scene scene;
  scene.options.policy = CachePolicy::off;
  CHECK(scene.fetch().error().code == ErrorCode::not_found);
  CHECK(scene.requests == 0);
  scene.options.policy.reset();
  const auto directory = scene.fetch()->directory;
  fs::remove(directory / "model.safetensors");
  scene.options.policy = CachePolicy::readonly;
  const auto error = scene.fetch().error();
  CHECK(error.code == ErrorCode::not_found);
  CHECK(error.message().find("model.safetensors") != std::string::npos);
  scene.options.policy = CachePolicy::on;
  REQUIRE(scene.fetch());
  CHECK(fs::exists(directory / "model.safetensors"));
}

TEST_CASE("damage is noticed and cured; a failing hub costs nothing that was there") {
  Scene scene;
  const auto path = fs::canonical(scene.fetch()->directory / "model.safetensors");
  fs::permissions(path, fs::perms::owner_all);
  std::ofstream{path} << std::string(5000, 'x');
  scene.options.offline = true;
  CHECK(scene.fetch().error().code == ErrorCode::damaged);
  scene.options.offline = false;
  REQUIRE(scene.fetch());
  CHECK(test::read_file(path) == std::string(5000, 'w'));

  scene.options.policy = CachePolicy::redo;
  const auto whole = scene.hub.files;
  scene.hub.files.erase("model.safetensors");
  scene.hub.files["config.json"] = R"({"model_type":"other"})";
  CHECK(!scene.fetch());
  CHECK(test::read_file(path) == std::string(5000, 'w'));
  scene.hub.files = whole;
  REQUIRE(scene.fetch());
}

TEST_CASE("a model that cannot be used is refused before its weights are asked for") {
  Scene scene;
  std::string seen;
  scene.options.supports = [&](std::string_view config, const std::string&) -> Status {
    seen = config;
    return Error{ErrorCode::unsupported, "no", {}, {}};
  };
  CHECK(scene.fetch().error().code == ErrorCode::unsupported);
  CHECK(seen == scene.hub.files["config.json"]);
  CHECK(scene.requests == 3);  // the commit, the tree, config.json
}

TEST_CASE("a dry run writes nothing") {
  Scene scene;
  scene.options.dry_run = true;
  const auto snapshot = scene.fetch();
  REQUIRE(snapshot);
  CHECK(snapshot->files.size() == 2);
  CHECK(fs::is_empty(scene.home.path()));
}

TEST_CASE("a lock file pins what was fetched") {
  Scene scene;
  const test::TemporaryDirectory place;
  scene.options.lock_file = place.path() / "lock";
  REQUIRE(scene.fetch());
  CHECK(test::read_file(scene.options.lock_file).find(test::digest_of(scene.hub.files["config.json"]).hex) != std::string::npos);
  Scene evil;
  evil.options.lock_file = scene.options.lock_file;
  evil.hub.files["model.safetensors"] = std::string(5000, 'e');
  CHECK(evil.fetch().error().code == ErrorCode::damaged);
  CHECK(evil.fetch("hf:other/name").error().code == ErrorCode::usage);
  CHECK(evil.fetch("hf:owner/name@v2").error().code == ErrorCode::usage);
}

TEST_CASE("names and policies") {
  Scene scene;
  CHECK(scene.fetch("hf:other/name").error().code == ErrorCode::not_found);
  CHECK(scene.fetch("mlc:owner/name").error().code == ErrorCode::unsupported);
  scene.options.revision = "a";
  CHECK(scene.fetch("hf:owner/name@b").error().code == ErrorCode::usage);
  scene.options.environment = test::environment_of({{"MLC_DOWNLOAD_CACHE_POLICY", "maybe"}});
  CHECK(scene.fetch("mlc:owner/name").error().code == ErrorCode::usage);
  CHECK(own_cache(test::environment_of({{"XDG_CACHE_HOME", "/c"}})) == "/c/ingot");
}
