/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/nlq_rtnl.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/kernel/kdump.h"
#include "wgrd/kernel/kown.h"
#include "wgrd/kernel/kpipe.h"
#include "wgrd/kernel/kroute.h"
#include "wgrd/kernel/krule.h"
#include "wgrd/kernel/ksock.h"
#include "wgrd/lib/log.h"

/*
 * Requests sit in a ring, and a request's position is its netlink sequence number:
 *
 *	   first            sent           staged              next
 *	-----+---------------+---------------+-------------------+----
 *	     |  on their way | in the batch  |  waiting          |
 *
 * The window keeps the answers smaller than the receive buffer, so that none gets lost; one
 * that does get lost all the same is noticed when the buffer has been read empty (kpipe.h).
 *
 * Two requests for the same route are not on their way together: whether the second may
 * replace depends on what became of the first (kown.h).
 */

enum {
	WINDOW = 512,           /* bounds a flush to a few milliseconds of kernel time */
	RCVBUF_BYTES = 2 << 20, /* the kernel doubles it */
	RING_MIN = 64,
	RING_KEPT = 4096, /* an idle ring larger than this is given back */
	RETRY_NS = 10 * (int)NS_PER_MS,
};

enum op {
	ROUTE_SET,
	ROUTE_DEL,
	RULE_ADD,
	RULE_DEL,
};

struct request {
	nlq_done_fn done;
	void *arg;
	union {
		struct kroute route;
		struct krule rule;
	};
	int err;
	enum op op;
	bool begun; /* of a route: kown.h knows that it is on its way */
	bool ours;  /* ... and this is what it said */
	bool asked; /* got as far as the batch */
	bool finished;
};

struct rtnl {
	struct nlq nlq;
	struct loop *loop;
	struct loop_io *io;
	struct loop_job work;
	struct loop_timer retry;
	struct kpipe pipe;
	int dump_fd; /* dumps, while one waits */
	unsigned window;
	struct request *ring;
	size_t ring_mask;
	uint32_t first, sent, staged, next; /* sequence numbers, see above */
	struct kown own;
	bool own_is_stale; /* answers were lost: dump before the next request */
	struct nlq_view view;
};

static struct rtnl *rtnl_of(struct nlq *q)
{
	return container_of(q, struct rtnl, nlq);
}

/* ---- the ring ---- */

static struct request *request_at(struct rtnl *q, uint32_t seq)
{
	return &q->ring[seq & q->ring_mask];
}

static void resize_ring(struct rtnl *q, size_t slots)
{
	struct request *old = q->ring, *ring = xcalloc(slots, sizeof(*ring));

	for (uint32_t seq = q->first; seq != q->next; seq++)
		ring[seq & (slots - 1)] = old[seq & q->ring_mask];
	q->ring = ring;
	q->ring_mask = slots - 1;
	free(old);
}

static struct request *append(struct nlq *nlq, enum op op, nlq_done_fn done, void *arg)
{
	struct rtnl *q = rtnl_of(nlq);
	struct request *r;

	if (q->next - q->first > q->ring_mask)
		resize_ring(q, (q->ring_mask + 1) * 2);
	r = request_at(q, q->next++);
	*r = (struct request){.op = op, .done = done, .arg = arg};
	loop_job_queue(q->loop, &q->work);
	return r;
}

static void rtnl_route_set(struct nlq *q, const struct kroute *route, nlq_done_fn done,
			   void *arg)
{
	append(q, ROUTE_SET, done, arg)->route = *route;
}

static void rtnl_route_del(struct nlq *q, const struct kroute *route, nlq_done_fn done,
			   void *arg)
{
	append(q, ROUTE_DEL, done, arg)->route = *route;
}

static void rtnl_rule_add(struct nlq *q, const struct krule *rule, nlq_done_fn done,
			  void *arg)
{
	append(q, RULE_ADD, done, arg)->rule = *rule;
}

