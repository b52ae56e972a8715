/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/fake_zebra_priv.h"
#include "wgrd/lib/util.h"

static void die(const char *what)
{
	perror(what);
	abort();
}

static struct prefix prefix_of(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s)) {
		fprintf(stderr, "fake_zebra: %s is no prefix\n", s);
		abort();
	}
	return p;
}

static struct ip_addr addr_of(const char *s)
{
	return prefix_of(s).addr;
}

/* ---- connections ---- */

static void close_client(struct fake_zebra *z, struct fake_client *c)
{
	if (c->fd < 0)
		return;
	for (size_t i = z->given_count; c->hello && i-- > 0;)
		if (z->given[i].instance == c->instance)
			fake_forget_given(z, &z->given[i]);
	close(c->fd);
	free(c->out);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

static bool accept_client(struct fake_zebra *z)
{
	int fd = accept(z->zserv_fd, NULL, NULL);

	if (fd < 0)
		return false;
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fake_zebra: fcntl");
	for (struct fake_client *c = z->client; c < z->client + CLIENTS_MAX; c++) {
		if (c->fd < 0) {
			c->fd = fd;
			return true;
		}
	}
	abort();
}

static bool serve_reading(struct fake_zebra *z, struct fake_client *c)
{
	ssize_t n = read(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len);
	struct zapi_message m;
	size_t at = 0;
	int len;

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		close_client(z, c);
		return true;
	}
	c->in_len += (size_t)n;
	while ((len = zapi_cut(&m, c->in + at, c->in_len - at)) > 0) {
		at += (size_t)len;
		fake_hear(z, c, &m);
	}
	if (len < 0)
		abort();
	c->in_len -= at;
	memmove(c->in, c->in + at, c->in_len);
	return true;
}

static bool serve_writing(struct fake_zebra *z, struct fake_client *c)
{
	ssize_t n;

	if (!c->out_len)
		return false;
	n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		close_client(z, c);
		return true;
	}
	c->out_len -= (size_t)n;
	memmove(c->out, c->out + n, c->out_len);
	return true;
}

/* One question a connection, as the session asks it. */
static bool serve_vty(struct fake_zebra *z)
{
	char command[64] = "", answer[256];
	int fd = accept(z->vty_fd, NULL, NULL), len;

	if (fd < 0)
		return false;
	if (read(fd, command, sizeof(command) - 1) > 0 &&
	    !strcmp(command, "show version")) {
		len = snprintf(answer, sizeof(answer) - 4,
			       "FRRouting %s (host) on Linux.\nCopyright of somebody.\n",
			       z->opt.release);
		memset(answer + len, 0, 4);
		/* who asked may be gone by now */
		if (send(fd, answer, (size_t)len + 4, MSG_NOSIGNAL) < 0 && errno != EPIPE)
			die("fake_zebra: vty");
	}
	close(fd);
	return true;
}

bool fake_zebra_poll(struct fake_zebra *z)
{
	bool busy = false;

	if (z->zserv_fd >= 0)
		busy |= accept_client(z);
	if (z->vty_fd >= 0)
		busy |= serve_vty(z);
	EACH_CLIENT(z, c)
	busy |= serve_reading(z, c);
	EACH_CLIENT(z, c)
	busy |= serve_writing(z, c);
	return busy;
}

static int listen_at(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(sun.sun_path, path, strlen(path));
	if (fd < 0 || bind(fd, (const struct sockaddr *)&sun, sizeof(sun)) ||
	    listen(fd, 8))
		die(path);
	return fd;
}

void fake_zebra_drop_clients(struct fake_zebra *z)
{
	for (struct fake_client *c = z->client; c < z->client + CLIENTS_MAX; c++)
		close_client(z, c);
}

void fake_zebra_stop(struct fake_zebra *z)
{
	fake_zebra_drop_clients(z);
	if (z->zserv_fd >= 0)
		close(z->zserv_fd);
	if (z->vty_fd >= 0)
		close(z->vty_fd);
	z->zserv_fd = z->vty_fd = -1;
	unlink(z->zserv);
	unlink(z->vty);
}

void fake_zebra_start(struct fake_zebra *z, const struct fake_zebra_options *opt)
{
	fake_zebra_stop(z);
	z->opt = *opt;
	z->zserv_fd = listen_at(z->zserv);
	if (opt->release)
		z->vty_fd = listen_at(z->vty);
}

struct fake_zebra *fake_zebra_new(const struct fake_zebra_options *opt)
{
	struct fake_zebra *z = xcalloc(1, sizeof(*z));

	for (struct fake_client *c = z->client; c < z->client + CLIENTS_MAX; c++)
		c->fd = -1;
	z->zserv_fd = z->vty_fd = -1;
	snprintf(z->dir, sizeof(z->dir), "%s", opt->dir ?: "/tmp/fake-zebra.XXXXXX");
	if (!opt->dir && !mkdtemp(z->dir))
		die(z->dir);
	snprintf(z->zserv, sizeof(z->zserv), "%s/zserv.api", z->dir);
	snprintf(z->vty, sizeof(z->vty), "%s/zebra.vty", z->dir);
	fake_zebra_vrf(z, 0, "default");
	fake_zebra_start(z, opt);
	return z;
}

