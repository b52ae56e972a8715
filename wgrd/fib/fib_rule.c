/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Policy rules. Every field of one is its key, so a rule never changes: it comes or goes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/fib/fib_entry.h"
#include "wgrd/lib/log.h"

/* With all padding zero, since the bytes are hashed. */
static struct krule clean_copy(const struct krule *r)
{
	struct krule c;

	memset(&c, 0, sizeof(c));
	c.family = r->family;
	c.priority = r->priority;
	c.table = r->table;
	memcpy(c.iif, r->iif, strnlen(r->iif, sizeof(c.iif) - 1));
	if (r->src.addr.family) {
		c.src.addr.family = r->src.addr.family;
		memcpy(c.src.addr.bytes, r->src.addr.bytes,
		       ip_family_len(r->src.addr.family));
		c.src.len = r->src.len;
	}
	c.fwmark = r->fwmark;
	return c;
}

static struct fib_rule *find_rule(const struct fib *f, const struct krule *clean)
{
	struct fib_rule *r;

	HASH_FIND(hh, f->rules, clean, sizeof(*clean), r);
	return r;
}

struct fib_rule *fib_rule_obtain(struct fib *f, const struct krule *rule)
{
	struct krule key = clean_copy(rule);
	struct fib_rule *r = find_rule(f, &key);

	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	fib_entry_init(f, &r->e, FIB_RULE);
	memcpy(&r->rule, &key, sizeof(key));
	HASH_ADD(hh, f->rules, rule, sizeof(r->rule), r);
	return r;
}

void fib_rule_free(struct fib_rule *r)
{
	struct fib *f = r->e.fib;

	fib_entry_unlink(&r->e);
	HASH_DEL(f->rules, r);
	free(r);
}

bool fib_rule_leads_to(const struct fib *f, uint32_t table, bool leaving)
{
	const struct fib_rule *r;

	/* Most of the time nothing leaves, and a million routes may ask. */
	if (leaving && HASH_COUNT(f->rules) == f->wanted[FIB_RULE])
		return false;
	for (r = f->rules; r; r = r->hh.next)
		if (r->rule.table == table && (r->e.present || r->e.busy) &&
		    (!leaving || (!r->e.wanted && !r->e.adopted)))
			return true;
	return false;
}

/* ---- wishes ---- */

int fib_want_rule(struct fib *f, const struct krule *rule)
{
	struct fib_rule *r = fib_rule_obtain(f, rule);

	if (!r)
		return -ENOMEM;
	if (r->e.wanted)
		return 0;
	if (r->e.adopted && r->e.current)
		f->adopted++;
	fib_entry_want(&r->e);
	fib_entry_review(&r->e);
	return 0;
}

void fib_unwant_rule(struct fib *f, const struct krule *rule)
{
	struct krule key = clean_copy(rule);
	struct fib_rule *r = find_rule(f, &key);

	if (!r || !r->e.wanted)
		return;
	fib_entry_unwant(&r->e);
	fib_entry_review(&r->e);
}

/* ---- progress ---- */

/* Something may have waited for this one: a guard, or the rule it replaces. */
static void add_done(void *arg, int err)
{
	struct fib_rule *r = arg;

	fib_entry_answered(&r->e);
	if (!err) {
		fib_entry_installed(&r->e);
		r->e.current = !r->e.changed;
	} else if (err == -ENOBUFS) {
		r->e.present = true; /* it may be */
	}
	fib_entry_tried(&r->e, err);
	fib_ask_commit(r->e.fib);
}

void fib_rule_in(struct fib_rule *r)
{
	struct fib *f = r->e.fib;

	fib_entry_sent(&r->e, FIB_ADDING);
	f->nlq->ops->rule_add(f->nlq, &r->rule, add_done, r);
}

static void del_done(void *arg, int err)
{
	struct fib_rule *r = arg;
	struct fib *f = r->e.fib;

	fib_entry_answered(&r->e);
	fib_ask_commit(f);
	if (err && !r->e.wanted) {
		fib_entry_fail(&r->e, err);
		return;
	}
	if (!err)
		r->e.present = false;
	r->e.current = false;
	if (r->e.wanted)
		fib_entry_queue(&r->e);
	else
		fib_rule_free(r);
}

static bool same_packets(const struct krule *a, const struct krule *b)
{
	return a->family == b->family && !strcmp(a->iif, b->iif) &&
	       a->fwmark == b->fwmark && a->src.addr.family == b->src.addr.family &&
	       (!a->src.addr.family || prefix_equal(&a->src, &b->src));
}

/* Is there a wanted rule for the same packets that is not in yet? Without this one they
 * would be routed by the main table until it is. */
static bool awaits_successor(const struct fib_rule *r)
{
	const struct fib_rule *s;

	for (s = r->e.fib->rules; s; s = s->hh.next)
		if (s->e.wanted && !s->e.current && same_packets(&s->rule, &r->rule))
			return true;
	return false;
}

void fib_rule_out(struct fib_rule *r)
{
	struct fib *f = r->e.fib;

	if (!r->e.present) {
		fib_rule_free(r);
		return;
	}
	if (awaits_successor(r)) {
		fib_entry_wait(&r->e);
		return;
	}
	fib_entry_sent(&r->e, FIB_DELETING);
	f->nlq->ops->rule_del(f->nlq, &r->rule, del_done, r);
}

/* ---- what happens behind our back ---- */

void fib_rule_lost(struct fib_rule *r)
{
	r->e.present = false;
	r->e.current = false;
	if (r->e.wanted)
		fib_entry_queue(&r->e);
	else
		fib_rule_free(r);
}

static void log_put_back(struct fib *f, const struct krule *rule)
{
	static struct log_limit limit = LOG_LIMIT(5, 10);

	if (log_limit_pass(&limit, loop_now_ns(f->loop), LOG_FIB))
		log_warn(
			LOG_FIB,
			"rule %u iif %s to table %u: somebody else deleted it, putting it back",
			rule->priority, rule->iif[0] ? rule->iif : "any", rule->table);
}

void fib_rule_gone(struct fib *f, const struct krule *rule)
{
	struct krule key = clean_copy(rule);
	struct fib_rule *r = find_rule(f, &key);

	if (!r || !fib_entry_struck(&r->e))
		return;
	if (r->e.wanted && !fib_entry_fresh(&r->e)) {
		f->put_back++;
		log_put_back(f, &r->rule);
	}
	fib_rule_lost(r);
}
