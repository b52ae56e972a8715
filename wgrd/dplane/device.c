/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/device.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/tx.h"
#include "wgrd/dplane/worker.h"
#include "wgrd/lib/log.h"

/* ---- queues ---- */

static void close_queues(struct dp_device *dev)
{
	for (unsigned i = 0; i < dev->dp->workers; i++) {
		if (dev->queue[i].source.fd >= 0)
			close(dev->queue[i].source.fd);
		dev->queue[i].source.fd = -1;
	}
}

static int open_queues(struct dp_device *dev, int held, char *why, size_t why_len)
{
	struct dplane *dp = dev->dp;
	int fd[DP_WORKERS_MAX], err;

	dev->offload.vnet = dev->offload.udp = !dp->options.no_tun_offload;
	err = dp->tun->open(dp->tun_arg, dev->name, held, dp->workers, fd, &dev->offload,
			    &dev->ifindex, why, why_len);
	for (unsigned i = 0; i < dp->workers; i++)
		dev->queue[i].source.fd = err ? -1 : fd[i];
	return err;
}

static int take_held(const struct dplane *dp, const char *name)
{
	return dp->holder ? dp->holder->take(name) : -1;
}

/* Not before it is known that the device is wanted. */
static void have_held(struct dp_device *dev)
{
	if (!dev->dp->holder || dev->held || dev->queue[0].source.fd < 0)
		return;
	dev->dp->holder->put(dev->name, dev->queue[0].source.fd);
	dev->held = true;
}

static void take_back(struct dp_device *dev)
{
	for (unsigned i = 0; i < dev->dp->workers; i++)
		dp_worker_remove(dev->dp->worker[i], &dev->queue[i].source);
	dplane_sync_workers(dev->dp);
}

static int hand_out(struct dp_device *dev, char *why, size_t why_len)
{
	for (unsigned i = 0; i < dev->dp->workers; i++) {
		int err = dp_worker_add(dev->dp->worker[i], &dev->queue[i].source);

		if (err) {
			snprintf(why, why_len,
				 "wireguard %s: cannot wait for packets: %s", dev->name,
				 strerror(-err));
			return err;
		}
	}
	return 0;
}

/* ---- ports ---- */

/* The system's choice is kept as long as the configuration leaves it to the system. */
static bool has_right_port(const struct dp_device *dev, const struct dp_device_conf *conf)
{
	return dev->bound && dev->wanted_port == conf->port;
}

/* On a socket for nothing else: those in use must not notice. */
static int try_mark(const struct dp_device *dev, uint32_t fwmark, char *why,
		    size_t why_len)
{
	int err = fwmark == dev->fwmark ? 0 : dp_udp_try_mark(fwmark);

	if (err)
		snprintf(why, why_len, "wireguard %s: cannot set fwmark %#x: %s",
			 dev->name, fwmark, strerror(-err));
	return err;
}

int dp_device_prepare(struct dp_device *dev, const struct dp_device_conf *conf, char *why,
		      size_t why_len)
{
	int err;

	assert(!dev->prepared);
	if (!has_right_port(dev, conf)) {
		err = dp_port_get(dev->dp, dev->name, conf->port, &dev->prepared, why,
				  why_len);
		if (err)
			return err;
	}
	err = try_mark(dev, conf->fwmark, why, why_len);
	if (err)
		dp_device_abort(dev);
	return err;
}

void dp_device_abort(struct dp_device *dev)
{
	dp_port_put(dev->prepared);
	dev->prepared = NULL;
}

static void set_mark(struct dp_device *dev, uint32_t fwmark)
{
	int err = dp_port_set_mark(dev->bound, fwmark);

	if (err)
		log_err(LOG_DPLANE, "interface %s: cannot set fwmark %#x: %s", dev->name,
			fwmark, strerror(-err));
	dev->fwmark = fwmark;
}

void dp_device_set(struct dp_device *dev, const struct dp_device_conf *conf)
{
	struct dp_port *old = NULL;

	if (dev->prepared) {
		old = dev->bound;
		dev->bound = dev->prepared;
		dev->prepared = NULL;
	}
	dev->wanted_port = conf->port;
	if (conf->port)
		dp_port_offer(dev->bound);
	set_mark(dev, conf->fwmark);
	atomic_store_explicit(&dev->mtu, conf->mtu, memory_order_relaxed);
	atomic_store_explicit(&dev->dscp, conf->dscp, memory_order_relaxed);
	/* releases the port to dp_tx_send() */
	atomic_store_explicit(&dev->port, dev->bound, memory_order_release);
	dp_hs_device_set(dev->dp->hs, dev, dev->bound, conf->enabled ? conf : NULL);
	dp_port_put(old);
	have_held(dev);
}

