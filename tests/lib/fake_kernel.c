/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/fake_kernel.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/lib/fake_kernel_objects.h"
#include "wgrd/kernel/kroute.h"
#include "wgrd/kernel/krule.h"
#include "wgrd/lib/strbuf.h"

enum op {
	ROUTE_SET,
	ROUTE_DEL,
	RULE_ADD,
	RULE_DEL,
};

struct request {
	enum op op;
	union {
		struct kroute route;
		struct krule rule;
	};
	nlq_done_fn done;
	void *arg;
	bool carried_out;
	int err;
	struct request *next;
};

struct fake_kernel {
	struct nlq nlq;
	struct loop *loop;
	struct loop_job work;
	struct fake_kernel_events ev;
	bool held;
	struct request *first, **last;
	struct fake_objects objects;
	uint32_t *links_down;
	size_t links_down_count;
	int *failures; /* of the requests to come */
	size_t failure_count;
	int dump_failure;
	struct strbuf trace, text;
	void (*trace_fn)(void *arg, const char *line);
	void *trace_arg;
};

/* Takes it out, and announces it as kmon would. */
static void take_out(struct fake_kernel *k, struct fake_object *o, bool announce)
{
	struct fake_object gone = *o;

	fake_objects_del(&k->objects, o);
	if (!announce || !gone.ours)
		return;
	if (gone.is_rule && k->ev.rule_gone)
		k->ev.rule_gone(k->ev.arg, &gone.rule);
	if (!gone.is_rule && k->ev.route_gone)
		k->ev.route_gone(k->ev.arg, &gone.route);
}

static bool is_down(const struct fake_kernel *k, uint32_t ifindex)
{
	for (size_t i = 0; i < k->links_down_count; i++)
		if (k->links_down[i] == ifindex)
			return true;
	return false;
}

/* ---- requests ---- */

static int route_set(struct fake_kernel *k, const struct kroute *r)
{
	struct fake_object *o = fake_objects_find_route(&k->objects, r, true);
	int err = kroute_check(r);

	if (err)
		return err;
	if (!o && fake_objects_find_route(&k->objects, r, false))
		return -EEXIST;
	if (r->oif && is_down(k, r->oif))
		return -ENETDOWN;
	if (o)
		o->route = *r;
	else
		fake_objects_add_route(&k->objects, r, true);
	return 0;
}

static int route_del(struct fake_kernel *k, const struct kroute *r)
{
	struct fake_object *o = fake_objects_find_route(&k->objects, r, true);
	int err = kroute_check_key(r);

	if (!err && o)
		take_out(k, o, true);
	return err;
}

static int rule_add(struct fake_kernel *k, const struct krule *r)
{
	int err = krule_check(r);

	if (err)
		return err;
	for (size_t i = 0; i < k->objects.count; i++) {
		const struct fake_object *o = &k->objects.v[i];

		if (o->is_rule && o->ours &&
		    krule_hits(r, &o->rule) != krule_hits(&o->rule, r))
			return -ENOTUNIQ;
	}
	if (!fake_objects_find_rule(&k->objects, r))
		fake_objects_add_rule(&k->objects, r, true);
	return 0;
}

static int rule_del(struct fake_kernel *k, const struct krule *r)
{
	struct fake_object *o = fake_objects_find_rule(&k->objects, r);
	int err = krule_check(r);

	if (!err && o)
		take_out(k, o, true);
	return err;
}

static int take_failure(struct fake_kernel *k)
{
	int err = k->failure_count ? k->failures[0] : 0;

	if (k->failure_count) {
		k->failure_count--;
		for (size_t i = 0; i < k->failure_count; i++)
			k->failures[i] = k->failures[i + 1];
	}
	return err;
}

static void record(struct fake_kernel *k, const struct request *r)
{
	static const char *const verbs[] = {[ROUTE_SET] = "set",
					    [ROUTE_DEL] = "del",
					    [RULE_ADD] = "add",
					    [RULE_DEL] = "del"};
	char name[KROUTE_STRLEN];
	struct strbuf line = {0};

	strbuf_printf(&line, "%s %s", verbs[r->op],
		      r->op == ROUTE_SET || r->op == ROUTE_DEL
			      ? kroute_str(&r->route, name)
			      : krule_str(&r->rule, name));
	if (r->err)
		strbuf_printf(&line, " failed %d", r->err);
	strbuf_printf(&k->trace, "%s\n", strbuf_str(&line));
	if (k->trace_fn)
		k->trace_fn(k->trace_arg, strbuf_str(&line));
	strbuf_free(&line);
}

