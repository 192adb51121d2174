// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/transport.hpp: what moves one HTTP exchange: the concept an application's own HTTP fulfils, and its
              // type-erased form.

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <ingot/acquire/headers.hpp>

namespace ingot::acquire {

/// Timers use no other: a step of the wall clock must not look like a stall.
using Clock = std::chrono::steady_clock;

/// Bytes [begin, end) of a file.
struct ByteRange {
  std::uint64_t begin = 0, end = 0;
  [[nodiscard]] constexpr std::uint64_t size() const noexcept { return end - begin; }
  [[nodiscard]] constexpr bool operator==(const ByteRange&) const = default;
};

enum class Method : std::uint8_t { get, head, post };

/// One exchange, exactly as it goes over the wire: no redirect is followed, nothing is retried, no encoding is asked for or undone,
/// no cookie kept, and no credentials are sent but those in `headers`.
struct Request {
  Method method = Method::get;
  std::string url = {};
  Headers headers = {};
  std::string body = {};                ///< of a POST
  std::optional<ByteRange> range = {};  ///< sent as `Range: bytes=begin-(end-1)`
  bool own_connection = false;  ///< HTTP/1.1 on a connection no other exchange shares meanwhile: for bodies; else HTTP/2 may be used
  bool new_connection = false;  ///< not one that was kept alive: the last one stalled
};

struct ResponseHead {
  int status = 0;
  Headers headers = {};
};

/// Why an exchange ended without a whole response.
enum class Failure : std::uint8_t {
  none,
  refused_by_receiver,  ///< head() or body() returned false
  resolve,              ///< the name of the host
  connect,              ///< refused, unreachable, or not within 15 s
  proxy,                ///< the proxy, not the origin
  tls,                  ///< handshake or certificate
  interrupted,          ///< reset, or cut before the length it had announced
  protocol,             ///< not HTTP
  too_large,            ///< headers over the limit
  other,
};

/// Gets the events of one exchange, all from within Transport::run(); must not call the transport from them.
class Receiver {
 public:
  Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  virtual ~Receiver() = default;
  /// Before the first body byte (interim 1xx responses are skipped). False ends the exchange.
  [[nodiscard]] virtual bool head(const ResponseHead& head) = 0;
  /// The next body bytes, at most 16 MiB at once. False ends the exchange.
  [[nodiscard]] virtual bool body(std::span<const std::byte> bytes) = 0;
  /// The last event: all of the response came (`none`), or why not, with one line that names host, proxy or certificate.
  virtual void done(Failure failure, const std::string& reason) = 0;
};

using ExchangeId = std::uint64_t;

/// Moves any number of exchanges from within run(), on the thread that calls it. Only wake() may be called from others.
template <class T>
concept Transport = requires(T transport, Request request, Receiver& receiver, ExchangeId id, Clock::duration duration) {
  /// Begins; events come from run(), also those of an immediate failure. `receiver` outlives its done() or cancel().
  { transport.start(std::move(request), receiver) } -> std::same_as<ExchangeId>;
  /// No event of the exchange comes any more; its connection is closed. Ids of ended exchanges are ignored.
  transport.cancel(id);
  /// Delivers events; returns once some were delivered, wake() was called, or `duration` is over.
  transport.run(duration);
  /// Makes run() return.
  transport.wake();
  /// The transport's clock; a test's may be faster than the world's.
  { transport.now() } -> std::same_as<Clock::time_point>;
};

/// A reference to any Transport, which outlives it: what the rest of the room is compiled against, once.
class AnyTransport {
 public:
  template <Transport T>
  requires(!std::same_as<T, AnyTransport>) AnyTransport(T& transport)  // NOLINT: implicit by design
      : target_{&transport}, calls_{&calls_of<T>} {}

  ExchangeId start(Request request, Receiver& receiver) { return calls_->start(target_, std::move(request), receiver); }
  void cancel(ExchangeId id) { calls_->cancel(target_, id); }
  void run(Clock::duration duration) { calls_->run(target_, duration); }
  void wake() { calls_->wake(target_); }
  [[nodiscard]] Clock::time_point now() { return calls_->now(target_); }

 private:
  struct Calls {
    ExchangeId (*start)(void*, Request&&, Receiver&);
    void (*cancel)(void*, ExchangeId);
    void (*run)(void*, Clock::duration);
    void (*wake)(void*);
    Clock::time_point (*now)(void*);
  };
  template <class T>
  static constexpr Calls calls_of{
      [](void* target, Request&& request, Receiver& receiver) { return static_cast<T*>(target)->start(std::move(request), receiver); },
      [](void* target, ExchangeId id) { static_cast<T*>(target)->cancel(id); },
      [](void* target, Clock::duration duration) { static_cast<T*>(target)->run(duration); },
      [](void* target) { static_cast<T*>(target)->wake(); }, [](void* target) { return static_cast<T*>(target)->now(); }};
  void* target_;
  const Calls* calls_;
};

}  // namespace ingot::acquire
