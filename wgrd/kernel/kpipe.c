/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kpipe.h"

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/kernel/ksock.h"
#include "wgrd/lib/log.h"

int kpipe_init(struct kpipe *p, size_t rcvbuf_bytes, size_t *got)
{
	p->batch_bytes = 0;
	p->fd = ksock_open(SOCK_NONBLOCK);
	if (p->fd < 0)
		return p->fd;
	*got = ksock_set_rcvbuf(p->fd, rcvbuf_bytes);
	return 0;
}

void kpipe_fini(struct kpipe *p)
{
	close(p->fd);
}

bool kpipe_has_room(const struct kpipe *p)
{
	return p->batch_bytes + KPIPE_MESSAGE_BYTES_MAX <= KPIPE_BATCH_BYTES;
}

void kpipe_add(struct kpipe *p, struct nl_msg *msg, uint32_t seq)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	assert(kpipe_has_room(p) && h->nlmsg_len <= KPIPE_MESSAGE_BYTES_MAX);
	h->nlmsg_flags |= NLM_F_ACK;
	h->nlmsg_seq = seq;
	memcpy(p->batch + p->batch_bytes, h, h->nlmsg_len);
	p->batch_bytes += NLMSG_ALIGN(h->nlmsg_len);
	nlmsg_free(msg);
}

int kpipe_send(struct kpipe *p)
{
	int err = 0;

	if (p->batch_bytes && send(p->fd, p->batch, p->batch_bytes, MSG_DONTWAIT) < 0)
		err = -errno;
	if (err == -ENOBUFS || err == -ENOMEM || err == -EINTR || err == -EAGAIN)
		return -EAGAIN;
	p->batch_bytes = 0;
	return err;
}

static void take_answer(struct nlmsghdr *h, size_t bytes, kpipe_answer_fn fn, void *arg)
{
	/* one datagram an answer; what is not whole is missed like one that was lost */
	if (bytes >= sizeof(*h) && h->nlmsg_len <= bytes && h->nlmsg_type == NLMSG_ERROR)
		fn(arg, h->nlmsg_seq, ksock_verdict(h), ksock_complaint(h));
}

/* Returns how many datagrams there were, 0 for none, or a negative errno. */
static int read_some(struct kpipe *p, kpipe_answer_fn fn, void *arg)
{
	struct mmsghdr heads[KPIPE_ANSWERS] = {0};
	struct iovec parts[KPIPE_ANSWERS];
	int n;

	for (int i = 0; i < KPIPE_ANSWERS; i++) {
		parts[i] = (struct iovec){p->answers[i], KPIPE_ANSWER_BYTES};
		heads[i].msg_hdr.msg_iov = &parts[i];
		heads[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(p->fd, heads, KPIPE_ANSWERS, MSG_DONTWAIT, NULL);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < n; i++)
		take_answer((struct nlmsghdr *)p->answers[i], heads[i].msg_len, fn, arg);
	return n;
}

unsigned kpipe_read(struct kpipe *p, kpipe_answer_fn fn, void *arg)
{
	unsigned overruns = 0;
	int n;

	do {
		n = read_some(p, fn, arg);
		if (n == -ENOBUFS)
			overruns++;
		else if (n < 0 && n != -EINTR)
			log_err(LOG_KERNEL, "netlink: reading answers: %s", strerror(-n));
	} while (n > 0 || n == -ENOBUFS || n == -EINTR);
	return overruns;
}
