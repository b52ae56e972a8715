/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The options of the data plane: how they are taken over, and what came of them. */

#include <stdio.h>
#include <string.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/port.h"
#include "wgrd/dplane/sync/thread.h"
#include "wgrd/dplane/worker.h"
#include "wgrd/lib/log.h"

static const sa_family_t families[2] = {AF_INET, AF_INET6};

/* ---- workers ---- */

static unsigned choose_workers(const struct dplane *dp, unsigned asked)
{
	unsigned n = asked ? asked : (unsigned)CPU_COUNT(&dp->cpus);

	if (!asked && n > DP_WORKERS_DEFAULT_MAX)
		n = DP_WORKERS_DEFAULT_MAX;
	return n > DP_WORKERS_MAX ? DP_WORKERS_MAX : n;
}

bool dplane_may_use_cpu(const struct dplane *dp, unsigned cpu)
{
	return cpu < CPU_SETSIZE && CPU_ISSET(cpu, &dp->cpus);
}

/* A CPU that has been taken offline since it was configured is a reason to run elsewhere,
 * not to stop. */
static void pin(struct dplane *dp, unsigned index)
{
	const struct dp_options *opt = &dp->options;
	cpu_set_t one, *cpus = &dp->cpus;
	int err;

	if (opt->cpu_count) {
		CPU_ZERO(&one);
		CPU_SET(opt->cpu[index % opt->cpu_count], &one);
		cpus = &one;
	}
	err = dp_thread_set_cpus(dp->worker[index]->thread, cpus);
	if (err)
		log_warn(LOG_DPLANE, "worker %u: stays on the CPUs it was on: %s", index,
			 strerror(-err));
}

void dplane_pin_workers(struct dplane *dp)
{
	for (unsigned i = 0; i < dp->workers; i++)
		pin(dp, i);
}

/* The new ones are there before the old ones go, so that it may fail. */
static int change_workers(struct dplane *dp, unsigned n)
{
	struct dp_worker *worker[DP_WORKERS_MAX];
	int err;

	if (dp->workers_fixed || n == dp->workers || dp->devices || dp->ports)
		return 0;
	err = dplane_start_workers(dp, n, worker);
	if (err)
		return err;
	dplane_stop_workers(dp, dp->workers, dp->worker);
	memcpy(dp->worker, worker, n * sizeof(worker[0]));
	dp->workers = n;
	dplane_pin_workers(dp);
	/* The old ones have taken the new ones' bits in dp->idle with them: each comes by
	 * and says again that it waits. */
	dplane_sync_workers(dp);
	return 0;
}

/* ---- buffers ---- */

static struct dp_udp_buffers wanted_buffers(const struct dp_options *opt)
{
	return (struct dp_udp_buffers){
		.receive_bytes = opt->receive_buffer_bytes ?: DP_BUFFER_BYTES_DEFAULT,
		.send_bytes = opt->send_buffer_bytes ?: DP_BUFFER_BYTES_DEFAULT,
	};
}

void dplane_size_buffers(struct dplane *dp, int fd)
{
	struct dp_udp_buffers want = wanted_buffers(&dp->options);
	struct dp_udp_buffers got = dp_udp_set_buffers(fd, &want);

	if (got.receive_bytes >= want.receive_bytes && got.send_bytes >= want.send_bytes)
		return;
	if (dp->small_buffers_told)
		return;
	dp->small_buffers_told = true;
	log_warn(
		LOG_DPLANE,
		"data plane: the kernel gives UDP sockets %u and %u bytes of receive-buffer "
		"and send-buffer, not %u and %u: CAP_NET_ADMIN or a higher net.core.rmem_max "
		"and net.core.wmem_max would help",
		got.receive_bytes, got.send_bytes, want.receive_bytes, want.send_bytes);
}

/* ---- options ---- */

void dplane_init_options(struct dplane *dp, const struct dp_options *opt)
{
	if (sched_getaffinity(0, sizeof(dp->cpus), &dp->cpus) < 0 ||
	    !CPU_COUNT(&dp->cpus)) {
		CPU_ZERO(&dp->cpus);
		CPU_SET(0, &dp->cpus);
	}
	dp->holder = opt->holder;
	dp->options = *opt;
	dp->options.holder = NULL;
	dp->options.tun = NULL;
	dp->options.tun_arg = NULL;
	dp->options.now_ns = NULL;
	dp->workers_fixed = opt->workers != 0;
	dp->workers = choose_workers(dp, opt->workers);
}

int dplane_prepare(struct dplane *dp, const struct dp_options *opt, char *why,
		   size_t why_len)
{
	int err;

	dp->previous = dp->options;
	dp->options = *opt;
	err = change_workers(dp, choose_workers(dp, opt->workers));
	if (!err)
		return 0;
	snprintf(why, why_len, "data plane: cannot start its workers: %s",
		 strerror(-err));
	dp->options = dp->previous;
	return err;
}

