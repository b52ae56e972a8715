/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_DP_ASSERT_H
#define WGRD_LIB_DP_ASSERT_H

/*
 * What the packet path guarantees to itself. Checked, as by assert(), in debug builds:
 * configure --enable-debug, which --enable-sanitizers implies. In others the condition is
 * compiled, but not evaluated, and costs nothing; so it must have no effects.
 */

#include <assert.h>

#ifdef WGRD_DEBUG
#define dp_assert(condition) assert(condition)
#else
#define dp_assert(condition) ((void)(0 && (condition)))
#endif

#endif
