#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""House rules that a reader cannot be trusted to see: floors, file heads, sizes, white space, machine paths.

Prints TAP. Every rule is first tried on a small tree that breaks it: a rule that cannot fail proves nothing.
"""
import os
import re
import sys
import tempfile

FLOORS = {"base": 0, "ck": 1, "topology": 1, "core": 2, "system": 2, "net": 3, "store": 3, "http": 3, "webhook": 3, "snmp": 3, "main": 4}
TOOLS_MAY_INCLUDE = {"base", "ck", "net"}
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
SPDX = "SPDX-License-Identifier: Apache-2.0"
MADE_BY_THE_BUILD = ("config.h", "openapi_json.h")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
MACHINE_PATH = re.compile(r"(?<![\w.$)}/-])/(?:work|root|home/\w+|Users/\w+)(?:/|\b(?![\w-]))")
TEXT_ENDINGS = (".c", ".h", ".py", ".sh", ".mk", ".ac", ".am", ".md", ".js", ".css", ".html", ".json", ".sql", ".conf",
                ".txt", ".service", ".yml", ".yaml", ".lua", ".mib")
SKIPPED = re.compile(r"^(?:build.*|\.git|autom4te\.cache|aclocal\.m4|configure|Makefile\.in|config\.h\.in)$")


def walk(root):
    """Yields (path relative to root, text) of every file of the project, without what a build makes."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not SKIPPED.match(name))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if SKIPPED.match(name) or os.path.islink(path):
                continue
            if not (name.endswith(TEXT_ENDINGS) or "." not in name):
                continue
            try:
                with open(path, encoding="utf-8", newline="") as file:
                    yield os.path.relpath(path, root), file.read()
            except UnicodeDecodeError:
                continue  # not text


def floor_violations(files):
    for path, text in files:
        parts = path.split(os.sep)
        if not path.endswith((".c", ".h")) or parts[0] not in ("bridge", "tools"):
            continue
        own = parts[1] if parts[0] == "bridge" and len(parts) > 2 else None
        if parts[0] == "bridge" and own not in FLOORS:
            yield f"{path}: no floor is known for this folder"
            continue
        for number, line in enumerate(text.split("\n"), 1):
            match = INCLUDE.match(line)
            if not match or match.group(1) in MADE_BY_THE_BUILD:
                continue
            included = match.group(1)
            folder = included.split("/")[0] if "/" in included else None
            where = f"{path}:{number}: \"{included}\""
            if own is None:
                if folder in FLOORS and folder not in TOOLS_MAY_INCLUDE:
                    yield f"{where}: tools may include base, ck and net alone"
            elif folder is None or folder not in FLOORS:
                yield f"{where}: not of the form \"folder/file.h\""
            elif folder != own and FLOORS[folder] >= FLOORS[own]:
                yield f"{where}: floor {FLOORS[own]} includes floor {FLOORS[folder]}"


def head_violations(files):
    for path, text in files:
        if path.endswith((".c", ".h")) and not text.startswith(f"/* {SPDX} */\n"):
            yield f"{path}:1: does not begin with the SPDX line"
        elif path.endswith((".py", ".sh", ".mk")) and SPDX not in "\n".join(text.split("\n")[:2]):
            yield f"{path}:1: the SPDX line is missing"


def function_lengths(text):
    """(name, first line, lines) of each function; relies on clang-format: its braces stand in column one."""
    lines = text.split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            head = start - 1
            while head > 1 and lines[head - 2] and lines[head - 2][0] not in "}#/*; ":
                head -= 1
            while head > 1 and lines[head - 1].startswith((" ", "\t")):
                head -= 1
            name = re.search(r"(\w+)\(", " ".join(lines[head - 1:start]))
            yield (name.group(1) if name else "?"), head, number - head + 1
            start = None


def size_violations(files):
    for path, text in files:
        if not path.endswith((".c", ".h")) or path.split(os.sep)[0] not in ("bridge", "tools"):
            continue
        count = text.count("\n")
        if count >= FILE_LINES_MAX:
            yield f"{path}: {count} lines; files stay below {FILE_LINES_MAX}"
        for name, line, length in function_lengths(text):
            if length > FUNCTION_LINES_MAX:
                yield f"{path}:{line}: {name}() has {length} lines; functions stay within {FUNCTION_LINES_MAX}"


def space_violations(files):
    for path, text in files:
        makefile = path.endswith((".mk", ".am")) or os.path.basename(path) == "rules"
        sources = path.endswith((".c", ".h", ".py", ".sh", ".js", ".css", ".html", ".md", ".mk", ".am", ".ac"))
        if not sources:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line and not makefile:
                yield f"{path}:{number}: a tab"
            if line != line.rstrip():
                yield f"{path}:{number}: trailing white space"
        if text and not text.endswith("\n"):
            yield f"{path}: no newline at the end"


