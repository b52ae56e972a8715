#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The table of the base point's multiples is what its script writes.

src=${WGRD_SRCDIR:-$(cd "$(dirname "$0")/../../.." && pwd)}
if ! command -v python3 >/dev/null; then
	echo "ok - table # SKIP: needs python3"
	exit 77
fi
if python3 "$src/proto/crypto/gen_x25519_table.py" |
	diff -u "$src/proto/crypto/x25519_table.c" -; then
	echo "ok - x25519_table.c is what gen_x25519_table.py writes"
else
	echo "not ok - expected gen_x25519_table.py to write x25519_table.c, seen the above"
	exit 1
fi
