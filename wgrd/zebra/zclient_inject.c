/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "proto/zapi/zapi_iface.h"
#include "proto/zapi/zapi_notify.h"
#include "proto/zapi/zapi_route.h"
#include "wgrd/lib/log.h"

/*
 * What is given: our prefixes as routes of type TABLE and the session's instance, over an
 * interface, which bgpd takes with "redistribute table" and announces with itself as the next hop.
 *
 * zebra forgets such a route for good when it is inactive as it arrives, and does not put it
 * back into the kernel after its link went down and up. So a prefix is sent only while its
 * interface runs, withdrawn when it stops, and sent again at every INTERFACE_UP.
 *
 * Every prefix that may have something to say is on the dirty list; zinject_pump() takes
 * from it as fast as zebra reads, and compares what is wanted with what was sent.
 */

/* Own distance: zebra's default for TABLE changed from 150 to 15 in 9.1. */
enum {
	DISTANCE = 150
};

struct zinject_own {
	struct zinject_key {
		char vrf[RIB_VRF_NAME_LEN];
		struct prefix prefix;
	} key;
	uint32_t ifindex, tag;
	bool sent, installed;
	bool again;   /* zebra may have lost it: send even if it has been sent */
	bool leaving; /* deleted by its owner, but zebra still has it */
	bool dirty;
	struct zinject_own *next_dirty;
	UT_hash_handle hh;
};

static struct zinject_key key_of(const char *vrf, const struct prefix *p)
{
	struct zinject_key key;

	memset(&key, 0, sizeof(key)); /* its bytes are hashed, holes included */
	memcpy(key.vrf, vrf, strnlen(vrf, sizeof(key.vrf) - 1));
	key.prefix.addr.family = p->addr.family;
	memcpy(key.prefix.addr.bytes, p->addr.bytes, ip_family_len(p->addr.family));
	key.prefix.len = p->len;
	return key;
}

static struct zinject_own *find_named(const struct zclient *z, const char *vrf,
				      const struct prefix *p)
{
	const struct zinject_key key = key_of(vrf, p);
	struct zinject_own *o;

	HASH_FIND(hh, z->own, &key, sizeof(key), o);
	return o;
}

/* Ids of VRFs change when zebra restarts. False while the VRF has none. */
static bool vrf_id(const struct zclient *z, const struct zinject_own *o, uint32_t *vrf)
{
	return zsub_vrf_id(z, o->key.vrf, vrf);
}

/* ---- the dirty list ---- */

static void make_dirty(struct zclient *z, struct zinject_own *o)
{
	if (!z->dialect)
		return; /* interfaces will make it dirty in the next session */
	loop_job_queue(z->loop, &z->flush);
	if (o->dirty)
		return;
	o->dirty = true;
	o->next_dirty = NULL;
	*z->dirty_end = o;
	z->dirty_end = &o->next_dirty;
}

static struct zinject_own *take_dirty(struct zclient *z)
{
	struct zinject_own *o = z->dirty;

	if (!o)
		return NULL;
	z->dirty = o->next_dirty;
	if (!z->dirty)
		z->dirty_end = &z->dirty;
	o->dirty = false;
	return o;
}

static void set_installed(struct zclient *z, struct zinject_own *o, bool installed)
{
	z->count.own_installed += installed;
	z->count.own_installed -= o->installed;
	o->installed = installed;
}

/* @o is not on the dirty list. */
static void own_free(struct zclient *z, struct zinject_own *o)
{
	if (!o->leaving)
		z->count.own_count--;
	set_installed(z, o, false);
	HASH_DEL(z->own, o);
	free(o);
}

/* ---- sending ---- */

