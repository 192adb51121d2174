// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/quant_config.hpp: a file that says how single matrices are stored: --quant_config.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/core/json.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/export.hpp>
#include <ingot/text/regex.hpp>

#include "support/scheme_option.hpp"

namespace program {

/// What a file wants of the matrices it names. What is not given stays as it is.
class SchemeRule {
 public:
  /// {"match": regex, "bits": 4, "block": 32, "sym": true, "sparse": "2:4" or "dense"}; the regex is searched for in a matrix's name.
  [[nodiscard]] static ingot::Result<SchemeRule> by_pattern(const ingot::json::Value& object) {
    SchemeRule rule;
    INGOT_TRY(rule.name_, object.get<std::string>("match"));
    auto regex = ingot::text::Regex::compile(rule.name_);
    if (!regex) return std::move(regex).error().in("\"match\"");
    rule.regex_ = *std::move(regex);
    INGOT_CHECK(rule.read(object, {"match", "bits", "block", "sym", "sparse"}));
    return rule;
  }
  /// MNN's: an operator's name and {"bits": 4, "block_size": 32, "symmetric": true}. Its `/layers.3/mlp/up_proj/Linear` is the tensor
  /// `model.layers.3.mlp.up_proj.weight`, `/lm/lm_head/Linear` the head.
  [[nodiscard]] static ingot::Result<SchemeRule> by_name(std::string_view name, const ingot::json::Value& object) {
    SchemeRule rule;
    rule.name_ = name;
    INGOT_CHECK(rule.read(object, {"bits", "block_size", "symmetric"}));
    return rule;
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Errors: unsupported (a regex that backtracks without end).
  [[nodiscard]] ingot::Result<bool> matches(const ingot::model::PlannedStorage& matrix, ingot::text::RegexScratch& scratch) const {
    if (regex_) {
      INGOT_TRY(const auto found, regex_->find(matrix.name, 0, scratch));
      return found.has_value();
    }
    std::string_view wanted = name_, name = matrix.name;
    if (wanted == name) return true;
    const auto drop_end = [](std::string_view& text, std::string_view end) {
      if (text.ends_with(end)) text.remove_suffix(end.size());
    };
    drop_end(wanted, "/Linear");
    drop_end(wanted, ".weight");
    drop_end(name, ".weight");
    if (wanted.starts_with('/')) wanted.remove_prefix(1);
    std::string dotted{wanted};
    std::replace(dotted.begin(), dotted.end(), '/', '.');
    if (dotted == "lm.lm_head" || dotted == "lm_head") return matrix.role == ingot::model::Role::head;
    return name == dotted || (name.size() > dotted.size() && name.ends_with(dotted) && name[name.size() - dotted.size() - 1] == '.');
  }

  /// Errors: unsupported (no kernels for it).
  [[nodiscard]] ingot::Result<ingot::Scheme> scheme(ingot::Scheme asked, const ingot::Scheme& layers) const {
    const bool sparse = sparse_.value_or(asked.sparsity == ingot::quant::Sparsity::two_of_four);
    const bool is_integer = bits_ ? *bits_ < 16 : asked.is_integer();
    if (is_integer && !asked.is_integer()) asked = layers;
    const int block = block_.value_or(asked.group);
    INGOT_TRY(const auto chosen, scheme_option(bits_.value_or(asked.bits), block, symmetric_.value_or(asked.zero == ingot::Zero::none)));
    if (sparse && chosen.is_integer()) return sparse_option(chosen);
    return chosen;
  }

 private:
  SchemeRule() = default;
  ingot::Status read(const ingot::json::Value& object, const std::vector<std::string_view>& known) {
    if (!object.is_object()) return object.problem("expected an object with bits, block and symmetry", name_);
    return object.each_member([&](std::string_view key, const ingot::json::Value& value) -> ingot::Status {
      if (std::find(known.begin(), known.end(), key) == known.end())
        return ingot::Error{ingot::ErrorCode::usage, "unknown key \"" + std::string{key.substr(0, 40)} + "\" for " + name_, {}, {}};
      if (key == "bits") {
        INGOT_TRY(bits_, value.as<int>(key));
      } else if (key == "block" || key == "block_size") {
        INGOT_TRY(block_, value.as<int>(key));
      } else if (key == "sym" || key == "symmetric") {
        INGOT_TRY(symmetric_, value.as<bool>(key));
      } else if (key == "sparse") {
        INGOT_TRY(const auto pattern, value.as<std::string_view>(key));
        if (pattern != "2:4" && pattern != "dense") return value.problem("expected \"2:4\" or \"dense\"", key);
        sparse_ = pattern == "2:4";
      }
      return {};
    });
  }

  std::string name_;
  std::optional<ingot::text::Regex> regex_;
  std::optional<int> bits_, block_;
  std::optional<bool> symmetric_, sparse_;
};

/// An ordered list of patterns, or MNN's object of names. `where` is the file's name. Errors: damaged (no such JSON), usage (unknown keys).
[[nodiscard]] inline ingot::Result<std::vector<SchemeRule>> read_quant_config(std::string_view text, const std::string& where) {
  INGOT_TRY(const auto document, ingot::json::Document::parse(text, where));
  std::vector<SchemeRule> rules;
  const auto keep = [&](ingot::Result<SchemeRule> rule) -> ingot::Status {
    if (!rule) return std::move(rule).error().in(where);
    rules.push_back(*std::move(rule));
    return {};
  };
  const ingot::json::Value root = document.root();
  if (root.is_array()) {
    INGOT_CHECK(root.each_element([&](const ingot::json::Value& rule) { return keep(SchemeRule::by_pattern(rule)); }));
  } else if (root.is_object()) {
    INGOT_CHECK(
        root.each_member([&](std::string_view name, const ingot::json::Value& rule) { return keep(SchemeRule::by_name(name, rule)); }));
  } else {
    return root.problem("expected a list of {\"match\": regex, ...}, or an object of names", {});
  }
  return rules;
}

/// Gives each matrix of `planned` the scheme of the first rule that matches it. Returns a note for each rule that decides nothing.
[[nodiscard]] inline ingot::Result<std::vector<std::string>> apply(const std::vector<SchemeRule>& rules,
                                                                   const std::vector<ingot::model::PlannedStorage>& planned,
                                                                   ingot::model::ExportOptions& options) {
  std::vector<bool> used(rules.size());
  ingot::text::RegexScratch scratch;
  for (const auto& matrix : planned)
    for (std::size_t i = 0; i < rules.size(); ++i) {
      INGOT_TRY(const bool matches, rules[i].matches(matrix, scratch));
      if (!matches) continue;
      auto scheme = rules[i].scheme(storage_of(matrix.role, options), options.layers);
      if (!scheme) return std::move(scheme).error().in(rules[i].name() + " for " + matrix.name);
      options.schemes.insert_or_assign(matrix.name, *scheme);
      used[i] = true;
      break;
    }
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (!used[i]) notes.push_back("\"" + rules[i].name() + "\" of the quantization's configuration decides about no matrix");
  return notes;
}

}  // namespace program
