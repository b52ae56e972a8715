/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/fake_kwg.h"

/* before linux/wireguard.h, which makes a macro of one of its names */
#include "proto/wg/keys.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/strbuf.h"

enum {
	FAMILY = 0x20,
	PREFIXES_A_MESSAGE = 3,
	FLAGS_ATTR = 4, /* WGALLOWEDIP_A_FLAGS */
};

struct fake_peer {
	uint8_t key[WG_KEY_LEN];
	bool psk;
	struct ip_addr endpoint;
	uint16_t endpoint_port, keepalive_s;
	uint64_t handshake_s, tx_bytes;
	struct prefix *prefix;
	size_t prefixes;
};

struct fake_device {
	char name[IFNAMSIZ];
	uint32_t ifindex;
	bool wireguard, up, key_set;
	char alias[32];
	uint8_t private_key[WG_KEY_LEN];
	uint16_t port;
	uint32_t fwmark, mtu_bytes;
	struct klink_address address[8];
	size_t addresses;
	struct fake_peer *peer; /* in order of their keys */
	size_t peers;
};

struct fake_kwg {
	struct kwg base;
	struct fake_device device[8];
	size_t devices;
	uint32_t next_index;
	bool can_remove, without_module;
	unsigned refuse, interrupt, messages, endpoints;
	int refuse_err;
	struct prefix watched;
	bool had_owner;
	unsigned orphaned;
	struct strbuf text;
};

static struct fake_kwg *of(struct kwg *k)
{
	return (struct fake_kwg *)k;
}

struct kwg *fake_kwg(struct fake_kwg *f)
{
	return &f->base;
}

/* ---- devices ---- */

static struct fake_device *by_index(struct fake_kwg *f, uint32_t ifindex)
{
	for (size_t i = 0; i < f->devices; i++)
		if (f->device[i].ifindex == ifindex)
			return &f->device[i];
	return NULL;
}

static struct fake_device *by_name(struct fake_kwg *f, const char *name)
{
	for (size_t i = 0; i < f->devices; i++)
		if (!strcmp(f->device[i].name, name))
			return &f->device[i];
	return NULL;
}

static struct fake_device *existing(struct fake_kwg *f, const char *name)
{
	struct fake_device *d = by_name(f, name);

	assert(d);
	return d;
}

void fake_kwg_make(struct fake_kwg *f, const char *dev, bool wireguard, const char *alias)
{
	struct fake_device *d = &f->device[f->devices++];

	assert(f->devices <= ARRAY_SIZE(f->device));
	*d = (struct fake_device){.ifindex = ++f->next_index, .wireguard = wireguard};
	snprintf(d->name, sizeof(d->name), "%s", dev);
	snprintf(d->alias, sizeof(d->alias), "%s", alias);
}

static void destroy(struct fake_kwg *f, struct fake_device *d)
{
	for (size_t i = 0; i < d->peers; i++)
		free(d->peer[i].prefix);
	free(d->peer);
	*d = f->device[--f->devices];
}

void fake_kwg_remove(struct fake_kwg *f, const char *dev)
{
	destroy(f, existing(f, dev));
}

/* ---- peers and prefixes ---- */

static struct fake_peer *owner_of(const struct fake_kwg *f, const struct prefix *p)
{
	for (size_t i = 0; i < f->devices; i++)
		for (size_t j = 0; j < f->device[i].peers; j++)
			for (size_t k = 0; k < f->device[i].peer[j].prefixes; k++)
				if (prefix_equal(&f->device[i].peer[j].prefix[k], p))
					return &f->device[i].peer[j];
	return NULL;
}

/* After each step that takes or gives. */
static void look(struct fake_kwg *f)
{
	bool has_owner = f->watched.addr.family && owner_of(f, &f->watched);

	f->orphaned += f->had_owner && !has_owner;
	f->had_owner |= has_owner;
}

static struct fake_peer *find_peer(struct fake_device *d, const uint8_t key[WG_KEY_LEN])
{
	for (size_t i = 0; i < d->peers; i++)
		if (!memcmp(d->peer[i].key, key, WG_KEY_LEN))
			return &d->peer[i];
	return NULL;
}

static struct fake_peer *make_peer(struct fake_device *d, const uint8_t key[WG_KEY_LEN])
{
	size_t at = d->peers;

