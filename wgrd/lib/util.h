/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_UTIL_H
#define WGRD_LIB_UTIL_H

/* The handful of macros every folder uses, and allocation that cannot fail. */

#include <stddef.h>

#define MUST_USE                        __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args)          __attribute__((format(printf, fmt, args)))

#define ARRAY_SIZE(a)                   (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/*
 * For small control-plane objects whose size no remote party chooses. Running out of
 * memory for one of these ends the program with a message; nothing useful is left to do.
 * Whatever a peer, zebra or a manager can size is allocated with plain calloc() and
 * checked.
 */
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *old, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));

#endif
