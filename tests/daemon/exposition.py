# SPDX-License-Identifier: Apache-2.0
"""Reads Prometheus' text exposition strictly: what is not as format 0.0.4 has it raises."""
import re
import subprocess

from harness import equal

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,?)')
VALUE = re.compile(r"\+Inf|-?\d+(\.\d+)?")
SUFFIXES = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Scrape:
    """One answer of /metrics. Series are (name, sorted labels)."""

    def __init__(self, text):
        self.text, self.types, self.values = text, {}, {}
        equal(text.endswith("\n"), True, "the last line ends")
        family, helped = None, set()
        for line in text[:-1].split("\n"):
            if line.startswith("# HELP "):
                family, words = line[7:].split(" ", 1)
                equal((family in helped, bool(words)), (False, True), line)
                helped.add(family)
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                equal((name, name in self.types, kind in SUFFIXES), (family, False, True), line)
                self.types[name] = kind
            else:
                self.take_sample(line, family)
        self.check_histograms()

    def take_sample(self, line, family):
        name = NAME.match(line).group()
        suffix = name[len(family):]
        equal((name.startswith(family), suffix in SUFFIXES[self.types[family]]), (True, True), f"{line} of {family}")
        at, labels = len(name), {}
        if line[at] == "{":
            at += 1
            while line[at] != "}":
                match = LABEL.match(line, at)
                equal(match is not None and match.group(1) not in labels, True, line)
                labels[match.group(1)] = re.sub(r'\\["\\n]', lambda found: ESCAPES[found.group()], match.group(2))
                at = match.end()
            at += 1
        equal((line[at], VALUE.fullmatch(line[at + 1:]) is not None), (" ", True), line)
        series = (name, tuple(sorted(labels.items())))
        equal(series in self.values, False, f"{line} is there twice")
        self.values[series] = float(line[at + 1:])

    def check_histograms(self):
        """Bounds and counts grow, and the last bucket is the count."""
        for family, kind in self.types.items():
            if kind != "histogram":
                continue
            buckets = {}
            for (name, labels), value in self.values.items():
                if name == family + "_bucket":
                    rest = tuple(label for label in labels if label[0] != "le")
                    buckets.setdefault(rest, []).append((float(dict(labels)["le"]), value))
            equal(bool(buckets), True, f"{family} has buckets")
            for rest, found in buckets.items():
                equal(found, sorted(found), f"{family} {rest}")
                equal([count for _, count in found], sorted(count for _, count in found), f"{family} {rest}")
                equal(found[-1], (float("inf"), self.values[family + "_count", rest]), f"{family} {rest}")
                equal((family + "_sum", rest) in self.values, True, f"{family}_sum {rest}")

    def value(self, name, **labels):
        return self.values[name, tuple(sorted(labels.items()))]

    def sum(self, name, **labels):
        """Of all series of this name with these labels."""
        found = [value for (one, has), value in self.values.items()
                 if one == name and set(labels.items()) <= set(has)]
        equal(bool(found), True, f"series of {name} {labels}")
        return sum(found)

    def counters(self):
        """What may never fall: counters, and all of histograms."""
        never = {name + suffix for name, kind in self.types.items() if kind in ("counter", "histogram")
                 for suffix in SUFFIXES[kind]}
        return {series: value for series, value in self.values.items() if series[0] in never}


def scrape(bridge, token="viewer"):
    status, headers, text = bridge.get("/metrics", token=token)
    equal((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"), text[:300])
    return Scrape(text)


def promtool(*arguments, text=None):
    """What promtool prints when it has nothing to complain of."""
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"promtool {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr
