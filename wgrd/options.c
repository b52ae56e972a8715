/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "wgrd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_VTY_SOCKET = 256,
	OPT_VTY_GROUP,
	OPT_YANG_DIR,
	OPT_WORKERS,
	OPT_LOG,
	OPT_LOG_LEVEL,
	OPT_DEBUG,
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
	{"yang-dir", required_argument, NULL, OPT_YANG_DIR},
	{"workers", required_argument, NULL, OPT_WORKERS},
	{"log", required_argument, NULL, OPT_LOG},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{"debug", required_argument, NULL, OPT_DEBUG},
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
	"      --yang-dir DIR       models (" WGRD_YANGDIR ")\n"
	"      --workers N          packet threads (one for each processor, at most 4)\n"
	"      --log TARGET         stderr, syslog or file:PATH (stderr; syslog with -d)\n"
	"      --log-level LEVEL    error, warning, notice, info (info)\n"
	"      --debug SUBSYSTEM    debug lines of one subsystem; may be repeated\n"
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
	if (strcmp(s, "stderr") == 0)
		o->log_targets = LOG_TO_STDERR;
	else if (strcmp(s, "syslog") == 0)
		o->log_targets = LOG_TO_SYSLOG;
	else if (strncmp(s, "file:", 5) == 0 && s[5] == '/')
		o->log_targets = LOG_TO_FILE, o->log_path = s + 5;
	else
		return false;
	return true;
}

static bool parse_level(struct options *o, const char *s)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = {
		{"error", LOG_LEVEL_ERR},
		{"warning", LOG_LEVEL_WARN},
		{"notice", LOG_LEVEL_NOTICE},
		{"info", LOG_LEVEL_INFO},
	};

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (strcmp(s, levels[i].name) == 0) {
			o->log_level = levels[i].level;
			return true;
		}
	}
	return false;
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
		if (!parse_level(o, value))
			return wrong("--log-level", value,
				     "error, warning, notice or info");
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
		return parse_value(o, opt, value);
	}
}

enum options_verdict options_parse(struct options *o, int argc, char **argv)
{
	int opt;

	*o = (struct options){
		.config = WGRD_SYSCONFDIR "/wgrd/wgrd.conf",
		.vty_socket = WGRD_RUNSTATEDIR "/wgrd/wgrd.vty",
		.yang_dir = WGRD_YANGDIR,
		.log_level = LOG_LEVEL_INFO,
	};
	while ((opt = getopt_long(argc, argv, "dCrf:i:z:vh", long_options, NULL)) != -1) {
		enum options_verdict v = parse_one(o, opt, optarg);

		if (v != OPTIONS_RUN)
			return v;
	}
	if (optind < argc)
		return wrong("command line", argv[optind], "an option");
	if (!o->log_targets)
		o->log_targets = o->daemonise ? LOG_TO_SYSLOG : LOG_TO_STDERR;
	return OPTIONS_RUN;
}
