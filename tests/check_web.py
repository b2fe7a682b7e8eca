#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""House rules of web/: every file is listed and small, and nothing makes markup, script or style of a text.

Prints TAP. Every rule is first tried on what breaks it."""
import os
import re
import sys

SPDX = "SPDX-License-Identifier: Apache-2.0"
FILE_LINES_MAX = 400
SERVED = (".js", ".css", ".html", ".svg")
FORBIDDEN = (
    ("markup of a text", r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|setHTMLUnsafe)\b"
                         r"|document\.write"),
    ("script of a text", r"\beval\s*\(|\bnew Function\b|javascript:|setTimeout\(\s*['\"`]|\.srcdoc\b"),
    ("style or script within markup", r"<style|\sstyle=\"|\son\w+=\"|setAttribute\(\s*'style'"),
    ("another origin", r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w.-]+\.\w+/"),
)


def walk(root):
    for folder, _, names in os.walk(os.path.join(root, "web")):
        for name in sorted(names):
            if name.endswith(SERVED):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, root), file.read()


def code_of(path, text):
    """Without comments: those may name what must not be done."""
    text = re.sub(r"/\*.*?\*/|<!--.*?-->", "", text, flags=re.S)
    return re.sub(r"(?m)(^|\s)//.*$", "", text) if path.endswith(".js") else text


def unlisted(files, listed):
    there = {path for path, _ in files}
    yield from (f"{path} is not in web/module.mk" for path in sorted(there - listed))
    yield from (f"{path} is in web/module.mk, and not there" for path in sorted(listed - there))


def badly_headed(files):
    for path, text in files:
        if not path.endswith(".svg") and SPDX not in "\n".join(text.split("\n")[:2]):
            yield f"{path}: the SPDX line is missing"


def too_long(files):
    for path, text in files:
        if path.endswith(".js") and text.count("\n") >= FILE_LINES_MAX:
            yield f"{path}: {text.count(chr(10))} lines; files stay below {FILE_LINES_MAX}"


def forbidden(files):
    for path, text in files:
        for what, pattern in FORBIDDEN:
            for found in re.finditer(pattern, code_of(path, text)):
                yield f"{path}: {what}: {found.group(0)}"


BAD = (
    ("web/a.js", "element.innerHTML = name;\n", "markup of a text"),
    ("web/b.js", "eval('1');\n", "script of a text"),
    ("web/c.html", '<p style="color: red">\n', "style or script within markup"),
    ("web/d.html", '<p onclick="x()">\n', "style or script within markup"),
    ("web/e.css", "a { background: url(https://example.com/x.png) }\n", "another origin"),
    ("web/f.js", "setTimeout('x()', 1);\n", "script of a text"),
    ("web/g.js", "// innerHTML is never used\nconst ns = 'http://www.w3.org/2000/svg'; // eval(\n", None),
    ("web/h.html", "<!-- style=\"\" --><p class=\"a\">\n", None),
)


def self_test():
    for path, text, words in BAD:
        found = list(forbidden([(path, text)]))
        if words is None and found:
            yield f"{path} is fine, but: {found[0]}"
        if words is not None and not any(words in line for line in found):
            yield f"{path}: \"{words}\" was not reported"
    if not list(too_long([("web/x.js", "\n" * FILE_LINES_MAX)])) or not list(badly_headed([("web/x.js", "let a;\n")])):
        yield "length or head is not looked at"
    if len(list(unlisted([("web/a.js", "")], {"web/b.js"}))) != 2:
        yield "the list is not looked at"


def main():
    root = os.environ.get("srcdir") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    files = list(walk(root))
    with open(os.path.join(root, "web", "module.mk"), encoding="utf-8") as file:
        listed = set(re.findall(r"^\t(web/\S+?)(?: \\)?$", file.read(), flags=re.M))
    built = {("web/styles.css")}  # of a build within the source folder
    files = [(path, text) for path, text in files if path not in built]
    checks = (("self-test: each rule reports what breaks it, and nothing else", self_test()),
              ("every file is listed, and every listed file is there", unlisted(files, listed)),
              ("every file begins with the SPDX line", badly_headed(files)),
              (f"scripts have fewer than {FILE_LINES_MAX} lines", too_long(files)),
              ("no text becomes markup, script or style, and nothing comes from elsewhere", forbidden(files)))
    print(f"1..{len(checks)}")
    good = True
    for number, (name, problems) in enumerate(checks, 1):
        problems = list(problems) if number > 1 or files else ["no file in web/"]
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
        for line in problems:
            print(f"# {line}")
        good &= not problems
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
