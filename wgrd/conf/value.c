/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/value.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)VALUE_CANON_LEN >= (int)IP_ENDPOINT_STRLEN, "endpoints fit");

int value_prefix(const char *text, struct prefix *out)
{
	if (prefix_parse(out, text))
		return -EINVAL;
	if (!prefix_has_host_bits(out))
		return 0;
	prefix_mask(out);
	return -EDOM;
}

int value_address(const char *text, struct conf_address *out)
{
	struct prefix p;

	if (!strchr(text, '/') || prefix_parse(&p, text))
		return -EINVAL;
	*out = (struct conf_address){.addr = p.addr, .len = p.len};
	return 0;
}

int value_endpoint(const char *text, struct conf_endpoint *out)
{
	return ip_endpoint_parse(&out->addr, &out->port, text);
}

/* A number at *@at, which moves behind it. */
static int parse_cpu(const char **at, unsigned *out)
{
	size_t digits = strspn(*at, "0123456789");

	if (digits < 1 || digits > 4)
		return -EINVAL;
	*out = (unsigned)strtoul(*at, NULL, 10);
	*at += digits;
	return *out < VALUE_CPU_END ? 0 : -EINVAL;
}

static int add_cpu(struct conf_cpus *to, unsigned cpu)
{
	for (unsigned i = 0; i < to->count; i++) {
		if (to->v[i] == cpu)
			return -EINVAL;
	}
	if (to->count == CONF_CPUS_MAX)
		return -EINVAL;
	to->v[to->count++] = (uint16_t)cpu;
	return 0;
}

/* One number, or a range of them that rises. */
static int add_cpus(struct conf_cpus *to, const char **at)
{
	unsigned first, last;
	int err = parse_cpu(at, &first);

	if (err)
		return err;
	last = first;
	if (**at == '-') {
		++*at;
		err = parse_cpu(at, &last);
	}
	if (last < first)
		return -EINVAL;
	while (!err && first <= last)
		err = add_cpu(to, first++);
	return err;
}

int value_cpus(const char *text, struct conf_cpus *out)
{
	*out = (struct conf_cpus){0};
	for (;;) {
		int err = add_cpus(out, &text);

		if (err || !*text)
			return err;
		if (*text++ != ',')
			return -EINVAL;
	}
}

/* ---- canonical text ---- */

static int canon_prefix(const char *text, char *buf, char *problem)
{
	struct prefix p;
	int err = value_prefix(text, &p);

	if (err == -EINVAL)
		return err;
	prefix_str(&p, buf);
	if (err)
		snprintf(problem, VALUE_PROBLEM_LEN,
			 "not a prefix, because it has host bits: expected %s", buf);
	return err;
}

static int canon_address(const char *text, char *buf, char *problem)
{
	struct conf_address a;
	char addr[IP_ADDR_STRLEN];

	(void)problem;
	if (value_address(text, &a))
		return -EINVAL;
	snprintf(buf, VALUE_CANON_LEN, "%s/%u", ip_addr_str(&a.addr, addr), a.len);
	return 0;
}

static int canon_endpoint(const char *text, char *buf, char *problem)
{
	struct conf_endpoint e;

	(void)problem;
	if (value_endpoint(text, &e))
		return -EINVAL;
	ip_endpoint_str(&e.addr, e.port, buf);
	return 0;
}

/* Neighbours that rise by one become a range. The longest, 64 numbers of four digits with
 * commas, has 319 characters. */
static int canon_cpus(const char *text, char *buf, char *problem)
{
	struct conf_cpus c;
	size_t len = 0;

	(void)problem;
	if (value_cpus(text, &c))
		return -EINVAL;
	for (unsigned i = 0, j; i < c.count; i = j) {
		for (j = i + 1; j < c.count && c.v[j] == c.v[j - 1] + 1;)
			j++;
		len += (size_t)snprintf(buf + len, VALUE_CANON_LEN - len, "%s%u",
					i ? "," : "", c.v[i]);
		if (j > i + 1)
			len += (size_t)snprintf(buf + len, VALUE_CANON_LEN - len, "-%u",
						c.v[j - 1]);
	}
	return 0;
}

/* By their typedef in wgrd.yang. May leave @problem empty, for the type to speak. */
static const struct {
	const char *name;
	int (*canon)(const char *text, char *buf, char *problem);
} own_types[] = {
	{"ip-prefix", canon_prefix},
	{"interface-address", canon_address},
	{"endpoint", canon_endpoint},
	{"cpu-list", canon_cpus},
};

/* The context has LY_CTX_SET_PRIV_PARSED: a compiled node knows what it was made of. */
static const char *typedef_name(const struct lysc_node *leaf)
{
	const struct lysp_node *parsed = leaf->priv;

	if (!parsed)
		return "";
	if (parsed->nodetype == LYS_LEAF)
		return ((const struct lysp_node_leaf *)parsed)->type.name;
	if (parsed->nodetype == LYS_LEAFLIST)
		return ((const struct lysp_node_leaflist *)parsed)->type.name;
	return "";
}

/* ---- what a type wants ---- */

static const struct lysc_type *leaf_type(const struct lysc_node *leaf)
{
	if (leaf->nodetype == LYS_LEAF)
		return ((const struct lysc_node_leaf *)leaf)->type;
	return ((const struct lysc_node_leaflist *)leaf)->type;
}

