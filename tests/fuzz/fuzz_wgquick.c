/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wg-quick files: whatever is in them, reports are in order and printable, and what is
 * taken is one line of configuration each, with names and keys that can be.
 */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/ctl/wgquick.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_block(const struct wgquick_block *b)
{
	uint8_t key[WG_KEY_LEN];

	assert(!*b->secret || !wg_key_parse(key, b->secret));
	assert(!*b->public_key || !wg_key_parse(key, b->public_key));
	for (size_t i = 0; i < b->settings; i++) {
		const struct wgquick_setting *s = &b->setting[i];

		assert(s->line && s->word);
		for (const char *c = s->command; *c; c++)
			assert(isprint((unsigned char)*c));
		assert(!*b->secret || !strstr(s->command, b->secret));
	}
}

static void check_peer(const struct wgquick *w, const struct wgquick_block *b)
{
	check_block(b);
	assert(*b->public_key);
	assert(isalnum((unsigned char)b->name[0]) || b->name[0] == '_');
	for (const char *c = b->name; *c; c++)
		assert(isalnum((unsigned char)*c) || strchr("_.-", *c));
	for (const struct wgquick_block *other = w->peer; other < b; other++)
		assert(strcmp(other->name, b->name));
}

static void check_reports(const struct wgquick *w)
{
	size_t errors = 0;

	for (size_t i = 0; i < w->reports; i++) {
		const struct wgquick_report *r = &w->report[i];

		errors += r->error;
		assert(*r->why);
		assert(!i || w->report[i - 1].line <= r->line);
	}
	assert(errors == w->errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct wgquick w;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	wgquick_parse(&w, text, size);
	for (size_t i = 0; i < size; i++)
		assert(!text[i]);
	check_reports(&w);
	if (!w.errors) {
		check_block(&w.interface);
		for (size_t i = 0; i < w.peers; i++)
			check_peer(&w, &w.peer[i]);
	}
	wgquick_free(&w);
	free(text);
	return 0;
}
