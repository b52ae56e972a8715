# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's cloud kernel, unpacked and not installed: nothing of the host's boot changes."""

from __future__ import annotations

import fcntl
import lzma
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

META_PACKAGE = "linux-image-cloud-amd64"
# What a test wants to have; what these need is found in them.
MODULES = ["wireguard", "vrf", "veth", "bridge", "tun", "dummy", "nlmon", "virtio_pci", "virtio_blk",
           "sch_fq_codel"]


class Unavailable(Exception):
    """The VM cannot be had on this machine; the text says why and what to do."""


@dataclass(frozen=True)
class Kernel:
    image: Path
    version: str
    modules: list[Path]  # in the order to load them


def package() -> str:
    """The name of the kernel package that Debian's meta package stands for."""
    if not shutil.which("apt-cache"):
        raise Unavailable("there is no apt-cache: the kernel is one of Debian's packages")
    done = subprocess.run(["apt-cache", "depends", META_PACKAGE], capture_output=True, text=True, check=False)
    found = re.search(r"Depends: (linux-image-\S+)", done.stdout)
    if not found:
        raise Unavailable(f"apt knows no {META_PACKAGE}: apt-get update")
    return found.group(1)


def unpack(name: str, folder: Path) -> Path:
    """Downloads the package and unpacks it into @folder/NAME, once."""
    root = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if root.exists():
            return root
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            for argv in (["apt-get", "-q", "download", name], ["sh", "-c", "dpkg-deb -x ./*.deb root"]):
                done = subprocess.run(argv, cwd=temporary, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, check=False)
                if done.returncode:
                    raise Unavailable(f"{name} cannot be had: {done.stdout.strip()}")
            (Path(temporary) / "root").rename(root)
    return root


def depends(module: Path) -> list[str]:
    """Names of the modules that @module needs, from its own .modinfo."""
    data = lzma.decompress(module.read_bytes()) if module.suffix == ".xz" else module.read_bytes()
    found = re.search(rb"\0depends=([^\0]*)\0", data)
    return [name for name in (found.group(1).decode().split(",") if found else []) if name]


def in_order(files: dict[str, Path]) -> list[Path]:
    order: list[Path] = []

    def visit(name: str) -> None:
        # what is not a file is built in
        path = files.get(name.replace("-", "_"))
        if path is None or path in order:
            return
        for needed in depends(path):
            visit(needed)
        order.append(path)

    for name in MODULES:
        visit(name)
    return order


def fetch(folder: Path) -> Kernel:
    root = unpack(package(), folder)
    image = next(iter(root.glob("boot/vmlinuz-*")), None)
    if image is None:
        raise Unavailable(f"there is no kernel in {root}/boot: remove {root}")
    files = {path.name.split(".")[0].replace("-", "_"): path for path in root.glob("lib/modules/*/kernel/**/*.ko*")}
    if "wireguard" not in files:
        raise Unavailable(f"there is no wireguard module in {root}: remove {root}")
    return Kernel(image, image.name.removeprefix("vmlinuz-"), in_order(files))
