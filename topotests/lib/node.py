# SPDX-License-Identifier: GPL-2.0-or-later
"""A node: a little machine made of namespaces of its own (network, mounts, processes, host name).

/run, /var/tmp, /sys and /etc/frr are private, so every node has its own zserv.api, vty sockets and named
namespaces, and nothing in it can write to the host's. Process 1 of a node holds all of it: when it
ends, the kernel ends everything else in the node and takes the interfaces away. Process 1 waits for
the end of a pipe from us, so it ends with us, however we end; in a lab that is to be kept it sleeps.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, Sequence

from lib.wait import NOT_YET, PATIENCE, LabError, until

STOP_SECONDS = 10 * PATIENCE
START_SECONDS = 10

SETUP = r"""
set -e
name=$1 folder=$2 forward=$3 keep=$4
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /var/tmp
mount -t sysfs sysfs /sys
mkdir -p /run/frr /run/netns /run/wgrd /run/wireguard /run/bird
if [ -d /etc/frr ]; then
    chown frr:frr /run/frr "$folder/frr"
    mount --bind "$folder/frr" /etc/frr
fi
hostname "$name"
for f in all default; do
    echo 0 > /proc/sys/net/ipv4/conf/$f/rp_filter
    echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad
done
echo "$forward" > /proc/sys/net/ipv4/ip_forward
echo "$forward" > /proc/sys/net/ipv6/conf/all/forwarding
ip link set lo up
echo ready
# Not exec: as process 1 the shell also takes note of the end of daemons that nobody waits for.
exec 3<&0
if [ "$keep" = 1 ]; then sleep infinity & else cat <&3 > /dev/null & fi
wait $!
"""


def child_of(parent: int) -> int | None:
    """The process id of the one child of @parent, as seen from here. None when @parent has ended."""
    deadline = time.monotonic() + START_SECONDS * PATIENCE
    while time.monotonic() < deadline:
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                stat = Path("/proc", entry, "stat").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                return int(entry)
        if has_ended(parent):
            return None
        time.sleep(0.01)
    raise LabError(f"process {parent} has no child")


def has_ended(pid: int) -> bool:
    """Gone, or only waiting for us to take note of it."""
    try:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def start_time(pid: int) -> int:
    """When process @pid began, in ticks since the machine did; 0 when there is none. A process id
    comes again, the pair of both does not."""
    try:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])


class Process:
    """A program running in a node. Its output goes to a log file, to which a restart appends."""

    def __init__(self, node: "Node", label: str, argv: Sequence[str],
                 env: dict[str, str] | None = None) -> None:
        self.node = node
        self.label = label
        self.log = node.folder / f"{label}.log"
        with open(self.log, "ab") as log:
            log.write(f"--- {shlex.join(argv)}\n".encode())
            log.flush()
            self._outer = subprocess.Popen(node.command(argv), stdin=subprocess.DEVNULL, stdout=log,
                                           stderr=log, start_new_session=True,
                                           env={**os.environ, **(env or {})})
        self.pid = child_of(self._outer.pid)  # None: it has already ended

    def alive(self) -> bool:
        return self._outer.poll() is None

    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._outer.poll()

    def send_signal(self, number: int) -> None:
        if self.pid and self.alive():
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        try:
            return self._outer.wait(seconds)
        except subprocess.TimeoutExpired as e:
            raise LabError(f"{self.node.name}: {self.label} still runs after {seconds:g} s, "
                           f"see {self.log}") from e

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Asks it to end and waits for that."""
        self.send_signal(number)
        return self.wait(STOP_SECONDS)

    def kill(self) -> None:
        """kill -9: no chance to clean up."""
        self.send_signal(signal.SIGKILL)
        self._outer.wait()

    def hold(self) -> None:
        """It does nothing from now on, and is there all the same."""
        self.send_signal(signal.SIGSTOP)

    def wake_parent(self) -> None:
        """nsenter, its parent, stops when it does, and takes no note of its end then."""
        self._outer.send_signal(signal.SIGCONT)

    def go_on(self) -> None:
        self.wake_parent()
        self.send_signal(signal.SIGCONT)

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Node:
    def __init__(self, name: str, folder: Path, forward: bool = False, keep: bool = False) -> None:
        self.name = name
        self.folder = folder
        self.processes: list[Process] = []
        self.wgrd_dir = "/run/wgrd"
        self.wg_dir = "/run/wireguard"  # where wg(8) looks
        # What to ask it when a test has failed; its programs add theirs.
        self.questions: list[list[str]] = [
            ["ip", "address"], ["ip", "-4", "rule"], ["ip", "-6", "rule"],
            ["ip", "-4", "route", "show", "table", "all"], ["ip", "-6", "route", "show", "table", "all"]]
        # What to print then: a few lines that tell most, from each of its programs that has some.
        self.digests: list[Callable[[], str]] = []
        (folder / "frr").mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o755)
        argv = ["unshare", "--net", "--mount", "--pid", "--uts", "--fork", "--kill-child",
                "--mount-proc", "sh", "-c", SETUP, "sh", name, str(folder),
                str(int(forward)), str(int(keep))]
        with open(folder / "node.log", "ab") as log:
            self.holder = subprocess.Popen(argv, stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
                                           stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        assert self.holder.stdout
        if self.holder.stdout.readline() != b"ready\n":
            self.holder.wait()
            raise LabError(f"node {name} cannot be made: "
                           + (folder / "node.log").read_text(encoding="utf-8"))
        pid = child_of(self.holder.pid)
        if not pid:
            raise LabError(f"node {name} has ended at once, see {folder}/node.log")
        self.pid = pid

    # ---- running things ----

    def command(self, argv: Sequence[str]) -> list[str]:
        """What to run on the host to run @argv in here."""
        return ["nsenter", "-t", str(self.pid), "-n", "-m", "-p", "-u", "--",
                "env", "VTYSH_HISTFILE=/run/vtysh.history", *argv]

    def run(self, *argv: str, check: bool = True, seconds: float = 30, stdin: str = "") -> str:
        """Runs to the end and returns both outputs. Raises when it fails, unless @check is False."""
        try:
            done = subprocess.run(self.command(argv), input=stdin, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=seconds * PATIENCE,
                                  errors="replace", check=False)
        except subprocess.TimeoutExpired as e:
            raise LabError(f"{self.name}: {shlex.join(argv)}: no end after {seconds * PATIENCE:g} s") from e
        if check and done.returncode:
            raise LabError(f"{self.name}: {shlex.join(argv)}: exit {done.returncode}: "
                           f"{done.stdout.strip()}")
        return done.stdout

    def succeeds(self, *argv: str, seconds: float = 30) -> bool:
        return subprocess.run(self.command(argv), stdin=subprocess.DEVNULL, timeout=seconds * PATIENCE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0

    def sh(self, script: str) -> str:
        return self.run("sh", "-e", "-c", script)

    def start(self, label: str, *argv: str, env: dict[str, str] | None = None) -> Process:
        if not shutil.which(argv[0]):
            raise LabError(f"{argv[0]} is missing: tools/install-deps lab test installs what is "
                           "Debian's, make builds what is ours")
        process = Process(self, label, argv, env)
        self.processes.append(process)
        return process

    # ---- the network ----

    def address(self, interface: str, *addresses: str) -> None:
        """Gives @interface addresses ("10.0.0.1/24") and sets it up."""
        for a in addresses:
            self.run("ip", "address", "add", a, "dev", interface)
        self.run("ip", "link", "set", interface, "up")

    def default_route(self, *gateways: str) -> None:
        for g in gateways:
            self.run("ip", "-6" if ":" in g else "-4", "route", "add", "default", "via", g)

    def rules(self) -> list[str]:
        """All policy rules of both families, but the three every machine has."""
        lines = []
        for family in ("-4", "-6"):
            for line in self.run("ip", family, "rule", "show").splitlines():
                priority = line.split(":")[0]
                if priority not in ("0", "32766", "32767"):
                    lines.append(f"{family[1]} {' '.join(line.split())}")
        return lines

    def table(self, number: int) -> list[str]:
        """The routes of one table, both families. A table that was never used is empty."""
        lines = []
        for family in ("-4", "-6"):
            text = self.run("ip", family, "route", "show", "table", str(number), check=False)
            lines += [" ".join(line.split()) for line in text.splitlines()
                      if "FIB table does not exist" not in line and "Dump terminated" not in line]
        return lines

    def wait_for_file(self, path: str, seconds: float = START_SECONDS) -> None:
        until(f"{path} in {self.name}", lambda: self.succeeds("test", "-e", path), bool, seconds,
              str(self.folder))

    def dump(self) -> None:
        """Writes the answers to all questions to state.txt."""
        with open(self.folder / "state.txt", "w", encoding="utf-8") as out:
            for argv in self.questions:
                try:
                    answer = self.run(*argv, check=False, seconds=10)
                except LabError as e:
                    answer = f"{e}\n"
                out.write(f"$ {shlex.join(argv)}\n{answer}\n")

    def digest(self) -> str:
        lines = []
        for digest in self.digests:
            try:
                lines.append(f"{self.name}: {digest()}")
            except NOT_YET as e:
                lines.append(f"{self.name}: {type(e).__name__}: {e}")
        return "\n".join(lines)

    def close(self) -> None:
        """Ends everything in it. May be called more than once."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        for process in self.processes:
            process.wake_parent()
        for stream in (self.holder.stdin, self.holder.stdout):
            if stream:
                stream.close()
        self.holder.wait()
        for process in self.processes:
            process.wait(STOP_SECONDS)