static void send_route(struct zclient *z, enum zapi_kind kind, uint32_t vrf,
		       const struct zinject_own *o)
{
	struct zapi_route r;
	uint8_t msg[ZCLIENT_MESSAGE_ROOM];
	struct wbuf w = wbuf_writer(msg, sizeof(msg));

	memset(&r, 0, offsetof(struct zapi_route, nexthop));
	r.proto = ZAPI_PROTO_TABLE;
	r.instance = z->instance;
	r.safi = ZAPI_SAFI_UNICAST;
	r.prefix = o->key.prefix;
	if (kind == ZAPI_ROUTE_ADD) {
		r.fields = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_DISTANCE;
		r.distance = DISTANCE;
		r.nexthop_count = 1;
		r.nexthop[0] = (struct zapi_nexthop){
			.vrf = vrf, .type = ZAPI_NEXTHOP_IFINDEX, .ifindex = o->ifindex};
		if (o->tag) {
			r.fields |= ZAPI_ROUTE_TAG;
			r.tag = o->tag;
		}
	}
	zapi_encode_route(&w, z->dialect, kind, vrf, &r);
	zclient_send(z, msg, &w);
}

static void bring_about(struct zclient *z, struct zinject_own *o)
{
	uint32_t vrf;
	bool known = vrf_id(z, o, &vrf);
	bool wanted =
		known && !o->leaving && ziface_is_running(&z->ifaces, vrf, o->ifindex);

	if (wanted && (!o->sent || o->again)) {
		send_route(z, ZAPI_ROUTE_ADD, vrf, o);
		o->sent = true;
	} else if (!wanted && o->sent) {
		if (known)
			send_route(z, ZAPI_ROUTE_DELETE, vrf, o);
		o->sent = false;
		set_installed(z, o, false);
	}
	o->again = false;
	if (o->leaving)
		own_free(z, o);
}

void zinject_pump(struct zclient *z)
{
	struct zinject_own *o;

	while (z->out.len < ZQUEUE_ENOUGH && (o = take_dirty(z)))
		bring_about(z, o);
}

/* ---- interfaces ---- */

static void iface_changed(struct zclient *z, uint32_t vrf, uint32_t ifindex, bool again)
{
	struct zinject_own *o, *next;
	uint32_t id;

	HASH_ITER (hh, z->own, o, next) {
		if (o->ifindex != ifindex || !vrf_id(z, o, &id) || id != vrf)
			continue;
		o->again |= again;
		make_dirty(z, o);
	}
}

int zinject_iface(struct zclient *z, enum zapi_kind kind, struct zapi_message *m)
{
	struct zapi_iface i;
	bool running, was;

	if (zapi_decode_iface(&m->body, z->dialect, &i))
		return -EBADMSG;
	running = zapi_iface_is_running(&i) && kind != ZAPI_INTERFACE_DOWN;
	if (kind == ZAPI_INTERFACE_DELETE) {
		running = false;
		was = ziface_is_running(&z->ifaces, m->vrf, i.ifindex);
		ziface_del(&z->ifaces, m->vrf, i.ifindex);
	} else {
		was = ziface_set(&z->ifaces, m->vrf, i.ifindex, running);
	}
	if (was != running || kind == ZAPI_INTERFACE_UP)
		iface_changed(z, m->vrf, i.ifindex, kind == ZAPI_INTERFACE_UP);
	return 0;
}

/* Its routes are gone with it, in zebra too. Called while its name is still known. */
void zinject_vrf_gone(struct zclient *z, uint32_t vrf)
{
	struct zinject_own *o, *next;
	uint32_t id;

	ziface_del_vrf(&z->ifaces, vrf);
	HASH_ITER (hh, z->own, o, next) {
		if (!vrf_id(z, o, &id) || id != vrf)
			continue;
		o->sent = false;
		set_installed(z, o, false);
	}
}

/* ---- what zebra made of it ---- */

int zinject_note(struct zclient *z, struct zapi_message *m)
{
	static struct log_limit limit = LOG_LIMIT(5, 60);
	struct zapi_notify n;
	struct zinject_own *o;
	const char *vrf = zsub_vrf_name(z, m->vrf);
	char prefix[PREFIX_STRLEN];
	bool installed;

	if (zapi_decode_notify(&m->body, z->dialect, &n))
		return -EBADMSG;
	o = vrf && !n.has_src ? find_named(z, vrf, &n.prefix) : NULL;
	if (!o || !o->sent || o->leaving) {
		z->count.ignored++; /* it has been withdrawn since */
		return 0;
	}
	installed = n.note == ZAPI_NOTE_INSTALLED;
	set_installed(z, o, installed);
	if (!installed && log_limit_pass(&limit, loop_now_ns(z->loop), LOG_ZEBRA))
		log_warn(LOG_ZEBRA, "%s: own prefix %s of VRF %s %s", z->title,
			 prefix_str(&n.prefix, prefix), vrf, zapi_note_str(n.note));
	if (z->ev.own_installed)
		z->ev.own_installed(z->ev.arg, m->vrf, &o->key.prefix, installed);
	return 0;
}

