/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_SHOW_H
#define WGRD_CLI_SHOW_H

/*
 * From the words of a show command to the function of wgrd/show/show.h that prints it.
 * Main thread only.
 */

#include "wgrd/cli/session.h"

/* Say that nobody has this name, and where all names are. Return CLI_WARNING. */
enum cli_status cli_no_peer(const char *name, struct strbuf *out);
enum cli_status cli_no_tenant(const char *name, struct strbuf *out);

/* @call is of an action whose name begins with CLI_DO_SHOW_. */
enum cli_status cli_show(struct cli_session *s, const struct cli_call *call,
			 struct strbuf *out);

#endif
