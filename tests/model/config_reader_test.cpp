// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/config_reader.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::model;

namespace {

using Members = std::map<std::string, std::string>;

/// The members of a sound config.json, some replaced; a value "" leaves its key out.
std::string config_with(const Members& changes) {
  Members members{{"model_type", "\"llama\""},        {"hidden_size", "64"},       {"num_hidden_layers", "3"}, {"num_attention_heads", "4"},
                  {"num_key_value_heads", "2"},       {"intermediate_size", "96"}, {"vocab_size", "100"},      {"rms_norm_eps", "1e-5"},
                  {"max_position_embeddings", "512"}, {"rope_theta", "50000.0"},   {"eos_token_id", "2"}};
  for (const auto& [key, value] : changes) members[key] = value;
  std::string text;
  for (const auto& [key, value] : members)
    if (!value.empty()) text += (text.empty() ? "{\"" : ",\"") + key + "\":" + value;
  return text + "}";
}

template <class Read>
Result<Config> read_by(const std::string& text, Read&& read) {
  INGOT_TRY(const auto document, json::Document::parse(text, "config.json"));
  return read(document.root());
}
Result<Config> read(const Members& changes) {
  return read_by(config_with(changes), [](const json::Value& root) { return read_config(root); });
}
Result<Config> read_windowed(const Members& changes) {
  return read_by(config_with(changes), [](const json::Value& root) -> Result<Config> {
    INGOT_TRY(Config config, read_config(root));
    INGOT_CHECK(read_windows(root, config));
    return config;
  });
}

/// The config, or a failed test that says why there is none.
Config good(Result<Config> result) {
  INFO((result ? std::string{} : result.error().message()));
  REQUIRE(result);
  return *std::move(result);
}

std::vector<std::uint32_t> windows(const Members& changes) {
  std::vector<std::uint32_t> sizes;
  for (const Layer& layer : good(read_windowed(changes)).layers) sizes.push_back(layer.window);
  return sizes;
}

}  // namespace

TEST_CASE("the numbers of a Llama") {
  const Config c = good(read({{"bos_token_id", "1"}}));
  CHECK(c.model_type == "llama");
  CHECK(c.shape == Shape{64, 3, 4, 2, 16, 96, 100});
  CHECK(c.norm_eps == 1e-5f);
  CHECK(c.max_positions == 512);
  CHECK(c.ropes[0].theta == 50000);
  CHECK(c.ropes[0].rotary == 16);
  CHECK(c.ropes[0].scaling == RopeScaling::none);
  CHECK(c.layers == std::vector<Layer>(3));
  CHECK(c.ropes.size() == 1);
  CHECK(c.bos == 1);
  CHECK(c.eos == std::vector<std::int32_t>{2});
  CHECK_FALSE(c.tied);
}

TEST_CASE("what may be left out or null has transformers' defaults") {
  const Config c = good(read({{"num_key_value_heads", ""},
                              {"rms_norm_eps", ""},
                              {"rope_theta", ""},
                              {"eos_token_id", ""},
                              {"rope_scaling", "null"},
                              {"head_dim", "null"},
                              {"bos_token_id", "null"},
                              {"max_position_embeddings", ""}}));
  CHECK(c.shape.kv_heads == 4);
  CHECK(c.shape.head_dim == 16);
  CHECK(c.norm_eps == 1e-6f);
  CHECK(c.ropes[0].theta == 10000);
  CHECK(c.max_positions == 2048);
  CHECK(c.bos == -1);
  CHECK(c.eos.empty());
  CHECK(good(read({{"head_dim", "24"}})).shape.q_width() == 96);
  CHECK(good(read({{"tie_word_embeddings", "true"}})).tied);
}

TEST_CASE("end tokens: one, several, twice, none") {
  CHECK(good(read({{"eos_token_id", "[2, 7, 2]"}})).eos == std::vector<std::int32_t>{2, 7});
  CHECK(good(read({{"eos_token_id", "null"}})).eos.empty());
  CHECK(good(read({{"eos_token_id", "-1"}})).eos.empty());
  CHECK(good(read({{"eos_token_id", "[]"}})).eos.empty());
  CHECK_FALSE(read({{"eos_token_id", "\"</s>\""}}));
  CHECK_FALSE(read({{"eos_token_id", "[2, 1.5]"}}));
  CHECK_FALSE(read({{"eos_token_id", "99999999999"}}));

  Config c = good(read({}));
  const auto generation = json::Document::parse(R"({"eos_token_id": [5, 2]})", "generation_config.json");
  REQUIRE(generation);
  REQUIRE(read_end_tokens(generation->root(), c));
  CHECK(c.eos == std::vector<std::int32_t>{2, 5});
}

