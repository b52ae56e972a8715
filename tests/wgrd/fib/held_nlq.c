/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/fib/held_nlq.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/strbuf.h"

enum what {
	ROUTE_SET,
	ROUTE_DEL,
	RULE_ADD,
	RULE_DEL
};

struct request {
	struct request *next;
	enum what what;
	struct kroute route;
	struct krule rule;
	nlq_done_fn done;
	void *arg;
};

struct held_nlq {
	struct nlq nlq;
	struct strbuf log;
	struct request *first, **last;
	size_t waiting;
	int dump_err;
	struct kroute *route;
	size_t routes;
	struct krule *rule;
	size_t rules;
};

/* ---- the model ---- */

static bool same_key(const struct kroute *a, const struct kroute *b)
{
	return a->table == b->table && a->metric == b->metric &&
	       prefix_equal(&a->dst, &b->dst);
}

static size_t route_at(const struct held_nlq *h, const struct kroute *r)
{
	size_t i = 0;

	while (i < h->routes && !same_key(&h->route[i], r))
		i++;
	return i;
}

static size_t rule_at(const struct held_nlq *h, const struct krule *r)
{
	size_t i = 0;

	while (i < h->rules && !krule_equal(&h->rule[i], r))
		i++;
	return i;
}

void held_nlq_put_route(struct held_nlq *h, const struct kroute *r)
{
	size_t i = route_at(h, r);

	if (i == h->routes)
		h->route = xrealloc(h->route, ++h->routes, sizeof(*h->route));
	h->route[i] = *r;
}

void held_nlq_drop_route(struct held_nlq *h, const struct kroute *r)
{
	size_t i = route_at(h, r);

	if (i < h->routes)
		h->route[i] = h->route[--h->routes];
}

void held_nlq_put_rule(struct held_nlq *h, const struct krule *r)
{
	size_t i = rule_at(h, r);

	if (i == h->rules)
		h->rule = xrealloc(h->rule, ++h->rules, sizeof(*h->rule));
	h->rule[i] = *r;
}

void held_nlq_drop_rule(struct held_nlq *h, const struct krule *r)
{
	size_t i = rule_at(h, r);

	if (i < h->rules)
		h->rule[i] = h->rule[--h->rules];
}

size_t held_nlq_routes(const struct held_nlq *h, const struct kroute **r)
{
	*r = h->route;
	return h->routes;
}

size_t held_nlq_rules(const struct held_nlq *h, const struct krule **r)
{
	*r = h->rule;
	return h->rules;
}

const struct kroute *held_nlq_find(const struct held_nlq *h, uint32_t table,
				   const struct prefix *dst)
{
	for (size_t i = 0; i < h->routes; i++)
		if (h->route[i].table == table && prefix_equal(&h->route[i].dst, dst))
			return &h->route[i];
	return NULL;
}

static void carry_out(struct held_nlq *h, const struct request *q)
{
	switch (q->what) {
	case ROUTE_SET:
		held_nlq_put_route(h, &q->route);
		break;
	case ROUTE_DEL:
		held_nlq_drop_route(h, &q->route);
		break;
	case RULE_ADD:
		held_nlq_put_rule(h, &q->rule);
		break;
	case RULE_DEL:
		held_nlq_drop_rule(h, &q->rule);
		break;
	}
}

/* ---- requests ---- */

static struct request *ask(struct nlq *nlq, enum what what, nlq_done_fn done, void *arg)
{
	struct held_nlq *h = (struct held_nlq *)nlq;
	struct request *q = xcalloc(1, sizeof(*q));

	q->what = what;
	q->done = done;
	q->arg = arg;
	*h->last = q;
	h->last = &q->next;
	h->waiting++;
	return q;
}

static void ask_route(struct nlq *nlq, enum what what, const struct kroute *r,
		      nlq_done_fn done, void *arg)
{
	struct held_nlq *h = (struct held_nlq *)nlq;
	char buf[KROUTE_STRLEN];

	ask(nlq, what, done, arg)->route = *r;
	strbuf_printf(&h->log, "%s %s\n", what == ROUTE_SET ? "set" : "del",
		      kroute_str(r, buf));
}