/*
 * When a session ends, zebra sweeps what has its type and instance, whoever gave it: the
 * prefixes of every other wgrd, one for each network namespace, go along. Where one of ours was
 * withdrawn and given again in the meantime, this is about the former, and once more does no harm.
 */
void zinject_lost(struct zclient *z, uint32_t vrf, const struct prefix *p)
{
	static struct log_limit limit = LOG_LIMIT(5, 60);
	const char *name = zsub_vrf_name(z, vrf);
	struct zinject_own *o = name ? find_named(z, name, p) : NULL;
	char prefix[PREFIX_STRLEN];

	if (!o || !o->sent || o->leaving)
		return;
	if (log_limit_pass(&limit, loop_now_ns(z->loop), LOG_ZEBRA))
		log_notice(LOG_ZEBRA,
			   "%s: own prefix %s of VRF %s was lost, giving it again",
			   z->title, prefix_str(p, prefix), name);
	set_installed(z, o, false);
	o->again = true;
	make_dirty(z, o);
}

/* ---- session and owner ---- */

void zinject_down(struct zclient *z)
{
	struct zinject_own *o, *next;

	while (take_dirty(z))
		;
	HASH_ITER (hh, z->own, o, next) {
		o->sent = o->again = false;
		set_installed(z, o, false);
		if (o->leaving)
			own_free(z, o);
	}
}

void zinject_fini(struct zclient *z)
{
	struct zinject_own *o, *next;

	HASH_ITER (hh, z->own, o, next) {
		own_free(z, o);
	}
}

int zinject_add(struct zclient *z, const struct zclient_own *own)
{
	struct zinject_own *o;

	if (strlen(own->vrf) >= RIB_VRF_NAME_LEN)
		return -ENAMETOOLONG;
	o = find_named(z, own->vrf, &own->prefix);
	if (o && !o->leaving && o->ifindex == own->ifindex && o->tag == own->tag)
		return 0;
	if (!o) {
		o = calloc(1, sizeof(*o));
		if (!o)
			return -ENOMEM;
		o->key = key_of(own->vrf, &own->prefix);
		HASH_ADD(hh, z->own, key, sizeof(o->key), o);
		z->count.own_count++;
	} else if (o->leaving) {
		o->leaving = false;
		z->count.own_count++;
	}
	o->ifindex = own->ifindex;
	o->tag = own->tag;
	o->again = true;
	make_dirty(z, o);
	return 0;
}

void zinject_del(struct zclient *z, const struct zclient_own *own)
{
	struct zinject_own *o = find_named(z, own->vrf, &own->prefix);

	if (!o || o->leaving)
		return;
	if (!o->sent && !o->dirty) {
		own_free(z, o);
		return;
	}
	o->leaving = true;
	z->count.own_count--;
	make_dirty(z, o);
}

bool zinject_find(const struct zclient *z, const struct zclient_own *own, bool *sent,
		  bool *installed)
{
	const struct zinject_own *o = find_named(z, own->vrf, &own->prefix);

	*sent = o && o->sent;
	*installed = o && o->installed;
	return o && !o->leaving;
}

void zinject_walk(const struct zclient *z,
		  bool (*fn)(const struct zclient_own *own, bool sent, bool installed,
			     void *arg),
		  void *arg)
{
	struct zinject_own *o, *next;

	HASH_ITER (hh, z->own, o, next) {
		const struct zclient_own own = {
			.vrf = o->key.vrf,
			.prefix = o->key.prefix,
			.instance = z->instance,
			.ifindex = o->ifindex,
			.tag = o->tag,
		};

		if (!o->leaving && !fn(&own, o->sent, o->installed, arg))
			return;
	}
}
