/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/control_rig.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/conf_builder.h"
#include "wgrd/conf/commit.h"
#include "wgrd/dplane/permit.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/kernel/kown.h"
#include "wgrd/lib/slab.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/wg/backend.h"

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_control: %s\n", what);
	exit(1);
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t control_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t control_cpu_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

size_t control_memory(void)
{
	struct mallinfo2 m;

	lpm_free(lpm_new()); /* sends off the garbage of all tables */
	dp_rcu_barrier();
	m = mallinfo2();
	return m.uordblks + m.hblkhd + slab_memory();
}

/* In kB, of /proc/self/status. */
static size_t read_status(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t kb = 0;
	char line[128];

	must(f, "no /proc");
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kb = strtoul(line + strlen(name), NULL, 10);
	fclose(f);
	return kb;
}

size_t control_resident(void)
{
	return read_status("VmRSS:") * 1024;
}

size_t control_resident_start(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	malloc_trim(0);
	must(f && fputs("5", f) >= 0, "the peak cannot be reset"); /* VmHWM */
	fclose(f);
	return control_resident();
}

size_t control_resident_peak(void)
{
	return read_status("VmHWM:") * 1024;
}

/* ---- the back end ---- */

static int device_new(void *be, const struct conf_wireguard *conf, void **dev,
		      uint32_t *ifindex, char *why, size_t why_len)
{
	static uint32_t last = 100;
	struct dp_permits *d = xcalloc(1, sizeof(*d));

	(void)be;
	(void)conf;
	(void)why;
	(void)why_len;
	must(dp_permits_init(d) == 0, "no memory for a lookup table");
	*dev = d;
	*ifindex = ++last;
	return 0;
}

static int device_prepare(void *be, void *dev, const struct conf_wireguard *conf,
			  char *why, size_t why_len)
{
	(void)be;
	(void)dev;
	(void)conf;
	(void)why;
	(void)why_len;
	return 0;
}

static void device_set(void *be, void *dev, const struct conf_wireguard *conf)
{
	(void)be;
	(void)dev;
	(void)conf;
}

static int device_link(void *be, void *dev, const struct conf_wireguard *conf)
{
	(void)be;
	(void)dev;
	(void)conf;
	return 0;
}

static void ignore(void *be, void *object)
{
	(void)be;
	(void)object;
}

static void device_free(void *be, void *dev)
{
	(void)be;
	dp_permits_fini(dev);
	free(dev);
}

static int peer_new(void *be, void *dev, const struct conf_peer *conf, void *cookie,
		    void **peer)
{
	(void)be;
	(void)dev;
	(void)conf;
	(void)cookie;
	*peer = xcalloc(1, 1);
	return 0;
}

static void peer_set(void *be, void *peer, const struct conf_peer *conf)
{
	(void)be;
	(void)peer;
	(void)conf;
}

static void object_free(void *be, void *object)
{
	(void)be;
	free(object);
}

static int group_new(void *be, void *dev, const struct wg_backend_nexthop *nh, unsigned n,
		     void **group)
{
	(void)be;
	(void)dev;
	(void)nh;
	(void)n;
	*group = xcalloc(1, 1);
	return 0;
}

static int group_set(void *be, void *group, const struct wg_backend_nexthop *nh,
		     unsigned n)
{
	struct control_rig *r = be;

	(void)group;
	(void)nh;
	(void)n;
	r->group_switched_ns = control_now_ns();
	return 0;
}

static int permission_set(void *be, void *dev, const struct prefix *p, void *egress,
			  void *ingress)
{
	(void)be;
	return dp_permits_set(dev, p, egress, ingress);
}

static void permission_del(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	dp_permits_del(dev, p);
}

static void set_events(void *be, const struct wg_backend_events *ev)
{
	(void)be;
	(void)ev;
}

/* What is not here is asked for by show alone. */
static const struct wg_backend_ops backend_ops = {
	.name = "bench",
	.set_events = set_events,
	.device_new = device_new,
	.device_prepare = device_prepare,
	.device_set = device_set,
	.device_abort = ignore,
	.device_link = device_link,
	.device_stop = ignore,
	.device_free = device_free,
	.peer_new = peer_new,
	.peer_set = peer_set,
	.peer_retire = ignore,
	.peer_free = object_free,
	.peer_clear = ignore,
	.group_new = group_new,
	.group_set = group_set,
	.group_free = object_free,
	.permission_set = permission_set,
	.permission_del = permission_del,
};

