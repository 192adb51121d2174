#!/usr/bin/env python3
"""Renders template snippets with the real Jinja2 and writes them as golden file for tests/text/jinja/template_test.cpp.

  golden_jinja.py [FILE]        needs: pip install jinja2==3.1.6

The environment is the one that transformers renders chat templates with: an immutable sandbox, trim_blocks, lstrip_blocks,
loop controls, a `generation` tag, tojson without HTML escapes, raise_exception and strftime_now (here at a fixed time).
The first line of the file is the context of all snippets; each further line is [template, text], or [template, null] where the
reference fails.
"""
import datetime, json, os, sys

import jinja2, jinja2.ext, jinja2.nodes, jinja2.sandbox

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5)

CONTEXT = {
    "s": "Hello, World", "empty": "", "blank": "  \t x y \n", "uni": "é日本😀ß", "quote": "it's \"so\"", "nl": "a\nb\r\nc\n\nd",
    "low": "abc", "i": 7, "n": -3, "zero": 0, "f": 2.5, "big": 123456789012345678901234567890, "small": 1e-7, "huge": 1e22, "t": True, "no": None,
    "words": ["pear", "Apple", "fig", "apple", "Fig"], "nums": [3, 1, 2, 3, 1], "mixed": [1, "a", None, 2.0, True, [1], {"k": 1}],
    "d": {"b": 1, "a": 2, "C": 3, "items": "mine", "n": {"x": [1, 2, 3]}}, "el": [], "ed": {},
    "users": [{"name": "Bo", "age": 3, "tag": "x"}, {"name": "al", "age": 1}, {"name": "Cy", "age": 2, "tag": "y"}, {"name": "bo", "age": 1, "tag": None}],
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}, {"v": 5, "c": []}],
    "html": "<b a='1'>&amp; \"x\"</b>", "long": "The quick brown fox jumps over the lazy dog and keeps running through the well-known forest.",
}

