/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A daemon for tests of wgrctl: the vty socket, the command line and the datastore are
 * the real ones, over the real loop; what is shown is the scene of fake_state.h.
 *
 * usage: vty_daemon SOCKET CONFIG-FILE
 *
 * Prints "ready" when the socket is there, and ends on SIGTERM.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/wgrd/mgmt/fake_state.h"
#include "wgrd/cli/cli.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/mgmt.h"

static void stop(void *arg, int signo)
{
	(void)signo;
	loop_stop(arg);
}

static int serve(struct loop *loop, struct datastore *ds, char **argv)
{
	const struct mgmt_deps deps = {.loop = loop,
				       .datastore = ds,
				       .rib = FAKE_OBJECT(rib),
				       .wg = FAKE_OBJECT(wg),
				       .tenants = FAKE_OBJECT(tenants),
				       .fib = FAKE_OBJECT(fib),
				       .zclient = FAKE_OBJECT(zclient),
				       .version = "0.1.0",
				       .config_path = argv[2]};
	struct mgmt *m = mgmt_new(&deps);
	struct cli *cli = cli_new(m);
	char why[1200];
	int err = config_load(cli, argv[2], why, sizeof(why));

	if (err == -ENOENT)
		err = datastore_start_empty(ds) ?: datastore_commit(ds, why, sizeof(why));
	if (!err)
		err = cli_listen(cli, argv[1], (gid_t)-1, why, sizeof(why));
	if (!err) {
		puts("ready");
		fflush(stdout);
		err = loop_run(loop);
	} else {
		fprintf(stderr, "%s\n", why);
	}
	cli_free(cli);
	mgmt_free(m);
	return err;
}

int main(int argc, char **argv)
{
	struct loop *loop = loop_new();
	struct datastore *ds;
	char why[512];
	int err = -1;

	if (argc != 3 || !loop || loop_signal(loop, SIGTERM, stop, loop)) {
		fprintf(stderr, "usage: vty_daemon SOCKET CONFIG-FILE\n");
		return 2;
	}
	if (datastore_new(getenv("WGRD_YANG_DIR") ?: "yang", &ds, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
	} else {
		err = serve(loop, ds, argv);
		datastore_free(ds);
	}
	loop_free(loop);
	return err ? 1 : 0;
}
