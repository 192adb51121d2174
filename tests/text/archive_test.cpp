// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/archive.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
enum class Color : std::uint8_t { red, green };
constexpr Color last_enumerator(Color) { return Color::green; }
struct Point {
  std::uint32_t x = 0;
  bool on = false;
  std::string name;
  static void fields(auto& self, auto& archive) { archive(self.x, self.on, self.name); }
};
struct Empty {
  static void fields(auto&, auto&) {}
};
using Shape = std::variant<Point, Empty, Color>;
struct All {
  std::vector<Shape> shapes;
  std::optional<std::uint32_t> maybe;
  Color color = Color::red;
  static void fields(auto& self, auto& archive) { archive(self.shapes, self.maybe, self.color); }
};
std::string sample() {
  All all{{Point{7, true, "seven"}, Empty{}, Color::green}, 42, Color::green};
  ArchiveWriter writer;
  writer(all);
  return writer.bytes();
}
}  // namespace

TEST_CASE("what was written is read") {
  const std::string bytes = sample();
  ArchiveReader reader{bytes};
  All all;
  reader(all);
  REQUIRE((reader.ok() && reader.at_end()));
  REQUIRE(all.shapes.size() == 3);
  CHECK(std::get<Point>(all.shapes[0]).name == "seven");
  CHECK(std::get<Color>(all.shapes[2]) == Color::green);
  CHECK(all.maybe == 42u);
}

TEST_CASE("every truncation is noticed, and no changed byte does harm") {
  const std::string bytes = sample();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ArchiveReader reader{std::string_view{bytes}.substr(0, size)};
    All all;
    reader(all);
    CHECK_FALSE(reader.ok());
  }
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const char value : {'\0', '\2', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[at] = value;
      ArchiveReader reader{changed};
      All all;
      reader(all);
      CHECK(all.shapes.size() <= bytes.size());
    }
}

TEST_CASE("values out of range are refused") {
  for (const std::string_view bytes : {std::string_view{"\2", 1}, std::string_view{"\xff", 1}}) {
    ArchiveReader reader{bytes};
    Color color = Color::red;
    reader(color);
    CHECK_FALSE(reader.ok());
    ArchiveReader other{bytes};
    bool flag = false;
    other(flag);
    CHECK_FALSE(other.ok());
  }
}

TEST_CASE("numbers of all kinds, and vectors of them") {
  const std::vector<std::uint16_t> few{1, 65535};
  const std::vector<double> none, some{-0.5, 1e300};
  ArchiveWriter writer;
  writer(few, none, some, 0.25f);
  ArchiveReader reader{writer.bytes()};
  std::vector<std::uint16_t> read_few;
  std::vector<double> read_none{1}, read_some;
  float number = 0;
  reader(read_few, read_none, read_some, number);
  REQUIRE((reader.ok() && reader.at_end()));
  CHECK((read_few == few && read_none.empty() && read_some == some && number == 0.25f));
  ArchiveReader short_one{std::string_view{writer.bytes()}.substr(0, 7)};  // two numbers of 16 bits promised, 3 bytes there
  short_one(read_few);
  CHECK(!short_one.ok());
}
