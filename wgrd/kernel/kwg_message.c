/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kwg_message.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

/* Linux 6.16; the headers we are built with may be older. */
enum {
	ALLOWEDIP_A_FLAGS = 4,
	ALLOWEDIP_F_REMOVE_ME = 1 << 0,
};

/* ---- writing ---- */

void kwg_writer_init(struct kwg_writer *w, uint16_t family, uint32_t ifindex,
		     size_t limit, int (*send)(void *arg, struct nlmsghdr *h), void *arg)
{
	*w = (struct kwg_writer){
		.send = send,
		.arg = arg,
		.family = family,
		.ifindex = ifindex,
		.limit = limit < sizeof(w->buf) ? limit : sizeof(w->buf),
	};
}

static struct nlmsghdr *put_header(void *buf, uint16_t family, uint8_t cmd,
				   uint32_t ifindex)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(h, sizeof(*genl));

	h->nlmsg_type = family;
	h->nlmsg_flags = NLM_F_REQUEST;
	genl->cmd = cmd;
	genl->version = WG_GENL_VERSION;
	mnl_attr_put_u32(h, WGDEVICE_A_IFINDEX, ifindex);
	return h;
}

struct nlmsghdr *kwg_get_message(void *buf, uint16_t family, uint32_t ifindex)
{
	return put_header(buf, family, WG_CMD_GET_DEVICE, ifindex);
}

static void open_message(struct kwg_writer *w)
{
	if (!w->message)
		w->message = put_header(w->buf, w->family, WG_CMD_SET_DEVICE, w->ifindex);
}

static void close_allowed_ips(struct kwg_writer *w)
{
	if (w->allowed_ips)
		mnl_attr_nest_end(w->message, w->allowed_ips);
	w->allowed_ips = NULL;
}

static void close_peer(struct kwg_writer *w)
{
	close_allowed_ips(w);
	if (w->peer)
		mnl_attr_nest_end(w->message, w->peer);
	w->peer = NULL;
}

static void send_message(struct kwg_writer *w)
{
	if (!w->message)
		return;
	close_peer(w);
	if (w->peers)
		mnl_attr_nest_end(w->message, w->peers);
	w->peers = NULL;
	if (!w->err)
		w->err = w->send(w->arg, w->message);
	w->message = NULL;
}

/* Is there room for a peer with @extra octets of attributes, or is it time for a new message? */
static bool fits(const struct kwg_writer *w, size_t octets)
{
	return w->message->nlmsg_len + octets <= w->limit;
}

void kwg_write_device(struct kwg_writer *w, const struct kwg_device_change *c)
{
	if (w->err)
		return;
	send_message(w);
	open_message(w);
	if (c->private_key)
		mnl_attr_put(w->message, WGDEVICE_A_PRIVATE_KEY, WG_KEY_LEN,
			     c->private_key);
	if (c->set_port)
		mnl_attr_put_u16(w->message, WGDEVICE_A_LISTEN_PORT, c->port);
	if (c->set_fwmark)
		mnl_attr_put_u32(w->message, WGDEVICE_A_FWMARK, c->fwmark);
}

static void put_endpoint(struct nlmsghdr *h, const struct ip_addr *a, uint16_t port)
{
	if (a->family == AF_INET) {
		struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};

		memcpy(&to.sin_addr, a->bytes, sizeof(to.sin_addr));
		mnl_attr_put(h, WGPEER_A_ENDPOINT, sizeof(to), &to);
	} else if (a->family == AF_INET6) {
		struct sockaddr_in6 to = {
			.sin6_family = AF_INET6,
			.sin6_port = htons(port),
		};

		memcpy(&to.sin6_addr, a->bytes, sizeof(to.sin6_addr));
		mnl_attr_put(h, WGPEER_A_ENDPOINT, sizeof(to), &to);
	}
}

/* Opens a peer in the message, with its key and @flags. */
static void open_peer(struct kwg_writer *w, uint32_t flags)
{
	open_message(w);
	if (!w->peers)
		w->peers = mnl_attr_nest_start(w->message, WGDEVICE_A_PEERS);
	w->peer = mnl_attr_nest_start(w->message, 0);
	mnl_attr_put(w->message, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN, w->public_key);
	if (flags)
		mnl_attr_put_u32(w->message, WGPEER_A_FLAGS, flags);
}