static void rtnl_rule_del(struct nlq *q, const struct krule *rule, nlq_done_fn done,
			  void *arg)
{
	append(q, RULE_DEL, done, arg)->rule = *rule;
}

/* ---- answers ---- */

/* Takes the verdict to what we know to be ours, and says what the caller is told. */
static int settle(struct rtnl *q, struct request *r, int err)
{
	switch (r->op) {
	case ROUTE_SET:
		if (r->begun)
			kown_route_end(&q->own, &r->route, !err || r->ours);
		break;
	case ROUTE_DEL:
		err = err == -ESRCH || err == -ENOENT ? 0 : err;
		if (r->begun)
			kown_route_end(&q->own, &r->route, err && r->ours);
		break;
	case RULE_ADD: /* build_message() took it for granted that it would work */
		err = err == -EEXIST ? 0 : err;
		if (err && r->asked)
			kown_rule_del(&q->own, &r->rule);
		break;
	case RULE_DEL:
		err = err == -ESRCH || err == -ENOENT ? 0 : err;
		if (err && r->asked)
			kown_rule_add(&q->own, &r->rule);
		break;
	}
	return err;
}

static void finish(struct rtnl *q, struct request *r, int err)
{
	r->err = settle(q, r, err);
	r->begun = false;
	r->finished = true;
	if (r->err)
		q->view.errors++;
}

static const char *request_str(const struct request *r, char buf[static KROUTE_STRLEN])
{
	static_assert(KRULE_STRLEN <= KROUTE_STRLEN, "one buffer for both");

	if (r->op == RULE_ADD || r->op == RULE_DEL)
		return krule_str(&r->rule, buf);
	return kroute_str(&r->route, buf);
}

static void on_answer(void *arg, uint32_t seq, int err, const char *complaint)
{
	struct rtnl *q = arg;
	struct request *r = request_at(q, seq);
	char name[KROUTE_STRLEN];

	/* of a request given up earlier? */
	if (seq - q->first >= q->sent - q->first || r->finished)
		return;
	q->view.acks++;
	if (err)
		log_debug(LOG_KERNEL, "%s: %s %s", request_str(r, name), strerror(-err),
			  complaint);
	finish(q, r, err);
}

/* Nothing is left to read: who has no answer by now will not get one. */
static void give_up_unanswered(struct rtnl *q)
{
	for (uint32_t seq = q->first; seq != q->sent; seq++) {
		struct request *r = request_at(q, seq);

		if (r->finished)
			continue;
		finish(q, r, -ENOBUFS);
		q->own_is_stale = true;
	}
}

/* Tells the callers, in order. They may ask for more, which may move the ring. */
static void report_finished(struct rtnl *q)
{
	while (q->first != q->sent && request_at(q, q->first)->finished) {
		struct request r = *request_at(q, q->first++);

		if (r.done)
			r.done(r.arg, r.err);
	}
	if (q->first == q->next && q->ring_mask >= RING_KEPT)
		resize_ring(q, RING_MIN);
}

static void on_readable(void *arg, unsigned what)
{
	struct rtnl *q = arg;

	(void)what;
	q->view.overruns += kpipe_read(&q->pipe, on_answer, q);
	give_up_unanswered(q);
	report_finished(q);
	if (q->first != q->next)
		loop_job_queue(q->loop, &q->work);
}

/* ---- dumps ---- */

static int load_routes(struct rtnl *q, struct kroute **routes, size_t *n)
{
	int err = kdump_routes(q->dump_fd, routes, n);

	if (!err)
		kown_sync_routes(&q->own, *routes, *n);
	return err;
}

static int load_rules(struct rtnl *q, struct krule **rules, size_t *n)
{
	int err = kdump_rules(q->dump_fd, rules, n);

	/* with rules on their way the dump does not know better */
	if (!err && q->first == q->staged)
		kown_sync_rules(&q->own, *rules, *n);
	return err;
}

