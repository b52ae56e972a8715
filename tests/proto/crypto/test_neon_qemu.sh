#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the crypto core and neon/compare.c for 64-bit ARM with the cross compiler and runs
# them under qemu-user. Exit 77: skipped.

src=${WGRD_SRCDIR:-$(cd "$(dirname "$0")/../../.." && pwd)}
cc=aarch64-linux-gnu-gcc
qemu=qemu-aarch64-static
for need in $cc:gcc-aarch64-linux-gnu $qemu:qemu-user-static; do
	if ! command -v "${need%%:*}" >/dev/null; then
		echo "ok - NEON # SKIP: needs the Debian package ${need#*:}"
		exit 77
	fi
done
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
if ! echo '#include <string.h>' | $cc -E - >/dev/null 2>&1; then
	echo "ok - NEON # SKIP: needs the Debian package libc6-dev-arm64-cross"
	exit 77
fi
$cc -std=gnu17 -O2 -static -Wall -Wextra -Werror -D_GNU_SOURCE -I"$src" -o "$dir/compare" \
	"$src"/tests/proto/crypto/neon/compare.c "$src"/proto/crypto/*.c || exit 1
if WGRD_CRYPTO_IMPL=neon $qemu "$dir/compare"; then
	echo "ok - NEON agrees with the generic code under qemu-user"
else
	echo "not ok - NEON under qemu-user"
	exit 1
fi
