# SPDX-License-Identifier: GPL-2.0-or-later
"""Walks the grammar: what wgrd says can be typed, vtysh must offer, with the same help."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator

from lib.report import Report
from lib.vtysh import Terminal
from lib.wgrd import Wgrd

# Words that FRR has in the same places, with help of its own.
SHARED = {"show", "clear", "debug", "zebra", "no", "do", "end", "exit", "quit", "wireguard"}
# Of the exec commands, vtysh gives these to wgrd alone.
EXEC = ("show wireguard", "clear wireguard", "debug wireguard", "no debug wireguard", "wireguard")
WGRCTL_ONLY = {"echo"}
VALUES = {"PATH": "/x", "TEXT...": "x", "KEY": "x", "CPUS": "1", "ADDR/LEN": "10.0.0.1/8",
          "ADDR": "10.0.0.1", "ADDR:PORT": "10.0.0.1:1", "PREFIX": "10.0.0.0/8", "DSCP": "none"}


@dataclass
class Place:
    """A node, and the lines that lead there."""

    prompt: str
    lines: list[str]
    roots: tuple[str, ...] = ("",)  # what to walk from
    ours: bool = True  # nothing of FRR's is here


PLACES = [
    Place("", [], EXEC, False),
    Place("(config)", ["configure terminal"],
          ("wireguard wg0 ", "wireguard wg0 peer a ", "no tenant red ", "prefix-list ", "no prefix-list ",
           "dataplane ", "zebra ", "no zebra "), False),
    Place("(config-wireguard)", ["configure terminal", "wireguard wg0"]),
    Place("(config-peer)", ["configure terminal", "wireguard wg0", "peer a"]),
    Place("(config-additional-key)", ["configure terminal", "wireguard wg0", "peer a", "additional-key k"]),
    Place("(config-tenant)", ["configure terminal", "tenant red"]),
]


def in_frr(word: str) -> str | None:
    """How vtysh shows a word of wgrd's; None: in another way, which is not compared."""
    if word == "<0-4294967295>":
        return None  # a mark may be hexadecimal
    if re.fullmatch(r"<\d+-\d+>", word):
        return f"({word[1:-1]})"
    return word.replace("/", "-").replace("...", "")


def typed(word: str) -> str:
    """Something that fits."""
    if word.startswith("<"):
        return word[1:].split("-")[0]
    return word if word.islower() or word[0].isdigit() else VALUES.get(word, "x")


def wgrd_help(w: Wgrd, place: Place, line: str) -> dict[str, str]:
    answer = w.wgrctl(*place.lines, f"wgrctl help {line}")
    found = {}
    for text in answer.splitlines():
        word, _, what = text.strip().partition(" ")
        found[word] = what.strip()
    return found


def compare(place: Place, line: str, wgrd: dict[str, str], vtysh: dict[str, str]) -> list[str]:
    bad = []
    if any(re.fullmatch(r"\d+\.\d+", word) for word in wgrd):
        return []  # FRR has no fixed word with a dot: a variable stands for all of these
    expected = {in_frr(word): what for word, what in wgrd.items() if in_frr(word)}
    for word, what in expected.items():
        if line == "" and word == "do":
            continue  # FRR takes it everywhere and offers it nowhere
        if word not in vtysh:
            bad.append(f"{place.prompt} {line!r}: vtysh does not offer {word!r}")
        elif word not in SHARED and what != vtysh[word]:
            bad.append(f"{place.prompt} {line!r}: {word!r} is {what!r}, in vtysh {vtysh[word]!r}")
    if place.ours and len(expected) == len(wgrd):
        bad += [f"{place.prompt} {line!r}: vtysh also offers {word!r}" for word, what in vtysh.items()
                if word not in expected and what]
    return bad


def lines_below(w: Wgrd, place: Place, line: str, depth: int = 0) -> Iterator[tuple[str, dict[str, str]]]:
    """Each beginning of a command, with what wgrd says comes next."""
    words = wgrd_help(w, place, line)
    yield line, words
    for word in words:
        if word in ("<cr>", "do", "%") or depth > 5 or "..." in word:
            continue
        if line == "" and word == "no" or line.split()[-1:] != [word]:
            yield from lines_below(w, place, f"{line}{typed(word)} ", depth + 1)


def nothing_forgotten(t: Report, w: Wgrd, terminal: Terminal) -> None:
    """Whatever begins a command of wgrd begins one in vtysh."""
    place = PLACES[0]
    for line in ("", "show ", "clear ", "no "):
        lacks = set(wgrd_help(w, place, line)) - set(terminal.help(line)) - WGRCTL_ONLY
        t.equal(f"vtysh has all of {line!r}", lacks, set())


def walk(t: Report, w: Wgrd, terminal: Terminal) -> None:
    nothing_forgotten(t, w, terminal)
    for place in PLACES:
        terminal.line("end")
        for line in place.lines:
            terminal.line(line)
        t.equal(f"vtysh is in {place.prompt or 'exec'}", terminal.node, place.prompt)
        bad: list[str] = []
        count = 0
        for root in place.roots:
            start = root if not root or root.endswith(" ") else root + " "
            for line, words in lines_below(w, place, start):
                count += 1
                bad += compare(place, line, words, terminal.help(line))
        t.check(f"help is what wgrd says, after {count} beginnings of lines", not bad, "\n".join(bad))
    terminal.line("end")


def complete(t: Report, w: Wgrd, terminal: Terminal) -> None:
    """Each word of each node of ours, from as little as it takes."""
    for place in PLACES[2:]:
        for line in place.lines:
            terminal.line(line)
        words = [word for word in wgrd_help(w, place, "") if word != "do"]
        bad = []
        for word in words:
            short = next((word[:n] for n in range(1, len(word) + 1)
                          if sum(o.startswith(word[:n]) for o in words) == 1), word)
            seen = terminal.complete(short)
            # a word that another one begins with is not complete
            if seen.strip() != word:
                bad.append(f"{short!r}, Tab: {seen!r}, expected {word!r}")
        t.check(f"{place.prompt}: Tab completes {len(words)} words", not bad, "\n".join(bad))
        terminal.line("end")