SNIPPETS = r'''
{{ 1 }} {{ 1.0 }} {{ 1e16 }} {{ 1e15 }} {{ 1.5e300 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1e-7 }} {{ 123456789.125 }} {{ -0.0 }} {{ 1e400 }}
{{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1_0.5_0e1_0 }} {{ 00 }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 7 / 2 }} {{ 6 / 3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }} {{ -2 ** 2 }} {{ 2 ** 3 ** 2 }}
{{ 2 ** 64 }} {{ 2 ** 200 }} {{ 9223372036854775807 + 1 }} {{ -9223372036854775807 - 2 }} {{ big }} {{ big + 1 }} {{ big * big }} {{ big // 7 }} {{ big % 1000 }} {{ -big }} {{ -big // 1000 }} {{ -big % 1000 }} {{ big == big + 0 }} {{ big > 1e29 }} {{ big / 3 }}
{{ 1 + 2 * 3 - 4 }} {{ (1 + 2) * 3 }} {{ 1 - 2 - 3 }} {{ 2 * 3 % 4 }} {{ -i }} {{ +i }} {{ --i }} {{ not i }} {{ not not i }} {{ - 5 | abs }} {{ (-5) | abs }} {{ -5 | abs }}
{{ True + 1 }} {{ true == 1 }} {{ 1 == 1.0 }} {{ "1" == 1 }} {{ none == false }} {{ [1, 2] == [1, 2.0] }} {{ (1, 2) == [1, 2] }} {{ {'a': 1} == {'a': 1.0} }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 3 > 2 >= 2 != 1 }}
{{ "a" ~ 1 ~ none ~ 2.0 ~ [1, 'x'] ~ true }} {{ "ab" * 3 }} {{ 2 * "xy" }} {{ [1] * 3 }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ "a" + "b" }} {{ "ab" * -1 }}|
{{ s + 1 }}
{{ 1 + "a" }}
{{ [1] + "a" }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ none + 1 }}
{{ missing + 1 }}
{{ missing.x }}
{{ missing['x'] }}
{{ d.missing.x }}
{{ missing() }}
{{ s() }}
{{ missing }}|{{ d.missing }}|{{ d['missing'] }}|{{ nums[10] }}|{{ nums['a'] }}|{{ s.foo }}|{{ no.x }}|{{ i.x }}
{{ missing is defined }} {{ d.x is defined }} {{ d.b is defined }} {{ d.items is string }} {{ d['items'] }} {{ d.items() | list }} {{ d.get('items') }} {{ d.get('q') }} {{ d.get('q', 5) }}
{{ missing | default('x') }} {{ none | default('x') }} {{ none | default('x', true) }} {{ '' | d('y', boolean=true) }} {{ d.q | default }}|{{ 0 | default(1, true) }}
{{ 'x' if missing }}|{{ 'x' if t }}|{{ 'x' if zero else 'y' }}|{{ 1 if false else 2 if false else 3 }}|{{ ('a' if no else 'b') ~ 'c' }}
{{ missing or 'a' }} {{ i and 'b' }} {{ zero and 1 }} {{ '' or none or 'c' }} {{ not missing }} {{ i or missing.x }} {{ 1 and 2 or 3 }} {{ not 1 == 2 }} {{ not (1 and 0) }}
{{ 'a' in 'abc' }} {{ 'z' not in 'abc' }} {{ 1 in [1, 2] }} {{ 'b' in d }} {{ 'q' in d }} {{ 2.0 in nums }} {{ missing in nums }} {{ 'x' in missing }} {{ none in mixed }} {{ [1] in mixed }} {{ '' in 'abc' }}
{{ 1 in 'abc' }}
{{ 1 in 5 }}
{{ 'a' < 1 }}
{{ missing < 1 }}
{{ nums[0] }} {{ nums[-1] }} {{ nums.0 }} {{ s[0] }} {{ s[-1] }} {{ uni[1] }} {{ uni[-2] }} {{ d['n']['x'][1] }} {{ d.n.x.2 }} {{ (1, 2, 3)[1] }} {{ nums[true] }}
{{ s[1:4] }} {{ s[:3] }} {{ s[7:] }} {{ s[-5:-1] }} {{ s[::2] }} {{ s[::-1] }} {{ uni[1:3] }} {{ uni[::-1] }} {{ nums[1:] }} {{ nums[::-1] }} {{ nums[-2:] }} {{ nums[3:1:-1] }} {{ nums[5:] }} {{ nums[:100] }} {{ (1, 2, 3)[:2] }} {{ s[100:] }} {{ s[:] }} {{ nums[none:2] }} {{ s[2:1] }}|
{{ nums[::0] }}
{{ d[1:2] }}|{{ nums['a':] }}|{{ missing[1:] is defined }}
{{ [] }} {{ {} }} {{ () }} {{ [1] }} {{ (1,) }} {{ (1, 2) }} {{ 1, 2 }} {{ {'a': 1, 2: 'b', none: [], true: 1.5} }} {{ [1, 'a', "it's", 'q"q', 'b\\s', '\n\t', none, missing] }} {{ {'a': {'b': [(), {}]}} }}
{{ ['é', '日本', '😀', '\x00', '\x7f', '\xa0', '\u200b', '\ufeff', '\u2028', '\ue000', 'it\'s "x"'] }} {{ [uni, quote, blank] }}
{{ 'a' 'b' "c" }} {{ 'x\ty\\z\'w' }} {{ "\x41\u00e9\U0001F600\101\07" | length }} {{ 'a\qb' }} {{ "line
break" }}
{{ {'a': 1, 'a': 2, 1: 'x', 1.0: 'y', true: 'z'} }} {{ {'a': 1}.a }} {{ {'x-y': 5}['x-y'] }} {{ {1: 2}[1.0] }} {{ {(1, 2): 3}[(1, 2)] }}
{{ {[1]: 2} }}
{{ {'a': 1,}['a'] }} {{ [1, 2,] }} {{ (1,)[0] }} {{ dict(a=1, b=[2]) }} {{ dict({'x': 1}, y=2) }} {{ dict([('p', 1), ['q', 2]]) }} {{ dict() }}
{{ range(5) }} {{ range(5) | list }} {{ range(1, 10, 3) | list }} {{ range(5, 0, -2) | list }} {{ range(0) | list }} {{ range(10)[2:5] }} {{ range(10)[-1] }} {{ range(10)[::3] }} {{ range(3) is sequence }} {{ 3 in range(5) }} {{ range(5) | length }} {{ range(1, 2, 3) }}
{{ range(1000000) | length }}
{{ range(1, 2, 0) }}
{{ s.upper() }} {{ s.lower() }} {{ s.title() }} {{ 'hELLO wORLD'.capitalize() }} {{ s.swapcase() }} {{ 'they\'re bill\'s'.title() }} {{ uni.upper() }} {{ 'ßﬁŉ'.upper() }} {{ 'ßa'.capitalize() }} {{ 'ΑΣ ΣΑΣ Σ'.lower() }} {{ 'İ'.lower() | length }} {{ 'ß'.casefold() }}
[{{ blank.strip() }}] [{{ blank.lstrip() }}] [{{ blank.rstrip() }}] [{{ 'xxaxbxx'.strip('x') }}] [{{ 'abcba'.strip('ab') }}] [{{ '\u3000\x1c\u200b x \x85'.strip() }}] [{{ 'aXbX'.rstrip('X') }}] [{{ '日本日'.lstrip('日') }}] [{{ ' a '.strip(none) }}] [{{ 'aa'.strip('') }}]
{{ 'a,b,,c'.split(',') }} {{ 'a b  c '.split() }} {{ ' a b  c '.split(none, 1) }} {{ 'a b c'.split(' ', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ' a b c '.rsplit(none, 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'abc'.split('bc') }} {{ 'a--b--c'.split('--', maxsplit=1) }} {{ 'a b'.split(sep=' ') }} {{ '  x'.split(none, 0) }}
{{ 'a'.split('') }}
{{ nl.splitlines() }} {{ nl.splitlines(true) }} {{ 'a\x0bb\x0cc\x1cd\x85e\u2028f'.splitlines() }} {{ ''.splitlines() }} {{ '\n'.splitlines() }}
{{ 'a.b.c'.partition('.') }} {{ 'a.b.c'.rpartition('.') }} {{ 'abc'.partition('x') }} {{ 'abc'.rpartition('x') }}
{{ s.replace('l', 'L') }} {{ s.replace('l', 'L', 1) }} {{ 'abc'.replace('', '-') }} {{ '日本'.replace('', '-') }} {{ 'aaa'.replace('aa', 'b') }} {{ 'abc'.replace('', '-', 2) }} {{ ''.replace('', 'x') }} {{ 'a'.replace('a', 'b', 0) }}
{{ s.find('o') }} {{ s.rfind('o') }} {{ s.find('z') }} {{ s.index('W') }} {{ uni.find('😀') }} {{ s.find('o', 5) }} {{ s.find('o', 5, 8) }} {{ s.count('l') }} {{ s.count('') }} {{ 'aaaa'.count('aa') }} {{ s.count('l', 4) }} {{ s.find('') }} {{ s.find('', 100) }} {{ s.rfind('o', 0, 6) }}
{{ s.index('z') }}
{{ s.startswith('Hell') }} {{ s.endswith('ld') }} {{ s.startswith(('x', 'H')) }} {{ s.endswith('') }} {{ s.startswith('World', 7) }} {{ s.startswith('o', -1) }} {{ s.endswith('o', 0, 5) }} {{ s.startswith('', 50) }}
{{ s.startswith(1) }}
{{ ','.join(['a', 'b']) }} {{ ''.join('abc') }} {{ '-'.join(('x',)) }} {{ ', '.join(d) }}
{{ ','.join([1]) }}
[{{ 'ab'.center(6) }}] [{{ 'ab'.center(5) }}] [{{ 'abc'.center(6, '*') }}] [{{ 'ab'.ljust(5, '.') }}] [{{ 'ab'.rjust(5) }}] [{{ '-5'.zfill(4) }}] [{{ '5'.zfill(3) }}] [{{ '日本'.center(5, '·') }}] [{{ 'a\tb'.expandtabs(4) }}] [{{ '+'.zfill(3) }}]
{{ 'prefix-x'.removeprefix('prefix-') }} {{ 'x.py'.removesuffix('.py') }} {{ 'x'.removesuffix('y') }} {{ 'x'.removesuffix('') }}
{{ 'abc'.isalpha() }} {{ 'ab1'.isalnum() }} {{ '12'.isdigit() }} {{ '²'.isdigit() }} {{ '²'.isdecimal() }} {{ '½'.isnumeric() }} {{ ' \t'.isspace() }} {{ ''.isspace() }} {{ 'Ab'.islower() }} {{ 'ab1'.islower() }} {{ 'AB 1'.isupper() }} {{ 'Hello World'.istitle() }} {{ 'Hello world'.istitle() }} {{ 'a1'.isidentifier() }} {{ '1a'.isidentifier() }} {{ 'é'.isascii() }} {{ ''.isascii() }} {{ 'a\n'.isprintable() }} {{ ''.isalpha() }}
{{ '{} {1}'.format(1) }}
{{ '{} and {}'.format('a', 2) }} {{ '{1} {0}'.format('a', 'b') }} {{ '{x}!{y:>5}|'.format(x=1, y='z') }} {{ '{:05.2f}|{:,}|{:+d}|{:x}|{:#X}|{:e}|{:%}|{:^7}|{:*<4}|{!r}'.format(3.14159, 1234567, 5, 255, 255, 12345.678, 0.25, 'mid', 'l', "q") }} {{ '{{}} {0[a]} {1.name}'.format({'a': 1}, users[0]) }} {{ '{:{w}}|'.format('a', w=4) }} {{ '{:.3}|{:8.3}|{:<8}|{:=+6}'.format('abcdef', 3.14159, 5, 7) }} {{ '{:_}|{:b}|{:o}|{:c}|{:g}|{:g}|{}|{:.1f}|{:010,}'.format(1234567, 5, 8, 65, 1e10, 0.0001, 1.0, 2.25, 1234) }}
{{ '%s-%d-%5.2f|%-5s|%05d|%x|%X|%o|%e|%g|%r|%%|%c|%+d' % ('a', 3.9, 2.0, 'l', 42, 255, 255, 8, 12345.678, 0.0001, 'q', 'c', 5) }} {{ '%(a)s %(b)05d' % {'a': 1, 'b': 2} }} {{ '%s' % 5 }} {{ '%s' % [1, 2] }} {{ '%s %s' % ('a', none) }} {{ '%.2s|%10.3s|' % ('abc', 'abcdef') }} {{ '%*d' % (5, 3) }} {{ '%i' % true }} {{ '%s' % missing }}|
{{ '%d' % 'a' }}
{{ '%s' % (1, 2) }}
{{ '%s %s' % 1 }}
{{ 'a%' % 1 }}
{{ '%s, %s!' | format('Hi', 'you') }} {{ '%(a)s' | format(a=1) }} {{ 'plain' | format }}
{{ d.keys() }} {{ d.values() | list | length }} {{ ed.items() }} {{ {'a': 1}.items() }} {{ {'a': 1}.keys() | list }} {{ {'a': 1}.values() }} {{ {'a': 1}.copy() }} {{ 'a' in {'a': 1}.keys() }} {{ {'a': 1}.keys() | length }} {{ d.items() is sequence }} {{ d.keys() is iterable }} {{ d.keys()[0] is defined }}
{{ nums.index(2) }} {{ nums.count(3) }} {{ (1, 2, 1).count(1) }} {{ nums.copy() }} {{ [1, 2].index(2) }}
{{ nums.index(99) }}
{{ nums.append(1) }}
{{ d.update({'a': 1}) }}
{{ d.pop('a') }}
{{ nums.append is defined }} {{ nums.sort }}|{{ d.clear is defined }} {{ s.__class__ is defined }}|{{ s.__class__ }}|
{{ s.__class__.mro }}
{% for x in nums %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ x }};{% endfor %}
{% for x in nums %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}{{ loop.previtem is defined }} {{ loop.changed(x) }} {{ loop.cycle('a', 'b') }};{% endfor %}
{% for x in nums if x > 1 %}{{ loop.index }}/{{ loop.length }}={{ x }}{{ loop.last }} {% endfor %}
{% for x in nums if x > 1 %}{{ x }}{% else %}none{% endfor %} {% for x in [] %}{{ x }}{% else %}none{% endfor %} {% for x in nums if x > 9 %}{{ x }}{% else %}filtered{% endfor %}
{% for x in nums %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% else %}E{% endfor %} {% for x in nums %}{% if x == 3 %}{% continue %}{% endif %}{{ x }}{% endfor %} {% for x in [1] %}{% continue %}{% else %}quirk{% endfor %} {% for x in [1] %}{% break %}{% else %}quirk{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% for c in 'aé日' %}[{{ c }}]{% endfor %}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in missing %}{{ x }}{% else %}nothing{% endfor %}
{% for x in nums recursive %}{{ x }}{% endfor %} {% for n in tree recursive %}[{{ n.v }}:{{ loop.depth }}{{ loop.depth0 }}{{ loop(n.c) if n.c }}]{% endfor %}
{% for a in [1, 2] %}{% for b in 'xy' %}{{ loop.index }}{{ b }}{% endfor %}{{ loop.index }} {% endfor %}{% for a in [1, 2] %}{% set outer = loop %}{% for b in [1, 2] %}{{ outer.index }}{{ loop.index }} {% endfor %}{% endfor %}
{% set ns = namespace(done=false) %}{% for x in nums if not ns.done %}{{ x }}{% if x == 1 %}{% set ns.done = true %}{% endif %}{% endfor %}
{% set ns = namespace(done=false) %}{% for x in nums if not ns.done %}{{ x }}{{ loop.last }}{% if x == 1 %}{% set ns.done = true %}{% endif %}{% endfor %}
{% for x in nums %}{% if loop.last %}{{ x }}{% endif %}{% endfor %} {% for x in nums | reverse %}{{ loop.length }}{{ x }}{% endfor %} {% for x in nums | map('string') %}{{ loop.revindex }}{{ x }} {% endfor %} {% for x in (nums | select) %}{{ loop.last }}{{ loop.length }} {% endfor %}
{% set x = 1 %}{% for y in [1] %}{{ x }}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}
{% for y in [1, 2] %}{{ x }}{% set x = y %}{{ x }}{% endfor %}[{{ x }}]
{% if true %}{% set q = 1 %}{% endif %}{{ q }} {% if false %}{% set r = 1 %}{% endif %}[{{ r }}] {% if false %}{% set i = 1 %}{% endif %}{{ i }} {% if true %}{% set i = 2 %}{% else %}{% set i = 3 %}{% endif %}{{ i }}
{% macro m() %}[{{ i }}]{% endmacro %}{{ m() }}{% set i = 99 %}{{ m() }}
{{ i }}{% macro m() %}[{{ i }}]{% endmacro %}{{ m() }}{% set i = 99 %}{{ m() }}
{% set x = 'outer' %}{% macro m() %}{{ x }}{% set x = 'inner' %}{{ x }}{% endmacro %}{{ m() }}{{ x }}{{ m() }}
{% macro m(a, b=2, c=a) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=5, a=4) }} {{ m() }} {{ m(1, c=none) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}
{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }} {{ m(*[1, 2], **{'z': 5}) }} {{ m.name }}
{% macro m(x) %}{{ x }}{{ m(x - 1) if x > 0 }}{% endmacro %}{{ m(3) }} {% macro loud(t) %}{{ t | upper }}!{% endmacro %}{{ loud('a') ~ loud('b') | length }} {{ m is callable }} {{ m }}
{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}body {{ i }}{% endcall %} {% macro each(l) %}{% for x in l %}{{ caller(x, loop.index) }}{% endfor %}{% endmacro %}{% call(v, k) each('ab') %}{{ k }}{{ v }};{% endcall %} {% macro maybe() %}{{ 'yes' if caller else 'no' }}{% endmacro %}{{ maybe() }}{% call maybe() %}{% endcall %}
{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}
{% set x %}a{{ i }}b{% endset %}[{{ x }}] {% set y | upper | replace('A', 'z') %}aab{% endset %}{{ y }} {% filter upper %}x{{ low }}{% endfilter %} {% filter replace('b', '-') | upper %}abc{% endfilter %} {% with a = 1, b = i %}{{ a }}{{ b }}{% endwith %}[{{ a }}] {% with %}{% set z = 1 %}{{ z }}{% endwith %}[{{ z }}]
{% with a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}{% endwith %} {% set a, b = 1, 2 %}{{ a }}{{ b }} {% set (a, b) = (b, a) %}{{ a }}{{ b }} {% set a = 1, 2 %}{{ a }}
{% set ns = namespace(a=1, b='x') %}{{ ns.a }}{% set ns.a = ns.a + 1 %}{{ ns.a }}{{ ns['b'] }} {% for x in nums %}{% set ns.a = ns.a + x %}{% endfor %}{{ ns.a }} {{ ns.c is defined }} {% set ns.c = [] %}{{ ns.c }} {{ ns }} {% set m = namespace({'p': 1}, q=2) %}{{ m.p }}{{ m.q }}{% set ns.a, z = 7, 8 %}{{ ns.a }}{{ z }}
{% set d.a = 1 %}
{% set q.a = 1 %}
{% generation %}{% set g = 1 %}gen {{ i }} {{ g }}{% endgeneration %}[{{ g }}] {% for x in nums %}{% generation %}{{ x }}{{ loop.last }}{% endgeneration %}{% endfor %}
{% raw %}{{ x }} {% y %} {# z #}{% endraw %} {%- raw -%}  a  {%- endraw -%} b {% raw %}
x{% endraw %}
a{# comment #}b {#- c -#} d {# multi
line #}
e
{% if true -%}   x   {%- endif %} y {{- ' z' -}} w
  {% if true %}
  indented
  {% endif %}
  end
a
  {{ 1 }}
  {%- if true %}
b
  {%+ if true %}c{%+ endif %}
d   {#- x #}
   {% set q = 1 -%}

   e
{% if true %}{{ '{{' }}{{ "}}" }}{{ '%}' }}{% endif %}{{ {'a': {'b': 1}}['a']['b'] }}{{ {'a':{}} }}
{%if true%}a{%elif x%}b{%else%}c{%endif%}{%for x in [1]%}{{x}}{%endfor%} {% if 0 %}a{% elif '' %}b{% elif [] %}c{% else %}d{% endif %} {% if not 0 and (1 or 2) %}y{% endif %}
{% if true: %}colon{% endif %}{% for x in [1]: %}{{ x }}{% endfor %}{% print 1, 'a' %}
{{ 5 is odd }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ 'a' is in 'abc' }} {{ 1 is in([1]) }} {{ i is number }} {{ f is float }} {{ i is integer }} {{ true is integer }} {{ true is number }} {{ true is boolean }} {{ 1 is boolean }} {{ 1 is true }} {{ true is true }} {{ false is false }} {{ none is none }} {{ no is not none }}
{{ s is string }} {{ d is mapping }} {{ nums is mapping }} {{ s is sequence }} {{ d is sequence }} {{ i is sequence }} {{ nums is iterable }} {{ i is iterable }} {{ missing is iterable }} {{ missing is sequence }} {{ missing is undefined }} {{ low is lower }} {{ 'ABC' is upper }} {{ '' is lower }} {{ range is callable }} {{ s is callable }} {{ s.upper is callable }} {{ 'upper' is filter }} {{ 'nope' is filter }} {{ 'odd' is test }} {{ 1 is sameas 1 }} {{ true is sameas true }} {{ 1 is sameas true }} {{ html | e is escaped }} {{ html is escaped }}
{{ 1 is eq 1 }} {{ 1 is == 1 if false else 'z' }}
{{ 1 is eq(1) }} {{ 1 is equalto 2 }} {{ 1 is ne 2 }} {{ 2 is gt 1 }} {{ 2 is greaterthan 3 }} {{ 2 is ge 2 }} {{ 1 is lt 2 }} {{ 1 is lessthan 0 }} {{ 1 is le 1 }} {{ 1 is not eq 1 }} {{ not 1 is eq 1 }} {{ 3 is not odd }} {{ 'a' ~ 'b' is string }} {{ 1 + 2 is odd }} {{ [1] is sequence and 2 is even }}
{{ 1 is nosuchtest }}
{{ 1 | nosuchfilter }}
{{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ words | sort(reverse=true) }} {{ nums | sort }} {{ users | sort(attribute='age') | map(attribute='name') | list }} {{ users | sort(attribute='age,name') | map(attribute='name') | join(',') }} {{ users | sort(attribute='name', reverse=true) | map(attribute='name') | list }} {{ 'hello' | sort }} {{ d.n.x | sort(true) }} {{ [[2], [1, 5]] | sort }} {{ d | sort }}
{{ mixed | sort }}
{{ words | unique | list }} {{ words | unique(true) | list }} {{ nums | unique | list }} {{ users | unique(attribute='age') | map(attribute='name') | list }} {{ [1, 1.0, true, '1'] | unique | list }}
{{ nums | min }} {{ nums | max }} {{ words | min }} {{ words | max }} {{ words | max(case_sensitive=true) }} {{ users | max(attribute='age') }} {{ [] | max }}| {{ nums | sum }} {{ users | sum(attribute='age') }} {{ nums | sum(start=10) }} {{ [[1], [2]] | sum(start=[]) }} {{ [0.1, 0.2] | sum }}
{{ words | sum }}
{{ nums | first }} {{ nums | last }} {{ [] | first }}|{{ [] | last }}|{{ s | first }}{{ s | last }} {{ d | first }} {{ nums | length }} {{ s | length }} {{ uni | count }} {{ d | length }} {{ missing | length }} {{ nums | reverse | list }} {{ s | reverse }} {{ uni | reverse }} {{ d | reverse | list }} {{ nums | map('string') | reverse | list }}
{{ i | length }}
{{ nums | map('string') | length }}
{{ nums | map('string') | last }}
{{ nums | join }} {{ nums | join(', ') }} {{ mixed | join('|') }} {{ users | join(',', attribute='name') }} {{ s | join('-') }} {{ missing | join(',') }}| {{ d | join(1) }} {{ [none, missing, 'x'] | join(',') }}
{{ s | upper }} {{ s | lower }} {{ 'foo bar-baz (qux) [x] {y} <z>' | title }} {{ "it's ok" | title }} {{ 'hELLO' | capitalize }} {{ 5 | upper }} {{ none | upper }} [{{ blank | trim }}] {{ 'xxaxx' | trim('x') }} [{{ 'a' | center(5) }}] {{ 12 | trim }} {{ true | lower }} {{ missing | upper }}|
{{ s | replace('o', '0') }} {{ s | replace('o', '0', 1) }} {{ 5 | replace(5, 6) }} {{ 'aaa' | replace('a', 'b', count=2) }} {{ s | list }} {{ d | list }} {{ missing | list }} {{ (1, 2) | list }} {{ 5 | string }} {{ [1] | string }} {{ 1.0 | string }} {{ none | string }} {{ missing | string }}|
{{ 5 | list }}
{{ '42' | int }} {{ '4.7' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ '0x1f' | int(0, 16) }} {{ '1f' | int(base=16) }} {{ ' 7 ' | int }} {{ 4.9 | int }} {{ -4.9 | int }} {{ true | int }} {{ none | int }} {{ '1e3' | int }} {{ '1_000' | int }} {{ '0b11' | int(0, 2) }} {{ '٣' | int }} {{ '' | int }} {{ [] | int }} {{ '99999999999999999999' | int }} {{ huge | int }} {{ '-12' | int }} {{ '+5' | int }} {{ '- 5' | int }} {{ 'inf' | int(3) }} {{ '1__0' | int }} {{ '012' | int }}
{{ missing | int }}
{{ '4.5' | float }} {{ 'x' | float }} {{ 'x' | float(1.5) }} {{ 3 | float }} {{ 'inf' | float }} {{ '-1e3' | float }} {{ none | float }} {{ '.5' | float }} {{ '5.' | float }} {{ 'nan' | float }} {{ '1_0.5' | float }} {{ true | float }} {{ '1e400' | float }} {{ ' 2 ' | float }}
{{ 42.55 | round }} {{ 42.55 | round(1) }} {{ 42.55 | round(1, 'floor') }} {{ 42.55 | round(1, 'ceil') }} {{ 42 | round }} {{ 2.5 | round }} {{ 3.5 | round }} {{ -2.5 | round }} {{ 2.675 | round(2) }} {{ 1234 | round(-2) }} {{ 1250 | round(-2) }} {{ 1234.5 | round(-2) }} {{ 42 | round(1, 'floor') }} {{ 0.1 | round(3) }} {{ 1e22 | round }} {{ 7 | round(0, 'ceil') }}
{{ -5 | abs }} {{ (-5.5) | abs }} {{ true | abs }} {{ n | abs }} {{ (-big) | abs }}
{{ 'a' | abs }}
{{ d | items | list }} {{ missing | items | list }} {{ d | dictsort }} {{ d | dictsort(true) }} {{ {'x': 2, 'y': 1} | dictsort(false, 'value') }} {{ {'x': 2, 'y': 1} | dictsort(reverse=true) }}
{{ nums | items | list }}
{{ {'a': 1, 2: 3} | dictsort }}
{{ nums | map('string') | list }} {{ words | map('upper') | join(' ') }} {{ users | map(attribute='tag') | list }} {{ users | map(attribute='tag', default='-') | list }} {{ users | map(attribute='name.0') | list }} {{ words | map('replace', 'p', 'P') | list }} {{ words | map('length') | sum }} {{ [[1, 2], [3]] | map('first') | list }} {{ [[1, 2], [3]] | map(attribute=0) | list }} {{ missing | map('upper') | list }} {{ words | map('default', 'x') | list }} {{ words | map('truncate', length=3, end='') | list }}
{{ words | map | list }}
{{ nums | select('odd') | list }} {{ nums | reject('odd') | list }} {{ nums | select | list }} {{ [0, 1, '', none, 'a'] | select | list }} {{ [0, 1, ''] | reject | list }} {{ nums | select('>', 1) | list }} {{ nums | select('gt', 2) | list }} {{ nums | select('in', [1, 3]) | list }} {{ nums | reject('equalto', 3) | list }} {{ mixed | select('string') | list }} {{ mixed | select('defined') | list | length }}
{{ users | selectattr('tag') | map(attribute='name') | list }} {{ users | selectattr('tag', 'defined') | map(attribute='name') | list }} {{ users | rejectattr('tag') | map(attribute='name') | list }} {{ users | selectattr('age', 'equalto', 1) | map(attribute='name') | list }} {{ users | rejectattr('age', '==', 1) | map(attribute='name') | list }} {{ users | selectattr('name', 'in', ['Bo', 'Cy']) | list | length }} {{ users | selectattr('age', 'gt', 1) | first }} {{ (users | selectattr('age', 'gt', 9)) is true }} {{ 'x' if users | selectattr('age', 'gt', 9) else 'y' }} {{ users | selectattr('tag', 'none') | list | length }}
{% set it = nums | select('odd') %}{{ it | list }}{{ it | list }}{% set jt = nums | map('string') %}{{ jt | first }}{{ jt | first }}{{ jt | list }} {{ it is sequence }} {{ it is iterable }} {{ (nums | map('string'))[0] is defined }}
{% for g in users | groupby('age') %}{{ g.grouper }}:{{ g.list | map(attribute='name') | join('/') }} {% endfor %}{% for k, v in users | groupby('name') %}{{ k }}={{ v | length }};{% endfor %}{% for k, v in users | groupby('name', case_sensitive=true) %}{{ k }}={{ v | length }};{% endfor %}{% for k, v in users | groupby('tag', default='q') %}{{ k }};{% else %}{% endfor %}
{% for k, v in [{'t': 'b'}, {}, {'t': 'a'}] | groupby('t', default='q') %}{{ k }}={{ v | length }};{% endfor %} {{ [{'a': 1}] | groupby('a') }}
{{ nums | batch(2) | list }} {{ nums | batch(2, 'x') | list }} {{ nums | slice(2) | list }} {{ nums | slice(3, 'x') | list }} {{ [] | batch(3) | list }} {{ 'abcde' | batch(2) | map('join') | list }} {{ range(10) | slice(4) | map('list') | list }}
{{ html | escape }} {{ html | e | e }} {{ html | forceescape }} {{ (html | e) | forceescape }} {{ html | striptags }} {{ '<p>a <!-- c -->  b</p>&lt;&#65;&#x42;&nbsp;x' | striptags }} {{ html | safe }} {{ (html | safe) + '<i>' }} {{ '<i>' + (html | safe) }} {{ (html | safe) ~ '<i>' }} {{ ('<a>' | safe) | upper }} {{ [('a' | safe)] }} {{ ('%s' | safe) % '<' }} {{ ('<' | safe).join(['<', '>' | safe]) }} {{ ('{}' | safe).format('<') }} {{ ('<b>' | safe).replace('b', '<') }} {{ ('a' | safe) * 2 }} {{ ('ab' | safe)[0] is escaped }} {{ ('a b' | safe).split()[0] is escaped }} {{ ['<', '>' | safe] | join('&') }} {{ 5 | e }} {{ none | e }}
[{{ nl | indent }}] [{{ nl | indent(2, true) }}] [{{ nl | indent(2, false, true) }}] [{{ nl | indent('> ', first=true, blank=true) }}] [{{ 'x' | indent }}] [{{ '' | indent(2, true) }}] [{{ 'a\n' | indent(2) }}] [{{ 'a\n\nb' | indent(width=3) }}]
{{ i | indent }}
{{ long | truncate(20) }} {{ long | truncate(20, true) }} {{ long | truncate(20, false, '~') }} {{ long | truncate(20, leeway=100) }} {{ 'short' | truncate(3) }} {{ 'foo bar baz qux' | truncate(9) }} {{ 'foo bar baz qux' | truncate(9, True) }} {{ 'foo bar baz qux' | truncate(11) }} {{ 'foo bar baz qux' | truncate(11, False, '...', 0) }} {{ uni | truncate(4, true, '', 0) }}
{{ long | wordwrap(20) }}
{{ long | wordwrap(9, true, '|') }}
{{ long | wordwrap(7, false, '|', false) }}
{{ 'aaaaaaaaaa bb  cc\n\ndd e-f-g self-made' | wordwrap(4, wrapstring='/') }}
{{ long | wordcount }} {{ 'a-b c_d, é 日本' | wordcount }} {{ 1 | filesizeformat }} {{ 999 | filesizeformat }} {{ 1000 | filesizeformat }} {{ 1500000 | filesizeformat }} {{ 1500000 | filesizeformat(true) }} {{ 1e30 | filesizeformat }} {{ 0 | filesizeformat }} {{ '2048' | filesizeformat(binary=true) }}
{{ 'a b/c?d=é&~' | urlencode }} {{ {'a': 1, 'b c': 'd/e'} | urlencode }} {{ [('x', 1), ('y', 'z z')] | urlencode }} {{ 5 | urlencode }} {{ {'class': 'a"b', 'id': none, 'n': 5} | xmlattr }} {{ {'x': 1} | xmlattr(false) }} {{ {} | xmlattr }}
{{ d | attr('items') is callable }} {{ d | attr('b') is defined }} {{ s | attr('upper') is callable }} {{ (namespace(x=5)) | attr('x') }}
{{ d | tojson }} {{ mixed | tojson }} {{ uni | tojson }} {{ uni | tojson(ensure_ascii=true) }} {{ quote | tojson }} {{ html | tojson }} {{ [1.0, 1e22, 1e-7, 0.1, big, -0.0] | tojson }} {{ '\x00\x1f\x7f\u2028\n\r\t\b\f\\/' | tojson }} {{ none | tojson }}{{ true | tojson }}{{ 's' | tojson }} {{ {'b': 1, 'a': [1, {'c': none}]} | tojson(sort_keys=true) }} {{ {1: 2, none: 3, true: 4, 1.5: 5} | tojson }} {{ [] | tojson(indent=2) }}{{ {} | tojson(indent=2) }} {{ (1, 2) | tojson }} {{ d | tojson(separators=(',', ':')) }} {{ ('<' | safe) | tojson }} {{ [1e400, -1e400] | tojson }}
{{ d | tojson(indent=2) }} {{ mixed | tojson(indent=4) }} {{ [1, [2]] | tojson(indent=0) }} {{ [1] | tojson(indent='\t') }} {{ ['é'] | tojson(4) }} {{ ['é'] | tojson(false, 1) }} {{ [[], {}, [[]]] | tojson(indent=1) }} {{ [1, 2] | tojson(indent=2, separators=(';', '=')) }}
{{ missing | tojson }}
{{ [missing] | tojson }}
{{ {(1, 2): 3} | tojson }}
{{ range(3) | tojson }}
{{ strftime_now('%Y-%m-%d %H:%M:%S %d %b %B %a %A %y %j %I %p %e %-d %-m %U %W %w %u %V %G %% %C %D %F %T %R %h %q') }}
{{ raise_exception('stop ' ~ i) }}
{{ range is defined }} {{ namespace is defined }} {{ cycler is defined }} {{ foo is defined }} {{ loop is defined }} {{ lipsum is callable }}
{% set c = cycler('a', 'b', 'c') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }} {% set j = joiner('; ') %}{{ j() }}1{{ j() }}2{{ j() }}3 {% set k = joiner() %}{{ k() }}{{ k() }}|
{{ (1, 2) + [3] }}
{{ 'a' * 'b' }}
{{ {} + {} }}
{{ -s }}
{{ s.nope() }}
{{ d.nope() }}
{{ loop }}
{% set x = [1, 2] %}{% for y in x %}{% set x = [9] %}{{ y }}{% endfor %}{{ x }} {% for i in nums %}{{ i }}{% endfor %}{{ i }} {% for x in [1, 2] %}{% for x in [3] %}{{ x }}{% endfor %}{{ x }}{% endfor %}
{% macro outer() %}{% set v = 'o' %}{% macro inner() %}{{ v }}{{ i }}{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }} {% if true %}{% macro cond() %}c{% endmacro %}{% endif %}{{ cond() }} {% for x in [1] %}{% macro inl() %}{{ x }}{% endmacro %}{{ inl() }}{% endfor %}[{{ inl is defined }}]
{% set ns = namespace() %}{% macro mk() %}{% set v = 'kept' %}{% macro inner() %}{{ v }}{% endmacro %}{% set ns.f = inner %}{% endmacro %}{{ mk() }}{{ ns.f() }}
{% for x in nums %}{% set y %}{{ x }}{% if x == 1 %}{% break %}{% endif %}{% endset %}{{ y }}{% endfor %}|{% for x in nums %}{% filter upper %}a{{ x }}{% if x == 2 %}{% continue %}{% endif %}b{% endfilter %}{% endfor %}
{{ users[0].name }} {{ users[0]['name'] }} {{ users[-1].tag is none }} {{ users | map(attribute='tag') | select('defined') | list }} {{ (users | first).name }} {{ users[1:] | length }} {{ (d.n).x[0] }} {{ d['n'].x | join('+') }} {{ [d, ed][0].b }}
{{ 1.5.is_integer() }} {{ (2.0).is_integer() }} {{ (5).bit_length() }} {{ 'x'.upper().lower().upper() }} {{ [1, 2, 3][1:][0] }} {{ 'a,b'.split(',')[1] }} {{ 'abc'[1:] + 'd' }} {{ ('a' ~ 'b')[0] }} {{ 'abc' | upper | lower | first }}
{{ s | upper()[0] }}
{{ 3 * 'a' ~ 'b' }} {{ 'a' ~ 1 + 2 }} {{ 1 ~ 2 * 3 }} {{ 'x' ~ -1 }} {{ 10 - 2 ~ 3 }}
{{ 1 if 2 > 1 and 3 > 2 else 0 }} {{ [1, 2] if true }} {{ (1 if true else 2, 3) }} {{ {'a': 1 if false else 2} }} {{ [x for x in y] }}
{{ 'a' if true else 'b' if true else 'c' }} {{ ('a' if false else 'b') if true else 'c' }} {{ 1 if none is none }} {{ 'y' if s is defined and s is string else 'n' }} {{ 'n' if s is not defined or s is none else 'y' }}
{{ nums is not sequence }} {{ not nums is sequence }} {{ nums is sequence == true }} {{ 1 not in nums }} {{ not 1 in nums }}
{% filter length %}abc{% endfilter %}
{% filter upper %}a{{ i }}{% endfilter %} {% filter trim | length | string %} abc {% endfilter %}
{% call range(2) %}{% endcall %}
{% for k, v in [[1, 2], [3, 4]] if true %}{{ loop.nextitem }}{{ loop.previtem }} {% endfor %}{% for k, v in [[1, 2], [3, 4]] %}{{ loop.nextitem }}{% endfor %}{% for x in [[1], [2]] if x %}{{ loop.nextitem }}{% endfor %}
{{ [1] is filter }}
{{ {} is test }}
{{ 'upper' is filter and 'none' is test and 1 is not filter }}
{% if false %}{{ 1 | nosuchfilter }}{% elif 1 is nosuchtest and false %}{% else %}{{ 1 if true else 2 | nosuchfilter }}{% endif %}
{% if false %}{% for x in [1] %}{{ 1 | nosuchfilter }}{% endfor %}{% endif %}
{% if false %}{% set x %}{{ 1 is nosuchtest }}{% endset %}{% endif %}
{% if false %}{% macro m() %}{{ 1 | nosuchfilter }}{% endmacro %}{% endif %}
{{ (1 | nosuchfilter) if false else 'fine' }}{% for x in [] %}{{ 1 if x is nosuchtest else 2 }}{% endfor %}
{% for x in [] %}{{ x | nosuchfilter }}{% endfor %}
{{ -2 | filesizeformat }} {{ (-2.7) | filesizeformat }} {{ (-0.5) | filesizeformat }} {{ (-huge) | filesizeformat(true) }} {{ (-big * big) | filesizeformat }}
{{ '%a' % (['é日😀', "it's"],) }} {{ '%a' % 'é' }} {{ '%.3a|' % 'é' }} {{ '{!a}'.format(['é']) }} {{ '{!a:>12}'.format('日') }}
{% for m in [{'role': 'user', 'content': 'hi'}, {'role': 'assistant', 'content': none, 'tool_calls': [{'function': {'name': 'f', 'arguments': {'x': 1}}}]}] %}{{ '<|' + m['role'] + '|>' }}{% if m.tool_calls %}{{ m.tool_calls[0].function | tojson }}{% elif m.content is string %}{{ m.content | trim }}{% endif %}{{ '\n' }}{% endfor %}
'''.strip("\n").split("\n")

