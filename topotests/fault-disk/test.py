# SPDX-License-Identifier: GPL-2.0-or-later
"""The disk is full when the configuration is to be saved: nothing is lost, and what to do is said.

    lan1 ---- spoke1 ------ internet ------ spoke2 ---- lan2       see lib/sites.py
              wgrd.conf on    |
              a tmpfs of     hub
              few pages

Configuration and history of commits are on a file system of their own, which is filled up. What runs is
in memory and in the kernel, so no ping may be lost, and a change is in force at once; what cannot be
written is refused with the file and the reason, and what was written before is what it was, to the byte
and for the next start.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.sites import Sites, host_addresses
from lib.traffic import Outage
from lib.wgrd import Wgrd

PAGES = 24
FULL = "No space left on device"


def on_a_small_disk(node: Node, w: Wgrd) -> str:
    """Puts what @w reads and writes on a tmpfs, and returns where that is."""
    folder = node.folder / "small"
    folder.mkdir()
    w.path = folder / "wgrd.conf"
    w.write_conf()
    text = w.path.read_text(encoding="utf-8")
    node.run("mount", "-t", "tmpfs", "-o", f"size={PAGES * 4}k,mode=755", "small", str(folder))
    node.run("sh", "-c", f"umask 077; cat > {w.path}", stdin=text)
    return str(folder)


def fill(node: Node, folder: str) -> None:
    node.run("sh", "-c", f"dd if=/dev/zero of={folder}/ballast bs=1k 2>/dev/null || true")


def files(node: Node, folder: str) -> str:
    """Names, rights and contents of all but the ballast."""
    return node.sh(f"cd {folder}; find . -type f ! -name ballast | sort | xargs -n1 sh -c "
                   "'stat -c \"%n %a\" \"$0\"; md5sum < \"$0\"'")


def keepalive(w: Wgrd) -> int:
    return int(w.peers()["hub"]["persistent-keepalive"])


def run(lab: Lab, t: Report) -> None:
    s = Sites(lab)
    w, node = s.spoke1.wgrd, s.spoke1.node
    folder = on_a_small_disk(node, w)
    s.start()
    conf = str(w.path)
    w.edit("wireguard wg0", "peer hub", "persistent-keepalive 6")
    t.check("with room, it is saved", "%" not in w.wgrctl("write memory"))
    t.contains("and there", node.run("cat", conf), "persistent-keepalive 6")
    outage = Outage(t, s.lan1, host_addresses(2))

    t.step("the disk is full")
    fill(node, folder)
    saved = node.run("cat", conf)
    w.edit("wireguard wg0", "peer hub", "persistent-keepalive 7")
    t.equal("a change is in force all the same", keepalive(w), 7)
    before = files(node, folder)
    answer = w.wgrctl("write memory")
    t.contains("it cannot be saved, and why and what to do is said", answer, conf, FULL,
               "what was there is as it was", "write memory")
    t.equal("every file is what it was, and there is no other", files(node, folder), before)
    t.equal("to the byte", node.run("cat", conf), saved)
    t.equal("it is still a configuration", w.check(conf)[0], 0)
    assert w.process
    t.contains("the log says that the history has a gap", w.process.output(), FULL)

    t.step("and full it stays while wgrd starts again")
    outage.over()
    outage.none_lost("the disk was full")
    w.kill()
    w.start()
    t.equal("it starts with what was saved last", keepalive(w), 6)

    t.step("there is room again")
    w.edit("wireguard wg0", "peer hub", "persistent-keepalive 8")
    node.run("rm", f"{folder}/ballast")
    t.check("what is in force can be saved", "%" not in w.wgrctl("write memory"))
    t.contains("and is there", node.run("cat", conf), "persistent-keepalive 8")
    t.equal("for its owner alone", node.run("stat", "-c", "%a", conf).strip(), "600")