void fake_zebra_free(struct fake_zebra *z)
{
	if (!z)
		return;
	fake_zebra_stop(z);
	if (!z->opt.dir)
		rmdir(z->dir);
	free(z);
}

const char *fake_zebra_socket(const struct fake_zebra *z)
{
	return z->zserv;
}

/* ---- what the test tells it ---- */

void fake_zebra_vrf(struct fake_zebra *z, uint32_t id, const char *name)
{
	if (z->vrf_count == VRFS_MAX)
		abort();
	z->vrf[z->vrf_count].id = id;
	snprintf(z->vrf[z->vrf_count++].name, ZAPI_VRF_NAME_LEN, "%s", name);
	EACH_CLIENT(z, c)
	if (c->hello)
		fake_say_vrf(z, c, id, name);
}

void fake_zebra_vrf_gone(struct fake_zebra *z, uint32_t id)
{
	for (size_t i = 0; i < z->vrf_count; i++)
		if (z->vrf[i].id == id)
			z->vrf[i--] = z->vrf[--z->vrf_count];
	for (size_t i = z->given_count; i-- > 0;)
		if (z->given[i].vrf == id)
			fake_forget_given(z, &z->given[i]);
	EACH_CLIENT(z, c)
	if (c->hello)
		fake_zebra_send(z, ZAPI_VRF_DELETE, id, NULL, 0);
}

static size_t iface_index(const struct fake_zebra *z, uint32_t vrf, uint32_t ifindex)
{
	size_t n = 0;

	while (n < z->iface_count &&
	       (z->iface[n].vrf != vrf || z->iface[n].i.ifindex != ifindex))
		n++;
	return n;
}

void fake_zebra_iface(struct fake_zebra *z, uint32_t vrf, uint32_t ifindex,
		      const char *name, bool running)
{
	size_t n = iface_index(z, vrf, ifindex);
	bool is_new = n == z->iface_count;
	struct zapi_iface *i = &z->iface[n].i;

	if (n == IFACES_MAX)
		abort();
	z->iface_count += is_new;
	z->iface[n].vrf = vrf;
	memset(i, 0, sizeof(*i));
	snprintf(i->name, sizeof(i->name), "%s", name);
	i->ifindex = ifindex;
	i->flags = IFF_POINTOPOINT | (running ? IFF_UP | IFF_RUNNING : 0);
	i->mtu = 1420;
	EACH_CLIENT(z, c)
	if (c->wants_ifaces)
		fake_say_iface(z, c,
			       is_new    ? ZAPI_INTERFACE_ADD
			       : running ? ZAPI_INTERFACE_UP
					 : ZAPI_INTERFACE_DOWN,
			       n);
}

void fake_zebra_iface_gone(struct fake_zebra *z, uint32_t vrf, uint32_t ifindex)
{
	size_t n = iface_index(z, vrf, ifindex);

	if (n == z->iface_count)
		abort();
	EACH_CLIENT(z, c)
	if (c->wants_ifaces)
		fake_say_iface(z, c, ZAPI_INTERFACE_DELETE, n);
	z->iface[n] = z->iface[--z->iface_count];
}

/* @table 0: the VRF's own. */
static struct fake_route *find_route(struct fake_zebra *z, uint32_t vrf, uint16_t table,
				     const struct prefix *p)
{
	for (size_t i = 0; i < z->route_count; i++)
		if (z->route[i].vrf == vrf && z->route[i].instance == table &&
		    prefix_equal(&z->route[i].prefix, p))
			return &z->route[i];
	return NULL;
}

static void publish(struct fake_zebra *z, enum zapi_kind kind, const struct fake_route *r)
{
	EACH_CLIENT(z, c)
	if (fake_subscribed(c, r->vrf, r->prefix.addr.family, r->proto, r->instance))
		fake_say_route(z, c, kind, r);
}

static void add_route(struct fake_zebra *z, const struct fake_route *fresh,
		      const char *gate)
{
	struct fake_route *r = find_route(z, fresh->vrf, fresh->instance, &fresh->prefix);

	if (!r && z->route_count == ROUTES_MAX)
		abort();
	if (!r)
		r = &z->route[z->route_count++];
	*r = *fresh;
	if (gate)
		r->gate = addr_of(gate);
	publish(z, ZAPI_REDISTRIBUTE_ROUTE_ADD, r);
}

void fake_zebra_route(struct fake_zebra *z, uint32_t vrf, const char *prefix,
		      const char *gate, uint32_t ifindex, uint32_t tag)
{
	const struct fake_route r = {.vrf = vrf,
				     .ifindex = ifindex,
				     .tag = tag,
				     .proto = ZAPI_PROTO_BGP,
				     .prefix = prefix_of(prefix)};

	add_route(z, &r, gate);
}

