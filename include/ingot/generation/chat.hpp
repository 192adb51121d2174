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
  void fail(Error error) {
    if (error.code != ErrorCode::cancelled) error_ = std::move(error);
    finish(error_ ? Ending::failed : Ending::cancelled);
  }

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

/// A conversation with a model, which outlives it.
class Chat {
 public:
  explicit Chat(LanguageModel& model) : model_{&model}, generator_{*model.model, model.settings} { clear(); }
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

  /// Adds a user's message and answers it. Iterate over the result; look at its ending() after. A message whose prompt fails or
  /// is cancelled is taken back.
  [[nodiscard]] Reply say(std::string text, const Cancellation* cancellation = nullptr) {
    messages_.push_back({"user", std::move(text)});
    return Reply{*this, cancellation};
  }
  /// Starts over, with the system prompt of the settings.
  void clear() {
    messages_.clear();
    if (!model_->settings.system_prompt.empty()) messages_.push_back({"system", model_->settings.system_prompt});
  }
  [[nodiscard]] const std::vector<text::Message>& messages() const noexcept { return messages_; }
  void set_messages(std::vector<text::Message> messages) { messages_ = std::move(messages); }
  /// Of the last turn.
  [[nodiscard]] const Statistics& statistics() const noexcept { return generator_.statistics(); }
  [[nodiscard]] std::uint32_t room() const noexcept { return generator_.room(); }

 private:
  friend class Reply;
  Status begin(const Cancellation* cancellation) {
    INGOT_TRY(const auto tokens, model_->prompt_tokens(messages_));
    return generator_.prompt(tokens, cancellation);
  }

  LanguageModel* model_;
  Generator generator_;
  std::vector<text::Message> messages_;
};

inline Reply::Reply(Chat& chat, const Cancellation* cancellation)
    : owner_{&chat},
      cancellation_{cancellation},
      decoder_{chat.model_->text.tokenizer, true},
      stop_{chat.model_->settings.stop},
      left_{chat.model_->settings.max_new_tokens} {
  if (auto begun = chat.begin(cancellation); begun) {
    advance();
  } else {  // a question that cannot be asked must not stand before the next one
    chat.messages_.pop_back();
    owner_.chat = nullptr;
    fail(std::move(begun).error());
  }
}

/// The next piece that is not empty; incomplete characters wait for their other bytes, and what may begin a stop string for its rest.
inline void Reply::advance() {
  piece_.clear();
  if (ending_ != Ending::none) {
    done_ = true;
    return;
  }
  Generator& generator = owner_.chat->generator_;
  while (piece_.empty()) {
    if (left_ == 0) return finish(Ending::length);
    if (cancellation_ != nullptr && cancellation_->requested()) return finish(Ending::cancelled);
    if (generator.room() == 0) return finish(Ending::context);
    auto token = generator.next();
    if (!token) return fail(std::move(token).error());
    --left_;
    if (owner_.chat->model_->ends(*token)) return finish(Ending::stop);
    piece_ = stop_.push(decoder_.push(*token));
    if (stop_.stopped()) return finish(Ending::stop);
  }
  text_ += piece_;
}

/// The last piece is what was held back, if anything, or what stood before a stop string.
inline void Reply::finish(Ending ending) {
  ending_ = ending;
  if (!stop_.stopped()) {
    piece_ = stop_.push(decoder_.finish());
    piece_ += stop_.finish();
  }
  text_ += piece_;
  done_ = piece_.empty();
  close();
}

inline void Reply::close() {
  if (owner_.chat == nullptr) return;
  owner_.chat->messages_.push_back({"assistant", text_});
  owner_.chat = nullptr;
}

}  // namespace ingot::generation

namespace ingot {
using generation::Chat;
}  // namespace ingot
