// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/result.hpp>

#include <memory>
#include <sstream>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

using namespace ingot;

namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error{ErrorCode::damaged, "odd", "n", "use an even one"};
  return n / 2;
}
Result<std::string> quarter_text(int n) {
  INGOT_TRY(const int h, half(n));
  INGOT_TRY(const int q, half(h));
  return std::to_string(q);
}
Status check_quarter(int n) {
  INGOT_CHECK(quarter_text(n));
  return {};
}

}  // namespace

TEST_CASE("a result holds its value or its error") {
  CHECK(*half(4) == 2);
  const auto failed = half(3);
  REQUIRE(!failed);
  CHECK(failed.error().code == ErrorCode::damaged);
  CHECK(failed.error().exit_code() == 6);
}

TEST_CASE("INGOT_TRY and INGOT_CHECK hand errors on") {
  CHECK(*quarter_text(8) == "2");
  CHECK(quarter_text(7).error().what == "odd");
  CHECK(!quarter_text(6));
  CHECK(check_quarter(8));
  CHECK(check_quarter(6).error().hint == "use an even one");
}

TEST_CASE("move-only values move through") {
  auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto use = [&]() -> Result<int> {
    INGOT_TRY(const auto pointer, make());
    return *pointer;
  };
  CHECK(*use() == 7);
}

TEST_CASE("copies are equal, what was moved from stays what it was, and assignment takes either side") {
  const Result<std::string> value = "a text longer than what a string holds in itself";
  const Result<std::string> failed = Error{ErrorCode::disk, "full", "", ""};
  Result<std::string> other = value;
  CHECK(*other == *value);
  other = failed;
  REQUIRE(!other);
  CHECK(other.error().what == failed.error().what);
  Result<std::string> taken = std::move(other);
  CHECK(!other);  // NOLINT: looked at after the move, deliberately
  CHECK(taken.error().what == "full");
  taken = value;
  auto& itself = taken;
  taken = std::move(itself);
  CHECK(*taken == *value);

  Status status = Error{ErrorCode::busy, "busy", "", ""};
  const Status copy = status, moved = std::move(status);
  CHECK(!status);  // NOLINT
  CHECK(copy.error().code == ErrorCode::busy);
  CHECK(moved.error().what == "busy");
  status = Status{};
  CHECK(status);
  static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>> &&
                std::is_nothrow_move_assignable_v<Result<std::unique_ptr<int>>>);
}

TEST_CASE("messages leave empty parts out, and in() puts the place in front") {
  CHECK(Error{ErrorCode::other, "what", "where", "do"}.message() == "what: where: do");
  CHECK(Error{ErrorCode::other, "what", "", "do"}.message() == "what: do");
  CHECK(Error{ErrorCode::other, "what", "", ""}.in("file").message() == "what: file");
  CHECK(Error{ErrorCode::other, "what", "tensor", ""}.in("file").where == "file: tensor");
  std::ostringstream stream;
  stream << Error{ErrorCode::other, "a", "b", "c"};
  CHECK(stream.str() == "a: b: c");
}

static_assert(!std::is_convertible_v<Result<int>, bool>, "only explicit");
static_assert(std::is_convertible_v<const char*, Result<std::string>>);