void kwg_write_peer(struct kwg_writer *w, const struct kwg_peer_change *c)
{
	/* all that a peer can have but its prefixes */
	const size_t octets = 3 * (MNL_ATTR_HDRLEN + WG_KEY_LEN) + 64;

	if (w->err)
		return;
	if (w->message)
		close_peer(w);
	open_message(w);
	if (!fits(w, octets))
		send_message(w);
	if (w->err)
		return;
	memcpy(w->public_key, c->public_key, sizeof(w->public_key));
	open_peer(w, (c->remove ? WGPEER_F_REMOVE_ME : 0) |
			     (c->update_only ? WGPEER_F_UPDATE_ONLY : 0));
	if (c->preshared_key)
		mnl_attr_put(w->message, WGPEER_A_PRESHARED_KEY, WG_KEY_LEN,
			     c->preshared_key);
	put_endpoint(w->message, &c->endpoint, c->endpoint_port);
	if (c->keepalive_s >= 0)
		mnl_attr_put_u16(w->message, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
				 (uint16_t)c->keepalive_s);
}

static void put_allowed_ip(struct nlmsghdr *h, const struct prefix *p, bool remove)
{
	struct nlattr *nest = mnl_attr_nest_start(h, 0);

	mnl_attr_put_u16(h, WGALLOWEDIP_A_FAMILY, p->addr.family);
	mnl_attr_put(h, WGALLOWEDIP_A_IPADDR, ip_family_len(p->addr.family),
		     p->addr.bytes);
	mnl_attr_put_u8(h, WGALLOWEDIP_A_CIDR_MASK, p->len);
	if (remove)
		mnl_attr_put_u32(h, ALLOWEDIP_A_FLAGS, ALLOWEDIP_F_REMOVE_ME);
	mnl_attr_nest_end(h, nest);
}

void kwg_write_allowed_ip(struct kwg_writer *w, const struct prefix *p, bool remove)
{
	/* the list, the entry and its four attributes */
	const size_t octets = 6 * MNL_ATTR_HDRLEN + 32;

	if (w->err)
		return;
	if (!fits(w, octets)) {
		send_message(w);
		/* somebody may have removed it since */
		if (!w->err)
			open_peer(w, WGPEER_F_UPDATE_ONLY);
	}
	if (w->err)
		return;
	if (!w->allowed_ips)
		w->allowed_ips = mnl_attr_nest_start(w->message, WGPEER_A_ALLOWEDIPS);
	put_allowed_ip(w->message, p, remove);
}

int kwg_writer_end(struct kwg_writer *w)
{
	send_message(w);
	explicit_bzero(w->buf, sizeof(w->buf));
	return w->err;
}

/* ---- reading ---- */

struct reading {
	const struct kwg_reader *r;
	int err;
};

static const void *bytes_of(const struct nlattr *a, size_t n)
{
	return mnl_attr_get_payload_len(a) == n ? mnl_attr_get_payload(a) : NULL;
}

/* Copies @a to the @n octets at @to if it has as many. */
static bool take(const struct nlattr *a, void *to, size_t n)
{
	const void *from = bytes_of(a, n);

	if (from)
		memcpy(to, from, n);
	return from;
}

/* Attributes of @nest by type. Those that are newer than we are, are left out. */
struct attrs {
	const struct nlattr *v[16];
};

static int sort_in(const struct nlattr *a, void *arg)
{
	struct attrs *t = arg;
	unsigned type = mnl_attr_get_type(a);

	if (type < ARRAY_SIZE(t->v))
		t->v[type] = a;
	return MNL_CB_OK;
}

static bool read_endpoint(const struct nlattr *a, struct kwg_peer_info *p)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (take(a, &in, sizeof(in)) && in.sin_family == AF_INET) {
		p->endpoint.family = AF_INET;
		memcpy(p->endpoint.bytes, &in.sin_addr, sizeof(in.sin_addr));
		p->endpoint_port = ntohs(in.sin_port);
		return true;
	}
	if (take(a, &in6, sizeof(in6)) && in6.sin6_family == AF_INET6) {
		p->endpoint.family = AF_INET6;
		memcpy(p->endpoint.bytes, &in6.sin6_addr, sizeof(in6.sin6_addr));
		p->endpoint_port = ntohs(in6.sin6_port);
		return true;
	}
	return false;
}

static int read_allowed_ip(struct reading *g, const struct nlattr *nest)
{
	struct attrs t = {0};
	struct prefix p = {0};
	uint16_t family;

	if (mnl_attr_parse_nested(nest, sort_in, &t) < 0 || !t.v[WGALLOWEDIP_A_FAMILY] ||
	    !t.v[WGALLOWEDIP_A_IPADDR] || !t.v[WGALLOWEDIP_A_CIDR_MASK] ||
	    !take(t.v[WGALLOWEDIP_A_FAMILY], &family, sizeof(family)) ||
	    (family != AF_INET && family != AF_INET6))
		return -EBADMSG;
	p.addr.family = family;
	if (!take(t.v[WGALLOWEDIP_A_IPADDR], p.addr.bytes, ip_family_len(family)) ||
	    !take(t.v[WGALLOWEDIP_A_CIDR_MASK], &p.len, sizeof(p.len)) ||
	    p.len > prefix_max_len(family))
		return -EBADMSG;
	prefix_mask(&p);
	g->r->allowed_ip(g->r->arg, &p);
	return 0;
}

