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