static void carry_out(struct fake_kernel *k, struct request *r)
{
	if (r->carried_out)
		return;
	r->carried_out = true;
	r->err = take_failure(k);
	if (!r->err && r->op == ROUTE_SET)
		r->err = route_set(k, &r->route);
	else if (!r->err && r->op == ROUTE_DEL)
		r->err = route_del(k, &r->route);
	else if (!r->err && r->op == RULE_ADD)
		r->err = rule_add(k, &r->rule);
	else if (!r->err)
		r->err = rule_del(k, &r->rule);
	record(k, r);
}

static void answer_first(struct fake_kernel *k)
{
	struct request *r = k->first;

	k->first = r->next;
	if (!k->first)
		k->last = &k->first;
	if (r->done)
		r->done(r->arg, r->err);
	free(r);
}

static struct request *append(struct nlq *nlq, enum op op, nlq_done_fn done, void *arg)
{
	struct fake_kernel *k = container_of(nlq, struct fake_kernel, nlq);
	struct request *r = xcalloc(1, sizeof(*r));

	*r = (struct request){.op = op, .done = done, .arg = arg};
	*k->last = r;
	k->last = &r->next;
	loop_job_queue(k->loop, &k->work);
	return r;
}

static void fake_route_set(struct nlq *q, const struct kroute *r, nlq_done_fn done,
			   void *arg)
{
	append(q, ROUTE_SET, done, arg)->route = *r;
}

static void fake_route_del(struct nlq *q, const struct kroute *r, nlq_done_fn done,
			   void *arg)
{
	append(q, ROUTE_DEL, done, arg)->route = *r;
}

static void fake_rule_add(struct nlq *q, const struct krule *r, nlq_done_fn done,
			  void *arg)
{
	append(q, RULE_ADD, done, arg)->rule = *r;
}

static void fake_rule_del(struct nlq *q, const struct krule *r, nlq_done_fn done,
			  void *arg)
{
	append(q, RULE_DEL, done, arg)->rule = *r;
}

static void fake_flush(struct nlq *nlq)
{
	struct fake_kernel *k = container_of(nlq, struct fake_kernel, nlq);

	for (struct request *r = k->held ? NULL : k->first; r; r = r->next)
		carry_out(k, r);
}

/* As the real queue's: answers what an earlier turn carried out, then carries out more. */
static void on_work(struct loop_job *j)
{
	struct fake_kernel *k = container_of(j, struct fake_kernel, work);

	while (k->first && k->first->carried_out)
		answer_first(k);
	fake_flush(&k->nlq);
	if (k->first && k->first->carried_out)
		loop_job_queue(k->loop, &k->work);
}

/* ---- dumps ---- */

static int begin_dump(struct fake_kernel *k)
{
	int err = k->dump_failure;

	k->dump_failure = 0;
	return err;
}

static int fake_dump_routes(struct nlq *nlq,
			    void (*each)(void *arg, const struct kroute *r), void *arg)
{
	struct fake_kernel *k = container_of(nlq, struct fake_kernel, nlq);
	int err = begin_dump(k);

	for (size_t i = 0; i < k->objects.count && !err; i++)
		if (!k->objects.v[i].is_rule && k->objects.v[i].ours)
			each(arg, &k->objects.v[i].route);
	return err;
}

static int fake_dump_rules(struct nlq *nlq,
			   void (*each)(void *arg, const struct krule *r), void *arg)
{
	struct fake_kernel *k = container_of(nlq, struct fake_kernel, nlq);
	int err = begin_dump(k);

	for (size_t i = 0; i < k->objects.count && !err; i++)
		if (k->objects.v[i].is_rule && k->objects.v[i].ours)
			each(arg, &k->objects.v[i].rule);
	return err;
}

static const struct nlq_ops fake_ops = {
	.route_set = fake_route_set,
	.route_del = fake_route_del,
	.rule_add = fake_rule_add,
	.rule_del = fake_rule_del,
	.dump_routes = fake_dump_routes,
	.dump_rules = fake_dump_rules,
	.flush = fake_flush,
};

/* ---- what the test does ---- */

struct fake_kernel *fake_kernel_new(struct loop *loop)
{
	struct fake_kernel *k = xcalloc(1, sizeof(*k));

	k->nlq.ops = &fake_ops;
	k->loop = loop;
	k->work.fn = on_work;
	k->last = &k->first;
	return k;
}

