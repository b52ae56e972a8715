/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/fib/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/conf_builder.h"
#include "wgrd/lib/log.h"

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

/* "default 10.0.0.0/8", and the instance where there is one */
static void print_advert(struct strbuf *out, const struct fib_advert *a)
{
	char buf[PREFIX_STRLEN];

	strbuf_printf(out, "%s %s", a->vrf, prefix_str(&a->prefix, buf));
	if (a->instance)
		strbuf_printf(out, " instance %u", a->instance);
}

static int add_advert(void *arg, const struct fib_advert *a)
{
	struct rig *r = arg;
	int err = r->advert_err;

	r->advert_err = 0;
	strbuf_puts(&r->adverts, err ? "refused " : "add ");
	print_advert(&r->adverts, a);
	strbuf_printf(&r->adverts, " if %u tag %u\n", a->ifindex, a->tag);
	return err;
}

static void del_advert(void *arg, const struct fib_advert *a)
{
	struct rig *r = arg;

	strbuf_puts(&r->adverts, "del ");
	print_advert(&r->adverts, a);
	strbuf_puts(&r->adverts, "\n");
}

static enum fib_state advert_state(void *arg, const struct fib_advert *a)
{
	(void)a;
	return ((const struct rig *)arg)->advert_state;
}

static struct fib *new_fib(struct rig *r)
{
	const struct fib_advertise_ops adv = {
		.add = add_advert, .del = del_advert, .state = advert_state, .arg = r};

	return fib_new(r->loop, held_nlq(r->nlq), &adv);
}

static struct conf *make_conf(void)
{
	struct conf_builder *b = conf_builder_new();
	struct conf *c;

	conf_builder_text(b, "wireguard wg0\n"
			     " peer a\n"
			     " peer b\n"
			     "wireguard wg1\n"
			     " peer c\n");
	c = conf_builder_take(b);
	conf_builder_free(b);
	return c;
}

static struct wg_group *group_of(struct wg_device *d, const char *peer)
{
	struct wg_nexthop nh = {.peer = wg_peer_find(d, peer), .weight = 1};
	struct wg_group *g;

	assert_int_equal(wg_group_new(d, &nh, 1, &g), 0);
	return g;
}

static int set_up(void **state, const struct wg_backend_ops *ops)
{
	static const struct conf empty;
	struct rig *r = xcalloc(1, sizeof(*r));
	struct conf_subscriber sub = {.ops = &wg_conf_subsys};
	char why[128];

	log_capture(quiet);
	r->loop = loop_new();
	r->nlq = held_nlq_new();
	r->be = fake_backend_new();
	r->wg = wg_new(r->loop, ops, r->be, &(struct wg_events){0});
	r->conf = make_conf();
	sub.ctx = r->wg;
	assert_int_equal(conf_commit(&sub, 1, &empty, r->conf, why, sizeof(why)), 0);
	r->wg0 = wg_device_find(r->wg, "wg0");
	r->wg1 = wg_device_find(r->wg, "wg1");
	r->a = group_of(r->wg0, "a");
	r->b = group_of(r->wg0, "b");
	r->c = group_of(r->wg1, "c");
	fake_backend_clear_log(r->be);
	r->fib = new_fib(r);
	*state = r;
	return 0;
}

int rig_setup(void **state)
{
	return set_up(state, &fake_backend_ops);
}

static void *nobody(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	(void)dev;
	(void)p;
	return NULL;
}

int rig_setup_with_owners(void **state)
{
	static struct wg_backend_ops ops;

	ops = fake_backend_ops;
	ops.owner = nobody;
	return set_up(state, &ops);
}

int rig_teardown(void **state)
{
	struct rig *r = *state;

	fib_free(r->fib);
	held_nlq_free(r->nlq);
	wg_group_put(r->a);
	wg_group_put(r->b);
	wg_group_put(r->c);
	wg_free(r->wg);
	fake_backend_free(r->be);
	conf_free(r->conf);
	loop_free(r->loop);
	strbuf_free(&r->adverts);
	free(r);
	log_capture(NULL);
	return 0;
}

struct prefix rig_prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s is not a prefix", s);
	return p;
}

struct kroute rig_route(const char *prefix, struct wg_group *g)
{
	return (struct kroute){
		.table = RIG_TABLE,
		.dst = rig_prefix(prefix),
		.metric = RIG_METRIC,
		.oif = wg_device_ifindex(wg_group_device(g)),
	};
}

struct kroute rig_guard(uint32_t table)
{
	return (struct kroute){
		.table = table,
		.dst = rig_prefix("0.0.0.0/0"),
		.metric = UINT32_MAX,
		.type = KROUTE_UNREACHABLE,
	};
}

struct krule rig_rule(const char *iif, uint32_t table)
{
	struct krule r = {.family = AF_INET, .priority = 1000, .table = table};

	snprintf(r.iif, sizeof(r.iif), "%s", iif);
	return r;
}

void rig_want(struct rig *r, const char *prefix, struct wg_group *g)
{
	struct kroute kr = rig_route(prefix, g);
	struct wg_device *d = wg_group_device(g);

	assert_int_equal(fib_want_permission(r->fib, d, &kr.dst, g, g, true), 0);
	assert_int_equal(fib_want_route(r->fib, &kr, d), 0);
}

void rig_unwant(struct rig *r, const char *prefix, struct wg_group *g)
{
	struct prefix p = rig_prefix(prefix);

	fib_unwant_permission(r->fib, wg_group_device(g), &p, true);
	fib_unwant_route(r->fib, RIG_TABLE, &p, RIG_METRIC);
}

void rig_want_guard(struct rig *r, uint32_t table)
{
	struct kroute g = rig_guard(table);

	assert_int_equal(fib_want_route(r->fib, &g, NULL), 0);
}

void rig_turn(struct rig *r)
{
	fake_loop_settle(r->loop);
}

void rig_settle(struct rig *r)
{
	do {
		held_nlq_answer_all(r->nlq);
		fake_loop_settle(r->loop);
	} while (held_nlq_waiting(r->nlq));
}

static void expect(const char *what, const char *want, const char *seen)
{
	if (strcmp(want, seen))
		fail_msg("%s\nexpected:\n%sseen:\n%s", what, want, seen);
}

void rig_expect_netlink(struct rig *r, const char *log)
{
	expect("netlink", log, held_nlq_log(r->nlq));
	held_nlq_clear_log(r->nlq);
}

void rig_expect_backend(struct rig *r, const char *log)
{
	expect("data plane", log, fake_backend_log(r->be));
	fake_backend_clear_log(r->be);
}

void rig_expect_adverts(struct rig *r, const char *log)
{
	expect("own prefixes", log, strbuf_str(&r->adverts));
	strbuf_truncate(&r->adverts, 0);
}

void rig_expect_state(struct rig *r, const char *prefix, enum fib_state state)
{
	struct prefix p = rig_prefix(prefix);
	struct fib_route_view v;

	if (!fib_route_state(r->fib, RIG_TABLE, &p, RIG_METRIC, &v))
		fail_msg("%s: expected %s, there is no entry", prefix,
			 fib_state_name(state));
	if (v.state != state)
		fail_msg("%s: expected %s, seen %s (error %d)", prefix,
			 fib_state_name(state), fib_state_name(v.state), v.error);
}

struct fib_view rig_view(const struct rig *r)
{
	struct fib_view v;

	fib_view(r->fib, &v);
	return v;
}
