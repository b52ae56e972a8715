/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_probe.h"

#include <stdio.h>
#include <string.h>

#include "proto/zapi/zapi_hello.h"

void zprobe_encode_hello(struct wbuf *w, const struct zapi_dialect *d, uint8_t instance)
{
	struct zapi_hello h = {
		.proto = ZAPI_PROTO_TABLE,
		.instance = instance,
		/* asked for with a message of its own where there is one */
		.notify = zapi_dialect_command(d, ZAPI_ROUTE_NOTIFY_REQUEST) ==
			  ZAPI_COMMAND_NONE,
	};

	zapi_encode_hello(w, d, &h);
}

void zprobe_start(struct zprobe *p, struct wbuf *question)
{
	p->error = 0;
	p->trial = NULL;
	p->dialect = NULL;
	p->may_pass = false;
	p->why[0] = '\0';
	zapi_encode_probe(question);
}

/* zebra's answer to a command it does not have; ERRORs about VRFs are not. */
static bool is_refusal(const struct zapi_message *m)
{
	struct wbuf body = m->body;
	uint32_t error;

	return !zapi_decode_error(&body, &error) && error == ZAPI_ERROR_BAD_TYPE;
}

/* The oldest dialect whose ERROR is @error and whose HELLO has another number than before. */
static const struct zapi_dialect *next_trial(uint16_t error,
					     const struct zapi_dialect *before)
{
	for (size_t i = 0; i < zapi_dialect_count; i++) {
		const struct zapi_dialect *d = &zapi_dialects[i];

		if (zapi_dialect_command(d, ZAPI_ERROR) != error ||
		    (before && d <= before))
			continue;
		if (!before || zapi_dialect_command(d, ZAPI_HELLO) !=
				       zapi_dialect_command(before, ZAPI_HELLO))
			return d;
	}
	return NULL;
}

static enum zprobe_step try_next(struct zprobe *p, struct wbuf *reply)
{
	if (p->demand && p->trial) {
		snprintf(
			p->why, sizeof(p->why),
			"zebra%s%s does not take the HELLO of FRR %s that zapi-version demands",
			p->release[0] ? " of FRR " : "", p->release, p->demand->name);
		return ZPROBE_LOST;
	}
	p->trial = p->demand ?: next_trial(p->error, p->trial);
	if (!p->trial) {
		snprintf(p->why, sizeof(p->why),
			 "zebra answers with ERROR %u and takes none of the HELLOs known",
			 p->error);
		return ZPROBE_LOST;
	}
	zprobe_encode_hello(reply, p->trial, p->instance);
	return ZPROBE_SEND;
}

/* The release may say what it wants; what is read next has to be what the operator says. */
static enum zprobe_step check_demand(struct zprobe *p, const struct zapi_probe *saw)
{
	if (saw->capabilities_len == zapi_capabilities_len(p->demand)) {
		p->dialect = p->demand;
		p->evidence = ZPROBE_BY_DEMAND;
		return ZPROBE_FOUND;
	}
	snprintf(
		p->why, sizeof(p->why),
		"zebra%s%s sends CAPABILITIES of %u bytes, FRR %s that zapi-version demands has %zu",
		p->release[0] ? " of FRR " : "", p->release, saw->capabilities_len,
		p->demand->name, zapi_capabilities_len(p->demand));
	return ZPROBE_LOST;
}

/* Release and probe have to agree; without a release the probe has to be certain. */
static enum zprobe_step decide(struct zprobe *p, const struct zapi_probe *saw)
{
	const struct zapi_dialect *by_probe, *by_release = NULL;
	bool certain;

	if (p->demand)
		return check_demand(p, saw);
	by_probe = zapi_dialect_by_probe(saw, &certain);
	if (p->release[0])
		by_release = zapi_dialect_by_release(p->release);
	if (!by_probe)
		snprintf(
			p->why, sizeof(p->why),
			"zebra%s%s speaks a ZAPI unknown to wgrd: ERROR %u, CAPABILITIES %u of %u bytes",
			p->release[0] ? " of FRR " : "", p->release, saw->error,
			saw->capabilities, saw->capabilities_len);
	else if (p->release[0] && !by_release)
		snprintf(p->why, sizeof(p->why), "FRR %s is not a release known to wgrd",
			 p->release);
	else if (by_release && !zapi_dialect_fits(by_release, saw))
		snprintf(p->why, sizeof(p->why),
			 "zebra says it is FRR %s but speaks the ZAPI of FRR %s",
			 p->release, by_probe->name);
	else if (!by_release && !certain)
		snprintf(p->why, sizeof(p->why),
			 "FRR %s or later, its vty does not say which (%s)",
			 by_probe->name, p->no_release ?: "no answer");
	else
		p->dialect = by_release ?: by_probe;
	p->evidence = by_release ? ZPROBE_BY_BOTH : ZPROBE_BY_PROBE;
	p->may_pass = by_probe && !p->release[0];
	return p->dialect ? ZPROBE_FOUND : ZPROBE_LOST;
}

enum zprobe_step zprobe_feed(struct zprobe *p, const struct zapi_message *m,
			     struct wbuf *reply)
{
	struct zapi_probe saw = {
		.error = p->error,
		.capabilities = m->command,
		.capabilities_len = (uint16_t)(m->len - ZAPI_HEADER_LEN),
	};

	if (!p->error) {
		if (!is_refusal(m))
			return ZPROBE_WAIT;
		p->error = m->command;
		if (p->demand || zapi_error_is_known(m->command))
			return try_next(p, reply);
		snprintf(p->why, sizeof(p->why),
			 "zebra speaks a ZAPI unknown to wgrd: its ERROR is message %u",
			 m->command);
		return ZPROBE_LOST;
	}
	if (m->command == p->error && is_refusal(m))
		return try_next(p, reply);
	if (m->command == zapi_dialect_command(p->trial, ZAPI_CAPABILITIES))
		return decide(p, &saw);
	return ZPROBE_WAIT;
}