static int rtnl_dump_routes(struct nlq *nlq,
			    void (*each)(void *arg, const struct kroute *r), void *arg)
{
	struct kroute *routes;
	size_t n;
	int err = load_routes(rtnl_of(nlq), &routes, &n);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		each(arg, &routes[i]);
	free(routes);
	return 0;
}

static int rtnl_dump_rules(struct nlq *nlq,
			   void (*each)(void *arg, const struct krule *r), void *arg)
{
	struct krule *rules;
	size_t n;
	int err = load_rules(rtnl_of(nlq), &rules, &n);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++)
		each(arg, &rules[i]);
	free(rules);
	return 0;
}

/* At start, and after lost answers: what is ours is what the kernel says. */
static int learn_own(struct rtnl *q)
{
	struct kroute *routes;
	struct krule *rules;
	size_t n;
	int err = load_routes(q, &routes, &n);

	if (err)
		return err;
	free(routes);
	err = load_rules(q, &rules, &n);
	if (err)
		return err;
	free(rules);
	return 0;
}

/* ---- sending ---- */

static int build_message(struct rtnl *q, struct request *r, struct nl_msg **msg)
{
	int err;

	switch (r->op) {
	case ROUTE_SET:
		return kroute_set_message(&r->route, r->ours, msg);
	case ROUTE_DEL:
		return kroute_del_message(&r->route, msg);
	case RULE_ADD:
		if (kown_rule_clashes(&q->own, &r->rule))
			return -ENOTUNIQ;
		err = krule_add_message(&r->rule, msg);
		if (!err)
			kown_rule_add(&q->own, &r->rule);
		return err;
	case RULE_DEL:
		err = krule_del_message(&r->rule, msg);
		if (!err)
			kown_rule_del(&q->own, &r->rule);
		return err;
	}
	return -EINVAL;
}

/* Puts the next request into the batch, or finishes it if it cannot be asked, for @err
 * for example. */
static void stage(struct rtnl *q, struct request *r, int err)
{
	struct nl_msg *msg;

	err = err ?: build_message(q, r, &msg);
	if (err) {
		finish(q, r, err);
		return;
	}
	kpipe_add(&q->pipe, msg, q->staged);
	r->asked = true;
}

/* Fills the batch as far as the window, the room in it and the order per route allow. */
static void stage_all(struct rtnl *q)
{
	while (q->staged != q->next && q->staged - q->first < q->window &&
	       kpipe_has_room(&q->pipe)) {
		struct request *r = request_at(q, q->staged);

		int err = 0;

		if (r->op == ROUTE_SET || r->op == ROUTE_DEL) {
			err = kown_route_begin(&q->own, &r->route, &r->ours);
			if (err == -EBUSY)
				return; /* goes on when the answer has come */
			r->begun = !err;
		}
		stage(q, r, err);
		q->staged++;
	}
}

/* False when the kernel has no memory now; the batch stays, and is sent again later. */
static bool send_batch(struct rtnl *q)
{
	int err = kpipe_send(&q->pipe);

	if (err == -EAGAIN) {
		loop_timer_set(q->loop, &q->retry, RETRY_NS);
		return false;
	}
	for (uint32_t seq = q->sent; err && seq != q->staged; seq++)
		if (!request_at(q, seq)->finished)
			finish(q, request_at(q, seq), err);
	q->view.requests += q->staged - q->sent;
	q->sent = q->staged;
	return true;
}

/* False while that has to wait for the rest of the answers to be told. */
static bool relearn_own(struct rtnl *q)
{
	int err;

	if (q->first != q->sent)
		return false;
	err = learn_own(q);
	if (err) /* go on with what we know: asking again would not help */
		log_warn(LOG_KERNEL, "netlink: dump after lost answers: %s",
			 strerror(-err));
	q->own_is_stale = false;
	return true;
}

