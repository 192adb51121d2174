// SPDX-License-Identifier: Apache-2.0
// Exports that are interrupted at every step, and go on from a journal (core/journal.hpp) to the same bytes.
#include <ingot/model/export.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <ingot/core/journal.hpp>
#include <ingot/model/bit_allocation.hpp>
#include <ingot/quant/activation_blocks.hpp>

#include "model/exported.hpp"
#include "model/golden.hpp"

using namespace ingot;
using namespace ingot::model;
using namespace ingot::test;

namespace {

/// What an export has written of weights and activations.
std::string written(const std::filesystem::path& package) {
  return read_file(package / quant::weights_file) + read_file(package / quant::activations_file);
}

/// Exports, and asks for an end after `steps` reports of progress; the number of reports there were.
std::size_t run(const Golden& golden, const std::filesystem::path& to, ExportOptions options, const SizeTarget& target, Journal* journal,
                std::optional<std::size_t> steps) {
  options.journal = journal;
  Cancellation cancellation;
  std::size_t seen = 0;
  const ProgressSink progress = [&](std::string_view, std::uint64_t, std::uint64_t) {
    if (++seen == steps) cancellation.request();
  };
  const auto exported = [&]() -> Status {
    if (target.bits_per_weight != 0) {
      INGOT_TRY(const auto opened, open_checkpoint(golden.path));
      INGOT_TRY(const auto allocation, allocate_bits(opened, target, options, progress, &cancellation));
    }
    INGOT_TRY(const auto report, try_export(golden.path, to, options, progress, &cancellation));
    return {};
  }();
  INFO((exported ? std::string{} : exported.error().message()));
  REQUIRE(static_cast<bool>(exported) == (!steps || seen < *steps));
  return seen;
}

}  // namespace

TEST_CASE("an export that is interrupted after any step goes on to the same bytes") {
  for (const char* const name : {"llama-tied", "mixtral"}) {
    const Golden golden = read_golden(name);
    ExportOptions options = uniform({.bits = 4, .group = 32, .zero = Zero::min});
    options.calibration = {"", {golden.tokens}};
    ExportOptions hqq = options, gptq = options, both = options, learned = options;
    hqq.search = Search::hqq;
    gptq.search = both.search = Search::gptq;
    both.scales.emplace();
    learned.scales = quant::ScaleSearch{.rule = quant::ScaleRule::learned, .epochs = 2};
    for (const auto& [asked, target] : {std::pair{hqq, SizeTarget{}},
                                        {gptq, SizeTarget{}},
                                        {both, SizeTarget{}},
                                        {learned, SizeTarget{}},
                                        {gptq, SizeTarget{.bits_per_weight = 6.5}}}) {
      CAPTURE(name);
      const TemporaryDirectory temporary;
      const std::size_t all = run(golden, temporary.path() / "whole", asked, target, nullptr, {});
      const std::string whole = written(temporary.path() / "whole");
      std::size_t from_journal = 0;
      const std::size_t stride = std::max<std::size_t>(all / 6, 1);
      for (std::size_t steps = 1; steps < all; steps += stride) {
        CAPTURE(steps);
        const auto file = temporary.path() / "work";
        {
          auto journal = Journal::open(file, {});
          REQUIRE(journal);
          run(golden, temporary.path() / "p", asked, target, &*journal, steps);
        }
        CHECK_FALSE(std::filesystem::exists(temporary.path() / "p"));
        auto journal = Journal::open(file, {});
        REQUIRE(journal);
        from_journal += journal->found();
        run(golden, temporary.path() / "p", asked, target, &*journal, {});
        CHECK(written(temporary.path() / "p") == whole);
        std::filesystem::remove_all(temporary.path() / "p");
        journal->remove();
      }
      CHECK(from_journal > 0);
    }
  }
}

TEST_CASE("what a journal holds is not searched again") {
  const TemporaryDirectory temporary;
  const Golden golden = read_golden("llama");
  ExportOptions options = uniform({.bits = 4, .group = 32});
  options.calibration = {"", {golden.tokens}};
  options.search = Search::gptq;
  auto journal = Journal::open(temporary.path() / "work", {});
  REQUIRE(journal);
  run(golden, temporary.path() / "one", options, {}, &*journal, {});
  options.calibration = {"", {std::vector<std::int32_t>(golden.tokens.rbegin(), golden.tokens.rend())}};  // would give other codes
  run(golden, temporary.path() / "two", options, {}, &*journal, {});
  CHECK(written(temporary.path() / "one") == written(temporary.path() / "two"));
  run(golden, temporary.path() / "three", options, {}, nullptr, {});
  CHECK(written(temporary.path() / "one") != written(temporary.path() / "three"));
}
