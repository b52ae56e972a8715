#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds valgrind/ct.c with every compiler there is, since constant time is a property of
# what the compiler makes, and runs it under valgrind's memcheck. Exit 77: skipped.

src=${WGRD_SRCDIR:-$(cd "$(dirname "$0")/../../.." && pwd)}
for need in /usr/include/valgrind/memcheck.h "$(command -v valgrind)"; do
	if [ ! -e "$need" ]; then
		echo "ok - constant time # SKIP: needs the Debian package valgrind"
		exit 77
	fi
done
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# Runs $dir/ct; $1 is its argument.
memcheck() {
	valgrind -q --error-exitcode=9 "$dir/ct" $1 >"$dir/log" 2>&1
}

status=0
tried=0
clang=clang
command -v clang >/dev/null || clang=clang-14
for cc in gcc $clang; do
	command -v "$cc" >/dev/null || continue
	for opt in -O2 -O3; do
		"$cc" -std=gnu17 $opt -gdwarf-4 -Wno-psabi -D_GNU_SOURCE -DWGRD_CT_CHECK \
			-I"$src" -o "$dir/ct" \
			"$src"/tests/proto/crypto/valgrind/ct.c \
			"$src"/proto/net/addr.c "$src"/proto/crypto/*.c \
			"$src"/proto/wg/*.c || exit 1
		tried=$((tried + 1))
		memcheck leak
		if [ $? -ne 9 ]; then
			echo "not ok - $cc $opt: expected a deliberate leak to be seen, it was not"
			status=1
		fi
		if memcheck; then
			echo "ok - $cc $opt: $(cat "$dir/log")"
		else
			echo "not ok - $cc $opt: expected no dependence on secrets, seen:"
			head -60 "$dir/log"
			status=1
		fi
	done
done
echo "ok - the instructions of AVX-512 # SKIP: valgrind does not know them; their C was compiled for AVX2"
[ $tried -gt 0 ] || { echo "ok - constant time # SKIP: neither gcc nor clang is here"; exit 77; }
exit $status
