/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/lib/log.h"
#include "wgrd/zebra/zclient_socket.h"

/*
 *	  OFF --configure--> WAITING --connected--> PROBING --dialect found--> SYNCING
 *	                        ^                      |                          | no route
 *	                        +----- any failure ----+------------+             v for a while
 *	                                                            +------------ UP
 *
 * One timer serves all states: the next attempt, patience with the probe, or settling.
 */
enum {
	BACKOFF_MAX_S = 10,
	PROBE_PATIENCE_S = 5,
	READS_PER_TURN = 16, /* of up to 64 KiB; the rest of the daemon wants its turn */
};

const char *zclient_state_name(enum zclient_state s)
{
	switch (s) {
	case ZCLIENT_OFF:
		return "off";
	case ZCLIENT_WAITING:
		return "waiting";
	case ZCLIENT_PROBING:
		return "probing";
	case ZCLIENT_SYNCING:
		return "syncing";
	case ZCLIENT_UP:
		return "up";
	}
	return "?";
}

static void tell_state(struct zclient *z)
{
	if (z->ev.state)
		z->ev.state(z->ev.arg, z->state);
}

static void set_state(struct zclient *z, enum zclient_state s)
{
	if (z->state == s)
		return;
	z->state = s;
	z->since_ns = loop_now_ns(z->loop);
	tell_state(z);
}

/* ---- losing a session, or failing to get one ---- */

static void close_session(struct zclient *z)
{
	loop_timer_stop(&z->timer);
	if (z->fd < 0)
		return;
	zvty_cancel(&z->vty);
	loop_job_cancel(z->loop, &z->flush);
	loop_io_del(z->io);
	z->io = NULL;
	close(z->fd);
	z->fd = -1;
	z->in_len = 0;
	z->out_err = 0;
	zqueue_clear(&z->out);
	z->dialect = NULL;
	z->release[0] = '\0';
	z->router_id = 0;
	ziface_clear(&z->ifaces);
	zinject_down(z);
	z->count.disconnects++;
}

/* Ends what there is of a session and sets the time of the next attempt. */
static void PRINTF_LIKE(2, 3) lose(struct zclient *z, const char *fmt, ...)
{
	char why[sizeof(z->last_error)];
	va_list ap;
	bool news;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	close_session(z);
	z->backoff_s = z->backoff_s ? 2 * z->backoff_s : 1;
	if (z->backoff_s > BACKOFF_MAX_S)
		z->backoff_s = BACKOFF_MAX_S;
	loop_timer_set(z->loop, &z->timer, z->backoff_s * NS_PER_S);
	news = !z->complained || strcmp(why, z->last_error);
	memcpy(z->last_error, why, sizeof(why));
	z->complained = true;
	if (news)
		log_warn(LOG_ZEBRA, "zebra: %s; next attempt in %u s", why, z->backoff_s);
	else
		log_debug(LOG_ZEBRA, "zebra: %s; next attempt in %u s", why,
			  z->backoff_s);
	if (z->state == ZCLIENT_WAITING && news)
		tell_state(z);
	set_state(z, ZCLIENT_WAITING);
}

/* ---- writing ---- */

void zclient_send(struct zclient *z, const uint8_t *msg, const struct wbuf *end)
{
	int err = zqueue_put(&z->out, msg, end);

	if (err && !z->out_err)
		z->out_err = err;
	if (!err)
		z->count.messages_sent++;
	loop_job_queue(z->loop, &z->flush);
}