uint16_t dp_device_port(const struct dp_device *dev)
{
	return dev->bound ? dev->bound->number : 0;
}

/* ---- coming and going ---- */

static void free_memory(struct dp_device *dev)
{
	dp_permits_fini(&dev->permits);
	free(dev);
}

static struct dp_device *new_memory(struct dplane *dp, const char *name)
{
	struct dp_device *dev =
		calloc(1, sizeof(*dev) + dp->workers * sizeof(dev->queue[0]));

	if (!dev)
		return NULL;
	dev->dp = dp;
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	for (unsigned i = 0; i < dp->workers; i++) {
		dev->queue[i].device = dev;
		dev->queue[i].source.fd = -1;
		dev->queue[i].source.ready = dp_tx_ready;
	}
	if (dp_permits_init(&dev->permits)) {
		free(dev);
		return NULL;
	}
	return dev;
}

int dp_device_new(struct dplane *dp, const char *name, const struct dp_device_conf *conf,
		  struct dp_device **out, char *why, size_t why_len)
{
	struct dp_device *dev = new_memory(dp, name);
	int err = -ENOMEM;

	if (!dev) {
		snprintf(why, why_len, "wireguard %s: out of memory", name);
		return err;
	}
	err = open_queues(dev, take_held(dp, name), why, why_len);
	if (err)
		goto free_device;
	err = dp_device_prepare(dev, conf, why, why_len);
	if (err)
		goto close_queues;
	err = hand_out(dev, why, why_len);
	if (err)
		goto abort_port;
	dp->devices++;
	dp->devices_offloaded += dev->offload.vnet;
	*out = dev;
	return 0;

abort_port:
	take_back(dev);
	dp_device_abort(dev);
close_queues:
	close_queues(dev);
free_device:
	free_memory(dev);
	return err;
}

/* When it returns nobody reads or writes the queues. */
static void silence(struct dp_device *dev)
{
	/* releases to accept_run() in rx.c: who sees it leaves the queues alone; who has
	 * not, has finished its batch when take_back() returns */
	atomic_store_explicit(&dev->port, NULL, memory_order_release);
	take_back(dev);
}

static void drop_held(struct dp_device *dev)
{
	if (dev->held)
		dev->dp->holder->drop(dev->name);
	dev->held = false;
}

int dp_device_reopen(struct dp_device *dev, char *why, size_t why_len)
{
	int err;

	silence(dev);
	close_queues(dev);
	drop_held(dev);
	dev->dp->devices_offloaded -= dev->offload.vnet;
	err = open_queues(dev, -1, why, why_len) ?: hand_out(dev, why, why_len);
	if (err) {
		take_back(dev);
		close_queues(dev);
		dev->offload.vnet = false;
		return err;
	}
	dev->dp->devices_offloaded += dev->offload.vnet;
	have_held(dev);
	/* releases the queues to accept_run() */
	atomic_store_explicit(&dev->port, dev->bound, memory_order_release);
	return 0;
}

bool dp_device_stop(struct dp_device *dev)
{
	bool lingers = dev->held && !dev->dp->retain;

	dp_device_abort(dev);
	silence(dev);
	if (!dev->dp->retain)
		drop_held(dev);
	close_queues(dev);
	dp_hs_device_set(dev->dp->hs, dev, NULL, NULL);
	dp_port_put(dev->bound);
	dev->bound = NULL;
	return lingers;
}

static void free_device(struct dp_rcu *r)
{
	free_memory(container_of(r, struct dp_device, rcu));
}

static void nothing(void *arg, void *owner)
{
	(void)arg;
	(void)owner;
}

/* The handshake thread has done what it was asked for the device's peers when it comes to
 * our call; and workers have let go of them after a grace period. */
void dp_device_free(struct dp_device *dev)
{
	dp_inbox_sync(dp_hs_inbox(dev->dp->hs), nothing, NULL);
	assert(!dev->bound && !dev->hs.peers);
	dp_identities_fini(&dev->hs.identities);
	dev->dp->devices--;
	dev->dp->devices_offloaded -= dev->offload.vnet;
	dp_rcu_call(&dev->rcu, free_device);
}
