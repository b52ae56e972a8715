/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_VALUE_H
#define WGRD_CONF_VALUE_H

/*
 * Values as text: the types of the model that libyang knows only as strings, and
 * what to tell an operator whose value a leaf cannot take. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/conf/conf.h"
#include "wgrd/lib/util.h"

struct lysc_node;

enum {
	VALUE_CANON_LEN = 320,   /* canonical text of those, with the NUL */
	VALUE_CPU_END = 1024,    /* what glibc's cpu_set_t holds */
	VALUE_PROBLEM_LEN = 320, /* rest of the sentence '... is ', with the NUL */
};

/*
 * Text to value. Host bits of a prefix must be zero; without /len it is a host's. Return
 * 0 or -EINVAL; -EDOM for a prefix whose only fault is host bits, which @out then has
 * without them.
 */
int value_prefix(const char *text, struct prefix *out) MUST_USE;
int value_address(const char *text, struct conf_address *out) MUST_USE;
int value_endpoint(const char *text, struct conf_endpoint *out) MUST_USE;
/* "2-5,8": at most CONF_CPUS_MAX numbers below VALUE_CPU_END, none of them twice. */
int value_cpus(const char *text, struct conf_cpus *out) MUST_USE;

/*
 * Can the leaf take @text? On success *@canon is what to store: @text or @buf. On
 * failure, -EINVAL, @problem completes the sentence 'LEAF: "text" is ': "not a number
 * from 0 to 65535".
 */
int value_check(const struct lysc_node *leaf, const char *text, const char **canon,
		char buf[static VALUE_CANON_LEN],
		char problem[static VALUE_PROBLEM_LEN]) MUST_USE;

/* Must the value never be shown? (nacm:default-deny-all, RFC 8341 section 3.2.2) */
bool value_is_secret(const struct lysc_node *leaf);

#endif
