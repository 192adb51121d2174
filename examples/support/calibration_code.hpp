// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/calibration_code.hpp: programs and tests of the built-in calibration text.

#include <array>
#include <string_view>

namespace program {

/// Written for this purpose. Several parts, for the other kinds of text to stand between them.
inline constexpr std::array<std::string_view, 3> calibration_code{
    R"text(from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator


@dataclasses.dataclass(frozen=True)
class Reading:
    """One line of a logger: when, where and how warm."""

    second: int
    station: str
    celsius: float = 0.0

    @property
    def fahrenheit(self) -> float:
        return self.celsius * 9 / 5 + 32


def read_log(path: pathlib.Path, *, skip_header: bool = True) -> Iterator[Reading]:
    """Yields the readings of `path`.

    Args:
        path: a file with lines such as "12;north;18.5".
        skip_header: whether the first line is a heading.

    Raises:
        ValueError: if a line does not have three fields.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if skip_header and number == 1:
                continue
            fields = line.rstrip("\n").split(";")
            if len(fields) != 3:
                raise ValueError(f"{path}:{number}: expected 3 fields, got {len(fields)}")
            yield Reading(int(fields[0]), fields[1], float(fields[2]))


def warmest(readings: Iterable[Reading]) -> dict[str, Reading]:
    best: dict[str, Reading] = {}
    for reading in readings:
        known = best.get(reading.station)
        if known is None or reading.celsius > known.celsius:
            best[reading.station] = reading
    return best


def test_warmest_keeps_the_first_of_equals():
    a, b = Reading(0, "north", 20.0), Reading(60, "north", 20.0)
    assert warmest([a, b]) == {"north": a}
    assert warmest([]) == {}


if __name__ == "__main__":
    for name, reading in sorted(warmest(read_log(pathlib.Path("log.csv"))).items()):
        print(f"{name:<12} {reading.celsius:6.1f} C {reading.fahrenheit:6.1f} F")
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct node {
    char *key;
    int count;
    struct node *next;
} node_t;

#define BUCKETS 1024u

static unsigned hash(const char *s) {
    unsigned h = 17;
    while (*s != '\0')
        h = h * 31u + (unsigned char)*s++;
    return h % BUCKETS;
}

/* Counts one more of `key`; returns 0, or -ENOMEM. */
int table_add(node_t **table, const char *key) {
    node_t **slot = &table[hash(key)];
    for (node_t *n = *slot; n != NULL; n = n->next) {
        if (strcmp(n->key, key) == 0) {
            n->count++;
            return 0;
        }
    }
    node_t *fresh = malloc(sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->key = strdup(key);
    fresh->count = 1;
    fresh->next = *slot;
    *slot = fresh;
    return 0;
}
)text",
    R"text(namespace geometry {

struct Point {
  double x = 0, y = 0;
  friend constexpr Point operator-(Point a, Point b) noexcept { return {a.x - b.x, a.y - b.y}; }
};

class Polygon {
 public:
  explicit Polygon(std::vector<Point> corners) : corners_(std::move(corners)) {
    if (corners_.size() < 3) throw std::invalid_argument("a polygon has at least three corners");
  }
  /// The area by the shoelace formula; the order of the corners does not matter.
  [[nodiscard]] double area() const {
    double twice = 0;
    for (std::size_t i = 0; i < corners_.size(); ++i) {
      const auto& [x0, y0] = corners_[i];
      const auto& [x1, y1] = corners_[(i + 1) % corners_.size()];
      twice += x0 * y1 - x1 * y0;
    }
    return std::abs(twice) / 2;
  }

 private:
  std::vector<Point> corners_;
};

}  // namespace geometry

TEST(Polygon, AreaOfASquare) { EXPECT_DOUBLE_EQ(geometry::Polygon({{0, 0}, {2, 0}, {2, 2}, {0, 2}}).area(), 4.0); }
package org.example.stock;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Keeps how many pieces of each article are in store. */
public final class Stock {
    private final Map<String, Integer> pieces = new HashMap<>();

    public synchronized void add(String article, int count) {
        if (count <= 0) {
            throw new IllegalArgumentException("count must be positive: " + count);
        }
        pieces.merge(article, count, Integer::sum);
    }

    public synchronized Optional<Integer> take(String article, int count) {
        Integer held = pieces.get(article);
        if (held == null || held < count) {
            return Optional.empty();
        }
        pieces.put(article, held - count);
        return Optional.of(held - count);
    }

    @Override
    public String toString() {
        return "Stock" + pieces;
    }
}
import { useEffect, useState } from "react";

export interface Task {
  id: number;
  title: string;
  done: boolean;
  tags?: readonly string[];
}

type Status = "loading" | "ready" | "failed";

export async function fetchTasks(url: string, signal?: AbortSignal): Promise<Task[]> {
  const response = await fetch(url, { headers: { Accept: "application/json" }, signal });
  if (!response.ok) {
    throw new Error(`GET ${url}: ${response.status}`);
  }
  return (await response.json()) as Task[];
}

export function TaskList({ url }: { url: string }) {
  const [tasks, setTasks] = useState<Task[]>([]);
  const [status, setStatus] = useState<Status>("loading");
  useEffect(() => {
    const controller = new AbortController();
    fetchTasks(url, controller.signal)
      .then((loaded) => { setTasks(loaded.filter((task) => !task.done)); setStatus("ready"); })
      .catch(() => setStatus("failed"));
    return () => controller.abort();
  }, [url]);
  if (status !== "ready") return <p className="hint">{status}</p>;
  return <ul>{tasks.map((task) => <li key={task.id}>{task.title}</li>)}</ul>;
}
{
  "name": "@example/tasks",
  "version": "0.7.2",
  "private": true,
  "scripts": {"build": "tsc -p .", "test": "vitest run", "lint": "eslint src --max-warnings 0"},
  "dependencies": {"react": "^18.2.0"},
  "limits": [1, 2.5, -3e4, true, null, "caf\u00e9"]
}
)text",
    R"text(package cache

import (
	"errors"
	"sync"
	"time"
)

// ErrMissing is returned for keys that are not, or no longer, held.
var ErrMissing = errors.New("cache: no such key")

type entry struct {
	value   []byte
	expires time.Time
}

// Cache is safe for use by several goroutines.
type Cache struct {
	mu      sync.RWMutex
	entries map[string]entry
	now     func() time.Time
}

func (c *Cache) Get(key string) ([]byte, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.entries[key]
	if !ok || c.now().After(e.expires) {
		return nil, ErrMissing
	}
	return e.value, nil
}
use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub enum ParseError {
    Empty,
    UnknownUnit(String),
    Number(std::num::ParseIntError),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Empty => write!(f, "empty duration"),
            ParseError::UnknownUnit(unit) => write!(f, "unknown unit: {unit}"),
            ParseError::Number(inner) => inner.fmt(f),
        }
    }
}

/// Parses "90s", "15m" or "2h" into seconds.
pub fn seconds(text: &str) -> Result<u64, ParseError> {
    let text = text.trim();
    let unit = text.chars().last().ok_or(ParseError::Empty)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        other => return Err(ParseError::UnknownUnit(other.to_string())),
    };
    let digits = &text[..text.len() - unit.len_utf8()];
    digits.parse::<u64>().map(|n| n * factor).map_err(ParseError::Number)
}

pub fn histogram<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_minutes() {
        assert_eq!(seconds("15m"), Ok(900));
        assert!(matches!(seconds("3d"), Err(ParseError::UnknownUnit(_))));
    }
}
)text"};

}  // namespace program
