/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The fake back end's tables, and what a test asks of them. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "tests/lib/fake_backend_objects.h"

static const char *const table_name[FAKE_TABLES] = {"egress", "ingress"};

static int table_set(struct fake_device *d, enum fake_table t, const struct prefix *p,
		     struct fake_group *g)
{
	struct ptree *tree = &d->table[t][p->addr.family == AF_INET6];
	struct ptree_node *n = ptree_find(tree, p);
	struct strbuf s = {0};
	char buf[PREFIX_STRLEN];
	struct fake_entry *e;

	assert(!d->stopped && g->dev == d && !prefix_has_host_bits(p));
	fake_members_str(&s, g->nh, g->count);
	fake_note(d->b, "%s_set %s %s %s", table_name[t], d->name, prefix_str(p, buf),
		  strbuf_str(&s));
	strbuf_free(&s);
	if (fake_out_of_memory(d->b))
		return -ENOMEM;
	if (n) {
		e = container_of(n, struct fake_entry, node);
		e->group->used--;
	} else {
		e = xcalloc(1, sizeof(*e));
		e->node.prefix = *p;
		n = ptree_insert(tree, &e->node);
		assert(!n);
	}
	e->group = g;
	g->used++;
	return 0;
}

static void table_del(struct fake_device *d, enum fake_table t, const struct prefix *p)
{
	struct ptree *tree = &d->table[t][p->addr.family == AF_INET6];
	struct ptree_node *n = ptree_find(tree, p);
	char buf[PREFIX_STRLEN];
	struct fake_entry *e;

	assert(!d->stopped && n);
	fake_note(d->b, "%s_del %s %s", table_name[t], d->name, prefix_str(p, buf));
	e = container_of(n, struct fake_entry, node);
	ptree_remove(tree, n);
	e->group->used--;
	free(e);
}

int fake_egress_set(void *be, void *dev, const struct prefix *p, void *group)
{
	(void)be;
	return table_set(dev, FAKE_EGRESS, p, group);
}

void fake_egress_del(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	table_del(dev, FAKE_EGRESS, p);
}

int fake_ingress_set(void *be, void *dev, const struct prefix *p, void *group)
{
	(void)be;
	return table_set(dev, FAKE_INGRESS, p, group);
}

void fake_ingress_del(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	table_del(dev, FAKE_INGRESS, p);
}

void fake_tables_clear(struct fake_device *d)
{
	struct ptree_node *n, *next;

	for (unsigned t = 0; t < FAKE_TABLES * 2; t++) {
		PTREE_WALK_SAFE (n, next, &d->table[t / 2][t % 2], NULL) {
			struct fake_entry *e = container_of(n, struct fake_entry, node);

			ptree_remove(&d->table[t / 2][t % 2], n);
			e->group->used--;
			free(e);
		}
	}
}

static const char *answer(struct fake_backend *b, enum fake_table t, const char *dev,
			  const char *prefix, bool longest)
{
	struct fake_device *d = fake_find_device(b, dev);
	struct ptree_node *n;
	struct ptree *tree;
	struct prefix p;
	int err = prefix_parse(&p, prefix);

	assert(!err);
	if (!d)
		return NULL;
	tree = &d->table[t][p.addr.family == AF_INET6];
	n = longest ? ptree_match(tree, &p) : ptree_find(tree, &p);
	if (!n)
		return NULL;
	const struct fake_group *g = container_of(n, struct fake_entry, node)->group;

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

	return d ? d->table[t][0].count + d->table[t][1].count : 0;
}

size_t fake_backend_egress_count(const struct fake_backend *b, const char *dev)
{
	return table_count(b, FAKE_EGRESS, dev);
}

size_t fake_backend_ingress_count(const struct fake_backend *b, const char *dev)
{
	return table_count(b, FAKE_INGRESS, dev);
}