static bool buffers_equal(const struct dp_options *a, const struct dp_options *b)
{
	struct dp_udp_buffers x = wanted_buffers(a), y = wanted_buffers(b);

	return x.receive_bytes == y.receive_bytes && x.send_bytes == y.send_bytes;
}

static bool cpus_equal(const struct dp_options *a, const struct dp_options *b)
{
	return a->cpu_count == b->cpu_count &&
	       memcmp(a->cpu, b->cpu, a->cpu_count * sizeof(a->cpu[0])) == 0;
}

/* What has changed and is not in force: what show would have to be asked for. */
static void say_what_waits(const struct dplane *dp, char *buf, size_t size)
{
	const struct dp_options *old = &dp->previous, *new = &dp->options;
	unsigned asked = choose_workers(dp, new->workers);
	bool offloads = dp->devices && (old->no_tun_offload != new->no_tun_offload ||
					old->no_udp_offload != new->no_udp_offload);
	size_t len = 0;

	buf[0] = '\0';
	if (old->workers != new->workers && asked != dp->workers) {
		if (!dp->workers_fixed)
			snprintf(buf, size,
				 "dataplane: %u workers until the next start, "
				 "then %u",
				 dp->workers, asked);
		else if (new->workers)
			snprintf(buf, size,
				 "dataplane: %u workers are configured, the "
				 "command line says %u",
				 asked, dp->workers);
		len = strlen(buf);
	}
	if (offloads)
		snprintf(buf + len, size - len,
			 "%sdataplane: offloads hold for interfaces and ports that are "
			 "made from now on",
			 len ? "; " : "");
}

void dplane_set(struct dplane *dp, char *waits, size_t waits_len)
{
	if (!cpus_equal(&dp->previous, &dp->options))
		dplane_pin_workers(dp);
	if (!buffers_equal(&dp->previous, &dp->options)) {
		dp->small_buffers_told = false;
		for (struct dp_port *p = dp->ports; p; p = p->next)
			dp_port_size_buffers(p);
	}
	say_what_waits(dp, waits, waits_len);
}

void dplane_abort(struct dplane *dp)
{
	int err;

	dp->options = dp->previous;
	err = change_workers(dp, choose_workers(dp, dp->options.workers));
	if (err)
		log_err(LOG_DPLANE,
			"data plane: %u workers stay, cannot start others: %s",
			dp->workers, strerror(-err));
}

static int any_socket(const struct dplane *dp)
{
	for (const struct dp_port *p = dp->ports; p; p = p->next) {
		for (unsigned f = 0; f < 2; f++) {
			int fd = dp_port_fd(p, 0, families[f]);

			if (fd >= 0)
				return fd;
		}
	}
	return -1;
}

void dplane_view(const struct dplane *dp, struct dplane_view *v)
{
	struct dp_udp_buffers want = wanted_buffers(&dp->options);
	int fd = any_socket(dp);

	*v = (struct dplane_view){
		.options = dp->options,
		.workers = dp->workers,
		.workers_fixed = dp->workers_fixed,
		.devices = dp->devices,
		.devices_offloaded = dp->devices_offloaded,
	};
	for (const struct dp_port *p = dp->ports; p; p = p->next) {
		v->ports++;
		v->ports_offloaded += p->trains;
	}
	v->options.workers = choose_workers(dp, dp->options.workers);
	v->options.receive_buffer_bytes = want.receive_bytes;
	v->options.send_buffer_bytes = want.send_bytes;
	if (fd >= 0) {
		struct dp_udp_buffers got = dp_udp_buffers(fd);

		v->receive_buffer_bytes = got.receive_bytes;
		v->send_buffer_bytes = got.send_bytes;
	}
}

/* ---- threads ---- */

static struct dplane_thread_view view_counters(const struct dp_counters *c)
{
	struct dplane_thread_view v = {
		.cpu = -1,
		.tx_packets = dp_counter(c, DP_TX_PACKETS),
		.tx_bytes = dp_counter(c, DP_TX_BYTES),
		.rx_packets = dp_counter(c, DP_RX_PACKETS),
		.rx_bytes = dp_counter(c, DP_RX_BYTES),
		.tx_batches = dp_counter(c, DP_TX_BATCHES),
		.rx_batches = dp_counter(c, DP_RX_BATCHES),
		.wakeups = dp_counter(c, DP_WAKEUPS),
		.drops = dp_counter_drops(c),
	};

	return v;
}

void dplane_walk_threads(const struct dplane *dp,
			 bool (*fn)(const struct dplane_thread_view *v, void *arg),
			 void *arg)
{
	const struct dp_options *opt = &dp->options;
	struct dplane_thread_view v;

	for (unsigned i = 0; i < dp->workers; i++) {
		v = view_counters(&dp->worker[i]->counters);
		snprintf(v.name, sizeof(v.name), "wg-dp/%u", i);
		if (opt->cpu_count)
			v.cpu = opt->cpu[i % opt->cpu_count];
		if (!fn(&v, arg))
			return;
	}
	v = view_counters(dp_hs_counters(dp->hs));
	snprintf(v.name, sizeof(v.name), "wg-hs");
	fn(&v, arg);
}
