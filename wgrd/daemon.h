/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DAEMON_H
#define WGRD_DAEMON_H

/*
 * The root object: every part of wgrd, made in order and undone in reverse. What one part
 * tells another goes through relay.h. Main thread only.
 */

#include <stddef.h>

#include "wgrd/lib/util.h"
#include "wgrd/options.h"

struct daemon;

/* Makes everything and loads the configuration. On failure @why is a sentence and nothing
 * is left; -EINVAL means that the configuration is wrong. @opt must outlive the daemon.
 */
int daemon_new(const struct options *opt, struct daemon **out, char *why,
	       size_t why_len) MUST_USE;
/* Until SIGINT or SIGTERM. Returns 0, or a negative errno if the loop itself failed. */
int daemon_run(struct daemon *d);
void daemon_free(struct daemon *d);

/* Is the configuration file right? Opens nothing but the file and the models. */
int daemon_check(const struct options *opt, char *why, size_t why_len) MUST_USE;

#endif
