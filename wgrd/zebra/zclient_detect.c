/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/lib/log.h"

/*
 * Which dialect zebra speaks: its vty is asked for the release first (zclient_vty), then zserv
 * itself what only one of them answers so (zclient_probe). What comes of it is a session, another
 * attempt, or giving up.
 */
enum {
	PROBE_PATIENCE_S = 5,
	DOUBTS_MAX = 3, /* zserv is open a moment before the vty when zebra starts */
};

static const char *evidence_name(enum zprobe_evidence e)
{
	switch (e) {
	case ZPROBE_BY_BOTH:
		return "release and probe";
	case ZPROBE_BY_PROBE:
		return "probe";
	case ZPROBE_BY_DEMAND:
		return "zapi-version";
	}
	return "?";
}

/* Once for all sessions: they speak with the same zebra. */
static void tell_dialect(const struct zclient *z)
{
	log_notice(LOG_ZEBRA, "zebra: %s%s at %s speaks ZAPI of %s by %s, VRFs are %s",
		   z->release[0] ? "FRR " : "unknown release", z->release, z->opt.socket,
		   z->dialect->name, evidence_name(z->probe.evidence),
		   z->caps.vrf_netns ? "network namespaces" : "devices");
	if (z->release[0] && zapi_dialect_by_release(z->release) != z->dialect)
		log_warn(LOG_ZEBRA,
			 "zebra: it says it is FRR %s, zapi-version makes it speak %s",
			 z->release, z->dialect->name);
	if (!zapi_dialect_has(z->dialect, ZAPI_REDISTRIBUTE_TABLE))
		log_notice(LOG_ZEBRA,
			   "zebra: bgpd of this FRR has no plain \"redistribute "
			   "table\", it does not announce own prefixes given without "
			   "an instance");
}

/* There is no dialect for this zebra, or, when a release would help, not yet. */
static void lose_probe(struct zclient *z)
{
	z->doubts++;
	if (z->probe.may_pass && z->doubts < DOUBTS_MAX)
		zclient_lose(z, "%s", z->probe.why);
	else
		zclient_give_up(z, z->probe.why);
}

int zdetect_message(struct zclient *z, struct zapi_message *m)
{
	uint8_t msg[ZCLIENT_MESSAGE_ROOM];
	struct wbuf w = wbuf_writer(msg, sizeof(msg));

	if (!z->probe.release) { /* nothing has been asked yet */
		z->count.ignored++;
		return 0;
	}
	switch (zprobe_feed(&z->probe, m, &w)) {
	case ZPROBE_WAIT:
		z->count.ignored++;
		return 0;
	case ZPROBE_SEND:
		zclient_send(z, msg, &w);
		return 0;
	case ZPROBE_FOUND:
		if (zapi_decode_capabilities(&m->body, z->probe.dialect, &z->caps))
			return -EBADMSG;
		z->dialect = z->probe.dialect;
		if (z->rib)
			tell_dialect(z);
		zclient_begin(z);
		return 0;
	case ZPROBE_LOST:
		lose_probe(z);
		return 0;
	}
	return 0;
}

static void on_release(void *arg, const char *release, const char *why)
{
	struct zclient *z = arg;
	uint8_t msg[ZCLIENT_MESSAGE_ROOM];
	struct wbuf w = wbuf_writer(msg, sizeof(msg));

	snprintf(z->release, sizeof(z->release), "%s", release);
	snprintf(z->no_release, sizeof(z->no_release), "%s", why ?: "");
	if (why)
		log_info(LOG_ZEBRA, "%s: its vty does not tell the release: %s", z->title,
			 why);
	z->probe = (struct zprobe){.release = z->release,
				   .no_release = why ? z->no_release : NULL,
				   .demand = z->opt.dialect,
				   .instance = z->instance};
	zprobe_start(&z->probe, &w);
	zclient_send(z, msg, &w);
	loop_timer_set(z->loop, &z->timer, PROBE_PATIENCE_S * NS_PER_S);
}

/* zebra's vty socket lies beside its zserv socket, whatever the pathspace. */
void zdetect_start(struct zclient *z)
{
	const char *slash = strrchr(z->opt.socket, '/');
	char path[sizeof(z->opt.socket) + sizeof("zebra.vty")];

	z->probe.release = NULL;
	snprintf(path, sizeof(path), "%.*szebra.vty",
		 slash ? (int)(slash + 1 - z->opt.socket) : 0, z->opt.socket);
	zvty_ask(&z->vty, path);
}

void zdetect_timeout(struct zclient *z)
{
	zclient_lose(z, "zebra did not answer for %d s", PROBE_PATIENCE_S);
}

const char *zdetect_evidence(const struct zclient *z)
{
	return z->dialect ? evidence_name(z->probe.evidence) : "";
}

void zdetect_init(struct zclient *z)
{
	z->vty.loop = z->loop;
	z->vty.done = on_release;
	z->vty.arg = z;
}
