// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/chat.hpp: a conversation: messages in, answers out piece by piece, the cache kept between turns.

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/generation/generator.hpp>
#include <ingot/generation/language_model.hpp>
#include <ingot/text/chat_template.hpp>
#include <ingot/text/stop_strings.hpp>
#include <ingot/text/stream_decoder.hpp>

namespace ingot::generation {

/// Why an answer ended.
enum class Ending : std::uint8_t {
  none,     ///< not yet
  stop,     ///< the model ended it, or a stop string did
  length,   ///< max_new_tokens
  context,  ///< the context is full
  cancelled,
  failed,  ///< see Reply::error()
};

class Chat;

/// One answer while it is generated: an input range of UTF-8 pieces, each valid until the next is asked for. Generation happens
/// in the iteration; a reply that is dropped early leaves what was said so far in the conversation.
class Reply {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(Reply& reply) noexcept : reply_{&reply} {}
    [[nodiscard]] std::string_view operator*() const noexcept { return reply_->piece_; }
    Iterator& operator++() {
      reply_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return reply_->done_; }

   private:
    Reply* reply_;
  };

  Reply(Reply&& other) noexcept = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply() { close(); }

  [[nodiscard]] Iterator begin() { return Iterator{*this}; }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }
  [[nodiscard]] Ending ending() const noexcept { return ending_; }
  /// What went wrong, when the ending is `failed`.
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  /// The answer so far.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  friend class Chat;
  Reply(Chat& chat, const Cancellation* cancellation);
  void advance();
  void finish(Ending ending);
  void close();
  void fail(Error error);

  struct Owner {  // null in a Reply that was moved from
    Chat* chat = nullptr;
    Owner() = default;
    explicit Owner(Chat* c) noexcept : chat{c} {}
    Owner(Owner&& other) noexcept : chat{std::exchange(other.chat, nullptr)} {}
  } owner_;
  const Cancellation* cancellation_;
  text::StreamDecoder decoder_;
  text::StopStrings stop_;
  std::string text_, piece_;
  std::optional<Error> error_;
  std::uint32_t left_ = 0;
  Ending ending_ = Ending::none;
  bool done_ = false;
};

/// A conversation with a model, which outlives it. Compiled in ingot::runtime, as Reply is.
class Chat {
 public:
  explicit Chat(LanguageModel& model);
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

  /// Adds a user's message and answers it. Iterate over the result; look at its ending() after. A message whose prompt fails or
  /// is cancelled is taken back.
  [[nodiscard]] Reply say(std::string text, const Cancellation* cancellation = nullptr);
  /// Starts over, with the system prompt of the settings.
  void clear();
  [[nodiscard]] const std::vector<text::Message>& messages() const noexcept { return messages_; }
  void set_messages(std::vector<text::Message> messages);
  /// Of the last turn.
  [[nodiscard]] const Statistics& statistics() const noexcept { return generator_.statistics(); }
  [[nodiscard]] std::uint32_t room() const noexcept { return generator_.room(); }

 private:
  friend class Reply;
  Status begin(const Cancellation* cancellation);

  LanguageModel* model_;
  Generator generator_;
  std::vector<text::Message> messages_;
};

}  // namespace ingot::generation

namespace ingot {
using generation::Chat;
}  // namespace ingot
