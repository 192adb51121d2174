// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/module_pattern_definitions.hpp: expressions into automata, and automata run; ingot::runtime compiles it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/module_pattern.hpp>

namespace ingot::checkpoint {

/// Builds the automaton from its end: each function takes the state that follows what it reads, and returns the one that begins it.
class ModulePatternParser {
  using Kind = ModulePattern::Kind;
  using Set = std::bitset<256>;
  static constexpr std::size_t nesting_limit = 32;

  /// A part of the expression, as a tree: states can be made only once what follows is known.
  struct Node {
    enum class Form : std::uint8_t { set, begin, end, sequence, either, repeat } form = Form::sequence;
    Set set = {};
    bool optional = false, endless = false;  // of repeat: may be absent, may come again
    std::vector<Node> parts = {};
  };

 public:
  explicit ModulePatternParser(std::string_view text) : text_{text} {}

  [[nodiscard]] Result<ModulePattern> parse() {
    if (text_.size() > module_pattern_limit) return problem(ErrorCode::unsupported, "an expression of more than 1024 characters");
    INGOT_TRY(const Node root, alternatives(0));
    if (at_ != text_.size()) return problem(ErrorCode::damaged, "a bracket that nothing opened");
    ModulePattern pattern;
    pattern.states_.push_back({});
    pattern.start_ = add(pattern, root, 0);
    return pattern;
  }

 private:
  [[nodiscard]] Error problem(ErrorCode code, std::string what) const {
    return {code, std::move(what) + " at character " + std::to_string(at_) + " of \"" + std::string{text_.substr(0, 80)} + "\"", {}, {}};
  }
  [[nodiscard]] bool next_is(char c) const noexcept { return at_ < text_.size() && text_[at_] == c; }
  [[nodiscard]] bool take(char c) noexcept { return next_is(c) && (++at_, true); }

  [[nodiscard]] Result<Node> alternatives(std::size_t depth) {
    if (depth > nesting_limit) return problem(ErrorCode::unsupported, "groups nested more than 32 deep");
    Node either{.form = Node::Form::either};
    do {
      INGOT_TRY(Node part, sequence(depth));
      either.parts.push_back(std::move(part));
    } while (take('|'));
    return either;
  }

  [[nodiscard]] Result<Node> sequence(std::size_t depth) {
    Node all;
    while (at_ < text_.size() && !next_is('|') && !next_is(')')) {
      INGOT_TRY(Node part, atom(depth));
      while (next_is('*') || next_is('+') || next_is('?')) {
        const char sign = text_[at_++];
        if (take('+')) return problem(ErrorCode::unsupported, "a possessive repetition");
        static_cast<void>(take('?'));  // which match is found first is the same to a yes or no
        Node repeat{.form = Node::Form::repeat, .optional = sign != '+', .endless = sign != '?'};
        repeat.parts.push_back(std::move(part));
        part = std::move(repeat);
        if (next_is('*') || next_is('+') || next_is('?')) return problem(ErrorCode::damaged, "a repetition of a repetition");
      }
      if (next_is('{')) return problem(ErrorCode::unsupported, "a counted repetition");
      all.parts.push_back(std::move(part));
    }
    return all;
  }

  [[nodiscard]] Result<Node> atom(std::size_t depth) {
    const char c = text_[at_++];
    Node node{.form = Node::Form::set};
    switch (c) {
      case '^':
        node.form = Node::Form::begin;
        break;
      case '$':
        node.form = Node::Form::end;
        break;
      case '*':
      case '+':
      case '?':
        return problem(ErrorCode::damaged, "a repetition of nothing");
      case '(': {
        if (take('?') && !take(':')) return problem(ErrorCode::unsupported, "a group that looks around or has a name");
        INGOT_TRY(node, alternatives(depth + 1));
        if (!take(')')) return problem(ErrorCode::damaged, "a group that does not end");
        break;
      }
      case '[': {
        INGOT_TRY(node.set, char_class());
        break;
      }
      case '.':
        node.set.set().reset('\n');
        break;
      case '\\': {
        INGOT_TRY(node.set, escape());
        break;
      }
      default:
        node.set.set(static_cast<unsigned char>(c));
    }
    return node;
  }

