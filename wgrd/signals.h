/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_SIGNALS_H
#define WGRD_SIGNALS_H

/* What signals ask of the daemon: to stop, to read its files again. Main thread only. */

#include "wgrd/lib/util.h"

struct daemon;

/* 0 or a negative errno. */
int signals_watch(struct daemon *d) MUST_USE;

#endif
