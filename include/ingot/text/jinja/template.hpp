// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/template.hpp: compile once, render often.

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/core/result.hpp>
#include <ingot/text/jinja/limits.hpp>
#include <ingot/text/jinja/value.hpp>

namespace ingot::text::jinja {

struct Program;

/// A compiled template, with the meaning it has in transformers: Jinja 3.1, an immutable sandbox, trim_blocks, lstrip_blocks,
/// loop controls, `{% generation %}`, tojson, raise_exception and strftime_now. Immutable; any number of threads may render it.
/// Compiled in ingot::runtime.
class Template {
 public:
  /// `name` stands in errors. Errors: damaged (not UTF-8, syntax, limits), unsupported (tags that need other templates);
  /// each tells line and column.
  [[nodiscard]] static Result<Template> compile(std::string_view source, std::string name = {}, Limits limits = {});

  /// The text for a dictionary of variables; `now` is what strftime_now tells. All or nothing: a failure gives no text.
  /// Errors: other (raise_exception, its message is `what`), damaged (wrong types, undefined values, limits), unsupported
  /// (a filter or test that does not exist).
  [[nodiscard]] Result<std::string> render(const Value& context, const std::tm& now) const;

 private:
  Template(std::shared_ptr<const Program> program, Limits limits) noexcept : program_{std::move(program)}, limits_{limits} {}
  std::shared_ptr<const Program> program_;
  Limits limits_;
};

}  // namespace ingot::text::jinja
