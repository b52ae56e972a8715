/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/conf_builder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf_builder {
	struct conf conf;
	/* Where the next line belongs: at most one of wireguard and tenant is not -1. */
	int wireguard, peer, tenant;
	char *why;
	size_t why_len;
};

static int refuse(struct conf_builder *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int refuse(struct conf_builder *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(b->why, b->why_len, fmt, args);
	va_end(args);
	return -EINVAL;
}

/* ---- lists of things with a name: the name is the first member ---- */

static int find_named(const void *v, size_t n, size_t size, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp((const char *)v + i * size, name))
			return (int)i;
	return -1;
}

/* Inserts a zeroed element where the order of names wants it. */
static int insert_named(void **v, size_t *n, size_t size, const char *name)
{
	size_t at = 0;
	char *bytes;

	bytes = xrealloc(*v, *n + 1, size);
	while (at < *n && strcmp(bytes + at * size, name) < 0)
		at++;
	memmove(bytes + (at + 1) * size, bytes + at * size, (*n - at) * size);
	memset(bytes + at * size, 0, size);
	memcpy(bytes + at * size, name, strlen(name));
	*v = bytes;
	++*n;
	return (int)at;
}

static void remove_at(void *v, size_t *n, size_t size, int at)
{
	char *bytes = v;

	memmove(bytes + (size_t)at * size, bytes + ((size_t)at + 1) * size,
		(*n - (size_t)at - 1) * size);
	--*n;
}

static void peer_fini(struct conf_peer *p)
{
	free(p->overlay_address);
	free(p->allowed_ip.v);
}

static void wireguard_fini(struct conf_wireguard *w)
{
	for (size_t i = 0; i < w->peer_count; i++)
		peer_fini(&w->peer[i]);
	free(w->peer);
	free(w->address);
}

static void tenant_fini(struct conf_tenant *t)
{
	free(t->interface);
	free(t->supernet.v);
	free(t->advertise.v);
}

/* ---- values ---- */

static int read_number(struct conf_builder *b, const char *word, const char *value,
		       bool no, uint32_t preset, uint32_t *out)
{
	char *end;
	unsigned long long n;

	if (no) {
		*out = preset;
		return 0;
	}
	n = strtoull(value, &end, 0);
	if (!*value || *end || n > UINT32_MAX)
		return refuse(b, "%s \"%s\" is not a number", word, value);
	*out = (uint32_t)n;
	return 0;
}

static int read_name(struct conf_builder *b, const char *word, const char *value,
		     char *out, size_t size)
{
	size_t len = strlen(value);

	if (len >= size)
		return refuse(b, "%s \"%s\" is too long", word, value);
	memset(out, 0, size);
	memcpy(out, value, len);
	return 0;
}

/* Adds @value to an array of plain values unless it is in, or takes it out. */
static void edit_set(void **v, size_t *n, size_t size, const void *value, bool no,
		     bool (*equal)(const void *a, const void *b))
{
	char *bytes = *v;

	for (size_t i = 0; i < *n; i++) {
		if (!equal(bytes + i * size, value))
			continue;
		if (no)
			remove_at(*v, n, size, (int)i);
		return;
	}
	if (no)
		return;
	bytes = xrealloc(*v, *n + 1, size);
	memcpy(bytes + *n * size, value, size);
	*v = bytes;
	++*n;
}

static bool equal_prefix(const void *a, const void *b)
{
	return prefix_equal(a, b);
}

static bool equal_addr(const void *a, const void *b)
{
	return ip_addr_equal(a, b);
}

static bool equal_address(const void *a, const void *b)
{
	const struct conf_address *x = a, *y = b;

	return x->len == y->len && ip_addr_equal(&x->addr, &y->addr);
}

static bool equal_name(const void *a, const void *b)
{
	return !strcmp(a, b);
}

