/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_METRICS_METRICS_H
#define WGRD_METRICS_METRICS_H

/*
 * What show prints, as numbers for Prometheus: GET /metrics on a loopback address or a
 * UNIX socket, as configured. Nothing in it is secret, and nobody is asked who he is:
 * whoever wants it on a network puts a proxy before it. Main thread only; the HTTP is
 * libmicrohttpd's, run by our loop.
 */

#include "wgrd/conf/commit.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct fib;
struct loop;
struct metrics;
struct tenants;
struct wg;
struct zclient;

/* All are the caller's and must outlive the struct metrics. */
struct metrics_deps {
	struct loop *loop;
	struct wg *wg;
	struct tenants *tenants;
	struct fib *fib;
	struct zclient *zclient; /* NULL: this daemon does not talk to zebra */
	const char *version;
};

struct metrics *metrics_new(const struct metrics_deps *deps);
/* Closes what is open. NULL is allowed. */
void metrics_free(struct metrics *m);
/* Opens and closes the sockets; ctx is the struct metrics. */
extern const struct conf_subsys metrics_conf_subsys;

/* All of it, as text. */
void metrics_collect(const struct metrics_deps *deps, bool openmetrics,
		     struct strbuf *out);

#endif