  /// What a backslash before the next character means.
  [[nodiscard]] Result<Set> escape() {
    if (at_ == text_.size()) return problem(ErrorCode::damaged, "a backslash at the end");
    const char c = text_[at_++];
    Set set;
    const auto range = [&](char from, char to) {
      for (int i = from; i <= to; ++i) set.set(static_cast<std::size_t>(i));
    };
    switch (c) {
      case 'w':
      case 'W':
        range('a', 'z'), range('A', 'Z'), set.set('_');
        [[fallthrough]];
      case 'd':
      case 'D':
        range('0', '9');
        break;
      case 's':
      case 'S':
        range('\t', '\r'), set.set(' ');
        break;
      default:
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
          return problem(ErrorCode::unsupported, std::string{"the escape \\"} + c);
        set.set(static_cast<unsigned char>(c));
    }
    return c == 'W' || c == 'D' || c == 'S' ? ~set : set;
  }

  [[nodiscard]] Result<Set> char_class() {
    Set set;
    const bool negated = take('^');
    for (bool first = true; first || !next_is(']'); first = false) {
      if (at_ == text_.size()) return problem(ErrorCode::damaged, "a class that does not end");
      const unsigned char from = static_cast<unsigned char>(text_[at_++]);
      if (from == '\\') {
        INGOT_TRY(const Set escaped, escape());
        set |= escaped;
        continue;
      }
      unsigned char to = from;
      if (next_is('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']') to = static_cast<unsigned char>(text_[at_ + 1]), at_ += 2;
      if (to < from || to == '\\') return problem(ErrorCode::damaged, "a range that runs backwards");
      for (std::size_t i = from; i <= to; ++i) set.set(i);
    }
    ++at_;
    return negated ? ~set : set;
  }

  [[nodiscard]] std::uint32_t add(ModulePattern& pattern, const Node& node, std::uint32_t next) {
    const auto state = [&](ModulePattern::State made) {
      pattern.states_.push_back(made);
      return static_cast<std::uint32_t>(pattern.states_.size() - 1);
    };
    switch (node.form) {
      case Node::Form::set:
        return state({Kind::byte_set, next, 0, node.set});
      case Node::Form::begin:
        return state({Kind::begin, next});
      case Node::Form::end:
        return state({Kind::end, next});
      case Node::Form::sequence:
        for (std::size_t i = node.parts.size(); i-- > 0;) next = add(pattern, node.parts[i], next);
        return next;
      case Node::Form::either: {
        std::uint32_t begin = add(pattern, node.parts.back(), next);
        for (std::size_t i = node.parts.size() - 1; i-- > 0;) begin = state({Kind::fork, add(pattern, node.parts[i], next), begin});
        return begin;
      }
      case Node::Form::repeat: {
        if (!node.endless) return state({Kind::fork, add(pattern, node.parts.front(), next), next});
        const std::uint32_t again = state({Kind::fork, 0, next});
        const std::uint32_t begin = add(pattern, node.parts.front(), again);
        pattern.states_[again].next = begin;
        return node.optional ? again : begin;
      }
    }
    return next;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<ModulePattern> ModulePattern::parse(std::string_view text) { return ModulePatternParser{text}.parse(); }

bool ModulePattern::matches(std::string_view name) const {
  std::vector<std::uint32_t> now, then, open;
  std::vector<std::size_t> reached(states_.size(), 0);  // the position after which a state was last reached, plus 1
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const auto reach = [&](std::uint32_t first) {
      open.assign(1, first);
      while (!open.empty()) {
        const std::uint32_t s = open.back();
        open.pop_back();
        if (reached[s] == i + 1) continue;
        reached[s] = i + 1;
        const State& state = states_[s];
        if (state.kind == Kind::fork)
          open.push_back(state.next), open.push_back(state.other);
        else if ((state.kind == Kind::begin && i == 0) || (state.kind == Kind::end && i == name.size()))
          open.push_back(state.next);
        else
          now.push_back(s);
      }
    };
    now.clear();
    for (const std::uint32_t s : then) reach(s);
    if (i == 0 || name[i - 1] == '.') reach(start_);
    then.clear();
    if (i == name.size()) break;
    for (const std::uint32_t s : now)
      if (states_[s].kind == Kind::byte_set && states_[s].set.test(static_cast<unsigned char>(name[i]))) then.push_back(states_[s].next);
  }
  for (const std::uint32_t s : now)
    if (states_[s].kind == Kind::accept) return true;
  return false;
}

}  // namespace ingot::checkpoint