static int edit_prefixes(struct conf_builder *b, const char *word, const char *value,
			 bool no, struct conf_prefixes *list)
{
	void *v = list->v;
	struct prefix p;

	if (prefix_parse(&p, value) || prefix_has_host_bits(&p))
		return refuse(b, "%s \"%s\" is not a prefix", word, value);
	edit_set(&v, &list->count, sizeof(p), &p, no, equal_prefix);
	list->v = v;
	return 0;
}

/* ---- lines inside a peer, an interface, a tenant; -ENOENT: not a word of it ---- */

static int peer_line(struct conf_builder *b, struct conf_peer *p, const char *word,
		     const char *value, bool no)
{
	struct ip_addr a;
	void *v = p->overlay_address;

	if (!strcmp(word, "allowed-ip"))
		return edit_prefixes(b, word, value, no, &p->allowed_ip);
	if (!strcmp(word, "max-prefix"))
		return read_number(b, word, value, no, 0, &p->max_prefix);
	if (!strcmp(word, "shutdown")) {
		p->shutdown = !no;
		return 0;
	}
	if (!strcmp(word, "public-key")) {
		p->public_key_set = !no;
		return 0;
	}
	if (strcmp(word, "overlay-address"))
		return -ENOENT;
	if (ip_addr_parse(&a, value))
		return refuse(b, "overlay-address \"%s\" is not an address", value);
	edit_set(&v, &p->overlay_address_count, sizeof(a), &a, no, equal_addr);
	p->overlay_address = v;
	return 0;
}

static int address_line(struct conf_builder *b, struct conf_wireguard *w,
			const char *value, bool no)
{
	struct conf_address a;
	void *v = w->address;
	struct prefix p;

	if (prefix_parse(&p, value))
		return refuse(b, "address \"%s\" is not an address with a length", value);
	a = (struct conf_address){.addr = p.addr, .len = p.len};
	edit_set(&v, &w->address_count, sizeof(a), &a, no, equal_address);
	w->address = v;
	return 0;
}

static int wireguard_line(struct conf_builder *b, struct conf_wireguard *w,
			  const char *word, const char *value, bool no)
{
	uint32_t n = 0;
	int err;

	if (!strcmp(word, "address"))
		return address_line(b, w, value, no);
	if (!strcmp(word, "tenant"))
		return read_name(b, word, no ? "" : value, w->tenant, sizeof(w->tenant));
	if (!strcmp(word, "shutdown")) {
		w->shutdown = !no;
		return 0;
	}
	if (!strcmp(word, "fwmark"))
		return read_number(b, word, value, no, 0, &w->fwmark);
	if (!strcmp(word, "listen-port")) {
		err = read_number(b, word, value, no, 0, &n);
		w->listen_port = (uint16_t)n;
		return err;
	}
	if (!strcmp(word, "mtu")) {
		err = read_number(b, word, value, no, CONF_MTU_DEFAULT, &n);
		w->mtu = (uint16_t)n;
		return err;
	}
	return -ENOENT;
}

static int tenant_line(struct conf_builder *b, struct conf_tenant *t, const char *word,
		       const char *value, bool no)
{
	char name[IFNAMSIZ];
	void *v = t->interface;

	if (!strcmp(word, "table"))
		return read_number(b, word, value, no, 0, &t->table);
	if (!strcmp(word, "priority"))
		return read_number(b, word, value, no, CONF_PRIORITY_DEFAULT,
				   &t->priority);
	if (!strcmp(word, "advertise-tag"))
		return read_number(b, word, value, no, 0, &t->advertise_tag);
	if (!strcmp(word, "max-prefix"))
		return read_number(b, word, value, no, CONF_TENANT_MAX_PREFIX_DEFAULT,
				   &t->max_prefix);
	if (!strcmp(word, "supernet"))
		return edit_prefixes(b, word, value, no, &t->supernet);
	if (!strcmp(word, "advertise"))
		return edit_prefixes(b, word, value, no, &t->advertise);
	if (!strcmp(word, "vrf"))
		return read_name(b, word, no ? "default" : value, t->vrf, sizeof(t->vrf));
	if (strcmp(word, "interface"))
		return -ENOENT;
	if (read_name(b, word, value, name, sizeof(name)))
		return -EINVAL;
	edit_set(&v, &t->interface_count, sizeof(name), name, no, equal_name);
	t->interface = v;
	return 0;
}

