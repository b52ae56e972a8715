/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/wg/wg_dataplane.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/conf.h"
#include "wgrd/dplane/dplane.h"

static_assert((int)CONF_CPUS_MAX == (int)DP_WORKERS_MAX, "a CPU for each worker");

static struct dp_options options_of(const struct conf_dataplane *c)
{
	struct dp_options opt = {
		.workers = c->workers,
		.cpu_count = c->cpu_affinity.count,
		.receive_buffer_bytes = c->receive_buffer,
		.send_buffer_bytes = c->send_buffer,
		.no_tun_offload = !c->interface_offload,
		.no_udp_offload = !c->udp_offload,
	};

	memcpy(opt.cpu, c->cpu_affinity.v, sizeof(opt.cpu));
	return opt;
}

static int check_cpus(const struct dplane *dp, struct conf_change *c, char *why,
		      size_t why_len)
{
	const struct conf_cpus *cpus = &c->new->dataplane.cpu_affinity;

	for (unsigned i = 0; i < cpus->count; i++) {
		if (dplane_may_use_cpu(dp, cpus->v[i]))
			continue;
		snprintf(
			why, why_len,
			"dataplane: cpu-affinity names CPU %u, which wgrd may not use or "
			"which does not exist; expected some of those that 'taskset -cp' "
			"shows for it",
			cpus->v[i]);
		c->refused = (struct refusal_at){
			.top = "dataplane",
			.leaf = "cpu-affinity",
		};
		return -EINVAL;
	}
	return 0;
}

static int prepare(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	const struct wg_dataplane *d = ctx;
	struct dp_options opt = options_of(&c->new->dataplane);
	int err;

	if (d->keep)
		return 0;
	err = check_cpus(d->dplane, c, why, why_len);
	return err ?: dplane_prepare(d->dplane, &opt, why, why_len);
}

static void apply(void *ctx, struct conf_change *c)
{
	const struct wg_dataplane *d = ctx;

	if (!d->keep)
		dplane_set(d->dplane, c->notice, sizeof(c->notice));
}

static void abort_prepared(void *ctx, struct conf_change *c)
{
	const struct wg_dataplane *d = ctx;

	(void)c;
	if (!d->keep)
		dplane_abort(d->dplane);
}

const struct conf_subsys wg_dataplane_subsys = {
	.name = "dataplane",
	.prepare = prepare,
	.apply = apply,
	.abort = abort_prepared,
};
