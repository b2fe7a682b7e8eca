#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every test that conformance.md names is there, in the file it names, and is run. Prints TAP."""
import os
import re
import sys

FOLDER = os.path.join(os.environ.get("srcdir", "."), "tests")


def missing(rows, sources):
    """Yields what a row names and no source of the row both defines and lists."""
    for files, tests in rows:
        for test in tests:
            runs = [len(re.findall(r"\b%s\b" % test, sources.get(file, ""))) for file in files]
            if not any(count >= 2 for count in runs):  # its definition, and its place in the list that is run
                yield f"{test} is not run by any of {', '.join(files)}"
        for file in files:
            if not any(re.search(r"\b%s\b" % test, sources.get(file, "")) for test in tests):
                yield f"{file} has none of the tests in a row that names it"


def read_rows(text):
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and "test_" in cells[2]:
            yield [name.strip() for name in cells[1].split(",")], re.findall(r"test_\w+", cells[2])


def main():
    sources = {}
    for name in os.listdir(FOLDER):
        if name.startswith("check_") and name.endswith(".c"):
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                sources[name[:-2]] = file.read()
    with open(os.path.join(FOLDER, "conformance.md"), encoding="utf-8") as file:
        text = file.read()
    rows = list(read_rows(text))
    checks = [
        ("self-test: a test that is not run is caught",
         [] if list(missing([(["check_x"], ["test_y"])], {"check_x": "static void test_y(void)"})) else ["not caught"]),
        ("every named test is there and is run", list(missing(rows, sources))),
        ("every reading of the wire profile has a row",
         [f"reading {n}" for n in range(1, 17) if not re.search(r"^\| %d [a-z]" % n, text, re.M)]),
        ("every table of messages has a row", [f"table {n}" for n in range(1, 6) if f"Table {n}" not in text]),
    ]
    print(f"1..{len(checks)}")
    failed = False
    for number, (name, problems) in enumerate(checks, 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
        for problem in problems:
            print(f"# {problem}")
        failed = failed or bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
