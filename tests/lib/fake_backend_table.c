/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The fake back end's tables, and what a test asks of them. */

#include <assert.h>
#include <errno.h>

#include "tests/lib/fake_backend_objects.h"

static const char *const table_name[FAKE_TABLES] = {"egress", "ingress"};

static struct fake_group *group_in(struct fake_device *d, enum fake_table t,
				   const struct prefix *p)
{
	return pmap_find_object(&d->table[t], p);
}

static void note_change(struct fake_device *d, enum fake_table t, const struct prefix *p,
			const struct fake_group *g)
{
	struct strbuf s = {0};
	char buf[PREFIX_STRLEN];

	if (g)
		fake_members_str(&s, g->nh, g->count);
	if (g)
		fake_note(d->b, "%s_set %s %s %s", table_name[t], d->name,
			  prefix_str(p, buf), strbuf_str(&s));
	else
		fake_note(d->b, "%s_del %s %s", table_name[t], d->name,
			  prefix_str(p, buf));
	strbuf_free(&s);
}

static void put(struct fake_device *d, enum fake_table t, const struct prefix *p,
		struct fake_group *g)
{
	struct fake_group **place = pmap_obtain(&d->table[t], p);

	assert(place);
	if (*place)
		(*place)->used--;
	*place = g;
	g->used++;
}

static void take_out(struct fake_device *d, enum fake_table t, const struct prefix *p)
{
	group_in(d, t, p)->used--;
	pmap_remove(&d->table[t], p);
}

/* @group may be NULL. */
static void change(struct fake_device *d, enum fake_table t, const struct prefix *p,
		   struct fake_group *g)
{
	struct fake_group *old = group_in(d, t, p);

	if (old == g)
		return;
	note_change(d, t, p, g);
	if (g)
		put(d, t, p, g);
	else
		take_out(d, t, p);
}

int fake_permission_set(void *be, void *dev, const struct prefix *p, void *egress,
			void *ingress)
{
	struct fake_group *out = egress, *in = ingress;
	struct fake_device *d = dev;

	(void)be;
	assert(!d->stopped && (out || in) && !prefix_has_host_bits(p));
	assert((!out || out->dev == d) && (!in || in->dev == d));
	assert(group_in(d, FAKE_EGRESS, p) != out || group_in(d, FAKE_INGRESS, p) != in);
	if (fake_out_of_memory(d->b))
		return -ENOMEM;
	change(d, FAKE_INGRESS, p, in);
	change(d, FAKE_EGRESS, p, out);
	return 0;
}

void fake_permission_del(void *be, void *dev, const struct prefix *p)
{
	struct fake_device *d = dev;

	(void)be;
	assert(!d->stopped &&
	       (group_in(d, FAKE_EGRESS, p) || group_in(d, FAKE_INGRESS, p)));
	change(d, FAKE_EGRESS, p, NULL);
	change(d, FAKE_INGRESS, p, NULL);
}

void fake_tables_init(struct fake_device *d)
{
	for (unsigned t = 0; t < FAKE_TABLES; t++)
		d->table[t] = (struct pmap)PMAP_INIT(sizeof(struct fake_group *));
}

void fake_tables_clear(struct fake_device *d)
{
	struct pmap_at at;

	for (unsigned t = 0; t < FAKE_TABLES; t++) {
		PMAP_WALK (&at, &d->table[t])
			((struct fake_group *)pmap_object(&at))->used--;
		pmap_clear(&d->table[t]);
	}
}

static const char *answer(struct fake_backend *b, enum fake_table t, const char *dev,
			  const char *prefix, bool longest)
{
	struct fake_device *d = fake_find_device(b, dev);
	const struct fake_group *g;
	struct pmap_at at;
	struct prefix p;
	int err = prefix_parse(&p, prefix);

	assert(!err);
	if (!d)
		return NULL;
	if (longest)
		g = pmap_match(&d->table[t], &p, &at) ? pmap_object(&at) : NULL;
	else
		g = group_in(d, t, &p);
	if (!g)
		return NULL;
	fake_members_str(&d->answer[t], g->nh, g->count);
	return strbuf_str(&d->answer[t]);
}

const char *fake_backend_egress(struct fake_backend *b, const char *dev,
				const char *prefix)
{
	return answer(b, FAKE_EGRESS, dev, prefix, false);
}

const char *fake_backend_ingress(struct fake_backend *b, const char *dev,
				 const char *prefix)
{
	return answer(b, FAKE_INGRESS, dev, prefix, false);
}

const char *fake_backend_route(struct fake_backend *b, const char *dev, const char *addr)
{
	return answer(b, FAKE_EGRESS, dev, addr, true);
}

const char *fake_backend_source(struct fake_backend *b, const char *dev, const char *addr)
{
	return answer(b, FAKE_INGRESS, dev, addr, true);
}

static size_t table_count(const struct fake_backend *b, enum fake_table t,
			  const char *dev)
{
	const struct fake_device *d = fake_find_device(b, dev);

	return d ? pmap_count(&d->table[t]) : 0;
}

size_t fake_backend_egress_count(const struct fake_backend *b, const char *dev)
{
	return table_count(b, FAKE_EGRESS, dev);
}

size_t fake_backend_ingress_count(const struct fake_backend *b, const char *dev)
{
	return table_count(b, FAKE_INGRESS, dev);
}
