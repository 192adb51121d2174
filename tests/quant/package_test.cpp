// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/package.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <ingot/quant/package_writer.hpp>
#include <ingot/quant/unpack.hpp>

#include <doctest/doctest.h>

#include "quant/matrices.hpp"
#include "support/temporary_directory.hpp"

using namespace ingot;
using namespace ingot::quant;
using ingot::test::fit_for;
using ingot::test::random_matrix;
using ingot::test::read_file;
using ingot::test::source_of;
using ingot::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

void overwrite(const fs::path& path, std::string_view bytes) { std::ofstream{path, std::ios::binary} << bytes; }

/// Two matrices and two vectors, sizes chosen so that padding is needed.
fs::path write_small(const fs::path& directory) {
  Team team{1};
  const std::vector<float> weights = random_matrix(17, 40, 1), norm{1, 2, 3};
  const auto a = pack({.bits = 4, .group = 32}, 17, 40, source_of(weights, 40), team);
  const auto b = pack(quant::bf16, 17, 40, source_of(weights, 40), team);
  REQUIRE(a);
  REQUIRE(b);
  auto writer = PackageWriter::create(directory, "llama");
  REQUIRE(writer);
  writer->source("model.gguf", std::string(64, 'a'));
  REQUIRE(writer->declare_vector("norm", 3));
  REQUIRE(writer->declare_matrix("a", {.bits = 4, .group = 32}, 17, 40));
  REQUIRE(writer->declare_vector("bias", 3));
  REQUIRE(writer->declare_matrix("b", quant::bf16, 17, 40));
  REQUIRE(writer->write("norm", norm));
  REQUIRE(writer->write("a", a->view()));
  REQUIRE(writer->write("bias", norm));
  REQUIRE(writer->write("b", b->view()));
  REQUIRE(writer->add_file("llm_config.json", "{}"));
  REQUIRE(writer->commit());
  return directory / weights_file;
}

/// The same header text with one replacement; the length prefix and the padding follow.
std::string edit_header(const std::string& file, std::string_view from, std::string_view to) {
  std::uint64_t length;
  std::memcpy(&length, file.data(), sizeof length);
  std::string header = file.substr(8, length);
  const std::size_t at = header.find(from);
  REQUIRE(at != std::string::npos);
  header.replace(at, from.size(), to);
  header.erase(header.find_last_not_of(' ') + 1);
  length = round_up(header.size() + 8, 64) - 8;
  const std::size_t data = 8 + *reinterpret_cast<const std::uint64_t*>(file.data());
  header.resize(length, ' ');
  std::string result(8, '\0');
  std::memcpy(result.data(), &length, sizeof length);
  return result + header + file.substr(data);
}

}  // namespace

TEST_CASE("how finely inputs are scaled comes from a file beside the weights") {
  const TemporaryDirectory temporary;
  write_small(temporary.path() / "p");
  CHECK(Package::open(temporary.path() / "p")->matrix("a")->input_block == 0);
  overwrite(temporary.path() / "p" / activations_file, to_json({{"a", 64}}));
  const auto package = Package::open(temporary.path() / "p");
  REQUIRE(package);
  CHECK(package->matrix("a")->input_block == 64);
  CHECK(package->matrix("b")->input_block == 0);
  for (const std::string& text : {std::string{"{"}, to_json({{"c", 64}}), to_json({{"a", 7}})}) {
    overwrite(temporary.path() / "p" / activations_file, text);
    const auto refused = Package::open(temporary.path() / "p");
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::damaged);
    CHECK(refused.error().message().find("activations.json") != std::string::npos);
  }
}

