/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/account.h"
#include "wgrd/daemon.h"
#include "wgrd/fdstore.h"
#include "wgrd/lib/log.h"
#include "wgrd/options.h"
#include "wgrd/process.h"

enum {
	EXIT_OK,
	EXIT_FAILED,
	EXIT_WRONG, /* command line or configuration */
};

enum {
	WHY_LEN = 1024
};

static int check(const struct options *opt)
{
	char why[WHY_LEN];

	if (daemon_check(opt, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return EXIT_WRONG;
	}
	printf("%s is right\n", opt->config);
	return EXIT_OK;
}

static int run(const struct options *opt)
{
	char why[WHY_LEN];
	struct daemon *d;
	int err;

	err = daemon_new(opt, &d, why, sizeof(why));
	if (err) {
		log_err(LOG_DAEMON, "%s", why);
		return err == -EINVAL ? EXIT_WRONG : EXIT_FAILED;
	}
	process_ready();
	err = daemon_run(d);
	process_notify("STOPPING=1");
	daemon_free(d);
	return err ? EXIT_FAILED : EXIT_OK;
}

/* With what the user cannot make for itself. */
static int become(const struct options *opt, char *why, size_t why_len)
{
	struct account a;
	int err;

	if (!opt->user)
		return 0;
	err = account_find(&a, opt->user, opt->group, why, why_len);
	if (!err && geteuid() == 0)
		err = account_make_dir(&a, opt->wg_socket_dir, why, why_len)
			      ?: account_make_dir(&a, opt->state_dir, why, why_len);
	return err ?: account_become(&a, why, why_len);
}

static int start(const struct options *opt)
{
	char why[WHY_LEN];
	int pid_fd = -1, status;

	if (opt->daemonise && process_daemonise()) {
		perror("wgrd: cannot run in the background");
		return EXIT_FAILED;
	}
	if (become(opt, why, sizeof(why))) {
		fprintf(stderr, "wgrd: %s\n", why);
		return EXIT_FAILED;
	}
	if (log_open("wgrd", opt->log_targets | (opt->daemonise ? LOG_TO_STDERR : 0),
		     opt->log_path)) {
		fprintf(stderr, "wgrd: %s cannot be written\n",
			opt->log_path ?: "the log");
		return EXIT_FAILED;
	}
	log_set_level(opt->log_level);
	for (unsigned i = 0; i < LOG_SUBSYS_COUNT; i++)
		log_set_debug(i, opt->debug[i]);
	process_limits();
	fdstore_open();
	if (opt->pid_file && process_pid_file(opt->pid_file, &pid_fd, why, sizeof(why))) {
		log_err(LOG_DAEMON, "%s", why);
		return EXIT_FAILED;
	}
	status = run(opt);
	if (opt->pid_file)
		process_pid_file_remove(opt->pid_file, pid_fd);
	log_close();
	return status;
}

int main(int argc, char **argv)
{
	struct options opt;

	umask(0077);
	switch (options_parse(&opt, argc, argv)) {
	case OPTIONS_DONE:
		return EXIT_OK;
	case OPTIONS_WRONG:
		return EXIT_WRONG;
	case OPTIONS_RUN:
		break;
	}
	return opt.check_only ? check(&opt) : start(&opt);
}
