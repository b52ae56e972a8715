/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_FDSTORE_H
#define WGRD_FDSTORE_H

/*
 * Descriptors that outlive the process, however it ends: the service manager holds duplicates
 * and hands them to the next run (sd_notify(3), FDSTORE=1; FileDescriptorStoreMax= in the unit).
 * Each has a name. Without such a manager all of this does nothing. Main thread only.
 */

#include <stdbool.h>

#include "wgrd/lib/util.h"

/* Receives what the former run left; once, before anything else here. */
void fdstore_open(void);
/* Whether there is somebody to hold descriptors. */
bool fdstore_is_there(void);
/* Gives it to the caller; the manager still has its duplicate. -1: there is none. */
int fdstore_take(const char *name) MUST_USE;
/* Has a duplicate held from now on; does not take @fd. */
void fdstore_put(const char *name, int fd);
/* The manager lets go of its duplicate, a moment later. */
void fdstore_drop(const char *name);
/* Drops what the former run left and nobody took. */
void fdstore_clear(void);

#endif