def machine_path_violations(files):
    for path, text in files:
        if os.path.basename(path) == "check_floors.py":
            continue  # names them to find them
        for number, line in enumerate(text.split("\n"), 1):
            match = MACHINE_PATH.search(line)
            if match:
                yield f"{path}:{number}: names a path of one machine: {match.group(0)}"


RULES = (
    ("floors: includes point down, neighbours do not include each other", floor_violations),
    ("heads: every file begins with the SPDX line", head_violations),
    (f"sizes: files below {FILE_LINES_MAX} lines, functions within {FUNCTION_LINES_MAX}", size_violations),
    ("white space: no tab, no trailing space, a newline at the end", space_violations),
    ("paths: no file names a machine's path", machine_path_violations),
)

HEAD = f"/* {SPDX} */\n"
LONG_FUNCTION = "static int long_one(int a,\n                    int b)\n{\n" + "    a++;\n" * 68 + "}\n"
FITTING_FUNCTION = "static int fitting(int a)\n{\n" + "    a++;\n" * 67 + "}\n"
# (rule's position, path, content, the words that must be reported; None: nothing may be)
BAD_TREE = (
    (0, "bridge/ck/up.h", HEAD + '#include "core/core.h"\n', "floor 1 includes floor 2"),
    (0, "bridge/ck/side.h", HEAD + '#include "topology/graph.h"\n', "floor 1 includes floor 1"),
    (0, "bridge/net/side.c", HEAD + '#include "store/store.h"\n', "floor 3 includes floor 3"),
    (0, "bridge/base/bare.c", HEAD + '#include "text.h"\n', "not of the form"),
    (0, "bridge/attic/odd.c", HEAD, "no floor is known"),
    (0, "tools/deep.c", HEAD + '#include "core/core.h"\n', "tools may include"),
    (0, "bridge/core/fine.c", HEAD + '#include "core/core.h"\n#include "ck/frame.h"\n#include <stdint.h>\n', None),
    (0, "bridge/http/fine.c", HEAD + '#include "config.h"\n#include "core/core.h"\n', None),
    (1, "tests/headless.c", "int x;\n", "does not begin with the SPDX line"),
    (1, "tests/headless.py", "#!/usr/bin/env python3\nprint()\n", "SPDX line is missing"),
    (2, "bridge/core/tall.c", HEAD + "int x;\n" * 499, "500 lines"),
    (2, "bridge/core/snug.c", HEAD + "int x;\n" * 498, None),
    (2, "tools/long.c", HEAD + LONG_FUNCTION, "long_one() has 72 lines"),
    (2, "tools/fit.c", HEAD + FITTING_FUNCTION, None),
    (3, "bridge/base/tab.c", HEAD + "\tint x;\n", "a tab"),
    (3, "bridge/base/space.c", HEAD + "int x; \n", "trailing white space"),
    (3, "bridge/base/end.c", HEAD + "int x;", "no newline"),
    (3, "bridge/base/fine.mk", "a:\n\tb\n", None),
    (4, "tests/path.sh", "cd /" + "work/main\n", "names a path of one machine"),
    (4, "tests/path2.c", 'open("/' + 'root/x");\n', "names a path of one machine"),
    (4, "README.md", "GET /work" + "ers and $x/root/y, a/work/b\n", None),
)


def write_tree(root):
    for _, path, content, _ in BAD_TREE:
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(content)


def self_test_failures():
    with tempfile.TemporaryDirectory() as root:
        write_tree(root)
        files = list(walk(root))
        for rule, path, _, words in BAD_TREE:
            found = [line for line in RULES[rule][1](files) if line.startswith(path)]
            if words is None and found:
                yield f"{path} is fine, but: {found[0]}"
            elif words is not None and not any(words in line for line in found):
                yield f"{path}: \"{words}\" was not reported"


def report(number, name, problems):
    problems = list(problems)
    print(f"{'not ok' if problems else 'ok'} {number} - {name}")
    for line in problems:
        print(f"# {line}")
    return not problems


def main():
    root = os.environ.get("srcdir") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    files = list(walk(root))
    print(f"1..{len(RULES) + 2}")
    good = report(1, "self-test: each rule reports what breaks it, and nothing else", self_test_failures())
    sources = sum(path.endswith((".c", ".h")) for path, _ in files)
    good &= report(2, "the tree was found", [] if sources >= 20 else [f"only {sources} C files below {root}"])
    for number, (name, rule) in enumerate(RULES, 3):
        good &= report(number, name, rule(files))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
