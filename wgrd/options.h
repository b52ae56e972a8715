/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_OPTIONS_H
#define WGRD_OPTIONS_H

/* The command line. The letters are those FRR's daemons use for the same thing. Called by
 * main() before there are threads; what was read does not change afterwards. */

#include <stdbool.h>

#include "wgrd/lib/log.h"
#include "wgrd/lib/util.h"

enum {
	OPTIONS_PATHS = 9, /* that are made up here */
	OPTIONS_PATH_LEN = 96,
};

struct options {
	bool daemonise;  /* -d */
	bool check_only; /* -C: read the configuration, say whether it is right, exit */
	bool retain;     /* -r: leave rules and routes in the kernel on exit */
	const char *config;         /* -f */
	const char *pid_file;       /* -i; NULL: none */
	const char *vty_socket;     /* --vty-socket */
	const char *vty_group;      /* --vty-group; NULL: root alone */
	const char *wg_socket_dir;  /* --wg-socket-dir */
	const char *netconf_socket; /* --netconf-socket */
	const char *netconf_group;  /* --netconf-group; NULL: root alone */
	const char *nacm;           /* --nacm */
	const char *zserv;          /* -z; NULL: as configured */
	const char *state_dir;      /* --state-dir: where the history of commits is */
	const char *yang_dir;       /* --yang-dir */
	const char *user;           /* -u; NULL: as started */
	const char *group;          /* -g; NULL: the user's */
	bool frr;                   /* --frr: FRR's scripts run it, see options_frr.h */
	const char *pathspace;      /* -N, with --frr; NULL: FRR's first instance */
	bool config_in_frr;   /* vtysh reads frr.conf to it; @config is for saving */
	unsigned workers;     /* --workers; 0: as configured */
	unsigned log_targets; /* --log; LOG_TO_* */
	const char *log_path;
	enum log_level log_level;     /* --log-level */
	bool debug[LOG_SUBSYS_COUNT]; /* --debug */
	char path[OPTIONS_PATHS][OPTIONS_PATH_LEN];
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* --help or --version has been printed */
	OPTIONS_WRONG, /* a sentence is on stderr */
};

/* The strings point into @argv or @o, or are constants. */
enum options_verdict options_parse(struct options *o, int argc, char **argv) MUST_USE;

#endif
