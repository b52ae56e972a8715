/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/dp_lab.h"

#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/fake_loop.h"
#include "wgrd/dplane/io/tun.h"

enum {
	BUFFER_BYTES = 8 << 20,
};

/* ---- time ---- */

static _Atomic uint64_t added_ns;

uint64_t lab_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec +
	       atomic_load_explicit(&added_ns, memory_order_relaxed);
}

void lab_advance(struct lab *lab, uint64_t ns)
{
	atomic_fetch_add_explicit(&added_ns, ns, memory_order_relaxed);
	for (unsigned i = 0; i < lab->nodes; i++)
		dplane_clock_moved(lab->node[i].dp);
}

/* ---- the namespace ---- */

bool lab_enter(void)
{
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd, err;

	if (unshare(CLONE_NEWNET) < 0) {
		fprintf(stderr,
			"SKIPPED: cannot make a network namespace (%s); run as root\n",
			strerror(errno));
		return false;
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	assert(!err);
	close(fd);
	return true;
}

void lab_set_mtu(int mtu)
{
	struct ifreq ifr = {.ifr_name = "lo", .ifr_mtu = mtu};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = ioctl(fd, SIOCSIFMTU, &ifr);

	assert(!err);
	close(fd);
}

/* ---- nodes ---- */

static void set_buffers(int fd)
{
	const int bytes = BUFFER_BYTES;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

static int open_pairs(void *arg, const char *name, int held, unsigned queues, int *fd,
		      struct dp_tun_offload *offload, uint32_t *ifindex, char *why,
		      size_t why_len)
{
	struct lab_node *host = arg, *n = host->opening ?: host;

	(void)name;
	(void)held;
	(void)why;
	(void)why_len;
	assert(queues == LAB_WORKERS);
	for (unsigned i = 0; i < queues; i++) {
		int pair[2];
		int err = socketpair(
			AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair);

		assert(!err);
		set_buffers(pair[0]);
		set_buffers(pair[1]);
		fd[i] = pair[0];
		n->tun[i] = pair[1];
	}
	n->offload = n->lab->offload;
	*offload = (struct dp_tun_offload){n->offload, n->offload};
	*ifindex = 1;
	return 0;
}

static const struct dp_tun_ops pairs = {.open = open_pairs};

static bool offload_by_default;

void lab_offload(bool on)
{
	offload_by_default = on;
}

struct lab *lab_new(void)
{
	struct lab *lab = xcalloc(1, sizeof(*lab));

	lab->loop = loop_new();
	lab->offload = offload_by_default;
	return lab;
}

static void on_session(void *arg, void *cookie, bool up)
{
	struct lab_node *n = cookie;

	(void)arg;
	*(up ? &n->ups : &n->downs) += 1;
}

static void on_news(void *arg, void *cookie)
{
	(void)arg;
	((struct lab_node *)cookie)->news++;
}

static void begin_node(struct lab_node *n, struct lab *lab, const char *name)
{
	ssize_t len;

	n->lab = lab;
	snprintf(n->name, sizeof(n->name), "%s", name);
	n->conf.enabled = true;
	n->conf.mtu = 1420;
	len = getrandom(n->conf.private_key, WG_KEY_LEN, 0);
	assert(len == WG_KEY_LEN);
}

struct lab_node *lab_node_add(struct lab *lab, const char *name)
{
	struct lab_node *n = &lab->node[lab->nodes++];
	const struct dp_options opt = {
		.workers = LAB_WORKERS,
		.tun = &pairs,
		.tun_arg = n,
		.now_ns = lab_now_ns,
	};
	char why[256] = "";
	int err;

	begin_node(n, lab, name);
	err = dplane_new(lab->loop, &opt, &n->dp, why, sizeof(why));
	if (!err)
		err = dp_device_new(n->dp, name, &n->conf, &n->dev, why, sizeof(why));
	if (err)
		fprintf(stderr, "%s: %s\n", name, why);
	assert(!err);
	dplane_set_events(n->dp, &(struct dplane_events){.session = on_session,
							 .news = on_news,
							 .arg = n});
	wg_key_public(n->public_key, n->conf.private_key);
	dp_device_set(n->dev, &n->conf);
	return n;
}

void lab_node_set(struct lab_node *n)
{
	char why[256] = "";
	int err = dp_device_prepare(n->dev, &n->conf, why, sizeof(why));

	if (err)
		fprintf(stderr, "%s: %s\n", n->name, why);
	assert(!err);
	dp_device_set(n->dev, &n->conf);
	wg_key_public(n->public_key, n->conf.private_key);
}

struct lab_node *lab_tenant_new(struct lab_node *host, const char *name)
{
	struct lab_node *t = xcalloc(1, sizeof(*t));
	char why[256] = "";
	int err;

	begin_node(t, host->lab, name);
	t->dp = host->dp;
	t->conf.port = dp_device_port(host->dev);
	host->opening = t;
	err = dp_device_new(t->dp, name, &t->conf, &t->dev, why, sizeof(why));
	host->opening = NULL;
	if (err)
		fprintf(stderr, "%s: %s\n", name, why);
	assert(!err);
	wg_key_public(t->public_key, t->conf.private_key);
	dp_device_set(t->dev, &t->conf);
	return t;
}

static void free_device(struct lab_node *n)
{
	dp_device_stop(n->dev);
	for (unsigned i = 0; i < n->peers; i++) {
		if (!n->peer[i])
			continue;
		dp_peer_retire(n->peer[i]);
		dp_group_free(n->group[i]);
		dp_peer_free(n->peer[i]);
	}
	dp_device_free(n->dev);
	for (unsigned i = 0; i < LAB_WORKERS; i++)
		close(n->tun[i]);
}

void lab_tenant_free(struct lab_node *t)
{
	free_device(t);
	free(t);
}

static void free_node(struct lab_node *n)
{
	free_device(n);
	dplane_free(n->dp);
}

void lab_free(struct lab *lab)
{
	while (lab->nodes)
		free_node(&lab->node[--lab->nodes]);
	for (unsigned i = 0; i < lab->wires; i++) {
		close(lab->wire[i].fd[0]);
		close(lab->wire[i].fd[1]);
	}
	loop_free(lab->loop);
	free(lab);
}

/* ---- wires ---- */

static struct ip_addr loopback(sa_family_t family)
{
	struct ip_addr a;
	int err = ip_addr_parse(&a, family == AF_INET ? "127.0.0.1" : "::1");

	assert(!err);
	return a;
}

static socklen_t address(struct sockaddr_in6 *sa, sa_family_t family, uint16_t port)
{
	const struct ip_addr lo = loopback(family);
	const struct dp_endpoint ep = dp_endpoint_from(&lo, port);

	return dp_endpoint_to_sockaddr(&ep, sa);
}

void lab_wire_rebind(struct lab_wire *w, unsigned end)
{
	int fd = socket(w->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 sa;
	socklen_t len = address(&sa, w->family, 0);
	int err = bind(fd, (struct sockaddr *)&sa, len);

	assert(!err);
	set_buffers(fd);
	len = sizeof(sa);
	err = getsockname(fd, (struct sockaddr *)&sa, &len);
	assert(!err);
	if (w->fd[end] >= 0)
		close(w->fd[end]);
	w->fd[end] = fd;
	w->port[end] = dp_endpoint_from_sockaddr(&sa).port;
}

static struct lab_wire *add_wire(struct lab *lab, struct lab_node *a, struct lab_node *b,
				 sa_family_t family)
{
	struct lab_wire *w = &lab->wire[lab->wires++];

	*w = (struct lab_wire){
		.lab = lab, .fd = {-1, -1}, .family = family, .node = {a, b}};
	lab_wire_rebind(w, 0);
	lab_wire_rebind(w, 1);
	return w;
}

void lab_wire_inject(struct lab_wire *w, unsigned end, const void *data, size_t len)
{
	struct sockaddr_in6 sa;
	socklen_t sa_len = address(&sa, w->family, dp_device_port(w->node[end]->dev));
	ssize_t n = sendto(w->fd[end], data, len, 0, (struct sockaddr *)&sa, sa_len);

	assert(n == (ssize_t)len || errno == EAGAIN);
}

static bool move_datagrams(struct lab_wire *w, unsigned end)
{
	uint8_t buf[LAB_PACKET_MAX];
	bool any = false;
	ssize_t len;

	while ((len = recv(w->fd[end], buf, sizeof(buf), 0)) > 0) {
		enum lab_verdict v = LAB_PASS;

		any = true;
		if (w->filter)
			v = w->filter(w, end, buf, (size_t)len, w->arg);
		if (v == LAB_DROP)
			continue;
		w->passed++;
		lab_wire_inject(w, !end, buf, (size_t)len);
		if (v == LAB_TWICE)
			lab_wire_inject(w, !end, buf, (size_t)len);
	}
	return any;
}

/* ---- peers ---- */

static unsigned add_peer(struct lab_node *n, const struct lab_node *other,
			 sa_family_t family, uint16_t port)
{
	unsigned i = n->peers++;
	struct dp_peer_conf *c = &n->peer_conf[i];
	int err;

	c->enabled = true;
	memcpy(c->key.public_key, other->public_key, WG_KEY_LEN);
	c->endpoint = loopback(family);
	c->endpoint_port = port;
	err = dp_peer_new(n->dev, c, n, &n->peer[i]);
	assert(!err);
	err = dp_group_new(&(struct dp_nexthop){.peer = n->peer[i], .weight = 1}, 1,
			   &n->group[i]);
	assert(!err);
	return i;
}

void lab_permit(struct lab_node *n, const char *prefix, struct dp_group *g)
{
	struct prefix p;
	int err = prefix_parse(&p, prefix);

	if (!err)
		err = dp_permits_set(&n->dev->permits, &p,
				     dp_permits_get(&n->dev->permits, DP_EGRESS, &p), g);
	assert(!err);
}

void lab_route(struct lab_node *n, const char *prefix, struct dp_group *g)
{
	struct prefix p;
	int err = prefix_parse(&p, prefix);

	if (!err)
		err = dp_permits_set(&n->dev->permits, &p, g,
				     dp_permits_get(&n->dev->permits, DP_INGRESS, &p));
	assert(!err);
}

static void add_nets(struct lab_node *n, const char *nets, unsigned peer)
{
	char *list = xstrdup(nets), *rest = list, *net;

	while ((net = strtok_r(rest, " ", &rest))) {
		lab_route(n, net, n->group[peer]);
		lab_permit(n, net, n->group[peer]);
	}
	free(list);
}

struct lab_wire *lab_join(struct lab_node *a, const char *a_nets, struct lab_node *b,
			  const char *b_nets, sa_family_t family)
{
	struct lab_wire *w = add_wire(a->lab, a, b, family);

	add_nets(a, b_nets, add_peer(a, b, family, w->port[0]));
	add_nets(b, a_nets, add_peer(b, a, family, w->port[1]));
	lab_advance(a->lab, 0); /* both know each other's key when this returns */
	return w;
}

void lab_know(struct lab_node *n, const struct lab_node *other, const char *nets)
{
	add_nets(n, nets, add_peer(n, other, AF_INET, dp_device_port(other->dev)));
}

void lab_peer_set(struct lab_node *n, unsigned i)
{
	dp_peer_set(n->peer[i], &n->peer_conf[i]);
	dplane_clock_moved(
		n->dp); /* the handshake thread has done what was asked before it */
}

static void set_direct(struct lab_node *n, const struct lab_node *other,
		       const struct lab_wire *w, unsigned end)
{
	for (unsigned i = 0; i < n->peers; i++) {
		if (n->peer_conf[i].endpoint_port != w->port[end])
			continue;
		n->peer_conf[i].endpoint_port = dp_device_port(other->dev);
		lab_peer_set(n, i);
	}
}

void lab_wire_bypass(struct lab_wire *w)
{
	set_direct(w->node[0], w->node[1], w, 0);
	set_direct(w->node[1], w->node[0], w, 1);
}

/* ---- waiting ---- */

void lab_pump(struct lab *lab)
{
	for (unsigned i = 0; i < lab->wires; i++) {
		(void)move_datagrams(&lab->wire[i], 0);
		(void)move_datagrams(&lab->wire[i], 1);
	}
	fake_loop_run_jobs(lab->loop);
}

/* Waiting for datagrams or for one thing or the other that the threads do: a look every
 * millisecond is soon enough. */
static void wait_a_little(const struct lab *lab)
{
	struct pollfd p[2 * LAB_WIRES];
	unsigned n = 0;

	for (unsigned i = 0; i < lab->wires; i++) {
		p[n++] = (struct pollfd){.fd = lab->wire[i].fd[0], .events = POLLIN};
		p[n++] = (struct pollfd){.fd = lab->wire[i].fd[1], .events = POLLIN};
	}
	(void)poll(p, n, 1);
}

static uint64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static bool print_counter(const char *name, const char *what, bool drop, uint64_t value,
			  void *arg)
{
	(void)what;
	(void)drop;
	if (value)
		fprintf(stderr, "  %s %s %llu\n", (const char *)arg, name,
			(unsigned long long)value);
	return true;
}

void lab_wait(struct lab *lab, bool (*cond)(void *arg), void *arg, const char *what)
{
	uint64_t end_ns = real_ns() + 10 * NS_PER_S;

	for (;;) {
		lab_pump(lab);
		if (cond(arg))
			return;
		if (real_ns() > end_ns) {
			fprintf(stderr, "waited in vain for %s; counters:\n", what);
			for (unsigned i = 0; i < lab->nodes; i++)
				dplane_walk_counters(lab->node[i].dp, print_counter,
						     lab->node[i].name);
			abort();
		}
		wait_a_little(lab);
	}
}
