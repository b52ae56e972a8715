/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_SYNC_THREAD_H
#define WGRD_DPLANE_SYNC_THREAD_H

/* Starting a thread of the data plane: named, and deaf to signals, which are the main
 * thread's. Main thread only. */

#include <pthread.h>
#include <sched.h>

#include "wgrd/lib/util.h"

/* Returns 0 or a negative errno. @name: at most 15 characters. */
int dp_thread_start(pthread_t *thread, const char *name, void *(*fn)(void *arg),
		    void *arg) MUST_USE;
/* Runs it on these CPUs from now on. 0 or a negative errno. */
int dp_thread_set_cpus(pthread_t thread, const cpu_set_t *cpus) MUST_USE;

#endif
