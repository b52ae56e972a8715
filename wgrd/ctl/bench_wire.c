/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/net/wbuf.h"

const char *bench_refusal_str(enum bench_refusal refusal)
{
	switch (refusal) {
	case BENCH_BUSY:
		return "runs another test; try again when that is over";
	case BENCH_OTHER_VERSION:
		return "is of a version that speaks otherwise";
	case BENCH_INVALID:
		return "did not understand the client";
	case BENCH_OVER_LIMIT:
		return "permits no more in one session";
	case BENCH_TOO_LONG:
		return "cannot send packets of that size, its MTU is smaller";
	case BENCH_FAILED:
		return "could not set up the test; it says why at its end";
	}
	return "gave a reason that is not known here";
}

/* ---- encode ---- */

static void put_run(struct wbuf *w, const struct bench_run *run)
{
	wbuf_put_u8(w, (uint8_t)run->kind);
	wbuf_put_u8(w, run->reverse);
	wbuf_put_u8(w, run->mix);
	wbuf_put_be16(w, run->size);
	wbuf_put_be16(w, run->flows);
	wbuf_put_be16(w, run->ms);
	wbuf_put_be64(w, run->rate_bps);
}

static void put_ports(struct wbuf *w, const struct bench_ports *ports)
{
	wbuf_put_be16(w, ports->probe);
	wbuf_put_be16(w, ports->count);
	for (size_t i = 0; i < ports->count && i < BENCH_FLOWS_MAX; i++)
		wbuf_put_be16(w, ports->flow[i]);
}

static void put_tally(struct wbuf *w, const struct bench_tally *tally)
{
	wbuf_put_be64(w, tally->packets);
	wbuf_put_be64(w, tally->bytes);
	wbuf_put_be64(w, tally->elapsed_us);
}

static void put_body(struct wbuf *w, const struct bench_message *m)
{
	switch (m->type) {
	case BENCH_HELLO:
		wbuf_put_be16(w, m->version);
		break;
	case BENCH_WELCOME:
		wbuf_put(w, m->token, sizeof(m->token));
		wbuf_put_be16(w, m->mtu);
		break;
	case BENCH_REFUSE:
		wbuf_put_u8(w, (uint8_t)m->refusal);
		break;
	case BENCH_RUN:
		put_run(w, &m->run);
		put_ports(w, &m->ports);
		break;
	case BENCH_READY:
		put_ports(w, &m->ports);
		break;
	case BENCH_GO:
		break;
	case BENCH_REPORT:
		put_tally(w, &m->tally);
		break;
	}
}

size_t bench_wire_encode(const struct bench_message *m, uint8_t buf[BENCH_MESSAGE_MAX])
{
	struct wbuf head = wbuf_writer(buf, BENCH_HEADER_LEN);
	struct wbuf body = wbuf_writer(buf + BENCH_HEADER_LEN, BENCH_BODY_MAX);
	size_t len;

	put_body(&body, m);
	assert(!body.err);
	len = BENCH_BODY_MAX - wbuf_left(&body);
	wbuf_put_u8(&head, (uint8_t)m->type);
	wbuf_put_be16(&head, (uint16_t)len);
	return BENCH_HEADER_LEN + len;
}

/* ---- decode ---- */

static bool is_valid_run(const struct bench_run *run)
{
	if (run->ms < BENCH_MS_MIN || run->ms > BENCH_MS_MAX)
		return false;
	switch (run->kind) {
	case BENCH_IDLE:
		return !run->reverse && !run->mix && !run->size && !run->flows &&
		       !run->rate_bps;
	case BENCH_UDP:
		return run->size >= BENCH_SIZE_MIN && run->size <= BENCH_SIZE_MAX &&
		       run->flows && run->flows <= BENCH_FLOWS_MAX;
	case BENCH_TCP:
		return !run->mix && !run->size && !run->rate_bps && run->flows &&
		       run->flows <= BENCH_FLOWS_MAX;
	}
	return false;
}

static void get_run(struct wbuf *w, struct bench_run *run)
{
	run->kind = (enum bench_kind)wbuf_get_u8(w);
	run->reverse = wbuf_get_bool(w);
	run->mix = wbuf_get_bool(w);
	run->size = wbuf_get_be16(w);
	run->flows = wbuf_get_be16(w);
	run->ms = wbuf_get_be16(w);
	run->rate_bps = wbuf_get_be64(w);
	w->err |= !is_valid_run(run);
}

static void get_ports(struct wbuf *w, struct bench_ports *ports)
{
	ports->probe = wbuf_get_be16(w);
	ports->count = wbuf_get_be16(w);
	w->err |= !ports->probe || ports->count > BENCH_FLOWS_MAX;
	for (size_t i = 0; !w->err && i < ports->count; i++) {
		ports->flow[i] = wbuf_get_be16(w);
		w->err |= !ports->flow[i];
	}
}

static void get_tally(struct wbuf *w, struct bench_tally *tally)
{
	tally->packets = wbuf_get_be64(w);
	tally->bytes = wbuf_get_be64(w);
	tally->elapsed_us = wbuf_get_be64(w);
}

static enum bench_refusal get_refusal(struct wbuf *w)
{
	uint8_t refusal = wbuf_get_u8(w);

	w->err |= refusal < BENCH_BUSY || refusal > BENCH_FAILED;
	return (enum bench_refusal)refusal;
}

static void get_body(struct wbuf *w, struct bench_message *m)
{
	switch (m->type) {
	case BENCH_HELLO:
		m->version = wbuf_get_be16(w);
		break;
	case BENCH_WELCOME:
		wbuf_get(w, m->token, sizeof(m->token));
		m->mtu = wbuf_get_be16(w);
		w->err |= m->mtu < BENCH_SIZE_MIN;
		break;
	case BENCH_REFUSE:
		m->refusal = get_refusal(w);
		break;
	case BENCH_RUN:
		get_run(w, &m->run);
		get_ports(w, &m->ports);
		w->err |= m->ports.count != (m->run.kind == BENCH_UDP ? m->run.flows : 0);
		break;
	case BENCH_READY:
		get_ports(w, &m->ports);
		break;
	case BENCH_GO:
		break;
	case BENCH_REPORT:
		get_tally(w, &m->tally);
		break;
	}
}

int bench_wire_body_len(const uint8_t buf[BENCH_HEADER_LEN])
{
	struct wbuf w = wbuf_reader(buf, BENCH_HEADER_LEN);
	uint8_t type = wbuf_get_u8(&w);
	uint16_t len = wbuf_get_be16(&w);

	if (type < BENCH_HELLO || type > BENCH_REPORT || len > BENCH_BODY_MAX)
		return -EBADMSG;
	return len;
}

int bench_wire_decode(struct bench_message *m, const uint8_t *buf, size_t len)
{
	struct wbuf w;
	int body_len;

	if (len < BENCH_HEADER_LEN)
		return -EBADMSG;
	body_len = bench_wire_body_len(buf);
	if (body_len < 0 || (size_t)body_len != len - BENCH_HEADER_LEN)
		return -EBADMSG;
	w = wbuf_reader(buf + BENCH_HEADER_LEN, (size_t)body_len);
	m->type = (enum bench_type)buf[0];
	get_body(&w, m);
	return wbuf_done(&w) ? 0 : -EBADMSG;
}
