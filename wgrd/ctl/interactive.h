/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_INTERACTIVE_H
#define WGRD_CTL_INTERACTIVE_H

/*
 * wgrctl at a terminal, with readline: the prompt shows the node, tab completes and '?'
 * helps, both by asking the daemon, which knows the grammar and the names. One at a time:
 * readline's state is global.
 */

#include "wgrd/ctl/session.h"

/* Until the user leaves. Returns the exit status of the program. */
int interactive_run(struct session *s);

#endif
