// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/value.hpp: what a template computes with: Python's values, immutable and shared.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>

namespace ingot::text::jinja {

class Budget;
class Integer;
class Value;

/// A str. `markup` marks the text of `|safe` and `|escape`, which escapes what is joined to it.
struct Text {
  std::string bytes;  ///< UTF-8
  std::size_t points;
  bool markup;
};

/// The result of a lookup that found nothing. It prints as nothing; using it otherwise fails with `message`.
struct Undefined {
  std::string message;
};

/// What a Sequence is in Python's eyes: it decides how it prints, compares and which methods it has.
enum class Flavor : std::uint8_t { list, tuple, group, range, keys, values, items };

/// list, tuple, range, a named tuple of groupby, and the views of a dict.
struct Sequence {
  Flavor flavor;
  std::vector<Value> items;
  std::size_t depth;
  std::int64_t start = 0, stop = 0, step = 1;  ///< of a range
};

/// A dict: entries in order of insertion, and their order by key for lookups once there are many.
struct Dictionary {
  std::vector<std::pair<Value, Value>> entries;
  std::vector<std::uint32_t> order;
  std::size_t depth;
};

/// What `map`, `select`, `items` … return: something that can be read once. Evaluated at once, consumed one by one.
struct Iterator {
  std::string type;
  std::vector<Value> items;
  std::size_t depth, next = 0;
};

/// A method together with the value that it was taken from.
struct Method;

/// A namespace, macro, loop or function: lives as long as the rendering does, so that cycles through it do no harm.
struct Object {
  enum class Type : std::uint8_t { name_space, macro, loop, function, cycler, joiner };
  explicit Object(Type what) noexcept : type{what} {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;
  const Type type;
};

/// One value. Copies share; nothing shared is ever changed (but an Iterator's position and an Object). Not a std::variant, of which
/// every header that names a Value would pay for the instantiation: 0.6 s in GCC.
class Value {
 public:
  struct None {};

  Value() noexcept = default;  ///< Missing: no value at all: a parameter that was not given, a name without binding
  Value(None) noexcept : kind_{Kind::none} {}
  Value(bool value) noexcept : kind_{Kind::boolean}, plain_{.boolean = value} {}
  Value(std::int64_t value) noexcept : kind_{Kind::integer}, plain_{.integer = value} {}
  Value(double value) noexcept : kind_{Kind::real}, plain_{.real = value} {}
  Value(Object* object) noexcept : kind_{Kind::object}, plain_{.object = object} {}
  Value(std::shared_ptr<const Integer> shared) noexcept : kind_{Kind::big}, shared_{std::move(shared)} {}
  Value(std::shared_ptr<const Undefined> shared) noexcept : kind_{Kind::undefined}, shared_{std::move(shared)} {}
  Value(std::shared_ptr<const Text> shared) noexcept : kind_{Kind::text}, shared_{std::move(shared)} {}
  Value(std::shared_ptr<const Sequence> shared) noexcept : kind_{Kind::sequence}, shared_{std::move(shared)} {}
  Value(std::shared_ptr<const Dictionary> shared) noexcept : kind_{Kind::dictionary}, shared_{std::move(shared)} {}
  Value(std::shared_ptr<Iterator> shared) noexcept : kind_{Kind::iterator}, shared_{std::move(shared)} {}
  Value(std::shared_ptr<const Method> shared) noexcept : kind_{Kind::method}, shared_{std::move(shared)} {}
  Value(Integer value);
  Value(std::string text, bool markup = false);
  Value(std::string_view text) : Value{std::string{text}} {}
  Value(const char* text) : Value{std::string{text}} {}
  [[nodiscard]] static Value undefined(std::string message);
  [[nodiscard]] static Value size(std::size_t n) noexcept { return static_cast<std::int64_t>(n); }

  [[nodiscard]] bool missing() const noexcept { return kind_ == Kind::missing; }
  [[nodiscard]] bool none() const noexcept { return kind_ == Kind::none; }

