/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/ctl/bench.h"
#include "wgrd/ctl/import.h"
#include "wgrd/ctl/interactive.h"
#include "wgrd/ctl/session.h"

enum {
	EXIT_COMMAND = 1, /* a command failed */
	EXIT_USAGE = 2,   /* wrong options, or nobody to talk to */
};

static const char usage[] =
	"usage: wgrctl [--socket PATH] [-c COMMAND]...\n"
	"       wgrctl [--socket PATH] import FILE [--interface NAME] [--key-dir DIR]\n"
	"              [--dry-run]\n"
	"       wgrctl bench [server] ADDRESS[:PORT]\n"
	"Talks to wgrd. Without -c: from a terminal, or commands from standard input.\n"
	"bench measures a tunnel between two hosts; see wgrctl bench --help.\n"
	"\n"
	"  -c, --command COMMAND  run this, and end; may be given several times\n"
	"  -s, --socket PATH      wgrd's vty socket (" WGRD_RUNSTATEDIR
	"/wgrd/wgrd.vty)\n"
	"      --interface NAME   of an import (FILE without .conf)\n"
	"      --key-dir DIR      where an import puts keys (" WGRD_SYSCONFDIR "/wgrd)\n"
	"      --dry-run          print what an import would do\n"
	"  -h, --help             print this\n"
	"  -V, --version          print the version\n";

static const struct option long_options[] = {
	{"command", required_argument, NULL, 'c'},
	{"socket", required_argument, NULL, 's'},
	{"interface", required_argument, NULL, 'i'},
	{"key-dir", required_argument, NULL, 'k'},
	{"dry-run", no_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

/* A full disk behind stdout is a failure too. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		perror("wgrctl: cannot write the output");
		return EXIT_COMMAND;
	}
	return status;
}

static int exit_status(enum outcome outcome)
{
	return outcome == OUTCOME_OK || outcome == OUTCOME_LEFT ? EXIT_SUCCESS
								: EXIT_COMMAND;
}

static int run_commands(struct session *s, char **command, size_t count)
{
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < count && outcome == OUTCOME_OK; i++)
		outcome = session_run(s, command[i], "");
	return exit_status(outcome);
}

/* Stops at the first line that fails. */
static int run_stdin(struct session *s)
{
	enum outcome outcome = OUTCOME_OK;
	char *line = NULL, prefix[32];
	unsigned number = 0;
	size_t cap = 0;
	ssize_t len;

	while (outcome == OUTCOME_OK && (len = getline(&line, &cap, stdin)) >= 0) {
		if (len && line[len - 1] == '\n')
			line[len - 1] = '\0';
		snprintf(prefix, sizeof(prefix), "line %u: ", ++number);
		outcome = session_run(s, line, prefix);
	}
	free(line);
	if (outcome == OUTCOME_OK && ferror(stdin)) {
		perror("wgrctl: standard input");
		return EXIT_COMMAND;
	}
	return exit_status(outcome);
}

static int use_session(const char *socket, char **command, size_t count)
{
	struct session s = {.conn = {.path = socket}};
	int status;

	if (!session_open(&s))
		return EXIT_USAGE;
	if (count)
		status = run_commands(&s, command, count);
	else if (isatty(STDIN_FILENO))
		status = interactive_run(&s);
	else
		status = run_stdin(&s);
	conn_close(&s.conn);
	return finish(status);
}

/* The command line, understood. */
struct asked {
	char **command;
	size_t count;
	bool import_only; /* an option was given that means nothing elsewhere */
	struct import_options import;
	int done; /* EXIT_...; -1: there is more to do */
};

static void parse_option(struct asked *a, int opt)
{
	switch (opt) {
	case 'c':
		a->command[a->count++] = optarg;
		break;
	case 's':
		a->import.socket = optarg;
		break;
	case 'i':
		a->import.interface = optarg;
		a->import_only = true;
		break;
	case 'k':
		a->import.key_dir = optarg;
		a->import_only = true;
		break;
	case 'n':
		a->import.dry_run = true;
		a->import_only = true;
		break;
	case 'h':
		fputs(usage, stdout);
		a->done = finish(EXIT_SUCCESS);
		break;
	case 'V':
		puts("wgrctl " PACKAGE_VERSION);
		a->done = finish(EXIT_SUCCESS);
		break;
	default:
		fputs(usage, stderr);
		a->done = EXIT_USAGE;
	}
}

static int wrong(const char *word, const char *why)
{
	fprintf(stderr, "wgrctl: \"%s\": %s\n%s", word, why, usage);
	return EXIT_USAGE;
}

static int run(struct asked *a, char **word, int words)
{
	if (words && !strcmp(word[0], "import")) {
		if (words != 2)
			return wrong("import", "it takes one file");
		if (a->count)
			return wrong(a->command[0], "an import runs no commands");
		a->import.file = word[1];
		return finish(import_run(&a->import));
	}
	if (words)
		return wrong(word[0], "commands are given with -c");
	if (a->import_only)
		return wrong("--interface, --key-dir, --dry-run", "these are for import");
	return use_session(a->import.socket, a->command, a->count);
}

/* Of a wgrd of its own, or of one that FRR's scripts have started. */
static const char *usual_socket(void)
{
	static const char own[] = WGRD_RUNSTATEDIR "/wgrd/wgrd.vty";
	static const char in_frr[] = WGRD_RUNSTATEDIR "/frr/wgrd.vty";

	return access(own, F_OK) && !access(in_frr, F_OK) ? in_frr : own;
}

int main(int argc, char **argv)
{
	struct asked a = {
		.import = {.socket = usual_socket(), .key_dir = WGRD_SYSCONFDIR "/wgrd"},
		.done = -1,
	};
	int opt;

	if (argc > 1 && !strcmp(argv[1], "bench"))
		return finish(bench_main(argc - 1, argv + 1));
	a.command = xcalloc((size_t)argc, sizeof(*a.command));
	while (a.done < 0 &&
	       (opt = getopt_long(argc, argv, "c:s:hV", long_options, NULL)) != -1)
		parse_option(&a, opt);
	if (a.done < 0)
		a.done = run(&a, argv + optind, argc - optind);
	free(a.command);
	return a.done;
}
