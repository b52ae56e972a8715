/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_WORKER_H
#define WGRD_DPLANE_WORKER_H

/*
 * A packet worker: one thread that waits for its queues and sockets and carries each
 * batch from one side to the other, to completion. It never allocates, logs, blocks on a
 * lock, or reads the clock more than once a batch; it holds pointers to published objects
 * only within a batch. The main thread starts and stops it; what is below belongs to the
 * worker unless a line says otherwise.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/crypto/aead.h"
#include "wgrd/dplane/drop.h"
#include "wgrd/dplane/share.h"
#include "wgrd/dplane/source.h"
#include "wgrd/dplane/sync/inbox.h"
#include "wgrd/dplane/unreach.h"
#include "wgrd/lib/util.h"

struct dp_rx;
struct dp_stages;
struct dp_tx;
struct dplane;

struct dp_worker {
	/* set once */
	struct dplane *dp;
	unsigned index;
	pthread_t thread;
	int epfd;
	const struct aead_impl *aead;
	struct dp_inbox inbox; /* any thread posts */

	uint64_t now_ns; /* of the batch */
	bool stop;
	struct dp_tx *tx;
	struct dp_rx *rx;
	struct dp_stages *stages;
	struct dp_unreach unreach;
	struct dp_share share; /* other workers too, see there */
	_Alignas(64) struct dp_counters counters;
};

/* ---- main thread ---- */

int dp_worker_new(struct dplane *dp, unsigned index, struct dp_worker **out) MUST_USE;
/* Ends its thread; it has no sources left. What it has counted can still be read. */
void dp_worker_stop(struct dp_worker *w);
void dp_worker_free(struct dp_worker *w);
/* @s stays the caller's. Returns 0 or a negative errno. */
int dp_worker_add(struct dp_worker *w, struct dp_source *s) MUST_USE;
/* The worker may still be at it until it has been between two batches: see
 * dplane_sync_workers(). A source never added, or with fd -1, is allowed. */
void dp_worker_remove(struct dp_worker *w, struct dp_source *s);

#endif