static void problem_number(const struct lysc_type_num *type, uint64_t max, char *problem)
{
	const struct lysc_range *range = type->range;
	size_t len, last;

	if (!range) {
		snprintf(problem, VALUE_PROBLEM_LEN, "not a number from 0 to %" PRIu64,
			 max);
		return;
	}
	if (range->emsg) {
		snprintf(problem, VALUE_PROBLEM_LEN, "%s", range->emsg);
		return;
	}
	len = (size_t)snprintf(problem, VALUE_PROBLEM_LEN, "not a number");
	last = LY_ARRAY_COUNT(range->parts) - 1;
	for (size_t i = 0; i <= last && len < VALUE_PROBLEM_LEN; i++)
		len += (size_t)snprintf(problem + len, VALUE_PROBLEM_LEN - len,
					"%s from %" PRIu64 " to %" PRIu64,
					i > 0 ? " or" : "", range->parts[i].min_u64,
					range->parts[i].max_u64);
}

static void problem_enum(const struct lysc_type_enum *type, char *problem)
{
	size_t len = (size_t)snprintf(problem, VALUE_PROBLEM_LEN, "not one of ");
	LY_ARRAY_COUNT_TYPE i;

	LY_ARRAY_FOR(type->enums, i)
	{
		if (len >= VALUE_PROBLEM_LEN)
			return;
		len += (size_t)snprintf(problem + len, VALUE_PROBLEM_LEN - len, "%s%s",
					i > 0 ? ", " : "", type->enums[i].name);
	}
}

/* For what libyang refuses without using an error-message of the model. */
static void problem_of_type(const struct lysc_type *type, char *problem)
{
	const struct lysc_type_bin *binary;

	switch (type->basetype) {
	case LY_TYPE_UINT8:
		problem_number((const struct lysc_type_num *)type, UINT8_MAX, problem);
		break;
	case LY_TYPE_UINT16:
		problem_number((const struct lysc_type_num *)type, UINT16_MAX, problem);
		break;
	case LY_TYPE_UINT32:
		problem_number((const struct lysc_type_num *)type, UINT32_MAX, problem);
		break;
	case LY_TYPE_ENUM:
		problem_enum((const struct lysc_type_enum *)type, problem);
		break;
	case LY_TYPE_BOOL:
		snprintf(problem, VALUE_PROBLEM_LEN, "not true or false");
		break;
	case LY_TYPE_EMPTY:
		snprintf(problem, VALUE_PROBLEM_LEN, "too much: no value is expected");
		break;
	case LY_TYPE_BINARY:
		binary = (const struct lysc_type_bin *)type;
		snprintf(problem, VALUE_PROBLEM_LEN, "%s",
			 binary->length && binary->length->emsg ? binary->length->emsg
								: "not base64");
		break;
	case LY_TYPE_UNION: /* the model's only one is inet:ip-address-no-zone */
		snprintf(problem, VALUE_PROBLEM_LEN, "not an IPv4 or IPv6 address");
		break;
	default:
		snprintf(problem, VALUE_PROBLEM_LEN, "not text in UTF-8");
		break;
	}
}

static int check_own(const struct lysc_node *leaf, const char *text, const char **canon,
		     char *buf, char *problem)
{
	const char *name = typedef_name(leaf);

	for (size_t i = 0; i < ARRAY_SIZE(own_types); i++) {
		const struct lysc_type_str *type;

		if (strcmp(own_types[i].name, name) != 0)
			continue;
		problem[0] = '\0';
		if (own_types[i].canon(text, buf, problem) == 0) {
			*canon = buf;
			return 0;
		}
		type = (const struct lysc_type_str *)leaf_type(leaf);
		if (problem[0] == '\0')
			snprintf(problem, VALUE_PROBLEM_LEN, "%s",
				 type->patterns[0]->emsg);
		return -EINVAL;
	}
	*canon = text;
	return 0;
}

int value_check(const struct lysc_node *leaf, const char *text, const char **canon,
		char buf[static VALUE_CANON_LEN], char problem[static VALUE_PROBLEM_LEN])
{
	struct ly_ctx *ctx = leaf->module->ctx;
	const char *msg;

	ly_err_clean(ctx, NULL);
	if (check_own(leaf, text, canon, buf, problem))
		return -EINVAL;
	if (lyd_value_validate(ctx, leaf, *canon, strlen(*canon), NULL, NULL, NULL) ==
	    LY_SUCCESS)
		return 0;
	/* The model's own messages complete our sentence; libyang's do not. */
	msg = ly_errmsg(ctx);
	if (msg && strncmp(msg, "not ", 4) == 0)
		snprintf(problem, VALUE_PROBLEM_LEN, "%s", msg);
	else
		problem_of_type(leaf_type(leaf), problem);
	return -EINVAL;
}

bool value_is_secret(const struct lysc_node *leaf)
{
	LY_ARRAY_COUNT_TYPE i;

	LY_ARRAY_FOR(leaf->exts, i)
	{
		const struct lysc_ext *def = leaf->exts[i].def;

		if (strcmp(def->name, "default-deny-all") == 0 &&
		    strcmp(def->module->name, "ietf-netconf-acm") == 0)
			return true;
	}
	return false;
}
