/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kmon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "wgrd/kernel/kaddr.h"
#include "wgrd/kernel/kforeign.h"
#include "wgrd/kernel/klinks.h"
#include "wgrd/kernel/kmon_limits.h"
#include "wgrd/kernel/kroute.h"
#include "wgrd/kernel/krule.h"
#include "wgrd/kernel/ksock.h"
#include "wgrd/kernel/kwatch.h"
#include "wgrd/lib/log.h"

enum {
	RCVBUF_BYTES = 4 << 20,
	/* At least as many as nlq sends in a turn: each deletion of ours comes back here. */
	MESSAGES_PER_TURN = 2048,
	DUMP_TRIES = 5,
	DUMP_RETRY_NS = 1 * NS_PER_S,
};

struct kmon {
	struct loop *loop;
	struct loop_timer retry;
	struct kmon_events ev;
	struct klinks links;
	struct kwatch watch;
	uint64_t overruns;
};

static void report(void *arg, const struct kmon_link *l, bool gone)
{
	struct kmon *m = arg;

	if (m->ev.link)
		m->ev.link(m->ev.arg, l, gone);
}

/* ---- dumps ---- */

static int take_dumped(const struct nlmsghdr *h, void *arg)
{
	const struct kmon_link *link;

	(void)klinks_take(arg, h, &link);
	return 0;
}

static int dump_into(struct kmon *m, struct klinks *fresh)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
	struct nl_msg *msg;
	int err = ksock_message(RTM_GETLINK, 0, &head, sizeof(head), &msg);

	if (!err)
		err = ksock_dump(m->watch.ask_fd, msg, take_dumped, fresh);
	if (!err)
		err = kaddr_dump_message(0, &msg);
	if (!err)
		err = ksock_dump(m->watch.ask_fd, msg, take_dumped, fresh);
	return err;
}

/* Brings the table up to date by asking, and reports every difference. */
static int refresh(struct kmon *m)
{
	struct klinks fresh = {0};
	int err = -EAGAIN;

	for (int try = 0; try < DUMP_TRIES && err == -EAGAIN; try++) {
		klinks_fini(&fresh);
		err = dump_into(m, &fresh);
	}
	/* links that never stop changing announce it: what is missing now is told later */
	if (!err || err == -EAGAIN)
		klinks_become(&m->links, &fresh, report, m);
	klinks_fini(&fresh);
	return err == -EAGAIN ? 0 : err;
}

static void resync(struct kmon *m)
{
	int err = refresh(m);

	if (err) {
		log_err(LOG_KERNEL, "netlink: dump of links: %s, trying again",
			strerror(-err));
		loop_timer_set(m->loop, &m->retry, DUMP_RETRY_NS);
		return;
	}
	if (m->ev.resync)
		m->ev.resync(m->ev.arg);
}

static void on_retry(struct loop_timer *t)
{
	resync(container_of(t, struct kmon, retry));
}

/* ---- what is announced ---- */

static sa_family_t family_of(const struct nlmsghdr *h)
{
	const struct rtgenmsg *head = NLMSG_DATA(h);

	return h->nlmsg_len >= NLMSG_LENGTH(sizeof(*head)) ? head->rtgen_family : 0;
}

static void take_route_gone(struct kmon *m, const struct nlmsghdr *h)
{
	struct kroute r;

	if (m->ev.route_gone && kroute_parse(h, family_of(h), &r))
		m->ev.route_gone(m->ev.arg, &r);
}

/* Ours are not among them: the filter drops those. */
static void take_route_taken(struct kmon *m, const struct nlmsghdr *h)
{
	struct kforeign f;
	struct kroute r;

	if (!m->ev.route_taken || !kforeign_parse(h, &f))
		return;
	r = (struct kroute){.table = f.table, .dst = f.dst, .metric = f.metric};
	m->ev.route_taken(m->ev.arg, &r);
}

static void take_rule_gone(struct kmon *m, const struct nlmsghdr *h)
{
	struct krule r;

	if (m->ev.rule_gone && krule_parse(h, family_of(h), &r))
		m->ev.rule_gone(m->ev.arg, &r);
}

static void take_link(struct kmon *m, const struct nlmsghdr *h)
{
	const struct kmon_link *link;

	switch (klinks_take(&m->links, h, &link)) {
	case KLINKS_SAME:
		break;
	case KLINKS_CHANGED:
		report(m, link, false);
		break;
	case KLINKS_GONE:
		report(m, link, true);
		klinks_drop(&m->links, link);
		break;
	}
}