static void ask_rule(struct nlq *nlq, enum what what, const struct krule *r,
		     nlq_done_fn done, void *arg)
{
	struct held_nlq *h = (struct held_nlq *)nlq;
	char buf[KRULE_STRLEN];

	ask(nlq, what, done, arg)->rule = *r;
	strbuf_printf(&h->log, "%s rule %s\n", what == RULE_ADD ? "add" : "del",
		      krule_str(r, buf));
}

static void route_set(struct nlq *q, const struct kroute *r, nlq_done_fn done, void *arg)
{
	ask_route(q, ROUTE_SET, r, done, arg);
}

static void route_del(struct nlq *q, const struct kroute *r, nlq_done_fn done, void *arg)
{
	ask_route(q, ROUTE_DEL, r, done, arg);
}

static void rule_add(struct nlq *q, const struct krule *r, nlq_done_fn done, void *arg)
{
	ask_rule(q, RULE_ADD, r, done, arg);
}

static void rule_del(struct nlq *q, const struct krule *r, nlq_done_fn done, void *arg)
{
	ask_rule(q, RULE_DEL, r, done, arg);
}

static int take_dump_err(struct held_nlq *h)
{
	int err = h->dump_err;

	h->dump_err = 0;
	return err;
}

static int dump_routes(struct nlq *q, void (*each)(void *arg, const struct kroute *r),
		       void *arg)
{
	struct held_nlq *h = (struct held_nlq *)q;
	int err = take_dump_err(h);

	for (size_t i = 0; !err && i < h->routes; i++)
		each(arg, &h->route[i]);
	return err;
}

static int dump_rules(struct nlq *q, void (*each)(void *arg, const struct krule *r),
		      void *arg)
{
	struct held_nlq *h = (struct held_nlq *)q;
	int err = take_dump_err(h);

	for (size_t i = 0; !err && i < h->rules; i++)
		each(arg, &h->rule[i]);
	return err;
}

static void flush(struct nlq *q)
{
	(void)q;
}

static const struct nlq_ops ops = {
	.route_set = route_set,
	.route_del = route_del,
	.rule_add = rule_add,
	.rule_del = rule_del,
	.dump_routes = dump_routes,
	.dump_rules = dump_rules,
	.flush = flush,
};

/* ---- the test's side ---- */

struct held_nlq *held_nlq_new(void)
{
	struct held_nlq *h = xcalloc(1, sizeof(*h));

	h->nlq.ops = &ops;
	h->last = &h->first;
	return h;
}

void held_nlq_free(struct held_nlq *h)
{
	while (h->first) {
		struct request *q = h->first;

		h->first = q->next;
		free(q);
	}
	strbuf_free(&h->log);
	free(h->route);
	free(h->rule);
	free(h);
}

struct nlq *held_nlq(struct held_nlq *h)
{
	return &h->nlq;
}

const char *held_nlq_log(const struct held_nlq *h)
{
	return strbuf_str(&h->log);
}

void held_nlq_clear_log(struct held_nlq *h)
{
	strbuf_truncate(&h->log, 0);
}

size_t held_nlq_waiting(const struct held_nlq *h)
{
	return h->waiting;
}

void held_nlq_answer(struct held_nlq *h, int err, bool carried_out)
{
	struct request *q = h->first;

	assert(q);
	h->first = q->next;
	if (!h->first)
		h->last = &h->first;
	h->waiting--;
	if (!err || carried_out)
		carry_out(h, q);
	q->done(q->arg, err);
	free(q);
}

void held_nlq_answer_all(struct held_nlq *h)
{
	while (h->waiting)
		held_nlq_answer(h, 0, true);
}

void held_nlq_fail_dump(struct held_nlq *h, int err)
{
	h->dump_err = err;
}