/* ---- blocks ---- */

static int wireguard_block(struct conf_builder *b, const char *name, bool no)
{
	struct conf *c = &b->conf;
	int at =
		find_named(c->wireguard, c->wireguard_count, sizeof(*c->wireguard), name);
	void *v = c->wireguard;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return refuse(b, "wireguard \"%s\" is not the name of an interface",
			      name);
	b->tenant = b->peer = b->wireguard = -1;
	if (no && at >= 0) {
		wireguard_fini(&c->wireguard[at]);
		remove_at(c->wireguard, &c->wireguard_count, sizeof(*c->wireguard), at);
	}
	if (no)
		return 0;
	if (at < 0) {
		struct conf_wireguard *w;

		at = insert_named(&v, &c->wireguard_count, sizeof(*c->wireguard), name);
		c->wireguard = v;
		w = &c->wireguard[at];
		w->mtu = CONF_MTU_DEFAULT;
		w->private_key.set = true;
		memcpy(w->private_key.key, name, strlen(name));
	}
	b->wireguard = at;
	return 0;
}

static int peer_block(struct conf_builder *b, const char *name, bool no)
{
	struct conf_wireguard *w;
	void *v;
	int at;

	if (b->wireguard < 0)
		return refuse(b, "peer %s: not inside an interface", name);
	if (!*name || strlen(name) >= CONF_KEY_LEN)
		return refuse(b, "peer \"%s\" is not a name", name);
	w = &b->conf.wireguard[b->wireguard];
	at = find_named(w->peer, w->peer_count, sizeof(*w->peer), name);
	b->peer = -1;
	if (no && at >= 0) {
		peer_fini(&w->peer[at]);
		remove_at(w->peer, &w->peer_count, sizeof(*w->peer), at);
	}
	if (no)
		return 0;
	if (at < 0) {
		v = w->peer;
		at = insert_named(&v, &w->peer_count, sizeof(*w->peer), name);
		w->peer = v;
		w->peer[at].public_key_set = true;
		memcpy(w->peer[at].public_key, name, strlen(name));
	}
	b->peer = at;
	return 0;
}

static int tenant_block(struct conf_builder *b, const char *name, bool no)
{
	struct conf *c = &b->conf;
	int at = find_named(c->tenant, c->tenant_count, sizeof(*c->tenant), name);
	void *v = c->tenant;

	if (!*name || strlen(name) >= CONF_NAME_LEN)
		return refuse(b, "tenant \"%s\" is not a name", name);
	b->tenant = b->peer = b->wireguard = -1;
	if (no && at >= 0) {
		tenant_fini(&c->tenant[at]);
		remove_at(c->tenant, &c->tenant_count, sizeof(*c->tenant), at);
	}
	if (no)
		return 0;
	if (at < 0) {
		at = insert_named(&v, &c->tenant_count, sizeof(*c->tenant), name);
		c->tenant = v;
		c->tenant[at].priority = CONF_PRIORITY_DEFAULT;
		c->tenant[at].max_prefix = CONF_TENANT_MAX_PREFIX_DEFAULT;
		snprintf(c->tenant[at].vrf, sizeof(c->tenant[at].vrf), "default");
	}
	b->tenant = at;
	return 0;
}

static int top_line(struct conf_builder *b, const char *word, const char *value, bool no)
{
	if (!strcmp(word, "exit-peer"))
		b->peer = -1;
	else if (!strcmp(word, "exit-wireguard") || !strcmp(word, "exit-tenant"))
		b->tenant = b->peer = b->wireguard = -1;
	else if (!strcmp(word, "wireguard"))
		return wireguard_block(b, value, no);
	else if (!strcmp(word, "peer"))
		return peer_block(b, value, no);
	else if (!strcmp(word, "tenant"))
		return tenant_block(b, value, no);
	else
		return refuse(b, "\"%s\" is not known here", word);
	return 0;
}

