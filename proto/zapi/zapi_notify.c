/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi_notify.h"

#include <errno.h>
#include <string.h>

const char *zapi_note_str(enum zapi_note note)
{
	static const char *const text[ZAPI_NOTE_COUNT] = {
		[ZAPI_NOTE_FAIL_INSTALL] = "could not be installed",
		[ZAPI_NOTE_BETTER_ADMIN_WON] = "lost to a route of lower distance",
		[ZAPI_NOTE_INSTALLED] = "installed",
		[ZAPI_NOTE_REMOVED] = "removed",
		[ZAPI_NOTE_REMOVE_FAIL] = "could not be removed",
	};

	return text[note];
}

/* Length before address, and the address whole: unlike prefixes in routes. */
static void put_prefix(struct wbuf *w, const struct prefix *p)
{
	wbuf_put_u8(w, p->len);
	wbuf_put(w, p->addr.bytes, ip_family_len(p->addr.family));
}

static void get_prefix(struct wbuf *w, sa_family_t family, struct prefix *p)
{
	memset(p, 0, sizeof(*p));
	p->addr.family = family;
	p->len = wbuf_get_u8(w);
	wbuf_get(w, p->addr.bytes, ip_family_len(family));
	if (p->len > prefix_max_len(family))
		w->err = true;
	else
		prefix_mask(p);
}

/* The note is a C enumeration, so in host order. */
void zapi_encode_notify(struct wbuf *w, const struct zapi_dialect *d, uint32_t vrf,
			const struct zapi_notify *n)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_ROUTE_NOTIFY_OWNER, vrf);

	wbuf_put_host32(w, (uint32_t)n->note);
	wbuf_put_u8(w, (uint8_t)n->prefix.addr.family);
	put_prefix(w, &n->prefix);
	if (zapi_dialect_has(d, ZAPI_NOTIFY_SRC)) {
		struct prefix src = n->src;

		src.addr.family = n->prefix.addr.family;
		put_prefix(w, &src);
	}
	wbuf_put_be32(w, n->table);
	if (zapi_dialect_has(d, ZAPI_NOTIFY_SAFI)) {
		wbuf_put_u8(w, n->afi);
		wbuf_put_u8(w, n->safi);
	}
	zapi_end(w, start);
}

int zapi_decode_notify(struct wbuf *body, const struct zapi_dialect *d,
		       struct zapi_notify *n)
{
	uint32_t note = wbuf_get_host32(body);
	sa_family_t family = wbuf_get_u8(body);

	memset(n, 0, sizeof(*n));
	if (note >= ZAPI_NOTE_COUNT || !ip_family_len(family))
		return -EBADMSG;
	n->note = (enum zapi_note)note;
	get_prefix(body, family, &n->prefix);
	if (zapi_dialect_has(d, ZAPI_NOTIFY_SRC)) {
		get_prefix(body, family, &n->src);
		n->has_src = n->src.len > 0;
	}
	n->table = wbuf_get_be32(body);
	if (zapi_dialect_has(d, ZAPI_NOTIFY_SAFI)) {
		n->afi = wbuf_get_u8(body);
		n->safi = wbuf_get_u8(body);
	}
	return wbuf_done(body) ? 0 : -EBADMSG;
}