# Snippets of several lines: a line that does not stand alone is glued to the next by the marks below.
MULTILINE = [
    '{% if true %}\n  a\n{% endif %}\n  b\n', '  {% for x in [1, 2] %}\n    {{ x }}\n  {% endfor %}\n\nend\n\n', 'a\n\n  {#- c -#}  \n b', "{{ 'x' }}\n{{ 'y' }}\n",
    '{% set a = 1 %}\n{% set b = 2 %}\n{{ a }}{{ b }}', 'x {% if true %} y {% endif %} z\n', '\t{%- if true -%}\t a \t{%- endif -%}\t', 'a\r\nb\rc\r\n{% if true %}\r\nd{% endif %}\r\n',
    '{% macro m() %}\n  x\n{% endmacro %}\n{{ m() }}|', '{% raw %}\n  {{ a }}\n  {% endraw %}\nb', '  {% raw %} x {% endraw %}  \n  {%- raw %}\n y{%- endraw %}\n z', '{# a #}\n{# b #} c\n   {# d #}\ne',
    '{{ "a\nb" }}{{ \'c\\\nd\' }}', '{%+ if true %}\n a\n{%+ endif +%}\n b', '  {%+ if true +%}\n  x {%- endif %}', '{% if true %}\n\n\nx{% endif %}', '\u00a0\u3000{% if true %}x{% endif %}', '{{- 1 }} \n {{- 2 -}} \n {{ 3 -}}\n', '', '\n', '\n\n', '   ',
    '{% set x %}\n  a\n  b\n{% endset %}\n[{{ x }}]', '{% for x in [1, 2] -%}\n  {{ x }}\n{%- endfor %}\n', '{% call m() %}{% endcall %}', '{{ "unclosed }}', '{{ 1 + }}', '{% if %}{% endif %}', '{% endif %}', '{% for x in y %}', '{% foo %}', '{{ }}', '{{ 1 2 }}', '{{ (1 }}', '{{ 1) }}', '{# x', '{% raw %}x', '{% break %}', '{% set true = 1 %}',
    '{{ a.1.2 }}', '{{ a..b }}', '{{ !a }}', '{{ a ? b : c }}', '{{ 007 }}', '{% macro m(a=1, b) %}{% endmacro %}', '{{ f(a=1, 2) }}', '{{ f(**a, *b) }}', '{% if a %}{% else %}{% else %}{% endif %}', '{{ a is b is c }}', '{{ \'\\x4\' }}', '{% set a b = 1 %}', '{% for 1 in x %}{% endfor %}', '{{ nums[1:2, 3] }}', '{% endfor %}', '{% if true %}{% endfor %}',
    '{{ [1, 2, 3][ 1 ] }}{{\n  [\n1,\n2\n]\n}}', '{{ s[\n0] }}', '{%\nif\ntrue\n%}x{%\nendif\n%}', 'été {{ "é" }} 日本\n', '{{ é }}', '{% set été = 1 %}{{ été }}', '$ {{ 1 }} %} }} {', '{ {', '{', '{{ "{{" }} {% raw %}{%{% endraw %}', '{{ {"a": "}}"}["a"] }}',
]


def environment():
    class Generation(jinja2.ext.Extension):
        tags = {"generation"}

        def parse(self, parser):
            line = next(parser.stream).lineno
            body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
            return jinja2.nodes.CallBlock(self.call_method("run"), [], [], body).set_lineno(line)

        def run(self, caller):
            return caller()

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def render(env, text):
    try:
        out = env.from_string(text).render(**json.loads(json.dumps(CONTEXT)))
        out.encode()
        return None if " at 0x" in out else out  # what names a Python object is not defined
    except Exception:
        return None


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "tests", "golden", "jinja", "snippets.jsonl")
    env, names = environment(), set()
    with open(path, "w", encoding="utf-8") as out:
        dump = lambda value: out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
        dump(CONTEXT)
        for text in SNIPPETS + MULTILINE:
            dump([text, render(env, text)])


if __name__ == "__main__":
    main()