/* ---- the kernel ---- */

struct request {
	nlq_done_fn done;
	void *arg;
	struct kroute route;
	bool is_route;
};

struct control_nlq {
	struct nlq base;
	struct control_rig *rig;
	struct loop_job job;
	struct kown own; /* as the daemon's queue keeps it */
	struct request *asked;
	size_t count, max;
};

static struct request *ask(struct nlq *q, nlq_done_fn done, void *arg)
{
	struct control_nlq *k = container_of(q, struct control_nlq, base);

	if (k->count == k->max) {
		k->max = k->max ? 2 * k->max : 64;
		k->asked = xrealloc(k->asked, k->max, sizeof(struct request));
	}
	k->asked[k->count] = (struct request){.done = done, .arg = arg};
	loop_job_queue(k->rig->loop, &k->job);
	return &k->asked[k->count++];
}

static void route_set(struct nlq *q, const struct kroute *r, nlq_done_fn done, void *arg)
{
	struct control_nlq *k = container_of(q, struct control_nlq, base);
	struct request *asked = ask(q, done, arg);
	bool ours;

	asked->route = *r;
	asked->is_route = true;
	must(kown_route_begin(&k->own, r, &ours) == 0, "a route is asked for twice");
}

static void rule_add(struct nlq *q, const struct krule *r, nlq_done_fn done, void *arg)
{
	(void)r;
	ask(q, done, arg);
}

static int dump_routes(struct nlq *q, void (*each)(void *arg, const struct kroute *r),
		       void *arg)
{
	(void)q;
	(void)each;
	(void)arg;
	return 0;
}

static int dump_rules(struct nlq *q, void (*each)(void *arg, const struct krule *r),
		      void *arg)
{
	(void)q;
	(void)each;
	(void)arg;
	return 0;
}

static void flush(struct nlq *q)
{
	(void)q;
}

static const struct nlq_ops kernel_ops = {
	.route_set = route_set,
	.route_del = route_set,
	.rule_add = rule_add,
	.rule_del = rule_add,
	.dump_routes = dump_routes,
	.dump_rules = dump_rules,
	.flush = flush,
};

void control_rig_answer(struct control_rig *r)
{
	struct control_nlq *k = r->nlq;

	for (size_t i = 0; i < k->count; i++) {
		r->answered++;
		if (k->asked[i].is_route)
			kown_route_end(&k->own, &k->asked[i].route, true);
		if (k->asked[i].done)
			k->asked[i].done(k->asked[i].arg, 0);
	}
	free(k->asked);
	k->asked = NULL;
	k->count = k->max = 0;
}

static void answer_job(struct loop_job *j)
{
	struct control_rig *r = container_of(j, struct control_nlq, job)->rig;

	control_rig_answer(r);
	if (r->stop_at && r->answered >= r->stop_at)
		loop_stop(r->loop);
}

/* ---- configuration ---- */

static unsigned tenant_of(const struct control_rig *r, unsigned peer)
{
	return (unsigned)((uint64_t)peer * r->tenant_count / r->peer_count);
}

struct ip_addr control_rig_gate(unsigned peer, sa_family_t family)
{
	struct ip_addr a;
	char text[64];

	if (family == AF_INET)
		snprintf(text, sizeof(text), "100.64.%u.%u", peer >> 8, peer & 255);
	else
		snprintf(text, sizeof(text), "fd00::%x", peer + 1);
	must(ip_addr_parse(&a, text) == 0, "an address that is none");
	return a;
}

static void describe_peer(struct strbuf *s, unsigned peer, unsigned overlay)
{
	char v4[INET6_ADDRSTRLEN], v6[INET6_ADDRSTRLEN];
	const struct ip_addr a4 = control_rig_gate(overlay, AF_INET),
			     a6 = control_rig_gate(overlay, AF_INET6);

	strbuf_printf(s, "peer p%06u\noverlay-address %s\noverlay-address %s\n", peer,
		      ip_addr_str(&a4, v4), ip_addr_str(&a6, v6));
}

