/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

/* Decimal digits and nothing else. */
static bool parse_number(const char *s, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (unsigned)(*s - '0');
		if (v > max)
			return false;
	}
	*out = (uint32_t)v;
	return true;
}

static bool parse_u16(const char *s, uint16_t *out)
{
	uint32_t v;

	if (!parse_number(s, UINT16_MAX, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

/* All ones if low <= c <= high, else zero; no branch on what may be a secret. */
static unsigned in_range(unsigned c, unsigned low, unsigned high)
{
	return 0U - (((low - 1 - c) & (c - high - 1)) >> 31);
}

/* 0..15, or 16 for what is no digit. */
static unsigned hex_digit(char digit)
{
	unsigned c = (unsigned char)digit, v = 16;

	v += in_range(c, '0', '9') & (c - '0' - 16U);
	v += in_range(c, 'a', 'f') & (c - 'a' + 10U - 16U);
	v += in_range(c, 'A', 'F') & (c - 'A' + 10U - 16U);
	return v;
}

static bool parse_key(const char *s, uint8_t key[WG_KEY_LEN])
{
	unsigned bad = 0;

	if (strlen(s) != 2 * WG_KEY_LEN)
		return false;
	for (unsigned i = 0; i < WG_KEY_LEN; i++) {
		unsigned high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		bad |= (high | low) & 16;
		key[i] = (uint8_t)(high << 4 | (low & 15));
	}
	if (!bad)
		return true;
	explicit_bzero(key, WG_KEY_LEN);
	return false;
}

static bool parse_allowed_ip(const char *s, struct request_prefix *out)
{
	out->remove = *s == '-';
	if (prefix_parse(&out->prefix, s + out->remove))
		return false;
	prefix_mask(&out->prefix);
	return true;
}

/* ---- refusing ---- */

static bool refused(struct request *r, int err, char *why, size_t why_len,
		    const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Only the first is told. */
static bool refused(struct request *r, int err, char *why, size_t why_len,
		    const char *fmt, ...)
{
	va_list args;

	if (r->err)
		return false;
	r->err = err;
	va_start(args, fmt);
	vsnprintf(why, why_len, fmt, args);
	va_end(args);
	return false;
}

void request_line_too_long(struct request *r, char *why, size_t why_len)
{
	refused(r, -EINVAL, why, why_len, "line %u is longer than %d octets",
		r->lines + 1, REQUEST_LINE_MAX);
}

/* ---- growing ---- */

/* Room for one more in an array that a client sizes, and that may hold keys. */
static void *grown(void *old, size_t count, size_t *cap, size_t size)
{
	size_t want = *cap ? 2 * *cap : 4;
	void *new;

	if (count < *cap)
		return old;
	new = calloc(want, size);
	if (!new)
		return NULL;
	if (old) {
		memcpy(new, old, count * size);
		explicit_bzero(old, count * size);
		free(old);
	}
	*cap = want;
	return new;
}

static struct request_peer *add_peer(struct request *r)
{
	struct request_peer *v =
		grown(r->peer, r->peers, &r->peers_cap, sizeof(r->peer[0]));

	if (!v)
		return NULL;
	r->peer = v;
	v += r->peers++;
	*v = (struct request_peer){0};
	return v;
}

static int add_allowed_ip(struct request_peer *p, const struct request_prefix *prefix)
{
	struct request_prefix *v = grown(p->allowed_ip, p->allowed_ips,
					 &p->allowed_ips_cap, sizeof(p->allowed_ip[0]));

	if (!v)
		return -ENOMEM;
	p->allowed_ip = v;
	v[p->allowed_ips++] = *prefix;
	return 0;
}

void request_fini(struct request *r)
{
	for (size_t i = 0; i < r->peers; i++)
		free(r->peer[i].allowed_ip);
	if (r->peer)
		explicit_bzero(r->peer, r->peers_cap * sizeof(r->peer[0]));
	free(r->peer);
	explicit_bzero(r, sizeof(*r));
}

/* ---- lines ---- */

/* What became of a line. */
enum verdict {
	TAKEN,
	UNKNOWN_KEY,
	BAD_VALUE,
	NO_MEMORY,
};

static enum verdict taken_if(bool ok)
{
	return ok ? TAKEN : BAD_VALUE;
}

static enum verdict take_true(const char *value, bool *flag)
{
	*flag = true;
	return taken_if(!strcmp(value, "true"));
}

static enum verdict take_of_interface(struct request *r, const char *key,
				      const char *value)
{
	if (!strcmp(key, "private_key"))
		return taken_if(r->has_private_key = parse_key(value, r->private_key));
	if (!strcmp(key, "listen_port"))
		return taken_if(r->has_listen_port = parse_u16(value, &r->listen_port));
	if (!strcmp(key, "fwmark"))
		return taken_if(r->has_fwmark =
					parse_number(value, UINT32_MAX, &r->fwmark));
	if (!strcmp(key, "replace_peers"))
		return take_true(value, &r->replace_peers);
	return UNKNOWN_KEY;
}

static enum verdict take_allowed_ip(struct request_peer *p, const char *value)
{
	struct request_prefix prefix;

	if (!parse_allowed_ip(value, &prefix))
		return BAD_VALUE;
	return add_allowed_ip(p, &prefix) ? NO_MEMORY : TAKEN;
}

static enum verdict take_of_peer(struct request_peer *p, const char *key,
				 const char *value)
{
	if (!strcmp(key, "remove"))
		return take_true(value, &p->remove);
	if (!strcmp(key, "update_only"))
		return take_true(value, &p->update_only);
	if (!strcmp(key, "replace_allowed_ips"))
		return take_true(value, &p->replace_allowed_ips);
	if (!strcmp(key, "preshared_key"))
		return taken_if(p->has_preshared_key =
					parse_key(value, p->preshared_key));
	if (!strcmp(key, "persistent_keepalive_interval"))
		return taken_if(p->has_keepalive = parse_u16(value, &p->keepalive));
	if (!strcmp(key, "endpoint"))
		return taken_if(p->has_endpoint = !ip_endpoint_parse(
					&p->endpoint, &p->endpoint_port, value));
	if (!strcmp(key, "protocol_version"))
		return taken_if(!strcmp(value, "1"));
	if (!strcmp(key, "allowed_ip"))
		return take_allowed_ip(p, value);
	return UNKNOWN_KEY;
}

static enum verdict take_public_key(struct request *r, const char *value)
{
	struct request_peer *p = add_peer(r);

	if (!p)
		return NO_MEMORY;
	return taken_if(parse_key(value, p->public_key));
}

static enum verdict take_setting(struct request *r, const char *key, const char *value)
{
	if (!strcmp(key, "public_key"))
		return take_public_key(r, value);
	if (r->peers)
		return take_of_peer(&r->peer[r->peers - 1], key, value);
	return take_of_interface(r, key, value);
}

static enum verdict take_verb(struct request *r, const char *key, const char *value)
{
	if (!strcmp(key, "get"))
		r->verb = REQUEST_GET;
	else if (!strcmp(key, "set"))
		r->verb = REQUEST_SET;
	else
		return UNKNOWN_KEY;
	return taken_if(!strcmp(value, "1")); /* the version of the protocol */
}

static bool has_secret(const char *key)
{
	return !strcmp(key, "private_key") || !strcmp(key, "preshared_key");
}

static bool judge(struct request *r, enum verdict v, const char *key, const char *value,
		  char *why, size_t why_len)
{
	switch (v) {
	case TAKEN:
		break;
	case UNKNOWN_KEY:
		return refused(r, -EINVAL, why, why_len,
			       "line %u: \"%.64s\" is not known here", r->lines, key);
	case BAD_VALUE:
		if (has_secret(key))
			return refused(r, -EINVAL, why, why_len,
				       "line %u: the value of %s is wrong", r->lines,
				       key);
		return refused(r, -EINVAL, why, why_len,
			       "line %u: %s cannot be \"%.64s\"", r->lines, key, value);
	case NO_MEMORY:
		return refused(r, -ENOMEM, why, why_len, "out of memory");
	}
	return false;
}

bool request_line(struct request *r, const char *line, char *why, size_t why_len)
{
	const char *value = strchr(line, '=');
	char key[32];
	enum verdict v;

	if (!*line)
		return r->lines > 0 || r->err;
	if (r->err)
		return false;
	if (r->lines == REQUEST_LINES_MAX)
		return refused(r, -E2BIG, why, why_len, "more than %d lines",
			       REQUEST_LINES_MAX);
	r->lines++;
	if (!value || (size_t)(value - line) >= sizeof(key))
		return refused(r, -EINVAL, why, why_len,
			       "line %u is not KEY=VALUE of a known key", r->lines);
	snprintf(key, sizeof(key), "%.*s", (int)(value - line), line);
	value++;
	if (r->verb == REQUEST_NONE)
		v = take_verb(r, key, value);
	else if (r->verb == REQUEST_SET)
		v = take_setting(r, key, value);
	else
		v = UNKNOWN_KEY;
	return judge(r, v, key, value, why, why_len);
}
