/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_CLIENT_H
#define WGRD_CTL_BENCH_CLIENT_H

/*
 * The near end of `wgrctl bench`: a connection to a server, and runs over it, one after
 * the other. One thread; blocking.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/ctl/bench_addr.h"
#include "wgrd/ctl/bench_report.h"
#include "wgrd/ctl/bench_wire.h"
#include "wgrd/lib/util.h"

struct bench_client {
	int fd;
	struct bench_addr local, server;
	uint8_t token[BENCH_TOKEN_LEN];
	unsigned mtu; /* the lesser of both ends' */
};

/* On failure @why is a sentence. */
int bench_client_open(struct bench_client *c, const struct bench_addr *server, char *why,
		      size_t why_len) MUST_USE;
void bench_client_close(struct bench_client *c);

/*
 * Does what @row->run says and fills the rest. A run that could not be measured, while the
 * session can go on, is 0 with row->err. Otherwise @why is a sentence.
 */
int bench_client_measure(struct bench_client *c, struct bench_row *row, char *why,
			 size_t why_len) MUST_USE;

#endif