TEST_CASE("what was packed is what is read, for every scheme, in place") {
  const TemporaryDirectory temporary;
  Team team{2};
  const std::vector<float> weights = random_matrix(33, 300, 1);
  std::vector<std::pair<std::string, PackedStorage>> matrices;
  for (const Scheme& scheme : shipped) {
    if (scheme.scale == Scale::nested) {
      PackedStorage storage{scheme, 33, 300};
      for (std::size_t i = 0; i < storage.quants().size(); ++i) storage.quants()[i] = static_cast<std::byte>(i * 7);
      for (std::size_t i = 0; i < storage.scales().size(); ++i) storage.scales()[i] = static_cast<std::byte>(i * 5 & 0xbf);
      matrices.emplace_back(to_string(scheme), std::move(storage));
    } else {
      const std::vector<float> own = fit_for(scheme, weights, 300);
      auto packed = pack(scheme, 33, 300, source_of(own, 300), team);
      REQUIRE(packed);
      matrices.emplace_back(to_string(scheme), *std::move(packed));
    }
  }
  auto writer = PackageWriter::create(temporary.path() / "deep" / "package", "qwen3");
  REQUIRE(writer);
  for (const auto& [name, storage] : matrices) {
    REQUIRE(writer->declare_matrix(name, storage.layout().scheme, 33, 300));
    REQUIRE(writer->declare_vector(name + ".bias", name.size()));
  }
  writer->source("model-00001.safetensors", std::string(64, '0'));
  for (const auto& [name, storage] : matrices) {
    REQUIRE(writer->write(name, storage.view()));
    REQUIRE(writer->write(name + ".bias", std::vector<float>(name.size(), 0.5f)));
  }
  REQUIRE(writer->add_file("chat_template.jinja", "{{ bos_token }}"));
  REQUIRE(writer->commit());

  const auto package = Package::open(temporary.path() / "deep" / "package");
  REQUIRE_MESSAGE(package, package.error().message());
  CHECK(package->family() == "qwen3");
  CHECK(package->metadata().find("ingot.source.model-00001.safetensors")->second == std::string(64, '0'));
  CHECK(*package->text("chat_template.jinja") == "{{ bos_token }}");
  CHECK(package->matrices().size() == matrices.size());
  CHECK(package->vectors().size() == matrices.size());
  for (const auto& [name, storage] : matrices) {
    const auto view = package->matrix(name);
    REQUIRE(view);
    CHECK(view->scheme == storage.layout().scheme);
    CHECK(view->rows == 33);
    CHECK(view->columns == 300);
    CHECK(reinterpret_cast<std::uintptr_t>(view->quants.data()) % 64 == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(view->scales.data()) % 64 == 0);
    CHECK(std::ranges::equal(view->quants, storage.view().quants));
    CHECK(std::ranges::equal(view->scales, storage.view().scales));
    const auto bias = package->vector(name + ".bias");
    REQUIRE(bias);
    CHECK(bias->size() == name.size());
    CHECK(reinterpret_cast<std::uintptr_t>(bias->data()) % 64 == 0);
    CHECK(std::ranges::all_of(*bias, [](float b) { return b == 0.5f; }));
  }
  CHECK(Package::open(temporary.path() / "deep" / "package" / "chat_template.jinja"));
}

TEST_CASE("a name that is not there, or is the other kind, is an error that names it") {
  const TemporaryDirectory temporary;
  write_small(temporary.path() / "p");
  const auto package = Package::open(temporary.path() / "p");
  REQUIRE(package);
  for (const auto& error : {package->matrix("norm").error(), package->vector("a").error(), package->matrix("a.scales").error()}) {
    CHECK(error.code == ErrorCode::damaged);
    CHECK(error.where.find("weights.safetensors: ") != std::string::npos);
  }
  CHECK(package->text("tokenizer.bin").error().code == ErrorCode::not_found);
}

TEST_CASE("views survive a move of the package") {
  const TemporaryDirectory temporary;
  write_small(temporary.path() / "p");
  auto package = Package::open(temporary.path() / "p");
  REQUIRE(package);
  const std::span<const float> norm = *package->vector("norm");
  const Package moved = *std::move(package);
  CHECK(norm[2] == 3);
  CHECK(moved.vector("norm")->data() == norm.data());
}

TEST_CASE("a flipped bit anywhere in the header is noticed, or changes nothing") {
  const TemporaryDirectory temporary;
  const fs::path file = write_small(temporary.path() / "p");
  const std::string good = read_file(file);
  std::uint64_t length;
  std::memcpy(&length, good.data(), sizeof length);
  std::size_t refused = 0, harmless = 0;
  std::fstream stream{file, std::ios::binary | std::ios::in | std::ios::out};  // one byte in place: rewriting the file takes 40 s
  const auto put = [&](std::size_t at, char byte) {
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(byte).flush();
    REQUIRE(stream);
  };
  for (std::size_t at = 0; at < 8 + length; put(at, good[at]), ++at)
    for (int bit = 0; bit < 8; ++bit) {
      put(at, static_cast<char>(good[at] ^ 1 << bit));
      const auto package = Package::open(temporary.path() / "p");
      if (!package) {
        ++refused;
        REQUIRE((package.error().code == ErrorCode::damaged || package.error().code == ErrorCode::unsupported));
        REQUIRE(package.error().where.find("weights.safetensors") != std::string::npos);
        continue;
      }
      ++harmless;  // white space, and the numbers in the names of padding
      REQUIRE(package->family() == "llama");
      REQUIRE(package->matrices().size() == 2);
      REQUIRE(package->matrix("a")->quants.size() == PackedLayout{{.bits = 4, .group = 32}, 17, 40}.quant_bytes());
    }
  CHECK(refused > 5000);
  CHECK(harmless < 500);
}