  /// Pointers into the value; nullptr when it is of another type.
  [[nodiscard]] const bool* boolean() const noexcept { return kind_ == Kind::boolean ? &plain_.boolean : nullptr; }
  [[nodiscard]] const std::int64_t* integer() const noexcept { return kind_ == Kind::integer ? &plain_.integer : nullptr; }
  [[nodiscard]] const double* real() const noexcept { return kind_ == Kind::real ? &plain_.real : nullptr; }
  [[nodiscard]] const Integer* big() const noexcept { return static_cast<const Integer*>(shared(Kind::big)); }
  [[nodiscard]] const Undefined* undefined() const noexcept { return static_cast<const Undefined*>(shared(Kind::undefined)); }
  [[nodiscard]] const Text* text() const noexcept { return static_cast<const Text*>(shared(Kind::text)); }
  [[nodiscard]] const Sequence* sequence() const noexcept { return static_cast<const Sequence*>(shared(Kind::sequence)); }
  [[nodiscard]] const Sequence* list() const noexcept { return sequence() && sequence()->flavor == Flavor::list ? sequence() : nullptr; }
  [[nodiscard]] const Sequence* tuple() const noexcept {
    const auto* found = sequence();
    return found && (found->flavor == Flavor::tuple || found->flavor == Flavor::group) ? found : nullptr;
  }
  [[nodiscard]] const Dictionary* dictionary() const noexcept { return static_cast<const Dictionary*>(shared(Kind::dictionary)); }
  [[nodiscard]] Iterator* iterator() const noexcept { return static_cast<Iterator*>(const_cast<void*>(shared(Kind::iterator))); }
  [[nodiscard]] const Method* method() const noexcept { return static_cast<const Method*>(shared(Kind::method)); }
  [[nodiscard]] Object* object() const noexcept { return kind_ == Kind::object ? plain_.object : nullptr; }
  /// The object as T (a struct with `static constexpr Object::Type kind`), or nullptr.
  template <class T>
  [[nodiscard]] T* object_as() const noexcept {
    Object* found = object();
    return found && found->type == T::kind ? static_cast<T*>(found) : nullptr;
  }
  /// bool counts as an int, as in Python.
  [[nodiscard]] bool is_integer() const noexcept { return boolean() || integer() || big(); }
  [[nodiscard]] bool is_number() const noexcept { return is_integer() || real(); }
  /// The integer or bool as 64 bits, if it is one and fits.
  [[nodiscard]] std::optional<std::int64_t> small() const noexcept {
    if (const auto* b = boolean()) return *b ? 1 : 0;
    if (const auto* i = integer()) return *i;
    return std::nullopt;
  }

  /// Whether both are the same object (`is sameas`).
  [[nodiscard]] bool same(const Value& other) const noexcept;
  /// Levels of containers in it; 0 for all else.
  [[nodiscard]] std::size_t depth() const noexcept;

 private:
  enum class Kind : std::uint8_t {
    missing,
    none,
    boolean,
    integer,
    real,
    object,
    big,
    undefined,
    text,
    sequence,
    dictionary,
    iterator,
    method
  };
  union Plain {
    std::int64_t integer;
    bool boolean;
    double real;
    Object* object;
  };
  [[nodiscard]] const void* shared(Kind kind) const noexcept { return kind_ == kind ? shared_.get() : nullptr; }
  Kind kind_ = Kind::missing;
  Plain plain_{.integer = 0};
  std::shared_ptr<const void> shared_;
};

struct Method {
  Value receiver;
  std::string name;
};

/// One more than the deepest of `items`; an Error above the limit, which bounds every recursion over values.
[[nodiscard]] Result<std::size_t> depth_over(const Budget& budget, const std::vector<Value>& items);

/// Containers and texts, which the budget pays for.
[[nodiscard]] Result<Value> make_sequence(Budget& budget, std::vector<Value> items, Flavor flavor = Flavor::list);
[[nodiscard]] Result<Value> make_tuple(Budget& budget, std::vector<Value> items);
/// A dict of `entries`; of equal keys the first keeps its place and the last its value.
[[nodiscard]] Result<Value> make_dictionary(Budget& budget, std::vector<std::pair<Value, Value>> entries);
[[nodiscard]] Result<Value> make_iterator(Budget& budget, std::vector<Value> items, std::string type = "generator");
[[nodiscard]] Result<Value> make_text(Budget& budget, std::string text, bool markup = false);

}  // namespace ingot::text::jinja