	d->peer = realloc(d->peer, (d->peers + 1) * sizeof(*d->peer));
	assert(d->peer);
	while (at && memcmp(d->peer[at - 1].key, key, WG_KEY_LEN) > 0)
		at--;
	memmove(&d->peer[at + 1], &d->peer[at], (d->peers - at) * sizeof(*d->peer));
	d->peers++;
	d->peer[at] = (struct fake_peer){0};
	memcpy(d->peer[at].key, key, WG_KEY_LEN);
	return &d->peer[at];
}

static void remove_peer(struct fake_kwg *f, struct fake_device *d, struct fake_peer *p)
{
	size_t at = (size_t)(p - d->peer);

	free(p->prefix);
	d->peers--;
	memmove(p, p + 1, (d->peers - at) * sizeof(*p));
	look(f);
}

static bool take_prefix(struct fake_peer *p, const struct prefix *prefix)
{
	for (size_t i = 0; i < p->prefixes; i++) {
		if (!prefix_equal(&p->prefix[i], prefix))
			continue;
		p->prefixes--;
		memmove(&p->prefix[i], &p->prefix[i + 1],
			(p->prefixes - i) * sizeof(*p->prefix));
		return true;
	}
	return false;
}

/* From whoever has it, in one step. */
static void give_prefix(struct fake_kwg *f, struct fake_device *d, struct fake_peer *p,
			const struct prefix *prefix)
{
	for (size_t i = 0; i < d->peers; i++)
		(void)take_prefix(&d->peer[i], prefix);
	p->prefix = realloc(p->prefix, (p->prefixes + 1) * sizeof(*p->prefix));
	assert(p->prefix);
	p->prefix[p->prefixes++] = *prefix;
	look(f);
}

static void key_of(uint8_t key[WG_KEY_LEN], char letter)
{
	memset(key, 0, WG_KEY_LEN);
	key[0] = (uint8_t)letter;
}

void fake_kwg_peer(struct fake_kwg *f, const char *dev, char letter, const char *prefixes)
{
	struct fake_device *d = existing(f, dev);
	char text[512], *word, *rest = text;
	uint8_t key[WG_KEY_LEN];
	struct prefix p;

	key_of(key, letter);
	if (!find_peer(d, key))
		(void)make_peer(d, key);
	snprintf(text, sizeof(text), "%s", prefixes);
	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		assert(!prefix_parse(&p, word));
		give_prefix(f, d, find_peer(d, key), &p);
	}
}

void fake_kwg_peer_remove(struct fake_kwg *f, const char *dev, char letter)
{
	struct fake_device *d = existing(f, dev);
	uint8_t key[WG_KEY_LEN];

	key_of(key, letter);
	assert(find_peer(d, key));
	remove_peer(f, d, find_peer(d, key));
}

void fake_kwg_peer_state(struct fake_kwg *f, const char *dev, char letter,
			 const char *endpoint, uint64_t handshake_s, uint64_t tx_bytes)
{
	struct fake_peer *p;
	uint8_t key[WG_KEY_LEN];
	struct prefix host;

	key_of(key, letter);
	p = find_peer(existing(f, dev), key);
	assert(p);
	p->handshake_s = handshake_s;
	p->tx_bytes = tx_bytes;
	if (!endpoint)
		return;
	assert(!prefix_parse(&host, endpoint));
	p->endpoint = host.addr;
	p->endpoint_port = 51820;
}

void fake_kwg_private_key(struct fake_kwg *f, const char *dev, const uint8_t key[32])
{
	struct fake_device *d = existing(f, dev);

	memcpy(d->private_key, key, WG_KEY_LEN);
	d->key_set = true;
}

void fake_kwg_port(struct fake_kwg *f, const char *dev, uint16_t port)
{
	existing(f, dev)->port = port;
}

/* ---- WG_CMD_SET_DEVICE ---- */

static uint32_t u32_of(const struct nlattr *a)
{
	return a ? mnl_attr_get_u32(a) : 0;
}

