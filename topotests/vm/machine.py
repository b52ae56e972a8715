# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of the VM: qemu with software emulation, two serial ports, no network.

The first port is the kernel's console and goes to console.log; the second brings results. A kernel that
panics ends qemu (panic=-1 and -no-reboot); one that hangs is ended when nothing was heard for too long.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Callable

MEMORY_MB = 1280
DISK_MB = 256
BOOT_SECONDS = 180


def tail(path: Path, lines: int = 25) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


class Machine:
    def __init__(self, image: Path, initramfs: Path, folder: Path) -> None:
        self.folder = folder
        self.console = folder / "console.log"
        self.disk = folder / "logs.tar"
        with open(self.disk, "wb") as disk:
            disk.truncate(DISK_MB << 20)
        self._argv = [
            "qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MB),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
            "-kernel", str(image), "-initrd", str(initramfs),
            "-append", "console=ttyS0 panic=-1 oops=panic net.ifnames=0 random.trust_cpu=on",
            "-drive", f"file={self.disk},format=raw,if=virtio,cache=unsafe",
            "-serial", f"file:{self.console}", "-serial", "stdio"]

    def run(self, each: Callable[[str], float]) -> str:
        """Calls @each with every line of results; it returns how many seconds the next may take at most.
        Returns "" after a regular end, else what went wrong."""
        with open(self.folder / "qemu.log", "wb") as log:
            with subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=log, start_new_session=True) as qemu:
                try:
                    problem = self._follow(qemu, each)
                finally:
                    qemu.kill()
        if problem:
            problem += f"\nthe console said last:\n{tail(self.console)}\nand qemu: {tail(self.folder / 'qemu.log')}"
        self._take_logs()
        return problem

    def _follow(self, qemu: subprocess.Popen[bytes], each: Callable[[str], float]) -> str:
        assert qemu.stdout
        selector = selectors.DefaultSelector()
        selector.register(qemu.stdout, selectors.EVENT_READ)
        limit, heard, rest, done = float(BOOT_SECONDS), time.monotonic(), b"", False
        while True:
            if not selector.select(max(0.0, heard + limit - time.monotonic())):
                return f"the VM hangs: nothing heard for {limit:.0f} s"
            data = os.read(qemu.stdout.fileno(), 65536)
            if not data:
                break
            heard = time.monotonic()
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                text = line.decode("utf-8", "replace").rstrip("\r")
                done = done or text == "vm: done"
                limit = each(text)
        if done:
            return ""
        said = self.console.read_text(encoding="utf-8", errors="replace")
        return "the kernel has panicked" if "Kernel panic" in said else "the VM has ended before its tests"

    def _take_logs(self) -> None:
        """From the disk, if the VM came to writing them."""
        try:
            with tarfile.open(self.disk, "r:") as tar:
                tar.extractall(self.folder, filter="data")
        except tarfile.TarError:
            pass
        self.disk.unlink()
