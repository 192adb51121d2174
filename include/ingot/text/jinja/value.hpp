// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/value.hpp: what a template computes with: Python's values, immutable and shared.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ingot/text/jinja/integer.hpp>
#include <ingot/text/jinja/limits.hpp>
#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

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

/// One value. Copies share; nothing shared is ever changed (but an Iterator's position and an Object).
class Value {
 public:
  struct Missing {};  ///< no value at all: a parameter that was not given, a name without binding
  struct None {};
  using State = std::variant<Missing, None, bool, std::int64_t, double, std::shared_ptr<const Integer>, std::shared_ptr<const Undefined>,
                             std::shared_ptr<const Text>, std::shared_ptr<const Sequence>, std::shared_ptr<const Dictionary>,
                             std::shared_ptr<Iterator>, std::shared_ptr<const Method>, Object*>;

  Value() noexcept = default;
  Value(None) noexcept : state_{None{}} {}
  Value(bool value) noexcept : state_{value} {}
  Value(std::int64_t value) noexcept : state_{value} {}
  Value(double value) noexcept : state_{value} {}
  Value(Object* object) noexcept : state_{object} {}
  template <class T>
  Value(std::shared_ptr<T> shared) noexcept : state_{std::move(shared)} {}
  Value(Integer value) {
    if (const auto small = value.small())
      state_ = *small;
    else
      state_ = std::make_shared<const Integer>(std::move(value));
  }
  Value(std::string text, bool markup = false) {
    const std::size_t points = unicode::length(text);
    state_ = std::make_shared<const Text>(Text{std::move(text), points, markup});
  }
  Value(std::string_view text) : Value{std::string{text}} {}
  Value(const char* text) : Value{std::string{text}} {}
  [[nodiscard]] static Value undefined(std::string message) { return std::make_shared<const Undefined>(Undefined{std::move(message)}); }
  [[nodiscard]] static Value size(std::size_t n) noexcept { return static_cast<std::int64_t>(n); }

  template <class T>
  [[nodiscard]] bool is() const noexcept {
    return std::holds_alternative<T>(state_);
  }
  [[nodiscard]] bool missing() const noexcept { return is<Missing>(); }
  [[nodiscard]] bool none() const noexcept { return is<None>(); }

  /// Pointers into the value; nullptr when it is of another type.
  [[nodiscard]] const bool* boolean() const noexcept { return std::get_if<bool>(&state_); }
  [[nodiscard]] const std::int64_t* integer() const noexcept { return std::get_if<std::int64_t>(&state_); }
  [[nodiscard]] const double* real() const noexcept { return std::get_if<double>(&state_); }
  [[nodiscard]] const Integer* big() const noexcept { return shared<const Integer>(); }
  [[nodiscard]] const Undefined* undefined() const noexcept { return shared<const Undefined>(); }
  [[nodiscard]] const Text* text() const noexcept { return shared<const Text>(); }
  [[nodiscard]] const Sequence* sequence() const noexcept { return shared<const Sequence>(); }
  [[nodiscard]] const Sequence* list() const noexcept { return sequence() && sequence()->flavor == Flavor::list ? sequence() : nullptr; }
  [[nodiscard]] const Sequence* tuple() const noexcept {
    const auto* found = sequence();
    return found && (found->flavor == Flavor::tuple || found->flavor == Flavor::group) ? found : nullptr;
  }
  [[nodiscard]] const Dictionary* dictionary() const noexcept { return shared<const Dictionary>(); }
  [[nodiscard]] Iterator* iterator() const noexcept { return shared<Iterator>(); }
  [[nodiscard]] const Method* method() const noexcept { return shared<const Method>(); }
  [[nodiscard]] Object* object() const noexcept {
    const auto* found = std::get_if<Object*>(&state_);
    return found ? *found : nullptr;
  }
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
  template <class T>
  [[nodiscard]] T* shared() const noexcept {
    const auto* found = std::get_if<std::shared_ptr<T>>(&state_);
    return found ? found->get() : nullptr;
  }
  State state_;
};

struct Method {
  Value receiver;
  std::string name;
};

inline bool Value::same(const Value& other) const noexcept {
  if (state_.index() != other.state_.index()) return false;
  return std::visit(
      [&](const auto& mine) {
        using T = std::remove_cvref_t<decltype(mine)>;
        if constexpr (std::is_same_v<T, Missing> || std::is_same_v<T, None>)
          return true;
        else
          return mine == std::get<T>(other.state_);
      },
      state_);
}

inline std::size_t Value::depth() const noexcept {
  if (const auto* found = sequence()) return found->depth;
  if (const auto* found = dictionary()) return found->depth;
  if (const auto* found = iterator()) return found->depth;
  if (const auto* found = method()) return found->receiver.depth();
  return 0;
}

/// One more than the deepest of `items`; an Error above the limit, which bounds every recursion over values.
[[nodiscard]] inline Result<std::size_t> depth_over(const Budget& budget, const std::vector<Value>& items) {
  std::size_t depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  if (depth >= budget.limits().value_depth)
    return failure("values nested deeper than the limit of " + std::to_string(budget.limits().value_depth));
  return depth + 1;
}

[[nodiscard]] inline Result<Value> make_sequence(Budget& budget, std::vector<Value> items, Flavor flavor = Flavor::list) {
  INGOT_CHECK(budget.elements(items.size()));
  INGOT_TRY(const std::size_t depth, depth_over(budget, items));
  return Value{std::make_shared<const Sequence>(Sequence{flavor, std::move(items), depth})};
}

[[nodiscard]] inline Result<Value> make_tuple(Budget& budget, std::vector<Value> items) {
  return make_sequence(budget, std::move(items), Flavor::tuple);
}

[[nodiscard]] inline Result<Value> make_iterator(Budget& budget, std::vector<Value> items, std::string type = "generator") {
  INGOT_CHECK(budget.elements(items.size()));
  INGOT_TRY(const std::size_t depth, depth_over(budget, items));
  return Value{std::make_shared<Iterator>(Iterator{std::move(type), std::move(items), depth})};
}

[[nodiscard]] inline Result<Value> make_text(Budget& budget, std::string text, bool markup = false) {
  INGOT_CHECK(budget.text(text.size()));
  return Value{std::move(text), markup};
}

}  // namespace ingot::text::jinja
