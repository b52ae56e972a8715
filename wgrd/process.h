/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROCESS_H
#define WGRD_PROCESS_H

/* What wgrd owes the system as a process: background, pid file, word to systemd. Called
 * by main() before threads exist, but for process_notify(). */

#include <stddef.h>

#include "wgrd/lib/util.h"

/*
 * Forks. The parent stays until the child calls process_ready(), so that "wgrd -d"
 * returns 0 only when the daemon works, and returns the child's exit status when it does
 * not.
 */
int process_daemonise(void) MUST_USE;
void process_ready(void);

/* Writes and locks the file. -EWOULDBLOCK: another wgrd runs. Kept open for the lock. */
int process_pid_file(const char *path, int *fd, char *why, size_t why_len) MUST_USE;
void process_pid_file_remove(const char *path, int fd);

/* No core dumps (they would hold keys), and many descriptors. */
void process_limits(void);

/* sd_notify(3)'s datagram, "READY=1" or such. Does nothing outside systemd. */
void process_notify(const char *state);
/* The same with a descriptor, of which the manager gets a duplicate. */
void process_notify_with(const char *state, int fd);

#endif
