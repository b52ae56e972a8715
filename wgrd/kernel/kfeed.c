/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kfeed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "wgrd/kernel/kfeed_limits.h"
#include "wgrd/kernel/ksock.h"
#include "wgrd/kernel/kwatch.h"
#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/log.h"

enum {
	RCVBUF_BYTES = 16 << 20, /* a full table arrives faster than it is decided on */
	MESSAGES_PER_TURN = 4096,
	DUMP_TRIES = 3,
};

struct rtnl_feed {
	struct kfeed feed;
	struct kfeed_events ev;
	struct kwatch watch;
};

static struct rtnl_feed *feed_of(struct kfeed *f)
{
	return container_of(f, struct rtnl_feed, feed);
}

/* ---- what is announced ---- */

static enum kfeed_change change_of(const struct nlmsghdr *h)
{
	if (h->nlmsg_type == RTM_DELROUTE)
		return KFEED_GONE;
	if (h->nlmsg_flags & NLM_F_REPLACE)
		return KFEED_REPLACED;
	return h->nlmsg_flags & NLM_F_APPEND ? KFEED_APPENDED : KFEED_ADDED;
}

static void take_nexthop_gone(struct rtnl_feed *f, const struct nlmsghdr *h)
{
	const struct nlattr *id;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(struct nhmsg)))
		return;
	id = nlmsg_find_attr((struct nlmsghdr *)h, sizeof(struct nhmsg), NHA_ID);
	if (id && nla_len(id) == sizeof(uint32_t))
		f->ev.nexthop_gone(f->ev.arg, nla_get_u32(id));
}

static void take_message(void *arg, const struct nlmsghdr *h)
{
	struct rtnl_feed *f = arg;
	struct kforeign r;

	if (h->nlmsg_type == RTM_DELNEXTHOP)
		take_nexthop_gone(f, h);
	else if (kforeign_parse(h, &r))
		f->ev.route(f->ev.arg, change_of(h), &r);
}

static void on_readable(void *arg, unsigned what)
{
	struct rtnl_feed *f = arg;

	(void)what;
	if (!kwatch_read(&f->watch, MESSAGES_PER_TURN, take_message, f))
		f->ev.lost(f->ev.arg);
}

/* ---- dumps ---- */

struct dump {
	uint32_t table;
	int (*each)(void *arg, const struct kforeign *r);
	void *arg;
};

static int take_dumped(const struct nlmsghdr *h, void *arg)
{
	struct dump *d = arg;
	struct kforeign r;

	if (!kforeign_parse(h, &r) || r.table != d->table)
		return 0;
	return d->each(d->arg, &r);
}

static int dump_family(struct rtnl_feed *f, struct dump *d, sa_family_t family)
{
	int err = -EAGAIN;

	for (int try = 0; try < DUMP_TRIES && err == -EAGAIN; try++) {
		struct nl_msg *msg;

		err = kforeign_dump_message(d->table, family, &msg);
		if (!err)
			err = ksock_dump(f->watch.ask_fd, msg, take_dumped, d);
	}
	/* a table nobody has used yet, or a kernel without IPv6 */
	return err == -ENOENT || err == -EAFNOSUPPORT ? 0 : err;
}

static int rtnl_dump(struct kfeed *feed, uint32_t table,
		     int (*each)(void *arg, const struct kforeign *r), void *arg)
{
	struct dump d = {.table = table, .each = each, .arg = arg};
	int v4 = dump_family(feed_of(feed), &d, AF_INET), v6;

	if (v4 && v4 != -EAGAIN)
		return v4;
	v6 = dump_family(feed_of(feed), &d, AF_INET6);
	return v6 ? v6 : v4;
}

/* ---- life ---- */

static void rtnl_close(struct kfeed *feed)
{
	struct rtnl_feed *f = feed_of(feed);

	kwatch_close(&f->watch);
	free(f);
}

static const struct kfeed_ops rtnl_ops = {.dump = rtnl_dump, .close = rtnl_close};

/* Our own routes, of which there may be a million, are dropped before they wake us. As in
 * kmon.c the filter loads in network byte order what netlink writes in the machine's. */
static int watch(struct rtnl_feed *f, struct loop *loop, size_t rcvbuf_bytes, char *why,
		 size_t why_len)
{
	enum {
		TYPE_AT = offsetof(struct nlmsghdr, nlmsg_type),
		PROTOCOL_AT = NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol),
	};
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELNEXTHOP), 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, PROTOCOL_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, WGRD_RTPROT, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	static const int groups[] = {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE};
	static const int nexthops = RTNLGRP_NEXTHOP;
	const struct kwatch_conf conf = {
		.rcvbuf_bytes = rcvbuf_bytes,
		.filter = code,
		.filter_len = ARRAY_SIZE(code),
		.groups = groups,
		.group_count = ARRAY_SIZE(groups),
		.readable = on_readable,
		.arg = f,
	};
	int err = kwatch_open(&f->watch, loop, &conf, why, why_len);

	if (!err && ksock_join(f->watch.fd, &nexthops, 1))
		log_info(LOG_KERNEL,
			 "netlink: this kernel has no next hop objects to follow");
	return err;
}

int kfeed_open_limited(struct loop *loop, size_t rcvbuf_bytes,
		       const struct kfeed_events *ev, struct kfeed **out, char *why,
		       size_t why_len)
{
	struct rtnl_feed *f = xcalloc(1, sizeof(*f));
	int err;

	f->feed.ops = &rtnl_ops;
	f->ev = *ev;
	err = watch(f, loop, rcvbuf_bytes, why, why_len);
	if (err)
		free(f);
	else
		*out = &f->feed;
	return err;
}

int kfeed_open(struct loop *loop, const struct kfeed_events *ev, struct kfeed **out,
	       char *why, size_t why_len)
{
	return kfeed_open_limited(loop, RCVBUF_BYTES, ev, out, why, why_len);
}
