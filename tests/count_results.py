#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts the tests of a `make check`, one by one and not by program.

usage: count_results.py BUILD-DIR

Reads the .trs and .log files that automake's test driver leaves. A cmocka program says itself how
many tests passed; a script prints TAP. A program that failed without saying so counts as one
failure, one that skipped as one skip. Prints `N passed, N failed, N skipped`, and before it the
path of each log that holds a failure.
"""

import os
import re
import sys

CMOCKA = re.compile(r"^\[  (PASSED|FAILED|SKIPPED) ?\s*\] (\d+) test\(s\)", re.M)
TAP = re.compile(r"^(ok|not ok)\b(.*)$", re.M)


def count_log(text):
    found = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    for word, number in CMOCKA.findall(text):
        found[word] += int(number)
    for word, rest in TAP.findall(text):
        skipped = "# skip" in rest.lower()
        found["FAILED" if word == "not ok" else "SKIPPED" if skipped else "PASSED"] += 1
    return found["PASSED"], found["FAILED"], found["SKIPPED"]


def verdict(trs):
    with open(trs, encoding="utf-8") as f:
        m = re.search(r"^:global-test-result: (\w+)", f.read(), re.M)
    return m.group(1) if m else "FAIL"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    total = [0, 0, 0]
    for base, _, names in os.walk(sys.argv[1]):
        for name in sorted(names):
            if not name.endswith(".trs"):
                continue
            log = os.path.join(base, name[:-4] + ".log")
            with open(log, encoding="utf-8", errors="replace") as f:
                passed, failed, skipped = count_log(f.read())
            result = verdict(os.path.join(base, name))
            if result in ("FAIL", "ERROR", "XPASS") and not failed:
                failed = 1
            if result == "SKIP" and not skipped:
                skipped = 1
            if result == "PASS" and not passed + skipped:
                passed = 1
            if failed:
                print(f"failed: see {log}")
            total = [a + b for a, b in zip(total, (passed, failed, skipped))]
    print("{} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
