#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what no compiler does: which room includes which, and the manners every header keeps.

    check_layers.py [ROOT]        ROOT: the repository; prints one line per fault and exits 1 when there is any
    check_layers.py --self-test   every rule must find its fault in a header that breaks it

Rooms are the folders of include/ingot. A room includes itself and the rooms it sees; nobody includes an umbrella that lies above.
"""
import pathlib
import re
import sys
import tempfile

SEES = {
    "core": set(),
    "tensor": {"core"},
    "acquire": {"core"},
    "checkpoint": {"core", "tensor"},
    "quant": {"core", "tensor", "checkpoint"},
    "kernels": {"core", "tensor", "quant"},
    "model": {"core", "tensor", "checkpoint", "quant", "kernels"},
    "text": {"core"},
    "generation": {"model", "text", "core", "tensor", "checkpoint", "quant", "kernels"},
}
NAMESPACE = {room: "ingot" if room in ("core", "tensor") else f"ingot::{room}" for room in SEES}
MACROS_ONLY_IN = "core/config.hpp"
INTRINSICS_ONLY_IN = "kernels/isa/"
ENVIRONMENT_ONLY_IN = "acquire/environment.hpp"
INTRINSICS = re.compile(r"(immintrin|x86intrin|[a-z]mmintrin|arm_neon|arm_sve)\.h$")
MAX_LINES = 300
READS_ENVIRONMENT = r"\b(std::|secure_)?getenv\s*\("
FORBIDDEN = {
    r"std::(cout|cerr|clog|print(ln)?)\b|\b(f|v|vf)?printf\s*\(|\bf?puts\s*\(|#include <(iostream|print|cstdio)>": "prints",
    r"\bthrow\b": "throws",
    r"\b(std::)?(exit|_exit|quick_exit|abort|terminate)\s*\(": "ends the process",
    READS_ENVIRONMENT: "reads the environment",
    r"\busing\s+namespace\b": "has a using-directive, which reaches every includer",
}


def without_comments_and_strings(text):
    """Blanks what is not code; line breaks stay where they are."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^()\\ ]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)
    return token.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def include_faults(header, room, text):
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r"\s*#\s*include\s*([<\"])([^>\"]+)[>\"]", line)
        if not found:
            continue
        kind, target = found.groups()
        if kind == '"':
            yield number, f'includes "{target}": write <ingot/...>'
        if INTRINSICS.search(target) and not header.startswith(INTRINSICS_ONLY_IN):
            yield number, f"includes <{target}>: intrinsics stay in {INTRINSICS_ONLY_IN}"
        if not target.startswith("ingot/") or room is None:
            continue
        other, _, rest = target.removeprefix("ingot/").partition("/")
        if not rest:
            if other != "version.hpp":
                yield number, f"includes the umbrella <{target}>"
        elif other != room and other not in SEES[room]:
            yield number, f"includes <{target}>: {room} does not see {other}"


def namespace_faults(header, room, code):
    """The outermost namespaces of a header are its room's; `namespace ingot` in another room may only lift names, as `using quant::Scheme;`.
    In the namespaces of the rooms it sees a header may declare types without defining them."""
    seen = {NAMESPACE[other] for other in SEES[room]}
    seen |= {"ingot::json"} if "core" in SEES[room] else set()
    others = [other for other in SEES if NAMESPACE[other] != "ingot"]
    for found in re.finditer(r"^\s*(?:inline\s+)?namespace(?:\s+([\w:]+))?\s*\{", code, re.M):
        before = code[:found.start(0)]
        name, line = found.group(1), code.count("\n", 0, found.end()) + 1
        if name is None:
            yield line, "has an unnamed namespace: each includer would get its own copy"
        elif before.count("{") != before.count("}") or name.startswith("std"):
            continue
        elif name in seen and re.match(r"(\s*(class|struct)\s+\w+;)+\s*\}", code[found.end():]):
            continue
        elif name == "ingot" and room not in ("core", "tensor"):
            if not re.match(r"(\s*(template\s*<[^{};]*>\s*)?using\s[^{};]*;|\s*namespace\s+\w+\s*=[^{};]*;)*\s*\}", code[found.end():]):
                yield line, f"opens namespace ingot for more than lifting names: {room} is {NAMESPACE[room]}"
        elif not (name + "::").startswith(NAMESPACE[room] + "::"):
            yield line, f"opens namespace {name}: {room} is {NAMESPACE[room]}"
        elif room in ("core", "tensor") and name.split("::")[1:2] and name.split("::")[1] in others:
            yield line, f"opens namespace {name}, another room's"


def faults(root):
    headers = sorted((root / "include/ingot").rglob("*.hpp"))
    if not headers:
        yield "include/ingot", 0, "holds no header"
    for path in headers:
        header = path.relative_to(root / "include/ingot").as_posix()
        room = header.partition("/")[0] if "/" in header else None
        where = f"include/ingot/{header}"
        text = path.read_text(encoding="utf-8")
        code = without_comments_and_strings(text)
        lines = text.splitlines()
        if lines[:1] != ["// SPDX-License-Identifier: Apache-2.0"]:
            yield where, 1, "does not begin with the SPDX line"
        if len(lines) < 2 or not lines[1].startswith(f"#pragma once  // ingot/{header}: "):
            yield where, 2, f"needs '#pragma once  // ingot/{header}: PURPOSE' as its second line"
        if len(lines) > MAX_LINES:
            yield where, len(lines), f"has {len(lines)} lines; above {MAX_LINES} a header holds two ideas"
        if room is not None and room not in SEES:
            yield where, 1, f"lies in {room}, which is no room"
            continue
        yield from ((where, *fault) for fault in include_faults(header, room, text))
        if room is not None:
            yield from ((where, *fault) for fault in namespace_faults(header, room, code))
        for number, line in enumerate(code.splitlines(), 1):
            if re.match(r"\s*#\s*(define|undef)\b", line) and header != MACROS_ONLY_IN:
                yield where, number, f"defines a macro: only {MACROS_ONLY_IN} may"
            for pattern, what in FORBIDDEN.items():
                if re.search(pattern, line) and not (pattern == READS_ENVIRONMENT and header == ENVIRONMENT_ONLY_IN):
                    yield where, number, f"{what}; the library never does"


def self_test():
    good = '// SPDX-License-Identifier: Apache-2.0\n#pragma once  // ingot/{0}: a fixture.\n\n{1}\n'
    namespace = "namespace ingot::text {\n}  // namespace ingot::text\n"
    cases = [  # header, body, what must be said; None: no fault
        ("text/a.hpp", '#include <ingot/core/a.hpp>\n' + namespace + '// throw exit(1) printf("x")\nconst char* s = "throw \\" getenv(";', None),
        ("generation/a.hpp", "#include <ingot/kernels/a.hpp>\nnamespace ingot::generation {\n}", None),
        ("text/a.hpp", "#include <ingot/tensor/a.hpp>\n" + namespace, "text does not see tensor"),
        ("core/a.hpp", "#include <ingot/quant/a.hpp>\nnamespace ingot {\n}", "core does not see quant"),
        ("quant/a.hpp", "#include <ingot/ingot.hpp>\nnamespace ingot::quant {\n}", "umbrella"),
        ("text/a.hpp", '#include "b.hpp"\n' + namespace, "write <ingot/"),
        ("kernels/a.hpp", "#include <immintrin.h>\nnamespace ingot::kernels {\n}", "intrinsics stay"),
        ("kernels/isa/a.hpp", "#include <immintrin.h>\nnamespace ingot::kernels::isa {\n}", None),
        ("text/a.hpp", "namespace ingot::model {\n}", "text is ingot::text"),
        ("text/a.hpp", "namespace ingot::textual {\n}", "text is ingot::text"),
        ("core/a.hpp", "namespace ingot::model {\n}", "another room's"),
        ("text/a.hpp", "namespace {\n}", "unnamed namespace"),
        ("text/a.hpp", "namespace ingot::text {\nnamespace detail {\n}\n}", None),
        ("quant/a.hpp", "namespace ingot::quant {\n}\nnamespace ingot {\nusing quant::Scheme;\nnamespace q = quant;\n}", None),
        ("quant/a.hpp", "namespace ingot::quant {\n}\nnamespace ingot {\nint x;\n}", "for more than lifting"),
        ("generation/a.hpp", "namespace ingot::model {\nclass A;\nstruct B;\n}\nnamespace ingot::generation {\n}", None),
        ("generation/a.hpp", "namespace ingot::model {\nclass A {};\n}\nnamespace ingot::generation {\n}", "opens namespace ingot::model"),
        ("text/a.hpp", "namespace ingot::model {\nclass A;\n}\nnamespace ingot::text {\n}", "opens namespace ingot::model"),
        ("text/a.hpp", namespace + "#define A 1", "defines a macro"),
        ("core/config.hpp", "#define A 1", None),
        ("text/a.hpp", namespace + "\n" * 300, "lines"),
        ("text/a.hpp", namespace + "void f() { throw 1; }", "throws"),
        ("text/a.hpp", namespace + "void f() { std::cout << 1; }", "prints"),
        ("text/a.hpp", namespace + "void f() { std::exit(1); }", "ends the process"),
        ("text/a.hpp", namespace + "auto f() { return std::getenv(x); }", "reads the environment"),
        ("acquire/environment.hpp", "auto f() { return std::getenv(x); }", None),
        ("text/a.hpp", "using namespace std;", "using-directive"),
        ("attic/a.hpp", "", "no room"),
    ]
    wrong = 0
    for header, body, expected in cases:
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "include/ingot", header)
            path.parent.mkdir(parents=True)
            path.write_text(good.format(header, body))
            found = [message for _, _, message in faults(pathlib.Path(directory))]
        if (expected is None and found) or (expected is not None and not any(expected in message for message in found)):
            wrong += 1
            print(f"self-test: {header}: expected {expected!r}, found {found}\n{body}")
    for text, expected in [("int x;\n", "SPDX"), ("// SPDX-License-Identifier: Apache-2.0\nint x;\n", "#pragma once")]:
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "include/ingot/core/a.hpp")
            path.parent.mkdir(parents=True)
            path.write_text(text)
            if not any(expected in message for _, _, message in faults(pathlib.Path(directory))):
                wrong += 1
                print(f"self-test: a header that is only {text!r} passed")
    print(f"self-test: {len(cases) + 2 - wrong} of {len(cases) + 2} rules hold")
    return wrong == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(0 if self_test() else 1)
    repository = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    count = 0
    for file, line_number, message in faults(repository):
        print(f"{file}:{line_number}: {message}")
        count += 1
    print(f"check_layers: {count} faults")
    sys.exit(1 if count else 0)