TEST_CASE("headers that contradict themselves are refused with what is wrong") {
  const TemporaryDirectory temporary;
  const fs::path file = write_small(temporary.path() / "p");
  const std::string good = read_file(file);
  struct Case {
    std::string_view from, to;
    ErrorCode code;
    std::string_view what;
  };
  // The digest guards against accidents alone, so hostile headers bring their own: the checks behind it are tested without it.
  const Case cases[] = {
      {"\"ingot.format\":\"1\"", "\"ingot.format\":\"2\"", ErrorCode::unsupported, "newer ingot"},
      {"\"ingot.format\":\"1\"", "\"ingot.format\":\"99999999999999999999\"", ErrorCode::damaged, "version"},
      {"\"ingot.format\":\"1\"", "\"ingot.format\":\"-1\"", ErrorCode::damaged, "version"},
      {"\"ingot.format\":\"1\"", "\"ingot.fotmat\":\"1\"", ErrorCode::damaged, "no package"},
      {"N16K8", "N8K8", ErrorCode::unsupported, "layout"},
      {"int4-g32 17 40", "int7-g32 17 40", ErrorCode::unsupported, "unknown scheme"},
      {"int4-g32 17 40", "int4-g32 17", ErrorCode::damaged, "SCHEME"},
      {"int4-g32 17 40", "int4-g32 17 40 ", ErrorCode::damaged, "SCHEME"},
      {"int4-g32 17 40", "int4-g32 17  40", ErrorCode::damaged, "SCHEME"},
      {"int4-g32 17 40", "int4-g32 -17 40", ErrorCode::damaged, "SCHEME"},
      {"int4-g32 17 40", "int4-g32 0 40", ErrorCode::damaged, "cannot be packed"},
      {"int4-g32 17 40", "int4-g32 18446744073709551615 40", ErrorCode::damaged, "cannot be packed"},
      {"int4-g32 17 40", "int4-g32 4294967296 4294967296", ErrorCode::damaged, "cannot be packed"},
      {"int4-g32 17 40", "int4-g32 33 40", ErrorCode::damaged, "contradict"},
      {"int4-g32 17 40", "int4-g32 17 65", ErrorCode::damaged, "contradict"},
      {"int4-g32 17 40", "int4-g64 17 40", ErrorCode::damaged, "contradict"},
      {"int4-g32 17 40", "int8-g32 17 40", ErrorCode::damaged, "contradict"},
      {"ingot.matrix.a\"", "ingot.matrix.c\"", ErrorCode::damaged, "missing"},
      {"ingot.matrix.a\"", "ingot.mutrix.a\"", ErrorCode::damaged, "neither"},
      {"\"a.scales\"", "\"a.scalez\"", ErrorCode::damaged, "missing"},
      {"{\"dtype\":\"F32\",\"shape\":[3]", "{\"dtype\":\"I32\",\"shape\":[3]", ErrorCode::damaged, "neither"},
      {"{\"dtype\":\"F32\",\"shape\":[3]", "{\"dtype\":\"F32\",\"shape\":[3,1]", ErrorCode::damaged, "neither"},
      {"\"norm\":{\"dtype\"", "\"bias\":{\"dtype\"", ErrorCode::damaged, "name"},
  };
  for (const Case& c : cases) {
    INFO(c.from, " -> ", c.to);
    std::string bad = edit_header(good, c.from, c.to);
    overwrite(file, bad);
    auto package = Package::open(temporary.path() / "p");
    REQUIRE(!package);
    if (c.what != "newer ingot" && c.what != "version" && c.what != "no package" && c.what != "name") {
      CHECK(package.error().what == "the header is not as it was written");
      const auto weights = checkpoint::open_safetensors(file);
      REQUIRE(weights);
      std::vector<StoredTensor> tensors;
      for (const auto& tensor : weights->tensors)
        if (!tensor.name.starts_with(checkpoint::padding_prefix)) tensors.push_back({tensor.name, tensor.type, tensor.shape});
      const std::string& old_digest = weights->metadata.find(metadata_key::header)->second;
      overwrite(file, edit_header(bad, old_digest, header_digest(weights->metadata, tensors)));
      package = Package::open(temporary.path() / "p");
      REQUIRE(!package);
    }
    INFO(package.error().message());
    CHECK(package.error().code == c.code);
    CHECK(package.error().what.find(c.what) != std::string::npos);
  }
}

TEST_CASE("tensors that are not aligned are refused") {
  const TemporaryDirectory temporary;
  const fs::path file = write_small(temporary.path() / "p");
  std::string good = read_file(file);
  std::uint64_t length;
  std::memcpy(&length, good.data(), sizeof length);
  good.insert(8 + length, 8, ' ');  // the header now ends 8 bytes later, and with it every tensor begins
  length += 8;
  std::memcpy(good.data(), &length, sizeof length);
  overwrite(file, good);
  const auto package = Package::open(temporary.path() / "p");
  REQUIRE(!package);
  CHECK(package.error().code == ErrorCode::damaged);
  CHECK(package.error().what.find("aligned") != std::string::npos);
}

TEST_CASE("truncation at any byte of the header and at some of the data is an error") {
  const TemporaryDirectory temporary;
  const fs::path file = write_small(temporary.path() / "p");
  const std::string good = read_file(file);
  for (std::size_t size = good.size(); size > 0; size -= std::min(size, size > 2000 ? std::size_t{97} : 1)) {
    fs::resize_file(file, size - 1);
    const auto package = Package::open(temporary.path() / "p");
    REQUIRE(!package);
    REQUIRE(package.error().code == ErrorCode::damaged);
  }
}

TEST_CASE("what is no package at all") {
  const TemporaryDirectory temporary;
  CHECK(Package::open(temporary.path() / "missing").error().code == ErrorCode::not_found);
  CHECK(Package::open(temporary.path()).error().code == ErrorCode::not_found);
  fs::create_directory(temporary.path() / weights_file);
  CHECK(Package::open(temporary.path()).error().code == ErrorCode::disk);
}