static void take_message(void *arg, const struct nlmsghdr *h)
{
	struct kmon *m = arg;

	if (h->nlmsg_type == RTM_DELROUTE)
		take_route_gone(m, h);
	else if (h->nlmsg_type == RTM_NEWROUTE)
		take_route_taken(m, h);
	else if (h->nlmsg_type == RTM_DELRULE)
		take_rule_gone(m, h);
	else
		take_link(m, h);
}

static void on_readable(void *arg, unsigned what)
{
	struct kmon *m = arg;

	(void)what;
	if (kwatch_read(&m->watch, MESSAGES_PER_TURN, take_message, m))
		return;
	m->overruns++;
	log_notice(LOG_KERNEL, "netlink: announcements were lost, comparing everything");
	resync(m);
}

/* ---- life ---- */

/*
 * Of the route messages only deletions of ours, and what others put in the place of another
 * route, in the main table with the metric of ours alone: everything else is dropped before
 * it takes room or wakes us. Each announcement is a datagram with one message, and the filter loads in
 * network byte order what netlink writes in the machine's.
 */
static int watch(struct kmon *m, size_t rcvbuf_bytes, char *why, size_t why_len)
{
	enum {
		TYPE_AT = offsetof(struct nlmsghdr, nlmsg_type),
		FLAGS_AT = offsetof(struct nlmsghdr, nlmsg_flags),
		TABLE_AT = NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_table),
		PROTOCOL_AT = NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol),
		ATTRIBUTES_AT = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct rtmsg)),
		FIND_ATTRIBUTE = SKF_AD_OFF + SKF_AD_NLATTR, /* X from A on; 0: none */
	};
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 15),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, PROTOCOL_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, WGRD_RTPROT, 13, 14),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(NLM_F_REPLACE), 0, 12),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TABLE_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RT_TABLE_MAIN, 0, 7),
		BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, RTA_PRIORITY),
		BPF_STMT(BPF_LD | BPF_W | BPF_IMM, ATTRIBUTES_AT),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIND_ATTRIBUTE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 6, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(KROUTE_SHARED_METRIC), 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, PROTOCOL_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, WGRD_RTPROT, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	static const int groups[] = {
		RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,
		RTNLGRP_IPV6_RULE,
	};
	const struct kwatch_conf conf = {
		.rcvbuf_bytes = rcvbuf_bytes,
		.filter = code,
		.filter_len = ARRAY_SIZE(code),
		.groups = groups,
		.group_count = ARRAY_SIZE(groups),
		.readable = on_readable,
		.arg = m,
	};

	return kwatch_open(&m->watch, m->loop, &conf, why, why_len);
}

int kmon_open_limited(struct loop *loop, size_t rcvbuf_bytes,
		      const struct kmon_events *ev, struct kmon **out, char *why,
		      size_t why_len)
{
	struct kmon *m = xcalloc(1, sizeof(*m));
	int err;

	m->loop = loop;
	m->ev = *ev;
	m->retry.fn = on_retry;
	err = watch(m, rcvbuf_bytes, why, why_len);
	if (err)
		goto free_monitor;
	*out = m;
	err = refresh(m);
	if (err) {
		snprintf(why, why_len, "rtnetlink: looking at the links: %s",
			 strerror(-err));
		goto close_watch;
	}
	return 0;

close_watch:
	*out = NULL;
	klinks_fini(&m->links);
	kwatch_close(&m->watch);
free_monitor:
	free(m);
	return err;
}

int kmon_open(struct loop *loop, const struct kmon_events *ev, struct kmon **out,
	      char *why, size_t why_len)
{
	return kmon_open_limited(loop, RCVBUF_BYTES, ev, out, why, why_len);
}

void kmon_close(struct kmon *m)
{
	if (!m)
		return;
	loop_timer_stop(&m->retry);
	kwatch_close(&m->watch);
	klinks_fini(&m->links);
	free(m);
}

/* ---- questions ---- */

const struct kmon_link *kmon_find(const struct kmon *m, const char *name)
{
	return klinks_find(&m->links, name);
}

const struct kmon_link *kmon_find_index(const struct kmon *m, uint32_t ifindex)
{
	return klinks_find_index(&m->links, ifindex);
}

void kmon_walk(const struct kmon *m, bool (*fn)(const struct kmon_link *l, void *arg),
	       void *arg)
{
	struct klinks_entry *e, *next;

	HASH_ITER (hh, m->links.by_index, e, next)
		if (!fn(&e->link, arg))
			return;
}

void kmon_resync(struct kmon *m)
{
	resync(m);
}

uint64_t kmon_overruns(const struct kmon *m)
{
	return m->overruns;
}
