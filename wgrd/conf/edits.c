/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/edits.h"

#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/util.h"

void edits_add(struct edits *e, const struct conf_edit *edit)
{
	if (e->count == e->cap) {
		e->cap = e->cap ? e->cap * 2 : 16;
		e->edit = xrealloc(e->edit, e->cap, sizeof(e->edit[0]));
	}
	e->edit[e->count++] = (struct conf_edit){
		.unset = edit->unset,
		.path = xstrdup(edit->path),
		.value = edit->value ? xstrdup(edit->value) : NULL,
	};
}

void edits_add_all(struct edits *e, const struct edits *more)
{
	for (size_t i = 0; i < more->count; i++)
		edits_add(e, &more->edit[i]);
}

size_t edits_count_set(const struct edits *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++)
		n += !e->edit[i].unset;
	return n;
}

static void forget(struct conf_edit *e)
{
	if (e->value)
		explicit_bzero(e->value, strlen(e->value)); /* may be a key */
	free(e->value);
	free(e->path);
}

void edits_fini(struct edits *e)
{
	for (size_t i = 0; i < e->count; i++)
		forget(&e->edit[i]);
	free(e->edit);
	*e = (struct edits){0};
}