int conf_builder_line(struct conf_builder *b, const char *line, char *why, size_t why_len)
{
	char word[32] = "", value[128] = "";
	int start = 0, err = -ENOENT;
	bool no;

	sscanf(line, " no %n", &start);
	no = start > 0;
	sscanf(line + start, "%31s %127s", word, value);
	b->why = why;
	b->why_len = why_len;
	if (b->peer >= 0)
		err = peer_line(b, &b->conf.wireguard[b->wireguard].peer[b->peer], word,
				value, no);
	if (err == -ENOENT && b->wireguard >= 0)
		err = wireguard_line(b, &b->conf.wireguard[b->wireguard], word, value,
				     no);
	if (err == -ENOENT && b->tenant >= 0)
		err = tenant_line(b, &b->conf.tenant[b->tenant], word, value, no);
	return err == -ENOENT ? top_line(b, word, value, no) : err;
}

void conf_builder_text(struct conf_builder *b, const char *lines)
{
	char *copy = xstrdup(lines), *rest = copy, *line, why[256];

	while ((line = strtok_r(rest, "\n", &rest))) {
		if (line[strspn(line, " \t")] == '\0' ||
		    !conf_builder_line(b, line, why, sizeof(why)))
			continue;
		fprintf(stderr, "conf_builder: \"%s\": %s\n", line, why);
		abort();
	}
	free(copy);
}

/* ---- the whole ---- */

static void *copy_of(const void *v, size_t n, size_t size)
{
	void *c = xcalloc(n + 1, size);

	if (n)
		memcpy(c, v, n * size);
	return c;
}

static void deepen_peer(struct conf_peer *p)
{
	p->overlay_address = copy_of(p->overlay_address, p->overlay_address_count,
				     sizeof(*p->overlay_address));
	p->allowed_ip.v =
		copy_of(p->allowed_ip.v, p->allowed_ip.count, sizeof(*p->allowed_ip.v));
}

struct conf *conf_builder_take(const struct conf_builder *b)
{
	struct conf *c = copy_of(&b->conf, 1, sizeof(*c));

	c->wireguard = copy_of(c->wireguard, c->wireguard_count, sizeof(*c->wireguard));
	for (size_t i = 0; i < c->wireguard_count; i++) {
		struct conf_wireguard *w = &c->wireguard[i];

		w->address = copy_of(w->address, w->address_count, sizeof(*w->address));
		w->peer = copy_of(w->peer, w->peer_count, sizeof(*w->peer));
		for (size_t j = 0; j < w->peer_count; j++)
			deepen_peer(&w->peer[j]);
	}
	c->tenant = copy_of(c->tenant, c->tenant_count, sizeof(*c->tenant));
	for (size_t i = 0; i < c->tenant_count; i++) {
		struct conf_tenant *t = &c->tenant[i];

		t->interface =
			copy_of(t->interface, t->interface_count, sizeof(*t->interface));
		t->supernet.v =
			copy_of(t->supernet.v, t->supernet.count, sizeof(*t->supernet.v));
		t->advertise.v = copy_of(t->advertise.v, t->advertise.count,
					 sizeof(*t->advertise.v));
	}
	return c;
}

struct conf_builder *conf_builder_new(void)
{
	struct conf_builder *b = xcalloc(1, sizeof(*b));

	b->wireguard = b->peer = b->tenant = -1;
	return b;
}

void conf_builder_free(struct conf_builder *b)
{
	struct conf *c = &b->conf;

	for (size_t i = 0; i < c->wireguard_count; i++)
		wireguard_fini(&c->wireguard[i]);
	for (size_t i = 0; i < c->tenant_count; i++)
		tenant_fini(&c->tenant[i]);
	free(c->wireguard);
	free(c->tenant);
	free(b);
}
