/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/crypto/wycheproof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/hex.h"

static const char case_key[] = "\"tcId\":";

static FILE *find(const char *file)
{
	const char *const dirs[] = {getenv("WGRD_TEST_DATA"), getenv("WGRD_SRCDIR"), "."};
	const char *const below[] = {"", "/../shared/data", "/../shared/data"};
	char path[1024];
	FILE *f;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (!dirs[i])
			continue;
		snprintf(path, sizeof(path), "%s%s/%s", dirs[i], below[i], file);
		f = fopen(path, "r");
		if (f)
			return f;
	}
	return NULL;
}

static char *slurp(FILE *f)
{
	size_t len = 0, room = 1 << 16, n;
	char *text = malloc(room);

	assert_non_null(text);
	while ((n = fread(text + len, 1, room - len - 1, f)) > 0) {
		len += n;
		if (len == room - 1) {
			room *= 2;
			text = realloc(text, room);
			assert_non_null(text);
		}
	}
	text[len] = '\0';
	return text;
}

void wycheproof_open(struct wycheproof *w, const char *file)
{
	static const char count_key[] = "\"numberOfTests\":";
	FILE *f = find(file);
	const char *count;

	memset(w, 0, sizeof(*w));
	if (!f) {
		fprintf(stderr,
			"SKIPPED: %s is neither in $WGRD_TEST_DATA nor in ../shared/data\n",
			file);
		skip();
	}
	w->text = slurp(f);
	fclose(f);
	count = strstr(w->text, count_key);
	if (!count || !strstr(w->text, case_key))
		fail_msg("%s is not a Wycheproof file", file);
	w->promised = (unsigned)strtoul(count + strlen(count_key), NULL, 10);
	w->end = w->text;
}

bool wycheproof_next(struct wycheproof *w)
{
	w->at = strstr(w->end, case_key);
	if (!w->at) {
		if (w->seen != w->promised || w->seen == 0)
			fail_msg("expected %u cases, seen %u", w->promised, w->seen);
		return false;
	}
	w->end = strstr(w->at + 1, case_key);
	if (!w->end)
		w->end = w->at + strlen(w->at);
	w->seen++;
	return true;
}

void wycheproof_close(struct wycheproof *w)
{
	free(w->text);
}

unsigned wycheproof_id(const struct wycheproof *w)
{
	return (unsigned)strtoul(w->at + strlen(case_key), NULL, 10);
}

/* The value of a field: what stands between the quotes, and its length. */
static const char *value(struct wycheproof *w, const char *name, size_t *len)
{
	char key[32];
	const char *at, *end;

	snprintf(key, sizeof(key), "\"%s\": \"", name);
	at = strstr(w->at, key);
	if (!at || at >= w->end)
		fail_msg("case %u has no %s", wycheproof_id(w), name);
	at += strlen(key);
	end = strchr(at, '"');
	assert_non_null(end);
	*len = (size_t)(end - at);
	return at;
}

size_t wycheproof_hex(struct wycheproof *w, const char *name, uint8_t *dst, size_t size)
{
	char hex[8192];
	size_t len;
	const char *v = value(w, name, &len);

	assert_true(len < sizeof(hex));
	memcpy(hex, v, len);
	hex[len] = '\0';
	return hex_decode(dst, size, hex);
}

bool wycheproof_is(struct wycheproof *w, const char *name, const char *want)
{
	size_t len;
	const char *v = value(w, name, &len);

	return len == strlen(want) && memcmp(v, want, len) == 0;
}
