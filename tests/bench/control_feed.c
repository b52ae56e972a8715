/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/control_feed.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/zapi/zapi_route.h"
#include "tests/bench/control_rig.h"
#include "tests/lib/fake_zebra_priv.h"
#include "tests/lib/full_table.h"
#include "wgrd/lib/util.h"

enum {
	MESSAGE_ROOM = 128, /* of one route */
};

const char *const control_zebra_release = "8.4.4";

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void *map(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("bench_control: mmap");
		exit(1);
	}
	return p;
}

/* ---- messages ---- */

/* As zebra 8.4 redistributes what bgpd gave it: the next hop as it was, not resolved. */
static void encode(const struct control_route *cr, struct wbuf *w)
{
	static struct zapi_route r;
	const sa_family_t family = cr->prefix.addr.family;

	memset(&r, 0, offsetof(struct zapi_route, nexthop));
	r.proto = ZAPI_PROTO_BGP;
	r.flags = ZAPI_ROUTE_ALLOW_RECURSION | ZAPI_ROUTE_IBGP | ZAPI_ROUTE_SELECTED;
	r.safi = ZAPI_SAFI_UNICAST;
	r.prefix = cr->prefix;
	r.distance = 200;
	r.fields = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_DISTANCE | ZAPI_ROUTE_METRIC |
		   ZAPI_ROUTE_MTU;
	r.nexthop_count = 1;
	r.nexthop[0] = (struct zapi_nexthop){
		.type = family == AF_INET ? ZAPI_NEXTHOP_IPV4 : ZAPI_NEXTHOP_IPV6,
		.gate = control_rig_gate(cr->peer, family),
		.weight = 1,
	};
	zapi_encode_route(w, zapi_dialect_by_release(control_zebra_release),
			  ZAPI_REDISTRIBUTE_ROUTE_ADD, 0, &r);
}

static void encode_all(struct control_feed *f)
{
	struct wbuf w;

	f->message_room = f->count * MESSAGE_ROOM;
	f->message = map(f->message_room);
	w = wbuf_writer(f->message, f->message_room);
	for (size_t i = 0; i < f->count; i++)
		encode(&f->route[i], &w);
	if (w.err)
		abort();
	f->message_len = (size_t)(w.pos - f->message);
}

/* ---- prefixes ---- */

static void begin(struct control_feed *f, size_t room)
{
	*f = (struct control_feed){.room = room};
	f->route = map(room * sizeof(*f->route));
}

static void append(void *arg, const struct prefix *p)
{
	struct control_feed *f = arg;

	if (f->count == f->room)
		abort();
	f->route[f->count++].prefix = *p;
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_cmp(&((const struct control_route *)a)->prefix,
			  &((const struct control_route *)b)->prefix);
}

static void finish(struct control_feed *f, unsigned peers)
{
	uint64_t state = 1;

	qsort(f->route, f->count, sizeof(*f->route), by_prefix);
	for (size_t i = 0; i < f->count; i++)
		f->route[i].peer = (unsigned)(next_random(&state) % peers);
	if (f->count)
		encode_all(f);
}

void control_feed_internet(struct control_feed *f, unsigned peers)
{
	begin(f, 1 << 20);
	full_table_each(append, f);
	finish(f, peers);
}

/* Of IPv4, in per mille of the Internet's table. */
static unsigned random_len(uint64_t *state)
{
	static const struct {
		uint16_t share;
		uint8_t len;
	} lengths[] = {{560, 24}, {100, 23}, {110, 22}, {60, 21},
		       {65, 20},  {45, 19},  {60, 18}};
	uint64_t at = next_random(state) % 1000;
	unsigned i = 0;

	while (at >= lengths[i].share)
		at -= lengths[i++].share;
	return lengths[i].len;
}

/* IPv4 blocks one after another, with gaps; the next address that is free. */
static uint32_t append_v4(struct control_feed *f, uint32_t at, uint64_t *state)
{
	const unsigned len = random_len(state);
	const uint32_t size = UINT32_C(1) << (32 - len);
	struct prefix p = {.addr = {.family = AF_INET}, .len = (uint8_t)len};

	at = (at + size - 1) & ~(size - 1);
	p.addr.v4.s_addr = htobe32(at);
	append(f, &p);
	if (next_random(state) % 4 == 0 && f->count < f->room) {
		p.len++;
		append(f, &p);
	}
	return at + size;
}

static void append_v6(struct control_feed *f, uint32_t n)
{
	struct prefix p = {.addr = {.family = AF_INET6}, .len = 48};
	const uint32_t high = htobe32(UINT32_C(0x20010000) + (n >> 8));
	const uint16_t low = htobe16((uint16_t)(n << 8));

	memcpy(p.addr.bytes, &high, sizeof(high));
	memcpy(p.addr.bytes + 4, &low, sizeof(low));
	append(f, &p);
}

void control_feed_generate(struct control_feed *f, size_t count, unsigned peers)
{
	uint64_t state = 2;
	uint32_t at = 0x01000000;
	const size_t v6 = count / 20;

	begin(f, count);
	for (uint32_t n = 0; n < v6; n++)
		append_v6(f, n);
	while (f->count < count) {
		const uint32_t next = append_v4(f, at, &state);

		if (next < at)
			abort(); /* more than fit into IPv4 */
		at = next;
	}
	finish(f, peers);
}

void control_feed_free(struct control_feed *f)
{
	munmap(f->route, f->room * sizeof(*f->route));
	if (f->message)
		munmap(f->message, f->message_room);
	*f = (struct control_feed){0};
}

/* ---- zebra ---- */

static void send_all(int fd, const uint8_t *at, size_t len)
{
	while (len) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			poll(&p, 1, -1);
		} else {
			perror("bench_control: zebra cannot send");
			_exit(1);
		}
	}
}

/* Answers like zebra until both families are subscribed to, then sends without a break. */
static void be_zebra(struct fake_zebra *z, const struct control_feed *f)
{
	for (;;) {
		struct fake_client *c = z->client;

		if (!fake_zebra_poll(z))
			usleep(1000);
		while (c < z->client + CLIENTS_MAX &&
		       !(c->fd >= 0 && !c->out_len &&
			 fake_subscribed(c, 0, AF_INET6, ZAPI_PROTO_BGP, 0)))
			c++;
		if (c == z->client + CLIENTS_MAX)
			continue;
		send_all(c->fd, f->message, f->message_len);
		break;
	}
	for (;;)
		pause();
}

void control_zebra_start(struct control_zebra *z, const struct control_feed *f)
{
	const struct fake_zebra_options opt = {
		.dialect = zapi_dialect_by_release(control_zebra_release),
		.release = control_zebra_release,
	};
	struct fake_zebra *fake = fake_zebra_new(&opt);

	snprintf(z->socket, sizeof(z->socket), "%s", fake_zebra_socket(fake));
	z->pid = fork();
	if (z->pid < 0) {
		perror("bench_control: fork");
		exit(1);
	}
	if (z->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_zebra(fake, f);
	}
	/* The sockets of the other process stay; the files go with control_zebra_stop(). */
	close(fake->zserv_fd);
	close(fake->vty_fd);
	free(fake);
}

void control_zebra_stop(struct control_zebra *z)
{
	char *slash;

	kill(z->pid, SIGKILL);
	waitpid(z->pid, NULL, 0);
	unlink(z->socket);
	slash = strrchr(z->socket, '/');
	snprintf(slash, sizeof("/zebra.vty"), "/zebra.vty");
	unlink(z->socket);
	*slash = '\0';
	rmdir(z->socket);
}
