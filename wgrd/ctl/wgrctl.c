/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/ctl/interactive.h"
#include "wgrd/ctl/session.h"

enum {
	EXIT_COMMAND = 1, /* a command failed */
	EXIT_USAGE = 2,   /* wrong options, or nobody to talk to */
};

static const char usage[] =
	"usage: wgrctl [--socket PATH] [-c COMMAND]...\n"
	"Talks to wgrd. Without -c: from a terminal, or commands from standard input.\n"
	"\n"
	"  -c, --command COMMAND  run this, and end; may be given several times\n"
	"  -s, --socket PATH      wgrd's vty socket (" WGRD_RUNSTATEDIR
	"/wgrd/wgrd.vty)\n"
	"  -h, --help             print this\n"
	"  -V, --version          print the version\n";

static const struct option long_options[] = {
	{"command", required_argument, NULL, 'c'},
	{"socket", required_argument, NULL, 's'},
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

int main(int argc, char **argv)
{
	const char *socket = WGRD_RUNSTATEDIR "/wgrd/wgrd.vty";
	char **command = xcalloc((size_t)argc, sizeof(*command));
	size_t count = 0;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "c:s:hV", long_options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			command[count++] = optarg;
			break;
		case 's':
			socket = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			free(command);
			return finish(EXIT_SUCCESS);
		case 'V':
			puts("wgrctl " PACKAGE_VERSION);
			free(command);
			return finish(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			free(command);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "wgrctl: \"%s\": commands are given with -c\n%s",
			argv[optind], usage);
		status = EXIT_USAGE;
	} else {
		status = use_session(socket, command, count);
	}
	free(command);
	return status;
}