void fake_zebra_table_route(struct fake_zebra *z, uint16_t table, const char *prefix,
			    const char *gate, uint32_t ifindex, uint32_t tag)
{
	const struct fake_route r = {.ifindex = ifindex,
				     .tag = tag,
				     .proto = ZAPI_PROTO_TABLE_DIRECT,
				     .instance = table,
				     .prefix = prefix_of(prefix)};

	add_route(z, &r, gate);
}

static void route_gone(struct fake_zebra *z, uint32_t vrf, uint16_t table,
		       const char *prefix)
{
	struct prefix p = prefix_of(prefix);
	struct fake_route *r = find_route(z, vrf, table, &p);

	if (!r)
		abort();
	publish(z, ZAPI_REDISTRIBUTE_ROUTE_DEL, r);
	*r = z->route[--z->route_count];
}

void fake_zebra_route_gone(struct fake_zebra *z, uint32_t vrf, const char *prefix)
{
	route_gone(z, vrf, 0, prefix);
}

void fake_zebra_table_route_gone(struct fake_zebra *z, uint16_t table, const char *prefix)
{
	route_gone(z, 0, table, prefix);
}

void fake_zebra_router_id(struct fake_zebra *z, const char *id)
{
	z->router_id = addr_of(id);
	EACH_CLIENT(z, c)
	if (c->wants_router_id)
		fake_say_router_id(z, c);
}

void fake_zebra_send_raw(struct fake_zebra *z, const void *bytes, size_t len)
{
	EACH_CLIENT(z, c)
	fake_put(c, bytes, len);
}

void fake_zebra_send(struct fake_zebra *z, enum zapi_kind kind, uint32_t vrf,
		     const void *body, size_t len)
{
	static uint8_t buf[ZAPI_MESSAGE_MAX];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));
	uint8_t *start = zapi_begin(&w, z->opt.dialect, kind, vrf);

	wbuf_put(&w, body, len);
	zapi_end(&w, start);
	EACH_CLIENT(z, c)
	fake_put_message(c, buf, &w);
}

/* ---- what the test asks ---- */

const struct fake_zebra_given *fake_zebra_given_as(const struct fake_zebra *z,
						   uint32_t vrf, uint16_t instance,
						   const char *prefix)
{
	struct prefix p = prefix_of(prefix);

	return fake_find_given((struct fake_zebra *)(uintptr_t)z, vrf, instance, &p);
}

const struct fake_zebra_given *fake_zebra_given(const struct fake_zebra *z, uint32_t vrf,
						const char *prefix)
{
	return fake_zebra_given_as(z, vrf, 0, prefix);
}

void fake_zebra_sweep(struct fake_zebra *z, uint32_t vrf, uint16_t instance,
		      const char *prefix)
{
	struct prefix p = prefix_of(prefix);
	struct fake_zebra_given *g = fake_find_given(z, vrf, instance, &p);
	const struct fake_route r = {.vrf = vrf,
				     .ifindex = g ? g->ifindex : 0,
				     .proto = ZAPI_PROTO_TABLE,
				     .instance = instance,
				     .prefix = p};

	if (!g)
		abort();
	fake_forget_given(z, g);
	publish(z, ZAPI_REDISTRIBUTE_ROUTE_DEL, &r);
}

size_t fake_zebra_given_count(const struct fake_zebra *z)
{
	return z->given_count;
}

size_t fake_zebra_clients(const struct fake_zebra *z)
{
	size_t n = 0;

	for (const struct fake_client *c = z->client; c < z->client + CLIENTS_MAX; c++)
		n += c->fd >= 0;
	return n;
}

size_t fake_zebra_owners(const struct fake_zebra *z, uint16_t instance)
{
	size_t n = 0;

	for (const struct fake_client *c = z->client; c < z->client + CLIENTS_MAX; c++)
		n += c->fd >= 0 && c->hello && c->instance == instance;
	return n;
}

bool fake_zebra_subscribed(const struct fake_zebra *z, uint32_t vrf, sa_family_t family,
			   enum zapi_proto proto)
{
	for (const struct fake_client *c = z->client; c < z->client + CLIENTS_MAX; c++)
		if (c->fd >= 0 && fake_subscribed(c, vrf, family, proto, 0))
			return true;
	return false;
}

bool fake_zebra_tells_table(const struct fake_zebra *z, uint16_t table,
			    sa_family_t family)
{
	for (const struct fake_client *c = z->client; c < z->client + CLIENTS_MAX; c++)
		if (c->fd >= 0 &&
		    fake_subscribed(c, 0, family, ZAPI_PROTO_TABLE_DIRECT, table))
			return true;
	return false;
}

unsigned fake_zebra_received(const struct fake_zebra *z, enum zapi_kind kind)
{
	return z->received[kind];
}