TEST_CASE("missing, absurd and wrongly typed numbers are damage, and the key is named") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> bad{
      {"model_type", {"", "3", "null"}},
      {"hidden_size", {"", "0", "-64", "1048577", "4294967296", "64.0", "\"64\"", "[64]", "true", "1e400"}},
      {"num_hidden_layers", {"", "0", "-1", "4097", "1e3"}},
      {"num_attention_heads", {"", "0", "4097", "-4"}},
      {"num_key_value_heads", {"0", "3", "8", "-2", "4294967298"}},
      {"head_dim", {"0", "4097", "15", "-16", "1"}},
      {"intermediate_size", {"", "0", "1048577", "{}"}},
      {"vocab_size", {"", "0", "16777217", "-1"}},
      {"rms_norm_eps", {"-1", "1", "\"1e-5\"", "[]"}},
      {"max_position_embeddings", {"0", "-1", "5000000000", "\"many\""}},
      {"tie_word_embeddings", {"1", "\"true\""}},
      {"hidden_act", {"7"}},
      {"rope_theta", {"0", "-10", "\"1e4\""}},
      {"partial_rotary_factor", {"0", "-1", "1.5"}},
  };
  for (const auto& [name, values] : bad)
    for (const std::string& value : values) {
      const std::string key = name;  // Clang 14 captures no structured bindings
      CAPTURE(key);
      CAPTURE(value);
      const auto result = read({{key, value}});
      REQUIRE_FALSE(result);
      CHECK(result.error().code == ErrorCode::damaged);
      CHECK(result.error().message().find("config.json") != std::string::npos);
      if (key != "rope_theta" && key != "partial_rotary_factor" && value != "1e400")
        CHECK(result.error().message().find(key) != std::string::npos);
    }
  for (const char* text : {"[]", "7", "null", "\"x\"", "{}"})
    CHECK_FALSE(read_by(text, [](const json::Value& root) { return read_config(root); }));
}

TEST_CASE("an activation we lack is unsupported") {
  const auto result = read({{"hidden_act", "\"xielu\""}});
  REQUIRE_FALSE(result);
  CHECK(result.error().exit_code() == 10);
  CHECK(result.error().message().find("xielu") != std::string::npos);
  CHECK(good(read({{"hidden_act", "\"swish\""}})).shape.layers == 3);
}

TEST_CASE("rope in the dialects of transformers 4 and 5") {
  const Config four = good(read({{"rope_scaling", R"({"type":"linear","factor":4})"}}));
  CHECK(four.ropes[0].scaling == RopeScaling::linear);
  CHECK(four.ropes[0].factor == 4);
  CHECK(four.ropes[0].theta == 50000);

  const std::string llama3 =
      R"("rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":128)";
  const Config scaled = good(read({{"rope_scaling", "{" + llama3 + "}"}}));
  const Config parameters = good(read({{"rope_theta", ""}, {"rope_parameters", "{\"rope_theta\":50000.0," + llama3 + "}"}}));
  for (const Config& c : {scaled, parameters}) {
    CHECK(c.ropes[0].scaling == RopeScaling::llama3);
    CHECK(c.ropes[0].theta == 50000);
    CHECK(c.ropes[0].factor == 8);
    CHECK(c.ropes[0].low_frequency_factor == 1);
    CHECK(c.ropes[0].high_frequency_factor == 4);
    CHECK(c.ropes[0].original_positions == 128);
  }
  CHECK(good(read({{"rope_theta", ""}, {"rope_parameters", R"({"rope_type":"default","rope_theta":7e5})"}})).ropes[0].theta == 7e5);
  CHECK(good(read({{"rope_scaling", R"({"rope_type":"default"})"}})).ropes[0].scaling == RopeScaling::none);
  CHECK(good(read({{"partial_rotary_factor", "0.5"}})).ropes[0].rotary == 8);
}

