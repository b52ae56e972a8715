/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "wgrd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/options_frr.h"

enum {
	OPT_VTY_SOCKET = 256,
	OPT_VTY_GROUP,
	OPT_WG_SOCKET_DIR,
	OPT_STATE_DIR,
	OPT_NETCONF_SOCKET,
	OPT_NETCONF_GROUP,
	OPT_NACM,
	OPT_YANG_DIR,
	OPT_WORKERS,
	OPT_LOG,
	OPT_LOG_LEVEL,
	OPT_DEBUG,
	OPT_FRR,
	OPT_VTY_DIR,
	OPT_WITHOUT_EFFECT,
};

static const struct option long_options[] = {
	{"daemon", no_argument, NULL, 'd'},
	{"dryrun", no_argument, NULL, 'C'},
	{"retain", no_argument, NULL, 'r'},
	{"config_file", required_argument, NULL, 'f'},
	{"pid_file", required_argument, NULL, 'i'},
	{"socket", required_argument, NULL, 'z'},
	{"vty-socket", required_argument, NULL, OPT_VTY_SOCKET},
	{"vty-group", required_argument, NULL, OPT_VTY_GROUP},
	{"wg-socket-dir", required_argument, NULL, OPT_WG_SOCKET_DIR},
	{"state-dir", required_argument, NULL, OPT_STATE_DIR},
	{"netconf-socket", required_argument, NULL, OPT_NETCONF_SOCKET},
	{"netconf-group", required_argument, NULL, OPT_NETCONF_GROUP},
	{"nacm", required_argument, NULL, OPT_NACM},
	{"yang-dir", required_argument, NULL, OPT_YANG_DIR},
	{"workers", required_argument, NULL, OPT_WORKERS},
	{"log", required_argument, NULL, OPT_LOG},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{"debug", required_argument, NULL, OPT_DEBUG},
	{"frr", no_argument, NULL, OPT_FRR},
	{"pathspace", required_argument, NULL, 'N'},
	{"user", required_argument, NULL, 'u'},
	{"group", required_argument, NULL, 'g'},
	{"vty_socket", required_argument, NULL, OPT_VTY_DIR},
	/* libfrr's that mean nothing here, but may be in wgrd_options or all_options */
	{"profile", required_argument, NULL, 'F'},
	{"vty_addr", required_argument, NULL, 'A'},
	{"vty_port", required_argument, NULL, 'P'},
	{"module", required_argument, NULL, 'M'},
	{"vrfdefaultname", required_argument, NULL, 'o'},
	{"moduledir", required_argument, NULL, OPT_WITHOUT_EFFECT},
	{"scriptdir", required_argument, NULL, OPT_WITHOUT_EFFECT},
	{"limit-fds", required_argument, NULL, OPT_WITHOUT_EFFECT},
	{"command-log-always", no_argument, NULL, OPT_WITHOUT_EFFECT},
	{"tcli", no_argument, NULL, OPT_WITHOUT_EFFECT},
	{"version", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static const char usage[] =
	"usage: wgrd [options]\n"
	"\n"
	"Turns the prefixes FRR learns by BGP into WireGuard permissions and tenant tables.\n"
	"\n"
	"  -f, --config_file FILE   configuration (" WGRD_SYSCONFDIR "/wgrd/wgrd.conf)\n"
	"  -C, --dryrun             check the configuration and exit\n"
	"  -d, --daemon             run in the background\n"
	"  -i, --pid_file FILE      write the process id there\n"
	"  -r, --retain             leave rules and routes in the kernel on exit\n"
	"  -z, --socket PATH        zebra's socket, whatever the configuration says\n"
	"      --vty-socket PATH    where wgrctl connects (" WGRD_RUNSTATEDIR
	"/wgrd/wgrd.vty)\n"
	"      --vty-group GROUP    who besides root may connect there\n"
	"      --wg-socket-dir DIR  where wg(8) finds its sockets (" WGRD_RUNSTATEDIR
	"/wireguard)\n"
	"      --state-dir DIR      where the history of commits is kept (" WGRD_STATEDIR
	")\n"
	"      --netconf-socket PATH  where wgrd-netconf connects (" WGRD_RUNSTATEDIR
	"/wgrd/wgrd.netconf)\n"
	"      --netconf-group GROUP  who besides root may connect there\n"
	"      --nacm FILE          what they may do (" WGRD_SYSCONFDIR
	"/wgrd/nacm.xml)\n"
	"      --yang-dir DIR       models (" WGRD_YANGDIR ")\n"
	"      --workers N          packet threads, whatever the configuration says\n"
	"      --log TARGET         stderr, syslog or file:PATH (stderr; syslog with -d)\n"
	"      --log-level LEVEL    error, warning, notice, info (info)\n"
	"      --debug SUBSYSTEM    debug lines of one subsystem; may be repeated\n"
	"  -u, --user USER          run as this user, with CAP_NET_ADMIN and nothing more\n"
	"  -g, --group GROUP        and in this group\n"
	"      --frr                run by FRR's scripts: places, user and groups of FRR\n"
	"  -N, --pathspace NAME     with --frr: the instance of FRR\n"
	"      --vty_socket DIR     as FRR's daemons have it: wgrd.vty is made there\n"
	"  -F -A -P -M -o, --moduledir --scriptdir --limit-fds --command-log-always --tcli:\n"
	"                           taken as FRR's daemons do, without effect\n"
	"  -v, --version\n"
	"  -h, --help\n";

static bool parse_number(const char *s, unsigned max, unsigned *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno || end == s || *end || *s == '-' || v > max)
		return false;
	*out = (unsigned)v;
	return true;
}

static bool parse_log(struct options *o, const char *s)
{
	if (strcmp(s, "stderr") == 0 || strcmp(s, "stdout") == 0)
		o->log_targets = LOG_TO_STDERR;
	else if (strcmp(s, "syslog") == 0)
		o->log_targets = LOG_TO_SYSLOG;
	else if (strncmp(s, "file:", 5) == 0 && s[5] == '/')
		o->log_targets = LOG_TO_FILE, o->log_path = s + 5;
	else
		return false;
	return true;
}

static bool parse_debug(struct options *o, const char *s)
{
	for (unsigned i = 0; i < LOG_SUBSYS_COUNT; i++) {
		if (strcmp(s, log_subsys_name(i)) == 0) {
			o->debug[i] = true;
			return true;
		}
	}
	return false;
}

static enum options_verdict wrong(const char *option, const char *value,
				  const char *expected)
{
	fprintf(stderr, "wgrd: %s: \"%s\" is not %s\n", option, value, expected);
	return OPTIONS_WRONG;
}

/* FRR's daemons are told a directory. */
static void set_vty_dir(struct options *o, const char *dir)
{
	char *path = o->path[OPTIONS_PATHS - 1];

	snprintf(path, OPTIONS_PATH_LEN, "%s/wgrd.vty", dir);
	o->vty_socket = path;
}

/* What makes it one of FRR's daemons. */
static bool parse_frr(struct options *o, int opt, const char *value)
{
	switch (opt) {
	case OPT_FRR:
		o->frr = true;
		return true;
	case 'N':
		o->pathspace = value;
		return true;
	case 'u':
		o->user = value;
		return true;
	case 'g':
		o->group = value;
		return true;
	case OPT_VTY_DIR:
		set_vty_dir(o, value);
		return true;
	case 'F':
	case 'A':
	case 'P':
	case 'M':
	case 'o':
	case OPT_WITHOUT_EFFECT:
		return true;
	default:
		return false;
	}
}

/* The options that take one of a few words or a number. */
static enum options_verdict parse_value(struct options *o, int opt, const char *value)
{
	switch (opt) {
	case OPT_WORKERS:
		if (!parse_number(value, 64, &o->workers))
			return wrong("--workers", value, "a number up to 64");
		break;
	case OPT_LOG:
		if (!parse_log(o, value))
			return wrong("--log", value, "stderr, syslog or file:/PATH");
		break;
	case OPT_LOG_LEVEL:
		if (!log_level_parse(value, &o->log_level))
			return wrong("--log-level", value,
				     "error, warning, notice, info or debug");
		break;
	case OPT_DEBUG:
		if (!parse_debug(o, value))
			return wrong("--debug", value,
				     "a subsystem such as zebra or fib");
		break;
	}
	return OPTIONS_RUN;
}

static enum options_verdict parse_one(struct options *o, int opt, const char *value)
{
	switch (opt) {
	case 'd':
		o->daemonise = true;
		return OPTIONS_RUN;
	case 'C':
		o->check_only = true;
		return OPTIONS_RUN;
	case 'r':
		o->retain = true;
		return OPTIONS_RUN;
	case 'f':
		o->config = value;
		return OPTIONS_RUN;
	case 'i':
		o->pid_file = value;
		return OPTIONS_RUN;
	case 'z':
		o->zserv = value;
		return OPTIONS_RUN;
	case OPT_VTY_SOCKET:
		o->vty_socket = value;
		return OPTIONS_RUN;
	case OPT_VTY_GROUP:
		o->vty_group = value;
		return OPTIONS_RUN;
	case OPT_WG_SOCKET_DIR:
		o->wg_socket_dir = value;
		return OPTIONS_RUN;
	case OPT_STATE_DIR:
		o->state_dir = value;
		return OPTIONS_RUN;
	case OPT_NETCONF_SOCKET:
		o->netconf_socket = value;
		return OPTIONS_RUN;
	case OPT_NETCONF_GROUP:
		o->netconf_group = value;
		return OPTIONS_RUN;
	case OPT_NACM:
		o->nacm = value;
		return OPTIONS_RUN;
	case OPT_YANG_DIR:
		o->yang_dir = value;
		return OPTIONS_RUN;
	case 'v':
		printf("%s %s\n", PACKAGE_NAME, PACKAGE_VERSION);
		return OPTIONS_DONE;
	case 'h':
		fputs(usage, stdout);
		return OPTIONS_DONE;
	case '?':
		fputs("wgrd: see wgrd --help\n", stderr);
		return OPTIONS_WRONG;
	default:
		return parse_frr(o, opt, value) ? OPTIONS_RUN
						: parse_value(o, opt, value);
	}
}

/* What nobody said. */
static enum options_verdict settle(struct options *o)
{
	if (o->pathspace && !o->frr)
		return wrong("-N", o->pathspace, "used without --frr");
	if (o->frr && !options_frr_places(o))
		return OPTIONS_WRONG;
	o->config = o->config ?: WGRD_SYSCONFDIR "/wgrd/wgrd.conf";
	o->vty_socket = o->vty_socket ?: WGRD_RUNSTATEDIR "/wgrd/wgrd.vty";
	o->wg_socket_dir = o->wg_socket_dir ?: WGRD_RUNSTATEDIR "/wireguard";
	o->state_dir = o->state_dir ?: WGRD_STATEDIR;
	o->netconf_socket = o->netconf_socket ?: WGRD_RUNSTATEDIR "/wgrd/wgrd.netconf";
	o->nacm = o->nacm ?: WGRD_SYSCONFDIR "/wgrd/nacm.xml";
	o->yang_dir = o->yang_dir ?: WGRD_YANGDIR;
	if (!o->log_targets)
		o->log_targets = o->daemonise ? LOG_TO_SYSLOG : LOG_TO_STDERR;
	return OPTIONS_RUN;
}

enum options_verdict options_parse(struct options *o, int argc, char **argv)
{
	int opt;

	*o = (struct options){.log_level = LOG_LEVEL_INFO};
	while ((opt = getopt_long(argc, argv, "dCrf:i:z:vhu:g:N:F:A:P:M:o:", long_options,
				  NULL)) != -1) {
		enum options_verdict v = parse_one(o, opt, optarg);

		if (v != OPTIONS_RUN)
			return v;
	}
	if (optind < argc)
		return wrong("command line", argv[optind], "an option");
	return settle(o);
}