static int sort_in(const struct nlattr *a, void *arg)
{
	const struct nlattr **v = arg;

	if (mnl_attr_get_type(a) < 16)
		v[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static int set_allowed_ip(struct fake_kwg *f, struct fake_device *d, struct fake_peer *p,
			  const struct nlattr *nest)
{
	const struct nlattr *v[16] = {0};
	struct prefix prefix = {0};

	mnl_attr_parse_nested(nest, sort_in, v);
	if (v[FLAGS_ATTR] && !f->can_remove)
		return -EINVAL;
	if (!v[WGALLOWEDIP_A_FAMILY] || !v[WGALLOWEDIP_A_IPADDR] ||
	    !v[WGALLOWEDIP_A_CIDR_MASK])
		return -EINVAL;
	prefix.addr.family = mnl_attr_get_u16(v[WGALLOWEDIP_A_FAMILY]);
	if (mnl_attr_get_payload_len(v[WGALLOWEDIP_A_IPADDR]) !=
	    (prefix.addr.family == AF_INET ? 4 : 16))
		return -EINVAL;
	memcpy(prefix.addr.bytes, mnl_attr_get_payload(v[WGALLOWEDIP_A_IPADDR]),
	       mnl_attr_get_payload_len(v[WGALLOWEDIP_A_IPADDR]));
	prefix.len = mnl_attr_get_u8(v[WGALLOWEDIP_A_CIDR_MASK]);
	if (u32_of(v[FLAGS_ATTR]) & 1) {
		(void)take_prefix(p, &prefix);
		look(f);
	} else {
		give_prefix(f, d, p, &prefix);
	}
	return 0;
}

static void set_endpoint(struct fake_kwg *f, struct fake_peer *p, const struct nlattr *a)
{
	const struct sockaddr_in *in = mnl_attr_get_payload(a);
	const struct sockaddr_in6 *in6 = mnl_attr_get_payload(a);

	f->endpoints++;
	p->endpoint = (struct ip_addr){.family = in->sin_family};
	if (in->sin_family == AF_INET) {
		assert(mnl_attr_get_payload_len(a) == sizeof(*in));
		memcpy(p->endpoint.bytes, &in->sin_addr, 4);
		p->endpoint_port = ntohs(in->sin_port);
	} else {
		assert(mnl_attr_get_payload_len(a) == sizeof(*in6));
		memcpy(p->endpoint.bytes, &in6->sin6_addr, 16);
		p->endpoint_port = ntohs(in6->sin6_port);
	}
}

static bool is_zero(const uint8_t *key)
{
	static const uint8_t zero[WG_KEY_LEN];

	return !memcmp(key, zero, WG_KEY_LEN);
}

static int set_peer(struct fake_kwg *f, struct fake_device *d, const struct nlattr *nest)
{
	const struct nlattr *v[16] = {0};
	const struct nlattr *a;
	const uint8_t *key;
	struct fake_peer *p;
	uint32_t flags;
	int err = 0;

	mnl_attr_parse_nested(nest, sort_in, v);
	if (!v[WGPEER_A_PUBLIC_KEY] ||
	    mnl_attr_get_payload_len(v[WGPEER_A_PUBLIC_KEY]) != WG_KEY_LEN)
		return -EINVAL;
	key = mnl_attr_get_payload(v[WGPEER_A_PUBLIC_KEY]);
	flags = u32_of(v[WGPEER_A_FLAGS]);
	p = find_peer(d, key);
	if (!p && flags & (WGPEER_F_REMOVE_ME | WGPEER_F_UPDATE_ONLY))
		return 0;
	if (!p)
		p = make_peer(d, key);
	if (flags & WGPEER_F_REMOVE_ME) {
		remove_peer(f, d, p);
		return 0;
	}
	assert(!(flags &
		 WGPEER_F_REPLACE_ALLOWEDIPS)); /* leaves prefixes without owner */
	if (v[WGPEER_A_PRESHARED_KEY])
		p->psk = !is_zero(mnl_attr_get_payload(v[WGPEER_A_PRESHARED_KEY]));
	if (v[WGPEER_A_ENDPOINT])
		set_endpoint(f, p, v[WGPEER_A_ENDPOINT]);
	if (v[WGPEER_A_ALLOWEDIPS]) {
		mnl_attr_for_each_nested(a, v[WGPEER_A_ALLOWEDIPS])
		{
			err = set_allowed_ip(f, d, p, a);
			if (err)
				return err;
		}
	}
	if (v[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL])
		p->keepalive_s =
			mnl_attr_get_u16(v[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL]);
	return 0;
}

static int fake_set(struct kwg *k, struct nlmsghdr *h)
{
	struct fake_kwg *f = of(k);
	const struct nlattr *v[16] = {0};
	const struct nlattr *a;
	struct fake_device *d;
	int err = 0;

	assert(h->nlmsg_len <= 32768);
	f->messages++;
	if (f->refuse) {
		f->refuse--;
		return f->refuse_err;
	}
	mnl_attr_parse(h, GENL_HDRLEN, sort_in, v);
	d = by_index(f, u32_of(v[WGDEVICE_A_IFINDEX]));
	if (!d)
		return -ENODEV;
	assert(!v[WGDEVICE_A_FLAGS]); /* peers of others are not ours to replace */
	if (v[WGDEVICE_A_FWMARK])
		d->fwmark = u32_of(v[WGDEVICE_A_FWMARK]);
	if (v[WGDEVICE_A_LISTEN_PORT])
		d->port = mnl_attr_get_u16(v[WGDEVICE_A_LISTEN_PORT]);
	if (v[WGDEVICE_A_PRIVATE_KEY]) {
		memcpy(d->private_key, mnl_attr_get_payload(v[WGDEVICE_A_PRIVATE_KEY]),
		       WG_KEY_LEN);
		d->key_set = !is_zero(d->private_key);
	}
	if (!v[WGDEVICE_A_PEERS])
		return 0;
	mnl_attr_for_each_nested(a, v[WGDEVICE_A_PEERS])
	{
		err = set_peer(f, d, a);
		if (err)
			break;
	}
	return err;
}

/* ---- WG_CMD_GET_DEVICE ---- */

static struct nlmsghdr *begin(void *buf, const struct fake_device *d)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = FAMILY;
	h->nlmsg_flags = NLM_F_MULTI;
	mnl_nlmsg_put_extra_header(h, sizeof(struct genlmsghdr));
	mnl_attr_put_u32(h, WGDEVICE_A_IFINDEX, d->ifindex);
	mnl_attr_put_strz(h, WGDEVICE_A_IFNAME, d->name);
	return h;
}

static void put_device(struct nlmsghdr *h, const struct fake_device *d)
{
	uint8_t public_key[WG_KEY_LEN];

	mnl_attr_put_u16(h, WGDEVICE_A_LISTEN_PORT, d->port);
	mnl_attr_put_u32(h, WGDEVICE_A_FWMARK, d->fwmark);
	if (!d->key_set)
		return;
	wg_key_public(public_key, d->private_key);
	mnl_attr_put(h, WGDEVICE_A_PRIVATE_KEY, WG_KEY_LEN, d->private_key);
	mnl_attr_put(h, WGDEVICE_A_PUBLIC_KEY, WG_KEY_LEN, public_key);
}

static void put_state(struct nlmsghdr *h, const struct fake_peer *p)
{
	const uint64_t time[2] = {p->handshake_s, 0};
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons(p->endpoint_port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons(p->endpoint_port)};

	mnl_attr_put(h, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof(time), time);
	mnl_attr_put_u16(h, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, p->keepalive_s);
	mnl_attr_put_u64(h, WGPEER_A_TX_BYTES, p->tx_bytes);
	mnl_attr_put_u64(h, WGPEER_A_RX_BYTES, 0);
	memcpy(&in.sin_addr, p->endpoint.bytes, 4);
	memcpy(&in6.sin6_addr, p->endpoint.bytes, 16);
	if (p->endpoint.family == AF_INET)
		mnl_attr_put(h, WGPEER_A_ENDPOINT, sizeof(in), &in);
	else if (p->endpoint.family == AF_INET6)
		mnl_attr_put(h, WGPEER_A_ENDPOINT, sizeof(in6), &in6);
}

static void put_prefixes(struct nlmsghdr *h, const struct fake_peer *p, size_t from,
			 size_t n)
{
	struct nlattr *list = mnl_attr_nest_start(h, WGPEER_A_ALLOWEDIPS);

	for (size_t i = from; i < p->prefixes && i < from + n; i++) {
		struct nlattr *nest = mnl_attr_nest_start(h, 0);

		mnl_attr_put_u8(h, WGALLOWEDIP_A_CIDR_MASK, p->prefix[i].len);
		mnl_attr_put_u16(h, WGALLOWEDIP_A_FAMILY, p->prefix[i].addr.family);
		mnl_attr_put(h, WGALLOWEDIP_A_IPADDR,
			     p->prefix[i].addr.family == AF_INET ? 4 : 16,
			     p->prefix[i].addr.bytes);
		mnl_attr_nest_end(h, nest);
	}
	mnl_attr_nest_end(h, list);
}

/* One message a peer, and more if it has more than a few prefixes. */
static int tell_peer(const struct fake_device *d, const struct fake_peer *p,
		     int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	uint64_t buf[256];
	int err = 0;

	for (size_t at = 0; !err && (!at || at < p->prefixes); at += PREFIXES_A_MESSAGE) {
		struct nlmsghdr *h = begin(buf, d);
		struct nlattr *peers = mnl_attr_nest_start(h, WGDEVICE_A_PEERS);
		struct nlattr *peer = mnl_attr_nest_start(h, 0);

		mnl_attr_put(h, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN, p->key);
		if (!at)
			put_state(h, p);
		put_prefixes(h, p, at, PREFIXES_A_MESSAGE);
		mnl_attr_nest_end(h, peer);
		mnl_attr_nest_end(h, peers);
		err = each(h, arg);
	}
	return err;
}

static int fake_get(struct kwg *k, uint32_t ifindex,
		    int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	struct fake_kwg *f = of(k);
	const struct fake_device *d = by_index(f, ifindex);
	uint64_t buf[64];
	struct nlmsghdr *h;
	int err;

	if (!d)
		return -ENODEV;
	h = begin(buf, d);
	put_device(h, d);
	err = each(h, arg);
	if (f->interrupt) {
		f->interrupt--;
		return -EAGAIN;
	}
	for (size_t i = 0; i < d->peers && !err; i++)
		err = tell_peer(d, &d->peer[i], each, arg);
	return err;
}

/* ---- links ---- */

static int fake_link_find(struct kwg *k, const char *name, struct kwg_link *l)
{
	const struct fake_device *d = by_name(of(k), name);

	if (!d)
		return -ENODEV;
	*l = (struct kwg_link){d->ifindex, d->wireguard, !strcmp(d->alias, kwg_alias)};
	return 0;
}

static int fake_link_new(struct kwg *k, const char *name, uint32_t *ifindex)
{
	struct fake_kwg *f = of(k);

	if (f->without_module)
		return -EOPNOTSUPP;
	if (by_name(f, name))
		return -EEXIST;
	fake_kwg_make(f, name, true, kwg_alias);
	*ifindex = f->next_index;
	return 0;
}

static int fake_link_del(struct kwg *k, uint32_t ifindex)
{
	struct fake_device *d = by_index(of(k), ifindex);

	if (d)
		destroy(of(k), d);
	return 0;
}

static int fake_link_up(struct kwg *k, uint32_t ifindex, uint32_t mtu_bytes)
{
	struct fake_device *d = by_index(of(k), ifindex);

	if (!d)
		return -ENODEV;
	d->up = true;
	d->mtu_bytes = mtu_bytes;
	return 0;
}

static int fake_link_down(struct kwg *k, uint32_t ifindex)
{
	struct fake_device *d = by_index(of(k), ifindex);

	if (!d)
		return -ENODEV;
	d->up = false;
	return 0;
}

static size_t find_address(const struct fake_device *d, const struct klink_address *a)
{
	size_t i = 0;

	while (i < d->addresses && (d->address[i].len != a->len ||
				    !ip_addr_equal(&d->address[i].addr, &a->addr)))
		i++;
	return i;
}

static int fake_addr_add(struct kwg *k, uint32_t ifindex, const struct klink_address *a)
{
	struct fake_device *d = by_index(of(k), ifindex);

	if (find_address(d, a) == d->addresses)
		d->address[d->addresses++] = *a;
	assert(d->addresses < ARRAY_SIZE(d->address));
	return 0;
}

static int fake_addr_del(struct kwg *k, uint32_t ifindex, const struct klink_address *a)
{
	struct fake_device *d = by_index(of(k), ifindex);
	size_t at = find_address(d, a);

	if (at < d->addresses)
		d->address[at] = d->address[--d->addresses];
	return 0;
}

static int fake_addr_sync(struct kwg *k, uint32_t ifindex,
			  const struct klink_address *want, size_t n)
{
	struct fake_device *d = by_index(of(k), ifindex);

	if (!d)
		return -ENODEV;
	d->addresses = 0;
	for (size_t i = 0; i < n; i++)
		(void)fake_addr_add(k, ifindex, &want[i]);
	return 0;
}

static int fake_port_free(struct kwg *k, uint16_t port)
{
	struct fake_kwg *f = of(k);

	for (size_t i = 0; i < f->devices; i++)
		if (f->device[i].port == port)
			return -EADDRINUSE;
	return 0;
}

static int fake_family(struct kwg *k, uint16_t *family)
{
	*family = FAMILY;
	return of(k)->without_module ? -EOPNOTSUPP : 0;
}

static const struct kwg_ops fake_ops = {
	.link_find = fake_link_find,
	.link_new = fake_link_new,
	.link_del = fake_link_del,
	.link_up = fake_link_up,
	.link_down = fake_link_down,
	.addr_add = fake_addr_add,
	.addr_del = fake_addr_del,
	.addr_sync = fake_addr_sync,
	.port_free = fake_port_free,
	.family = fake_family,
	.set = fake_set,
	.get = fake_get,
};

struct fake_kwg *fake_kwg_new(void)
{
	struct fake_kwg *f = calloc(1, sizeof(*f));

	assert(f);
	f->base.ops = &fake_ops;
	f->next_index = 100;
	return f;
}

void fake_kwg_free(struct fake_kwg *f)
{
	while (f->devices)
		destroy(f, &f->device[0]);
	strbuf_free(&f->text);
	free(f);
}

void fake_kwg_can_remove(struct fake_kwg *f, bool can)
{
	f->can_remove = can;
}

void fake_kwg_refuse(struct fake_kwg *f, unsigned n, int err)
{
	f->refuse = n;
	f->refuse_err = err;
}

void fake_kwg_interrupt(struct fake_kwg *f, unsigned n)
{
	f->interrupt = n;
}

void fake_kwg_without_module(struct fake_kwg *f)
{
	f->without_module = true;
}

/* ---- asking ---- */

static int cmp_prefixes(const void *a, const void *b)
{
	return prefix_cmp(a, b);
}

static void describe(struct strbuf *out, struct fake_peer *p)
{
	char text[PREFIX_STRLEN], addr[IP_ADDR_STRLEN];

	strbuf_printf(out, "%s%c", out->len ? "\n" : "", p->key[0]);
	if (p->endpoint.family)
		strbuf_printf(out, " %s:%u", ip_addr_str(&p->endpoint, addr),
			      p->endpoint_port);
	if (p->keepalive_s)
		strbuf_printf(out, " %us", p->keepalive_s);
	strbuf_printf(out, "%s:", p->psk ? " psk" : "");
	if (p->prefixes)
		qsort(p->prefix, p->prefixes, sizeof(*p->prefix), cmp_prefixes);
	for (size_t i = 0; i < p->prefixes; i++)
		strbuf_printf(out, " %s", prefix_str(&p->prefix[i], text));
}

const char *fake_kwg_text(struct fake_kwg *f, const char *dev)
{
	struct fake_device *d = by_name(f, dev);

	if (!d)
		return NULL;
	strbuf_free(&f->text);
	f->text = (struct strbuf){0};
	for (size_t i = 0; i < d->peers; i++)
		describe(&f->text, &d->peer[i]);
	return f->text.len ? f->text.s : "";
}

const char *fake_kwg_link(struct fake_kwg *f, const char *dev)
{
	const struct fake_device *d = by_name(f, dev);
	char addr[IP_ADDR_STRLEN];

	if (!d)
		return NULL;
	strbuf_free(&f->text);
	f->text = (struct strbuf){0};
	strbuf_printf(&f->text, "%s %u %u 0x%x %s:", d->up ? "up" : "down", d->mtu_bytes,
		      d->port, d->fwmark, d->alias);
	for (size_t i = 0; i < d->addresses; i++)
		strbuf_printf(&f->text, " %s/%u", ip_addr_str(&d->address[i].addr, addr),
			      d->address[i].len);
	return f->text.s;
}

unsigned fake_kwg_messages(struct fake_kwg *f)
{
	unsigned n = f->messages;

	f->messages = 0;
	return n;
}

void fake_kwg_watch(struct fake_kwg *f, const char *prefix)
{
	assert(!prefix_parse(&f->watched, prefix));
	f->had_owner = false;
	f->orphaned = 0;
	look(f);
}

unsigned fake_kwg_orphaned(const struct fake_kwg *f)
{
	return f->orphaned;
}

unsigned fake_kwg_endpoints(const struct fake_kwg *f)
{
	return f->endpoints;
}
