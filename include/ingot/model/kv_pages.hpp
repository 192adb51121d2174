// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/kv_pages.hpp: the pages of one plane of a KV cache, and a sequence's table of those it points to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/pages.hpp>
#include <ingot/model/kv_shape.hpp>

namespace ingot::model {

/// Pages with reference counts. They are allocated as they are wanted, and recycled.
class PagePool {
 public:
  /// No more than `limit` pages will be in use at a time. A page of no parts takes no memory: it only counts.
  PagePool(std::size_t parts, std::size_t part_bytes, std::uint32_t limit)
      : parts_{parts}, part_bytes_{parts == 0 ? 0 : part_bytes}, limit_{limit} {}

  [[nodiscard]] std::uint32_t in_use() const noexcept { return static_cast<std::uint32_t>(references_.size() - free_.size()); }
  [[nodiscard]] std::uint32_t unused() const noexcept { return limit_ - in_use(); }
  /// Bytes of the pages that have ever been in use.
  [[nodiscard]] std::size_t bytes() const noexcept { return touched_ * parts_ * part_bytes_; }

  /// The number of a page that nobody held.
  [[nodiscard]] std::uint32_t take() {
    if (free_.empty()) add_slab();
    return take(free_.end() - 1);
  }
  /// The same for the page that follows `last` in a sequence: if it can be, the one beside it. The latest page given back is taken
  /// else, in whose group the next ones would come to stand.
  [[nodiscard]] std::uint32_t take_after(std::uint32_t last) {
    const std::uint32_t next = last + 1;
    if (next % group_pages == 0 || references_[next] != 0) return take();
    return take(std::find(free_.rbegin(), free_.rend(), next).base() - 1);
  }
  void share(std::uint32_t number) noexcept { ++references_[number]; }
  void drop(std::uint32_t number) noexcept {
    if (--references_[number] == 0) free_.push_back(number);
  }
  [[nodiscard]] bool shared(std::uint32_t number) const noexcept { return references_[number] > 1; }

  [[nodiscard]] std::byte* page(std::uint32_t number) noexcept {
    const std::size_t group = number % slab_pages() / group_pages;
    return slabs_[number / slab_pages()].data() + group * group_bytes() + number % group_pages * part_bytes_;
  }
  void copy(const std::byte* from, std::byte* to) const noexcept {
    for (std::size_t part = 0; part < parts_; ++part) {
      const std::size_t offset = part * group_pages * part_bytes_;
      std::memcpy(to + offset, from + offset, part_bytes_);
    }
  }

 private:
  std::uint32_t take(std::vector<std::uint32_t>::iterator place) {
    const std::uint32_t number = *place;
    free_.erase(place);
    references_[number] = 1;
    touched_ = std::max(touched_, number + 1);
    return number;
  }
  /// Groups come many at a time, in buffers large enough for huge pages.
  void add_slab() {
    slabs_.emplace_back(slab_pages() * parts_ * part_bytes_);
    for (std::size_t i = slab_pages(); i-- > 0;) free_.push_back(static_cast<std::uint32_t>(references_.size() + i));
    references_.resize(references_.size() + slab_pages());
  }
  [[nodiscard]] std::size_t group_bytes() const noexcept { return group_pages * parts_ * part_bytes_; }
  [[nodiscard]] std::size_t slab_pages() const noexcept {
    const std::size_t groups = std::max<std::size_t>(divide_up(limit_, group_pages), 1);
    const std::size_t wanted = divide_up(2 * huge_page, std::max<std::size_t>(group_bytes(), 4096));
    return group_pages * std::min(wanted, groups);
  }

  std::size_t parts_, part_bytes_;
  std::uint32_t limit_, touched_ = 0;
  std::vector<Buffer<std::byte>> slabs_;
  std::vector<std::uint32_t> references_, free_;  // references_: [pages]
};

/// The pages of one sequence: entry p holds positions 64p .. 64p+63, or null where the window has left them behind.
class PageTable {
 public:
  [[nodiscard]] std::byte* const* data() const noexcept { return pages_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return pages_.size(); }
  /// Entries left behind.
  [[nodiscard]] std::size_t first() const noexcept { return first_; }

  /// Whether the position behind the last of `length` goes to a page that another sequence holds, too.
  [[nodiscard]] bool must_copy(const PagePool& pool, std::uint32_t length) const noexcept {
    return length % page_positions != 0 && pool.shared(numbers_.back());
  }
  /// Makes the last page this sequence's own.
  void copy_last(PagePool& pool) {
    const std::uint32_t number = pool.take();
    pool.copy(pages_.back(), pool.page(number));
    pool.drop(numbers_.back());
    numbers_.back() = number, pages_.back() = pool.page(number);
  }
  void grow(PagePool& pool, std::size_t size) {
    while (pages_.size() < size) {
      numbers_.push_back(numbers_.size() % group_pages == 0 ? pool.take() : pool.take_after(numbers_.back()));
      pages_.push_back(pool.page(numbers_.back()));
    }
  }
  void shrink(PagePool& pool, std::size_t size) noexcept {
    while (pages_.size() > size) {
      if (pages_.size() > first_) pool.drop(numbers_.back());
      pages_.pop_back(), numbers_.pop_back();
    }
    first_ = std::min(first_, size);
  }
  /// Gives back the first `count` pages. Whole groups come and go together, so that spans stay in one stretch.
  void leave(PagePool& pool, std::size_t count) noexcept {
    for (std::size_t i = count; i-- > first_;) {  // the lowest last: it is taken first
      pool.drop(numbers_[i]);
      pages_[i] = nullptr;
    }
    first_ = std::max(first_, count);
  }
  /// A second table of the same pages.
  [[nodiscard]] PageTable fork(PagePool& pool) const {
    for (std::size_t i = first_; i < numbers_.size(); ++i) pool.share(numbers_[i]);
    return *this;
  }

 private:
  std::vector<std::byte*> pages_;
  std::vector<std::uint32_t> numbers_;
  std::size_t first_ = 0;
};

}  // namespace ingot::model