/* Fills the queue and empties it, until zebra takes no more or there is no more. */
static void flush(struct zclient *z)
{
	int err = z->out_err;

	while (!err) {
		if (z->dialect)
			zinject_pump(z);
		if (!z->out.len)
			break;
		err = z->out_err ?: zqueue_write(&z->out, z->fd);
		if (z->out.len)
			break;
	}
	if (err == -ENOBUFS)
		lose(z, "zebra does not read what it is sent, %zu bytes wait",
		     z->out.len);
	else if (err)
		lose(z, "cannot write to zebra: %s", strerror(-err));
	else
		loop_io_want(z->io, z->out.len ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

static void flush_job(struct loop_job *j)
{
	flush(container_of(j, struct zclient, flush));
}

/* ---- detection ---- */

static void await_settling(struct zclient *z)
{
	z->last_route_ns = loop_now_ns(z->loop);
	loop_timer_set(z->loop, &z->timer, z->opt.settle_ns);
	set_state(z, ZCLIENT_SYNCING);
}

static void session_start(struct zclient *z)
{
	log_notice(LOG_ZEBRA, "zebra: %s%s at %s speaks ZAPI of %s, VRFs are %s",
		   z->release[0] ? "FRR " : "unknown release", z->release, z->opt.socket,
		   z->dialect->name,
		   z->caps.vrf_netns ? "network namespaces" : "devices");
	if (!zapi_dialect_has(z->dialect, ZAPI_REDISTRIBUTE_TABLE))
		log_notice(LOG_ZEBRA,
			   "zebra: bgpd of this FRR has no plain \"redistribute "
			   "table\", it does not announce own prefixes");
	zsub_start(z);
	await_settling(z);
}

static int probe_message(struct zclient *z, struct zapi_message *m)
{
	uint8_t msg[ZCLIENT_MESSAGE_ROOM];
	struct wbuf w = wbuf_writer(msg, sizeof(msg));

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
		session_start(z);
		return 0;
	case ZPROBE_LOST:
		lose(z, "%s", z->probe.why);
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
		log_info(LOG_ZEBRA, "zebra: its vty does not tell the release: %s", why);
	z->probe = (struct zprobe){.release = z->release,
				   .no_release = why ? z->no_release : NULL};
	zprobe_start(&z->probe, &w);
	zclient_send(z, msg, &w);
	loop_timer_set(z->loop, &z->timer, PROBE_PATIENCE_S * NS_PER_S);
}

/* zebra's vty socket lies beside its zserv socket, whatever the pathspace. */
static void ask_release(struct zclient *z)
{
	const char *slash = strrchr(z->opt.socket, '/');
	char path[sizeof(z->opt.socket) + sizeof("zebra.vty")];

	snprintf(path, sizeof(path), "%.*szebra.vty",
		 slash ? (int)(slash + 1 - z->opt.socket) : 0, z->opt.socket);
	zvty_ask(&z->vty, path);
}

/* ---- reading ---- */

static int on_router_id(struct zclient *z, struct zapi_message *m)
{
	struct ip_addr id;

	if (zapi_decode_router_id_update(&m->body, &id))
		return -EBADMSG;
	if (m->vrf == 0 && id.family == AF_INET && z->router_id != id.v4.s_addr) {
		z->router_id = id.v4.s_addr;
		tell_state(z);
	}
	return 0;
}

static int on_error(struct zclient *z, struct zapi_message *m)
{
	static struct log_limit limit = LOG_LIMIT(5, 60);
	uint32_t error;

	if (zapi_decode_error(&m->body, &error))
		return -EBADMSG;
	z->count.errors++;
	if (log_limit_pass(&limit, loop_now_ns(z->loop), LOG_ZEBRA))
		log_warn(LOG_ZEBRA, "zebra refused a message for VRF %u: %s", m->vrf,
			 zapi_error_str(error));
	return 0;
}

static int session_message(struct zclient *z, enum zapi_kind kind, struct zapi_message *m)
{
	switch (kind) {
	case ZAPI_REDISTRIBUTE_ROUTE_ADD:
		return zsub_route(z, m, true);
	case ZAPI_REDISTRIBUTE_ROUTE_DEL:
		return zsub_route(z, m, false);
	case ZAPI_VRF_ADD:
		return zsub_vrf_add(z, m);
	case ZAPI_VRF_DELETE:
		return zsub_vrf_delete(z, m);
	case ZAPI_INTERFACE_ADD:
	case ZAPI_INTERFACE_DELETE:
	case ZAPI_INTERFACE_UP:
	case ZAPI_INTERFACE_DOWN:
		return zinject_iface(z, kind, m);
	case ZAPI_ROUTE_NOTIFY_OWNER:
		return zinject_note(z, m);
	case ZAPI_ROUTER_ID_UPDATE:
		return on_router_id(z, m);
	case ZAPI_ERROR:
		return on_error(z, m);
	default: /* zebra talks about more than we asked for */
		z->count.ignored++;
		return 0;
	}
}

static void on_message(struct zclient *z, struct zapi_message *m)
{
	static struct log_limit limit = LOG_LIMIT(5, 60);
	enum zapi_kind kind = ZAPI_CAPABILITIES;
	int err;

	z->count.messages_rcvd++;
	if (z->dialect) {
		kind = zapi_dialect_kind(z->dialect, m->command);
		err = session_message(z, kind, m);
	} else if (z->probe.release) {
		err = probe_message(z, m);
	} else { /* nothing has been asked yet */
		z->count.ignored++;
		return;
	}
	if (err == -EBADMSG) {
		z->count.malformed++;
		if (log_limit_pass(&limit, loop_now_ns(z->loop), LOG_ZEBRA))
			log_warn(LOG_ZEBRA, "zebra: malformed %s of %u bytes ignored",
				 zapi_kind_name(kind), m->len);
	} else if (err) {
		lose(z, "%s of zebra was lost: %s", zapi_kind_name(kind), strerror(-err));
	}
}

/* Handles every whole message in the buffer and keeps the rest. */
static void consume(struct zclient *z)
{
	struct zapi_message m;
	size_t at = 0;
	int n;

	while ((n = zapi_cut(&m, z->in + at, z->in_len - at)) > 0) {
		at += (size_t)n;
		on_message(z, &m);
		if (z->fd < 0)
			return;
	}
	z->in_len -= at;
	memmove(z->in, z->in + at, z->in_len);
	if (n < 0) {
		z->count.malformed++;
		lose(z, "zebra sent what is not ZAPI");
	}
}

static void on_readable(struct zclient *z)
{
	for (unsigned i = 0; i < READS_PER_TURN && z->fd >= 0; i++) {
		ssize_t n = recv(z->fd, z->in + z->in_len, sizeof(z->in) - z->in_len,
				 MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n == 0)
			lose(z, "zebra closed the connection");
		else if (n < 0)
			lose(z, "cannot read from zebra: %s", strerror(errno));
		else
			z->in_len += (size_t)n;
		if (n > 0)
			consume(z);
	}
}

static void on_io(void *arg, unsigned what)
{
	struct zclient *z = arg;

	if (what & LOOP_READ)
		on_readable(z);
	if (z->fd >= 0 && (what & LOOP_WRITE))
		flush(z);
}

/* ---- connecting ---- */

static void attempt(struct zclient *z)
{
	int err = zsocket_connect(z->opt.socket, &z->fd);

	if (err) {
		lose(z, "cannot connect to %s: %s", z->opt.socket, strerror(-err));
		return;
	}
	err = loop_io_add(z->loop, z->fd, LOOP_READ, on_io, z, &z->io);
	if (err) {
		close(z->fd);
		z->fd = -1;
		lose(z, "cannot watch %s: %s", z->opt.socket, strerror(-err));
		return;
	}
	z->count.connects++;
	z->probe.release = NULL;
	set_state(z, ZCLIENT_PROBING);
	ask_release(z);
}

/* Ends the resynchronisation when no route has come for long enough. */
static void settle(struct zclient *z)
{
	uint64_t quiet_ns = loop_now_ns(z->loop) - z->last_route_ns;
	size_t swept;

	if (quiet_ns < z->opt.settle_ns) {
		loop_timer_set(z->loop, &z->timer, z->opt.settle_ns - quiet_ns);
		return;
	}
	swept = zsub_settled(z);
	log_notice(LOG_ZEBRA, "zebra: in sync, %zu routes, %zu were stale and left",
		   rib_count(z->rib, RIB_FROM_ZEBRA), swept);
	z->backoff_s = 0;
	z->complained = false;
	set_state(z, ZCLIENT_UP);
}

static void on_timer(struct loop_timer *t)
{
	struct zclient *z = container_of(t, struct zclient, timer);

	switch (z->state) {
	case ZCLIENT_WAITING:
		attempt(z);
		break;
	case ZCLIENT_PROBING:
		lose(z, "zebra did not answer for %d s", PROBE_PATIENCE_S);
		break;
	case ZCLIENT_SYNCING:
		settle(z);
		break;
	case ZCLIENT_OFF:
	case ZCLIENT_UP:
		break;
	}
}

/* ---- interface ---- */

struct zclient *zclient_new(struct loop *loop, struct rib *rib,
			    const struct zclient_events *ev)
{
	struct zclient *z = xcalloc(1, sizeof(*z));

	z->loop = loop;
	z->rib = rib;
	if (ev)
		z->ev = *ev;
	z->fd = -1;
	z->timer.fn = on_timer;
	z->flush.fn = flush_job;
	z->vty.loop = loop;
	z->vty.done = on_release;
	z->vty.arg = z;
	z->dirty_end = &z->dirty;
	z->since_ns = loop_now_ns(loop);
	return z;
}

void zclient_free(struct zclient *z)
{
	if (!z)
		return;
	close_session(z);
	zsub_fini(z);
	zinject_fini(z);
	free(z);
}

static void stop(struct zclient *z)
{
	size_t left;

	close_session(z);
	left = zsub_forget(z);
	log_notice(LOG_ZEBRA, "zebra: turned off, %zu routes left", left);
	z->configured = false;
	z->complained = false;
	z->last_error[0] = '\0';
	set_state(z, ZCLIENT_OFF);
}

void zclient_configure(struct zclient *z, const struct zclient_options *opt)
{
	bool same_zebra = z->configured && opt && !strcmp(opt->socket, z->opt.socket);
	enum rib_proto before = z->opt.protocol;

	if (!opt) {
		if (z->configured)
			stop(z);
		return;
	}
	z->opt = *opt;
	z->configured = true;
	if (same_zebra && opt->protocol != before && z->dialect) {
		zsub_change_protocol(z, before);
		await_settling(z);
	}
	if (same_zebra)
		return;
	close_session(z);
	z->backoff_s = 0;
	z->complained = false;
	set_state(z, ZCLIENT_WAITING);
	attempt(z);
}

void zclient_view(const struct zclient *z, struct zclient_view *v)
{
	*v = z->count;
	v->state = z->state;
	v->socket = z->opt.socket;
	v->release = z->release;
	v->dialect = z->dialect ? z->dialect->name : "";
	v->router_id = z->router_id;
	v->since_ns = z->since_ns;
	memcpy(v->last_error, z->last_error, sizeof(v->last_error));
}
