// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/text_finder.hpp: the longest of some texts that another text goes on with.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/text/added_tokens.hpp>

namespace ingot::text {

/// Owns its texts. Immutable; copies share them.
class TextFinder {
 public:
  TextFinder() = default;
  /// Texts and their ids; of equal texts the last counts, empty ones are left out.
  explicit TextFinder(std::vector<std::pair<std::string_view, std::uint32_t>> texts) {
    std::stable_sort(texts.begin(), texts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    auto state = std::make_shared<State>();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto& [text, id] = texts[i];
      if (text.empty() || (i + 1 < texts.size() && texts[i + 1].first == text)) continue;
      state->entries.push_back({static_cast<std::uint32_t>(state->bytes.size()), static_cast<std::uint32_t>(text.size()), id, 0});
      state->bytes += text;
    }
    if (state->entries.empty()) return;
    state->finder = AddedTokenFinder{state->entries, state->bytes};
    state_ = std::move(state);
  }

  [[nodiscard]] bool empty() const noexcept { return state_ == nullptr; }
  /// The entry (its size and id) of the longest text at `at` in `text`, or null.
  [[nodiscard]] const AddedEntry* longest_at(std::string_view text, std::size_t at) const noexcept {
    return state_ == nullptr ? nullptr : state_->finder.longest_at(text, at);
  }

 private:
  struct State {
    std::vector<AddedEntry> entries;
    std::string bytes;
    AddedTokenFinder finder;
  };
  std::shared_ptr<const State> state_;
};

}  // namespace ingot::text