static void rtnl_flush(struct nlq *nlq)
{
	struct rtnl *q = rtnl_of(nlq);
	uint32_t before;

	if (q->own_is_stale && !relearn_own(q))
		return;
	do {
		before = q->sent;
		stage_all(q);
	} while (send_batch(q) && q->sent != before);
	/* what was refused without asking the kernel is told on the next turn */
	if (q->first != q->sent && request_at(q, q->first)->finished)
		loop_job_queue(q->loop, &q->work);
}

static void on_work(struct loop_job *j)
{
	struct rtnl *q = container_of(j, struct rtnl, work);

	report_finished(q);
	rtnl_flush(&q->nlq);
}

static void on_retry(struct loop_timer *t)
{
	rtnl_flush(&container_of(t, struct rtnl, retry)->nlq);
}

/* ---- life ---- */

static const struct nlq_ops rtnl_ops = {
	.route_set = rtnl_route_set,
	.route_del = rtnl_route_del,
	.rule_add = rtnl_rule_add,
	.rule_del = rtnl_rule_del,
	.dump_routes = rtnl_dump_routes,
	.dump_rules = rtnl_dump_rules,
	.flush = rtnl_flush,
};

int nlq_open_limited(struct loop *loop, const struct nlq_limits *limits, struct nlq **out,
		     char *why, size_t why_len)
{
	struct rtnl *q = xcalloc(1, sizeof(*q));
	const char *step = "opening a socket";
	size_t rcvbuf_bytes;
	int err;

	q->nlq.ops = &rtnl_ops;
	q->loop = loop;
	q->work.fn = on_work;
	q->retry.fn = on_retry;
	q->window = limits->window;
	q->first = q->sent = q->staged = q->next = 1;
	resize_ring(q, RING_MIN);
	err = kpipe_init(&q->pipe, limits->rcvbuf_bytes, &rcvbuf_bytes);
	if (err)
		goto free_queue;
	if (limits->answer_bytes && q->window > rcvbuf_bytes / limits->answer_bytes)
		q->window = (unsigned)(rcvbuf_bytes / limits->answer_bytes) ?: 1;
	q->dump_fd = err = ksock_open(0);
	if (err < 0)
		goto close_pipe;
	step = "looking for what an earlier run left";
	err = learn_own(q);
	if (err)
		goto close_dump_fd;
	step = "waiting for answers";
	err = loop_io_add(loop, q->pipe.fd, LOOP_READ, on_readable, q, &q->io);
	if (err)
		goto close_dump_fd;
	*out = &q->nlq;
	return 0;

close_dump_fd:
	close(q->dump_fd);
close_pipe:
	kpipe_fini(&q->pipe);
free_queue:
	snprintf(why, why_len, "rtnetlink: %s: %s", step, strerror(-err));
	kown_fini(&q->own);
	free(q->ring);
	free(q);
	return err;
}

int nlq_open(struct loop *loop, struct nlq **out, char *why, size_t why_len)
{
	const struct nlq_limits limits = {
		.window = WINDOW,
		.rcvbuf_bytes = RCVBUF_BYTES,
		.answer_bytes = KPIPE_ANSWER_TRUESIZE_BYTES,
	};

	static_assert(WINDOW * KPIPE_ANSWER_TRUESIZE_BYTES <= RCVBUF_BYTES,
		      "answers must fit");
	return nlq_open_limited(loop, &limits, out, why, why_len);
}

void nlq_close(struct nlq *nlq)
{
	struct rtnl *q;

	if (!nlq)
		return;
	q = rtnl_of(nlq);
	loop_io_del(q->io);
	loop_job_cancel(q->loop, &q->work);
	loop_timer_stop(&q->retry);
	close(q->dump_fd);
	kpipe_fini(&q->pipe);
	kown_fini(&q->own);
	free(q->ring);
	free(q);
}

void nlq_view(const struct nlq *nlq, struct nlq_view *v)
{
	const struct rtnl *q = container_of(nlq, const struct rtnl, nlq);

	*v = q->view;
	v->in_flight = q->staged - q->first;
	v->queued = q->next - q->staged;
}
