// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/entry_lock.hpp>

#include <string>

#include <unistd.h>

#include <doctest/doctest.h>

#include <support/temporary_directory.hpp>

using namespace ingot;
using namespace ingot::acquire;

TEST_CASE("one at a time; the file says who, and is gone with the lock") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() / "lock";
  {
    auto first = EntryLock::try_acquire(path);
    REQUIRE(first);
    REQUIRE(*first);
    const auto second = EntryLock::try_acquire(path);
    REQUIRE(second);
    CHECK(!*second);
    const auto holder = EntryLock::holder(path);
    CHECK(holder.who.find("process " + std::to_string(::getpid()) + " on ") == 0);
    ::usleep(20'000);
    (*first)->heartbeat();
    CHECK(EntryLock::holder(path).heartbeat > holder.heartbeat);
  }
  CHECK(!std::filesystem::exists(path));
  CHECK(*EntryLock::try_acquire(path));
}

TEST_CASE("where none can be made that is an error; symbolic links are not followed") {
  const test::TemporaryDirectory directory;
  CHECK(!EntryLock::try_acquire(directory.path() / "none" / "lock"));
  std::filesystem::create_symlink(directory.path() / "outside", directory.path() / "lock");
  CHECK(!EntryLock::try_acquire(directory.path() / "lock"));
  CHECK(!std::filesystem::exists(directory.path() / "outside"));
  CHECK(!locks_work(directory.path() / "none"));
}
