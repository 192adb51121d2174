// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/post_processor.hpp: the special tokens around a text (BOS, EOS, [CLS] … [SEP]).

#include <cstdint>
#include <vector>

namespace ingot::text {

/// What TemplateProcessing, BertProcessing, RobertaProcessing and add_bos/add_eos flags come to for a single text.
struct PostProcessor {
  std::vector<std::uint32_t> prefix, suffix;
  static void fields(auto& self, auto& archive) { archive(self.prefix, self.suffix); }
};

}  // namespace ingot::text
