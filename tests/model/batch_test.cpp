// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/batch.hpp>

#include <cstdint>
#include <span>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::model;

namespace {
std::vector<std::uint32_t> numbers(std::span<const std::uint32_t> view) { return {view.begin(), view.end()}; }
}  // namespace

TEST_CASE("rows follow each other, run by run") {
  Batch batch;
  const std::vector<std::int32_t> prompt{5, 6, 7}, token{9}, verified{1, 2};
  batch.add(SequenceId{0}, 10, prompt, Batch::Logits::last);
  batch.add(SequenceId{2}, 0, token, Batch::Logits::none);
  batch.add(SequenceId{1}, 63, verified, Batch::Logits::all);

  CHECK(batch.rows() == 6);
  CHECK(std::vector<std::int32_t>(batch.tokens().begin(), batch.tokens().end()) == std::vector<std::int32_t>{5, 6, 7, 9, 1, 2});
  CHECK(numbers(batch.positions()) == std::vector<std::uint32_t>{10, 11, 12, 0, 63, 64});
  CHECK(numbers(batch.logit_rows()) == std::vector<std::uint32_t>{2, 4, 5});
  REQUIRE(batch.runs().size() == 3);
  CHECK(batch.runs()[0].row == 0);
  CHECK(batch.runs()[0].rows == 3);
  CHECK(batch.runs()[1].row == 3);
  CHECK(batch.runs()[1].sequence == SequenceId{2});
  CHECK(batch.runs()[2].row == 4);
  CHECK(batch.runs()[2].position == 63);
}

TEST_CASE("no tokens are no run, and clear() leaves nothing") {
  Batch batch;
  batch.add(SequenceId{0}, 0, {}, Batch::Logits::all);
  CHECK(batch.rows() == 0);
  CHECK(batch.runs().empty());
  const std::vector<std::int32_t> token{3};
  batch.add(SequenceId{0}, 0, token, Batch::Logits::all);
  CHECK(batch.rows() == 1);
  batch.clear();
  CHECK(batch.rows() == 0);
  CHECK(batch.runs().empty());
  CHECK(batch.positions().empty());
  CHECK(batch.logit_rows().empty());
}
