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


def complaint(root, path):
    """The first line of what clang-format would change, or None."""
    result = subprocess.run(["clang-format", "--dry-run", "--Werror", "--style=file", path], cwd=root,
                            capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    return (result.stderr.splitlines() or ["clang-format failed"])[0]


def self_test(root):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(root, ".clang-format"), folder)
        with open(os.path.join(folder, "bad.c"), "w", encoding="utf-8") as file:
            file.write("int  main( ){return 0;}\n")
        with open(os.path.join(folder, "good.c"), "w", encoding="utf-8") as file:
            file.write("int main(void)\n{\n    return 0;\n}\n")
        return complaint(folder, "bad.c") is not None and complaint(folder, "good.c") is None


def main():
    root = os.environ.get("srcdir") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    paths = list(sources(root))
    print(f"1..{len(paths) + 2}")
    found = shutil.which("clang-format") is not None
    print(f"{'ok' if found else 'not ok'} 1 - clang-format is installed")
    good = found and self_test(root) and len(paths) > 0
    print(f"{'ok' if good else 'not ok'} 2 - self-test: a misformatted file is reported, a formatted one is not")
    for number, path in enumerate(paths, 3):
        problem = complaint(root, path) if found else "clang-format is missing"
        good &= problem is None
        print(f"{'not ok' if problem else 'ok'} {number} - {path}")
        if problem:
            print(f"# {problem}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
