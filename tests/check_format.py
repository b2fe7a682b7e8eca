#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format leaves it. A missing clang-format is a failure, not a skip. Prints TAP."""
import os
import shutil
import subprocess
import sys
import tempfile


def sources(root):
    for top in ("bridge", "tools", "tests"):
        for folder, folders, files in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(files):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def complaints(root, paths):
    """By path, the first thing that clang-format would change; all in one run, for starting it takes longest."""
    result = subprocess.run(["clang-format", "--dry-run", "--Werror", "--style=file", *paths], cwd=root,
                            capture_output=True, text=True, check=False)
    found = {}
    for line in result.stderr.splitlines():
        path = line.split(":")[0]
        if path in paths:
            found.setdefault(path, line)
    if result.returncode != 0 and not found:
        return dict.fromkeys(paths, (result.stderr.splitlines() or ["clang-format failed"])[0])
    return found


def self_test(root):
    """Several that are wrong, and what is right between them; a file that cannot be read; a style that is none."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(root, ".clang-format"), folder)
        for name in ("bad.c", "worse.c"):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write("int  main( ){return 0;}\n")
        with open(os.path.join(folder, "good.c"), "w", encoding="utf-8") as file:
            file.write("int main(void)\n{\n    return 0;\n}\n")
        tells_apart = set(complaints(folder, ["bad.c", "good.c", "worse.c"])) == {"bad.c", "worse.c"}
        misses = "gone.c" in complaints(folder, ["good.c", "gone.c"])
        with open(os.path.join(folder, ".clang-format"), "w", encoding="utf-8") as file:
            file.write("BasedOnStyle: Nobody\n")
        return tells_apart and misses and set(complaints(folder, ["good.c"])) == {"good.c"}


def main():
    root = os.environ.get("srcdir") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    paths = list(sources(root))
    print(f"1..{len(paths) + 2}")
    found = shutil.which("clang-format") is not None
    print(f"{'ok' if found else 'not ok'} 1 - clang-format is installed")
    good = found and self_test(root) and len(paths) > 0
    print(f"{'ok' if good else 'not ok'} 2 - self-test: every misformatted file is reported, a formatted one is not, and no failure goes unseen")
    problems = complaints(root, paths) if found else dict.fromkeys(paths, "clang-format is missing")
    for number, path in enumerate(paths, 3):
        problem = problems.get(path)
        good &= problem is None
        print(f"{'not ok' if problem else 'ok'} {number} - {path}")
        if problem:
            print(f"# {problem}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
