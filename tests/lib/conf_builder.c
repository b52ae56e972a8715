/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/conf_builder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/rtproto.h"

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

static int find_named(const void *list, size_t n, const char *name)
{
	const char *object;

	for (size_t i = 0; i < n; i++) {
		memcpy(&object, (const char *)list + i * sizeof(object), sizeof(object));
		if (!strcmp(object, name))
			return (int)i;
	}
	return -1;
}

/* Inserts a zeroed object of @size bytes where the order of names wants it. */
static int insert_named(void **list, size_t *n, size_t size, const char *name)
{
	char *object = xcalloc(1, size), *other, *slots;
	size_t at = 0;

	slots = xrealloc(*list, *n + 1, sizeof(object));
	for (; at < *n; at++) {
		memcpy(&other, slots + at * sizeof(other), sizeof(other));
		if (strcmp(other, name) > 0)
			break;
	}
	memmove(slots + (at + 1) * sizeof(object), slots + at * sizeof(object),
		(*n - at) * sizeof(object));
	memcpy(slots + at * sizeof(object), &object, sizeof(object));
	memcpy(object, name, strlen(name));
	*list = slots;
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

static int read_percent(struct conf_builder *b, const char *word, const char *value,
			bool no, uint8_t *out)
{
	uint32_t n;
	int err = read_number(b, word, value, no, CONF_MAX_PREFIX_WARNING_DEFAULT, &n);

	if (!err && n > 100)
		return refuse(b, "%s \"%s\" is more than 100", word, value);
	if (!err)
		*out = (uint8_t)n;
	return err;
}

static int read_u16(struct conf_builder *b, const char *word, const char *value, bool no,
		    uint16_t *out)
{
	uint32_t n;
	int err = read_number(b, word, value, no, 0, &n);

	if (!err && n > UINT16_MAX)
		return refuse(b, "%s \"%s\" is more than 65535", word, value);
	if (!err)
		*out = (uint16_t)n;
	return err;
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

static int read_text(const char *value, bool no, char **out)
{
	free(*out);
	*out = no ? NULL : xstrdup(value);
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

static bool equal_number(const void *a, const void *b)
{
	return *(const uint32_t *)a == *(const uint32_t *)b;
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

	if (!strcmp(word, "prefix-list"))
		return read_name(b, word, no ? "" : value, p->prefix_list,
				 sizeof(p->prefix_list));
	if (!strcmp(word, "allowed-ip"))
		return edit_prefixes(b, word, value, no, &p->allowed_ip);
	if (!strcmp(word, "max-prefix"))
		return read_number(b, word, value, no, 0, &p->max_prefix);
	if (!strcmp(word, "max-prefix-warning"))
		return read_percent(b, word, value, no, &p->max_prefix_warning);
	if (!strcmp(word, "description"))
		return read_text(value, no, &p->description);
	if (!strcmp(word, "persistent-keepalive"))
		return read_u16(b, word, value, no, &p->persistent_keepalive);
	if (!strcmp(word, "preempt-delay"))
		return read_u16(b, word, value, no, &p->preempt_delay);
	if (!strcmp(word, "max-prefix-hold"))
		return read_number(b, word, value, no, 0, &p->max_prefix_hold);
	if (!strcmp(word, "advertise-always")) {
		p->advertise_always = !no;
		return 0;
	}
	if (!strcmp(word, "shutdown")) {
		p->shutdown = !no;
		return 0;
	}
	if (!strcmp(word, "public-key")) {
		p->public_key_set = !no;
		return 0;
	}
	if (!strcmp(word, "revoked")) {
		p->revoked = !no;
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
	if (!strcmp(word, "description"))
		return read_text(value, no, &w->description);
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

static bool equal_byte(const void *a, const void *b)
{
	return *(const uint8_t *)a == *(const uint8_t *)b;
}

static int edit_protocols(struct conf_builder *b, const char *word, const char *value,
			  bool no, struct conf_tenant *t)
{
	uint8_t protocol = rtproto_parse(value);
	void *v = t->learn_protocol;

	if (!protocol)
		return refuse(b, "%s \"%s\" is no protocol", word, value);
	edit_set(&v, &t->learn_protocol_count, 1, &protocol, no, equal_byte);
	t->learn_protocol = v;
	return 0;
}

static int tag_line(struct conf_builder *b, struct conf_tenant *t, const char *value,
		    bool no)
{
	void *v = t->learn_tag;
	uint32_t tag;
	int err = read_number(b, "learn-tag", value, false, 0, &tag);

	if (err)
		return err;
	edit_set(&v, &t->learn_tag_count, sizeof(tag), &tag, no, equal_number);
	t->learn_tag = v;
	return 0;
}

static int tenant_line(struct conf_builder *b, struct conf_tenant *t, const char *word,
		       const char *value, bool no)
{
	char name[IFNAMSIZ];
	void *v = t->interface;

	if (!no && !strncmp(word, "advertise-", 10) && strcmp(word, "advertise-tag"))
		t->advertise_instance = t->advertise_table = t->advertise_kernel = 0;
	if (!strcmp(word, "advertise-kernel")) {
		t->advertise_kernel = !no;
		return 0;
	}
	if (!strcmp(word, "learn-direct")) {
		t->learn_direct = !no;
		return 0;
	}
	if (!strcmp(word, "description"))
		return read_text(value, no, &t->description);
	if (!strcmp(word, "table"))
		return read_number(b, word, value, no, 0, &t->table);
	if (!strcmp(word, "priority"))
		return read_number(b, word, value, no, CONF_PRIORITY_DEFAULT,
				   &t->priority);
	if (!strcmp(word, "learn-table"))
		return read_number(b, word, value, no, 0, &t->learn_table);
	if (!strcmp(word, "learn-protocol"))
		return edit_protocols(b, word, value, no, t);
	if (!strcmp(word, "advertise-instance")) {
		uint32_t instance = 0;
		int err = read_number(b, word, value, no, 0, &instance);

		t->advertise_instance = (uint8_t)instance;
		return err;
	}
	if (!strcmp(word, "advertise-table"))
		return read_number(b, word, value, no, 0, &t->advertise_table);
	if (!strcmp(word, "advertise-tag"))
		return read_number(b, word, value, no, 0, &t->advertise_tag);
	if (!strcmp(word, "max-prefix"))
		return read_number(b, word, value, no, CONF_TENANT_MAX_PREFIX_DEFAULT,
				   &t->max_prefix);
	if (!strcmp(word, "max-prefix-warning"))
		return read_percent(b, word, value, no, &t->max_prefix_warning);
	if (!strcmp(word, "max-prefix-hold"))
		return read_number(b, word, value, no, 0, &t->max_prefix_hold);
	if (!strcmp(word, "supernet"))
		return edit_prefixes(b, word, value, no, &t->supernet);
	if (!strcmp(word, "advertise"))
		return edit_prefixes(b, word, value, no, &t->advertise);
	if (!strcmp(word, "prefix-list"))
		return read_name(b, word, no ? "" : value, t->prefix_list,
				 sizeof(t->prefix_list));
	if (!strcmp(word, "vrf"))
		return read_name(b, word, no ? "default" : value, t->vrf, sizeof(t->vrf));
	if (!strcmp(word, "learn-tag"))
		return tag_line(b, t, value, no);
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
	int at = find_named(c->wireguard, c->wireguard_count, name);
	void *v = c->wireguard;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return refuse(b, "wireguard \"%s\" is not the name of an interface",
			      name);
	b->tenant = b->peer = b->wireguard = -1;
	if (no && at >= 0) {
		conf_wireguard_free(c->wireguard[at]);
		remove_at(c->wireguard, &c->wireguard_count, sizeof(*c->wireguard), at);
	}
	if (no)
		return 0;
	if (at < 0) {
		struct conf_wireguard *w;

		at = insert_named(&v, &c->wireguard_count, sizeof(struct conf_wireguard),
				  name);
		c->wireguard = v;
		w = c->wireguard[at];
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
	w = b->conf.wireguard[b->wireguard];
	at = find_named(w->peer, w->peer_count, name);
	b->peer = -1;
	if (no && at >= 0) {
		conf_peer_free(w->peer[at]);
		remove_at(w->peer, &w->peer_count, sizeof(*w->peer), at);
	}
	if (no)
		return 0;
	if (at < 0) {
		v = w->peer;
		at = insert_named(&v, &w->peer_count, sizeof(struct conf_peer), name);
		w->peer = v;
		w->peer[at]->public_key_set = true;
		w->peer[at]->max_prefix_warning = CONF_MAX_PREFIX_WARNING_DEFAULT;
		memcpy(w->peer[at]->public_key, name, strlen(name));
	}
	b->peer = at;
	return 0;
}

static int tenant_block(struct conf_builder *b, const char *name, bool no)
{
	struct conf *c = &b->conf;
	int at = find_named(c->tenant, c->tenant_count, name);
	void *v = c->tenant;

	if (!*name || strlen(name) >= CONF_NAME_LEN)
		return refuse(b, "tenant \"%s\" is not a name", name);
	b->tenant = b->peer = b->wireguard = -1;
	if (no && at >= 0) {
		conf_tenant_free(c->tenant[at]);
		remove_at(c->tenant, &c->tenant_count, sizeof(*c->tenant), at);
	}
	if (no)
		return 0;
	if (at < 0) {
		at = insert_named(&v, &c->tenant_count, sizeof(struct conf_tenant), name);
		c->tenant = v;
		c->tenant[at]->priority = CONF_PRIORITY_DEFAULT;
		c->tenant[at]->max_prefix = CONF_TENANT_MAX_PREFIX_DEFAULT;
		c->tenant[at]->max_prefix_warning = CONF_MAX_PREFIX_WARNING_DEFAULT;
		snprintf(c->tenant[at]->vrf, sizeof(c->tenant[at]->vrf), "default");
	}
	b->tenant = at;
	return 0;
}

/* ---- prefix-lists: all in one line ---- */

static void remove_rule(struct conf_prefix_list *l, uint32_t seq)
{
	for (size_t i = 0; i < l->rule_count; i++)
		if (l->rule[i].seq == seq) {
			remove_at(l->rule, &l->rule_count, sizeof(*l->rule), (int)i);
			return;
		}
}

static int rule_line(struct conf_builder *b, struct conf_prefix_list *l, const char *rest,
		     bool no)
{
	char action[8] = "", text[64] = "", end[2][3] = {"", ""};
	struct conf_prefix_rule r = {0};
	unsigned n[2] = {0, 0};
	int got = sscanf(rest, " seq %" SCNu32 " %7s %63s %2s %u %2s %u", &r.seq, action,
			 text, end[0], &n[0], end[1], &n[1]);

	if (got < (no ? 1 : 3) ||
	    (!no && (prefix_parse(&r.prefix, text) || prefix_has_host_bits(&r.prefix))))
		return refuse(b, "prefix-list %s%s: not an entry", l->name, rest);
	remove_rule(l, r.seq);
	if (no)
		return 0;
	r.action = strcmp(action, "permit") ? CONF_ACTION_DENY : CONF_ACTION_PERMIT;
	for (unsigned i = 0; i < 2; i++)
		if (end[i][0])
			*(end[i][0] == 'g' ? &r.ge : &r.le) = (uint8_t)n[i];
	l->rule = xrealloc(l->rule, l->rule_count + 1, sizeof(*l->rule));
	l->rule[l->rule_count++] = r;
	return 0;
}

static int list_line(struct conf_builder *b, const char *name, const char *rest, bool no)
{
	struct conf *c = &b->conf;
	void *v = c->prefix_list;
	int at = find_named(v, c->prefix_list_count, name);

	if (!*name || strlen(name) >= CONF_NAME_LEN)
		return refuse(b, "prefix-list \"%s\" is not a name", name);
	if (no && at >= 0 && !strstr(rest, "seq")) {
		conf_prefix_list_free(c->prefix_list[at]);
		remove_at(v, &c->prefix_list_count, sizeof(*c->prefix_list), at);
		return 0;
	}
	if (no && at < 0)
		return 0;
	if (at < 0) {
		at = insert_named(&v, &c->prefix_list_count,
				  sizeof(struct conf_prefix_list), name);
		c->prefix_list = v;
	}
	return rule_line(b, c->prefix_list[at], rest, no);
}

static int top_line(struct conf_builder *b, const char *word, const char *value,
		    const char *rest, bool no)
{
	if (!strcmp(word, "prefix-list"))
		return list_line(b, value, rest, no);
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
	int start = 0, end = 0, err = -ENOENT;
	bool no;

	sscanf(line, " no %n", &start);
	no = start > 0;
	sscanf(line + start, "%31s %127s%n", word, value, &end);
	b->why = why;
	b->why_len = why_len;
	if (b->peer >= 0)
		err = peer_line(b, b->conf.wireguard[b->wireguard]->peer[b->peer], word,
				value, no);
	if (err == -ENOENT && b->wireguard >= 0)
		err = wireguard_line(b, b->conf.wireguard[b->wireguard], word, value, no);
	if (err == -ENOENT && b->tenant >= 0)
		err = tenant_line(b, b->conf.tenant[b->tenant], word, value, no);
	return err == -ENOENT ? top_line(b, word, value, line + start + end, no) : err;
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

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static struct conf_peer *copy_peer(const struct conf_peer *from)
{
	struct conf_peer *p = copy_of(from, 1, sizeof(*p));

	p->description = copy_text(p->description);
	p->overlay_address = copy_of(p->overlay_address, p->overlay_address_count,
				     sizeof(*p->overlay_address));
	p->allowed_ip.v =
		copy_of(p->allowed_ip.v, p->allowed_ip.count, sizeof(*p->allowed_ip.v));
	return p;
}

static struct conf_wireguard *copy_wireguard(const struct conf_wireguard *from)
{
	struct conf_wireguard *w = copy_of(from, 1, sizeof(*w));

	w->description = copy_text(w->description);
	w->address = copy_of(w->address, w->address_count, sizeof(*w->address));
	w->peer = copy_of(w->peer, w->peer_count, sizeof(*w->peer));
	for (size_t i = 0; i < w->peer_count; i++)
		w->peer[i] = copy_peer(w->peer[i]);
	return w;
}

static struct conf_prefix_list *copy_list(const struct conf_prefix_list *from)
{
	struct conf_prefix_list *l = copy_of(from, 1, sizeof(*l));

	l->rule = copy_of(l->rule, l->rule_count, sizeof(*l->rule));
	conf_prefix_list_index(l);
	return l;
}

static struct conf_tenant *copy_tenant(const struct conf_tenant *from)
{
	struct conf_tenant *t = copy_of(from, 1, sizeof(*t));

	t->description = copy_text(t->description);
	t->learn_tag = copy_of(t->learn_tag, t->learn_tag_count, sizeof(*t->learn_tag));
	t->interface = copy_of(t->interface, t->interface_count, sizeof(*t->interface));
	t->learn_protocol = copy_of(t->learn_protocol, t->learn_protocol_count, 1);
	t->supernet.v = copy_of(t->supernet.v, t->supernet.count, sizeof(*t->supernet.v));
	t->advertise.v =
		copy_of(t->advertise.v, t->advertise.count, sizeof(*t->advertise.v));
	return t;
}

struct conf *conf_builder_take(const struct conf_builder *b)
{
	struct conf *c = copy_of(&b->conf, 1, sizeof(*c));

	c->wireguard = copy_of(c->wireguard, c->wireguard_count, sizeof(*c->wireguard));
	for (size_t i = 0; i < c->wireguard_count; i++)
		c->wireguard[i] = copy_wireguard(c->wireguard[i]);
	c->prefix_list =
		copy_of(c->prefix_list, c->prefix_list_count, sizeof(*c->prefix_list));
	for (size_t i = 0; i < c->prefix_list_count; i++)
		c->prefix_list[i] = copy_list(c->prefix_list[i]);
	c->tenant = copy_of(c->tenant, c->tenant_count, sizeof(*c->tenant));
	for (size_t i = 0; i < c->tenant_count; i++)
		c->tenant[i] = copy_tenant(c->tenant[i]);
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
		conf_wireguard_free(c->wireguard[i]);
	for (size_t i = 0; i < c->tenant_count; i++)
		conf_tenant_free(c->tenant[i]);
	for (size_t i = 0; i < c->prefix_list_count; i++)
		conf_prefix_list_free(c->prefix_list[i]);
	free(c->prefix_list);
	free(c->wireguard);
	free(c->tenant);
	free(b);
}