/* @moved takes the addresses of peer @from and leaves it its own; the same: nobody does. */
static struct conf *make_conf_of(const struct control_rig *r, unsigned from,
				 unsigned moved)
{
	struct conf_builder *b = conf_builder_new();
	struct strbuf s = {0};
	struct conf *c;
	unsigned peer = 0;

	for (unsigned t = 0; t < r->tenant_count; t++) {
		strbuf_printf(&s, "wireguard w%05u\ntenant t%05u\n", t, t);
		for (; peer < r->peer_count && tenant_of(r, peer) == t; peer++)
			describe_peer(&s, peer,
				      peer == moved  ? from
				      : peer == from ? moved
						     : peer);
		strbuf_printf(&s, "exit-wireguard\ntenant t%05u\ntable %u\npriority %u\n",
			      t, 1000 + t, 1000 + t);
	}
	conf_builder_text(b, strbuf_str(&s));
	c = conf_builder_take(b);
	conf_builder_free(b);
	strbuf_free(&s);
	return c;
}

uint64_t control_rig_commit(struct control_rig *r, struct conf *new)
{
	const struct conf_subscriber subs[] = {
		{.ops = &wg_conf_subsys, .ctx = r->wg},
		{.ops = &tenants_conf_subsys, .ctx = r->tenants},
	};
	uint64_t before, spent;
	char why[256];

	conf_share(new, r->conf);
	before = control_cpu_ns();
	if (conf_commit(subs, ARRAY_SIZE(subs), r->conf, new, why, sizeof(why)))
		must(false, why);
	fib_commit(r->fib);
	spent = control_cpu_ns() - before;
	conf_release(r->conf, new);
	r->conf = new;
	return spent;
}

void control_rig_move_overlay(struct control_rig *r, unsigned from, unsigned to)
{
	control_rig_commit(r, make_conf_of(r, from, to));
}

struct wg_device *control_rig_device(const struct control_rig *r, unsigned peer)
{
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "w%05u", tenant_of(r, peer) % 100000);
	return wg_device_find(r->wg, name);
}

uint32_t control_rig_table(const struct control_rig *r, unsigned peer)
{
	return 1000 + tenant_of(r, peer);
}

void control_rig_groups(struct control_rig *r)
{
	r->group = xcalloc(r->peer_count, sizeof(struct wg_group *));
	for (unsigned i = 0; i < r->peer_count; i++) {
		struct wg_device *d = control_rig_device(r, i);
		struct wg_nexthop nh = {.weight = 1};
		char name[16];

		snprintf(name, sizeof(name), "p%06u", i % 1000000);
		nh.peer = wg_peer_find(d, name);
		must(wg_group_new(d, &nh, 1, &r->group[i]) == 0, "no memory for a group");
	}
}

/* ---- life ---- */

static uint64_t loop_clock(void *arg)
{
	return loop_now_ns(arg);
}

static void on_device(void *arg, struct wg_device *d, bool gone)
{
	struct control_rig *r = arg;

	if (r->tenants)
		tenants_device_changed(r->tenants, d, gone);
}

struct control_rig *control_rig_new_empty(void)
{
	struct control_rig *r = xcalloc(1, sizeof(*r));
	const struct wg_events ev = {.device = on_device, .arg = r};

	r->loop = loop_new();
	must(r->loop, "no loop");
	r->nlq = xcalloc(1, sizeof(*r->nlq));
	r->nlq->base.ops = &kernel_ops;
	r->nlq->rig = r;
	r->nlq->job.fn = answer_job;
	r->rib = rib_new(loop_clock, r->loop);
	r->wg = wg_new(r->loop, &backend_ops, r, &ev);
	r->fib = fib_new(r->loop, &r->nlq->base, NULL);
	r->tenants = tenants_new(r->loop, r->rib, r->wg, r->fib, NULL);
	r->conf = xcalloc(1, sizeof(*r->conf));
	return r;
}

struct control_rig *control_rig_new(unsigned tenants, unsigned peers)
{
	struct control_rig *r = control_rig_new_empty();

	r->tenant_count = tenants;
	r->peer_count = peers;
	control_rig_commit(r, make_conf_of(r, 0, 0));
	control_rig_answer(r);
	return r;
}

void control_rig_free(struct control_rig *r)
{
	for (unsigned i = 0; r->group && i < r->peer_count; i++)
		wg_group_put(r->group[i]);
	free(r->group);
	tenants_free(r->tenants);
	r->tenants = NULL;
	fib_free(r->fib);
	wg_free(r->wg);
	rib_free(r->rib);
	loop_job_cancel(r->loop, &r->nlq->job);
	kown_fini(&r->nlq->own);
	free(r->nlq->asked);
	free(r->nlq);
	conf_free(r->conf);
	loop_free(r->loop);
	free(r);
}