TEST_CASE("yarn, dynamic and longrope with their parameters") {
  const Config yarn = good(read({{"rope_scaling", R"({"rope_type":"yarn","factor":4,"original_max_position_embeddings":128,"beta_fast":16,
      "beta_slow":2,"attention_factor":0.9,"mscale":1,"mscale_all_dim":0.5,"truncate":false})"}}));
  CHECK(yarn.ropes[0].scaling == RopeScaling::yarn);
  CHECK(yarn.ropes[0].original_positions == 128);
  CHECK(yarn.ropes[0].beta_fast == 16);
  CHECK(yarn.ropes[0].beta_slow == 2);
  CHECK(yarn.ropes[0].attention_factor == 0.9);
  CHECK(yarn.ropes[0].mscale == 1);
  CHECK(yarn.ropes[0].mscale_all_dim == 0.5);
  CHECK_FALSE(yarn.ropes[0].truncate);

  const Config dynamic = good(read({{"rope_scaling", R"({"type":"dynamic","factor":2,"original_max_position_embeddings":7})"}}));
  CHECK(dynamic.ropes[0].scaling == RopeScaling::dynamic);
  CHECK(dynamic.ropes[0].original_positions == 512);

  const std::string divisors = "[1,1,1,1,2,2,2,2]";
  const Config longrope = good(read({{"rope_scaling", R"({"type":"longrope","original_max_position_embeddings":128,"short_factor":)" +
                                                          divisors + R"(,"long_factor":)" + divisors + "}"}}));
  CHECK(longrope.ropes[0].scaling == RopeScaling::longrope);
  CHECK(longrope.ropes[0].long_factor == std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2});
  CHECK(longrope.ropes[0].factor == 4);  // not given: the ratio of the two contexts, as the reference takes it
}

TEST_CASE("rope parameters that make no sense are refused") {
  for (const char* scaling : {
           R"({"rope_type":"linear","factor":0})",
           R"({"rope_type":"linear","factor":-2})",
           R"({"rope_type":"linear","factor":"2"})",
           R"({"rope_type":7})",
           R"({"rope_type":"llama3","factor":8,"high_freq_factor":4})",
           R"({"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4})",
           R"({"rope_type":"yarn","factor":4,"original_max_position_embeddings":0})",
           R"({"rope_type":"yarn","factor":4,"original_max_position_embeddings":-5})",
           R"({"rope_type":"longrope","factor":4,"short_factor":[1]})",
           R"({"rope_type":"longrope","factor":4,"short_factor":[1],"long_factor":[1]})",
           R"({"rope_type":"longrope","factor":4,"short_factor":[1,1,1,1,1,1,1,0],"long_factor":[1,1,1,1,1,1,1,1]})",
           R"({"rope_type":"longrope","factor":4,"short_factor":[1,1,1,1,1,1,1,"a"],"long_factor":[1,1,1,1,1,1,1,1]})",
           R"({"rope_type":"longrope","factor":4,"short_factor":5,"long_factor":5})",
       }) {
    CAPTURE(scaling);
    const auto result = read({{"rope_scaling", scaling}});
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::damaged);
  }
  const auto unknown = read({{"rope_scaling", R"({"rope_type":"su","factor":4})"}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().exit_code() == 10);
  CHECK(unknown.error().message().find("\"su\"") != std::string::npos);
}

TEST_CASE("sliding windows: by layer type, by number, or not at all") {
  const Members on{{"use_sliding_window", "true"}, {"sliding_window", "8"}};
  const auto with = [&](Members more) {
    more.insert(on.begin(), on.end());
    return more;
  };
  CHECK(windows({}) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(windows({{"sliding_window", "8"}, {"max_window_layers", "1"}}) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(windows({{"sliding_window", "null"}, {"use_sliding_window", "true"}}) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(windows(with({{"max_window_layers", "1"}})) == std::vector<std::uint32_t>{0, 8, 8});
  CHECK(windows(with({{"max_window_layers", "9"}})) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(windows(with({{"layer_types", R"(["sliding_attention","full_attention","sliding_attention"])"}})) ==
        std::vector<std::uint32_t>{8, 0, 8});

  CHECK_FALSE(read_windowed(with({{"layer_types", R"(["sliding_attention"])"}})));
  CHECK_FALSE(read_windowed(with({{"layer_types", R"([1,2,3])"}})));
  CHECK_FALSE(read_windowed({{"use_sliding_window", "true"}, {"sliding_window", "-8"}}));
  const auto unknown = read_windowed(with({{"layer_types", R"(["linear_attention","full_attention","full_attention"])"}}));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().exit_code() == 10);
  CHECK(unknown.error().message().find("linear_attention") != std::string::npos);
}
