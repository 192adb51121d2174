// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/template.hpp: compile once, render often.

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/interpreter.hpp>
#include <ingot/text/jinja/parser.hpp>
#include <ingot/text/jinja/scope.hpp>

namespace ingot::text::jinja {

/// A compiled template, with the meaning it has in transformers: Jinja 3.1, an immutable sandbox, trim_blocks, lstrip_blocks,
/// loop controls, `{% generation %}`, tojson, raise_exception and strftime_now. Immutable; any number of threads may render it.
class Template {
 public:
  /// `name` stands in errors. Errors: damaged (not UTF-8, syntax, limits), unsupported (tags that need other templates);
  /// each tells line and column.
  [[nodiscard]] static Result<Template> compile(std::string_view source, std::string name = {}, Limits limits = {}) {
    if (source.size() > limits.source)
      return Error{
          ErrorCode::damaged, "template larger than the limit of " + std::to_string(limits.source) + " bytes", std::move(name), {}};
    if (!unicode::valid(source)) return Error{ErrorCode::damaged, "template is not UTF-8", std::move(name), {}};
    auto program = std::make_shared<Program>();
    program->name = std::move(name);
    program->source = normalized_source(source);
    INGOT_CHECK(Parser::parse(*program, limits));
    for (const NeededName& needed : program->needed) {
      if (needed.is_filter ? find_filter(needed.name) != nullptr : find_test(needed.name) != nullptr) continue;
      Error error = lacking((needed.is_filter ? "No filter named " : "No test named ") + in_quotes(needed.name) + ".");
      return std::move(error).in(program->where(needed.at));
    }
    ScopeResolver::resolve(*program);
    return Template{std::move(program), limits};
  }

  /// The text for a dictionary of variables; `now` is what strftime_now tells. All or nothing: a failure gives no text.
  /// Errors: other (raise_exception, its message is `what`), damaged (wrong types, undefined values, limits), unsupported
  /// (a filter or test that does not exist).
  [[nodiscard]] Result<std::string> render(const Value& context, const std::tm& now) const {
    if (!context.dictionary()) return failure("the context of a template must be a dictionary");
    Runtime runtime{limits_, now};
    return Interpreter{*program_, runtime, context}.run();
  }

 private:
  Template(std::shared_ptr<const Program> program, Limits limits) noexcept : program_{std::move(program)}, limits_{limits} {}
  std::shared_ptr<const Program> program_;
  Limits limits_;
};

}  // namespace ingot::text::jinja
