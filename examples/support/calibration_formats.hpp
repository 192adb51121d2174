// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/calibration_formats.hpp: scripts, data formats, queries and logs of the built-in calibration text.

#include <array>
#include <string_view>

namespace program {

/// Written for this purpose. Several parts, for the other kinds of text to stand between them.
inline constexpr std::array<std::string_view, 4> calibration_formats{
    R"text(#!/usr/bin/env bash
set -euo pipefail
# Keeps the newest backups of a folder: backup.sh FOLDER [KEEP]
folder=${1:?usage: backup.sh FOLDER [KEEP]}
keep=${2:-7}
target="$HOME/backups/$(basename "$folder")-$(date +%Y%m%d-%H%M%S).tar.gz"
mkdir -p "$(dirname "$target")"
tar -czf "$target" -C "$(dirname "$folder")" "$(basename "$folder")"
ls -1t "$HOME/backups/"*.tar.gz | tail -n +"$((keep + 1))" | while read -r old; do
  echo "removing $old" >&2
  rm -- "$old"
done
CC ?= cc
CFLAGS += -O2 -Wall -Wextra
objects := $(patsubst src/%.c,build/%.o,$(wildcard src/*.c))

.PHONY: all clean
all: build/wordcount
build/wordcount: $(objects)
	$(CC) $(LDFLAGS) -o $@ $^
build/%.o: src/%.c | build
	$(CC) $(CFLAGS) -c -o $@ $<
build:
	mkdir -p $@
clean:
	rm -rf build
:root { --accent: #2a6f97; --gap: 1.25rem; }
.card > header { display: flex; justify-content: space-between; padding: calc(var(--gap) / 2) var(--gap); }
.card a:hover, .card a:focus-visible { color: var(--accent); text-decoration: underline; }
@media (max-width: 40em) { .card { border-radius: 0; margin: 0 -0.5rem; } }
)text",
    R"text(services:
  web:
    image: registry.example.org/shop/web:1.14
    ports: ["8080:80"]
    environment:
      LOG_LEVEL: info
      DATABASE_URL: postgres://shop@db:5432/shop
    depends_on:
      - db
  db:
    image: postgres:15
    volumes:
      - data:/var/lib/postgresql/data
volumes: {data: {}}
<?xml version="1.0" encoding="UTF-8"?>
<inventory date="2022-11-03">
  <item id="a17" unit="piece"><name>Door handle, brass</name><stock>42</stock></item>
  <item id="b03" unit="m"><name>Cable 3 &#215; 1.5 mm&#178;</name><stock>310.5</stock></item>
</inventory>
<!DOCTYPE html>
<html lang="en">
  <head><meta charset="utf-8"><title>Opening hours</title><link rel="stylesheet" href="/style.css"></head>
  <body>
    <h1 id="top">Opening hours</h1>
    <p>We are open <strong>Monday to Friday</strong>, 9 a.m. &ndash; 5 p.m. <a href="mailto:desk@example.org">Write to us</a></p>
    <form action="/search" method="get"><input type="text" name="q" placeholder="Search..."><button>Go</button></form>
  </body>
</html>
)text",
    R"text(CREATE TABLE loans (
  id         INTEGER PRIMARY KEY,
  member_id  INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE,
  title      VARCHAR(200) NOT NULL,
  due        DATE NOT NULL,
  returned   BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX loans_due ON loans (due) WHERE NOT returned;
INSERT INTO loans (member_id, title, due) VALUES (3, 'Knots and Splices', '2024-02-29'), (8, 'A Field Guide to Clouds', '2024-03-04');
SELECT m.name, l.title, CURRENT_DATE - l.due AS days_late FROM loans AS l JOIN members AS m ON m.id = l.member_id
WHERE NOT l.returned AND l.due < CURRENT_DATE ORDER BY days_late DESC LIMIT 20;
UPDATE loans SET returned = TRUE WHERE id IN (SELECT id FROM scanned) AND returned IS FALSE;
$ ls -lh logs/
total 1.3M
-rw-r--r-- 1 kim staff 912K Jun 14 23:59 app.log.1
-rw-r--r-- 1 kim staff 388K Jun 15 09:12 app.log
$ grep -c ERROR logs/app.log
17
$ curl -s -o /dev/null -w '%{http_code}\n' http://localhost:8080/health
200
$ git diff --stat HEAD~1
 src/parser.c | 12 ++++++++----
 1 file changed, 8 insertions(+), 4 deletions(-)
2024-06-15T09:11:58.402Z INFO  [http-3] GET /api/orders/8813 200 14ms
2024-06-15T09:11:59.017Z WARN  [pool-1] connection 12 idle for 300s, closing
2024-06-15T09:12:03.550Z ERROR [http-5] POST /api/orders 500 java.sql.SQLTimeoutException: no answer within 30000 ms
Jun 15 09:12:04 host7 kernel: [81234.118] eth0: link up, 1000 Mbps, full duplex
192.0.2.44 - - [15/Jun/2024:09:12:05 +0000] "GET /robots.txt HTTP/1.1" 404 153 "-" "ExampleBot/2.1"
main.cpp:27:14: error: no matching function for call to 'scale(const char [4], int)'
)text",
    R"text(date,station,min,max,comment
2024-01-03,north,-4.5,1.2,"snow, light"
2024-01-03,south,-1.0,3.8,
2024-01-04,north,-7.25,-0.5,"said ""cold"" by the observer"
^\s*(?:\+49|0)\s?[1-9]\d{1,4}[\s/-]?\d{3,9}$ matches a telephone number; (?i)\b(colou?r|gr[ae]y)\b both spellings; [^"\\]|\\. a character.
[server]
host = 0.0.0.0
port = 8443        ; TLS only
allow = 10.0.0.0/8, 192.168.0.0/16
diff --git a/src/parser.c b/src/parser.c
@@ -88,7 +88,9 @@ static int parse_number(struct parser *p)
-    if (p->pos > p->end)
+    if (p->pos >= p->end)
         return PARSE_EOF;
const byId = Object.fromEntries(rows.map(({ id, ...rest }) => [id, rest])); console.log(byId[7]?.name ?? "unknown");
x = np.linspace(0, 2 * np.pi, 100); y = np.sin(x); assert abs(y.mean()) < 1e-2; print(x.shape, y.dtype)  # (100,) float64
User: Write a Python function that tells whether a word is a palindrome, ignoring case and spaces.
Assistant: Here is one:
```python
def is_palindrome(text: str) -> bool:
    letters = [c.lower() for c in text if not c.isspace()]
    return letters == letters[::-1]
```
It compares the letters with their reverse; for example, `is_palindrome("Civic")` is `True`.
User: What does it return for an empty string?
Assistant: `True`, because an empty list equals its reverse. If you'd rather have `False`, add `bool(letters) and` to the condition.
{"tool": "get_weather", "arguments": {"city": "Oslo", "days": 3, "units": "metric"}}
{"result": [{"day": "Mon", "high": 7, "low": 1, "rain": 0.4}, {"day": "Tue", "high": 9, "low": 3, "rain": 0.1}], "error": false}
)text"};

}  // namespace program