void fake_kernel_free(struct fake_kernel *k)
{
	struct request *r, *next;

	if (!k)
		return;
	loop_job_cancel(k->loop, &k->work);
	for (r = k->first; r; r = next) {
		next = r->next;
		free(r);
	}
	fake_objects_fini(&k->objects);
	free(k->links_down);
	free(k->failures);
	strbuf_free(&k->trace);
	strbuf_free(&k->text);
	free(k);
}

struct nlq *fake_kernel_nlq(struct fake_kernel *k)
{
	return &k->nlq;
}

void fake_kernel_hold(struct fake_kernel *k, bool hold)
{
	k->held = hold;
	if (!hold && k->first)
		loop_job_queue(k->loop, &k->work);
}

size_t fake_kernel_complete(struct fake_kernel *k, size_t n)
{
	size_t done = 0;

	for (; done < n && k->first; done++) {
		carry_out(k, k->first);
		answer_first(k);
	}
	return done;
}

size_t fake_kernel_pending(const struct fake_kernel *k)
{
	size_t n = 0;

	for (const struct request *r = k->first; r; r = r->next)
		n++;
	return n;
}

void fake_kernel_fail_next(struct fake_kernel *k, int err)
{
	k->failures = xrealloc(k->failures, k->failure_count + 1, sizeof(*k->failures));
	k->failures[k->failure_count++] = err;
}

void fake_kernel_fail_next_dump(struct fake_kernel *k, int err)
{
	k->dump_failure = err;
}

void fake_kernel_link_down(struct fake_kernel *k, uint32_t ifindex)
{
	size_t n = k->links_down_count;

	if (is_down(k, ifindex))
		return;
	k->links_down = xrealloc(k->links_down, n + 1, sizeof(*k->links_down));
	k->links_down[n] = ifindex;
	k->links_down_count++;
	for (size_t i = 0; i < k->objects.count;) {
		struct fake_object *o = &k->objects.v[i];

		if (!o->is_rule && o->route.oif == ifindex)
			take_out(k, o, o->route.dst.addr.family == AF_INET6);
		else
			i++;
	}
}

void fake_kernel_link_up(struct fake_kernel *k, uint32_t ifindex)
{
	for (size_t i = 0; i < k->links_down_count; i++)
		if (k->links_down[i] == ifindex)
			k->links_down[i] = k->links_down[--k->links_down_count];
}

bool fake_kernel_lose_route(struct fake_kernel *k, uint32_t table,
			    const struct prefix *dst, uint32_t metric)
{
	struct kroute key = {.table = table, .dst = *dst, .metric = metric};
	struct fake_object *o = fake_objects_find_route(&k->objects, &key, true);

	if (o)
		take_out(k, o, true);
	return o;
}

bool fake_kernel_lose_rule(struct fake_kernel *k, const struct krule *r)
{
	struct fake_object *o = fake_objects_find_rule(&k->objects, r);

	if (o)
		take_out(k, o, true);
	return o;
}

void fake_kernel_put_route(struct fake_kernel *k, const struct kroute *r, bool ours)
{
	fake_objects_add_route(&k->objects, r, ours);
}

void fake_kernel_put_rule(struct fake_kernel *k, const struct krule *r, bool ours)
{
	fake_objects_add_rule(&k->objects, r, ours);
}

void fake_kernel_watch(struct fake_kernel *k, const struct fake_kernel_events *ev)
{
	k->ev = *ev;
}

/* ---- what the test sees ---- */

size_t fake_kernel_route_count(const struct fake_kernel *k)
{
	return fake_objects_count(&k->objects, false);
}

size_t fake_kernel_rule_count(const struct fake_kernel *k)
{
	return fake_objects_count(&k->objects, true);
}

const struct kroute *fake_kernel_route(const struct fake_kernel *k, uint32_t table,
				       const struct prefix *dst, uint32_t metric)
{
	struct kroute key = {.table = table, .dst = *dst, .metric = metric};
	struct fake_object *o = fake_objects_find_route(&k->objects, &key, true);

	return o ? &o->route : NULL;
}

const char *fake_kernel_text(struct fake_kernel *k)
{
	strbuf_truncate(&k->text, 0);
	fake_objects_print(&k->objects, &k->text);
	return strbuf_str(&k->text);
}

const char *fake_kernel_trace(const struct fake_kernel *k)
{
	return strbuf_str(&k->trace);
}

void fake_kernel_forget(struct fake_kernel *k)
{
	strbuf_truncate(&k->trace, 0);
}

void fake_kernel_on_trace(struct fake_kernel *k, void (*fn)(void *arg, const char *line),
			  void *arg)
{
	k->trace_fn = fn;
	k->trace_arg = arg;
}
