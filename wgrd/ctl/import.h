/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_IMPORT_H
#define WGRD_CTL_IMPORT_H

/*
 * `wgrctl import FILE`: a wg-quick file becomes an interface of wgrd, in one commit. Keys
 * go into files of their own, which the configuration names: so they pass through no
 * command line and stay out of wgrd.conf. One thread.
 */

#include <stdbool.h>

struct import_options {
	const char *file;
	const char *interface; /* NULL: the file's name without ".conf" */
	const char *key_dir;
	const char *socket; /* wgrd's vty socket */
	bool dry_run;       /* print the lines, change nothing, ask nobody */
};

/*
 * What was done goes to stdout; what the file says that wgrd does not do, and what is
 * wrong, goes to stderr as FILE:LINE: "WORD": sentence. Returns the exit status: 0, 1 when
 * it was refused (and nothing has changed), 2 when wgrd does not answer.
 */
int import_run(const struct import_options *o);

#endif
