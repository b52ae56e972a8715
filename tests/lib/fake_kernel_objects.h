/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FAKE_KERNEL_OBJECTS_H
#define TESTS_LIB_FAKE_KERNEL_OBJECTS_H

/* What the fake kernel holds: a bag of routes and rules, ours and other people's. Only for
 * fake_kernel.c. */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/strbuf.h"

struct fake_object {
	bool is_rule, ours;
	union {
		struct kroute route;
		struct krule rule;
	};
};

struct fake_objects {
	struct fake_object *v;
	size_t count, cap;
};

void fake_objects_fini(struct fake_objects *all);
void fake_objects_add_route(struct fake_objects *all, const struct kroute *r, bool ours);
void fake_objects_add_rule(struct fake_objects *all, const struct krule *r, bool ours);
/* The last takes its place. */
void fake_objects_del(struct fake_objects *all, struct fake_object *o);

/* By key. */
struct fake_object *fake_objects_find_route(const struct fake_objects *all,
					    const struct kroute *r, bool ours);
/* Of ours. */
struct fake_object *fake_objects_find_rule(const struct fake_objects *all,
					   const struct krule *r);
size_t fake_objects_count(const struct fake_objects *all, bool rules); /* of ours */
/* As fake_kernel_text(); sorts them. */
void fake_objects_print(struct fake_objects *all, struct strbuf *text);

#endif
