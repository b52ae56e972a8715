/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_PROTO_CRYPTO_WYCHEPROOF_H
#define WGRD_TESTS_PROTO_CRYPTO_WYCHEPROOF_H

/*
 * Reads the test vectors of project Wycheproof, which are too large for the tree. Looked
 * for in $WGRD_TEST_DATA, then in ../shared/data beside the source tree. The scanner
 * knows no more JSON than these files use: each case begins with its "tcId", and what
 * follows are strings without escapes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wycheproof {
	char *text; /* the whole file */
	char *at;   /* the current case, up to end */
	char *end;
	unsigned seen, promised; /* cases; promised is the file's own numberOfTests */
};

/* Skips the running test, loudly, if the file cannot be found. */
void wycheproof_open(struct wycheproof *w, const char *file);
/* False at the end, where it fails the test unless all that was promised was seen. */
bool wycheproof_next(struct wycheproof *w);
void wycheproof_close(struct wycheproof *w);

/* Fields of the current case; a missing one fails the test. */
size_t wycheproof_hex(struct wycheproof *w, const char *name, uint8_t *dst, size_t size);
bool wycheproof_is(struct wycheproof *w, const char *name, const char *value);
unsigned wycheproof_id(const struct wycheproof *w);

#endif