static int read_list(struct reading *g, const struct nlattr *list,
		     int (*each)(struct reading *g, const struct nlattr *nest))
{
	struct nlattr *a;
	int err = 0;

	if (!list)
		return 0;
	mnl_attr_for_each_nested(a, list)
	{
		err = each(g, a);
		if (err)
			break;
	}
	return err;
}

/* Leaves zero what is not there or has another size than it should. */
static void read_state(const struct attrs *t, struct kwg_peer_info *p)
{
	int64_t time[2] = {0}; /* struct __kernel_timespec */

	if (t->v[WGPEER_A_ENDPOINT])
		(void)read_endpoint(t->v[WGPEER_A_ENDPOINT], p);
	if (t->v[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL])
		(void)take(t->v[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL], &p->keepalive_s,
			   sizeof(p->keepalive_s));
	if (t->v[WGPEER_A_LAST_HANDSHAKE_TIME] &&
	    take(t->v[WGPEER_A_LAST_HANDSHAKE_TIME], time, sizeof(time)) && time[0] > 0)
		p->last_handshake_s = (uint64_t)time[0];
	if (t->v[WGPEER_A_RX_BYTES])
		(void)take(t->v[WGPEER_A_RX_BYTES], &p->rx_bytes, sizeof(p->rx_bytes));
	if (t->v[WGPEER_A_TX_BYTES])
		(void)take(t->v[WGPEER_A_TX_BYTES], &p->tx_bytes, sizeof(p->tx_bytes));
}

static int read_peer(struct reading *g, const struct nlattr *nest)
{
	struct attrs t = {0};
	struct kwg_peer_info p = {0};

	if (mnl_attr_parse_nested(nest, sort_in, &t) < 0 || !t.v[WGPEER_A_PUBLIC_KEY] ||
	    !take(t.v[WGPEER_A_PUBLIC_KEY], p.public_key, sizeof(p.public_key)))
		return -EBADMSG;
	/* the kernel says the keepalive interval, be it 0, the first time */
	p.continued = !t.v[WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL];
	read_state(&t, &p);
	g->r->peer(g->r->arg, &p);
	return read_list(g, t.v[WGPEER_A_ALLOWEDIPS], read_allowed_ip);
}

static void read_device(struct reading *g, const struct attrs *t)
{
	struct kwg_device_info d = {0};
	const struct nlattr *name = t->v[WGDEVICE_A_IFNAME];

	/* what follows the first message is without it */
	if (!t->v[WGDEVICE_A_LISTEN_PORT])
		return;
	(void)take(t->v[WGDEVICE_A_LISTEN_PORT], &d.port, sizeof(d.port));
	if (t->v[WGDEVICE_A_IFINDEX])
		(void)take(t->v[WGDEVICE_A_IFINDEX], &d.ifindex, sizeof(d.ifindex));
	if (t->v[WGDEVICE_A_FWMARK])
		(void)take(t->v[WGDEVICE_A_FWMARK], &d.fwmark, sizeof(d.fwmark));
	if (t->v[WGDEVICE_A_PUBLIC_KEY])
		d.public_key_set = take(t->v[WGDEVICE_A_PUBLIC_KEY], d.public_key,
					sizeof(d.public_key));
	if (name && mnl_attr_get_payload_len(name) <= sizeof(d.name) &&
	    mnl_attr_validate(name, MNL_TYPE_NUL_STRING) == 0)
		memcpy(d.name, mnl_attr_get_payload(name),
		       mnl_attr_get_payload_len(name));
	g->r->device(g->r->arg, &d);
}

int kwg_read(const struct kwg_reader *r, const struct nlmsghdr *h)
{
	struct reading g = {.r = r};
	struct attrs t = {0};

	if (h->nlmsg_len < MNL_NLMSG_HDRLEN + GENL_HDRLEN ||
	    mnl_attr_parse(h, GENL_HDRLEN, sort_in, &t) < 0)
		return -EBADMSG;
	read_device(&g, &t);
	return read_list(&g, t.v[WGDEVICE_A_PEERS], read_peer);
}
