/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <errno.h>
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
 *	                        ^                    ^   |  |                     | no route
 *	                        +----- any failure --|---+--|-------+             v for a while
 *	                                             |      |       +------------ UP
 *	                      GIVEN_UP --a minute----+      |
 *	                        ^                           |
 *	                        +---- no dialect we know ---+
 *
 * One timer serves all states: the next attempt, patience with the probe, or settling. Giving
 * up is for what does not pass by itself: a zebra that will speak the same in a second. It is
 * looked at again once a minute because it may have been replaced by one we know.
 */
enum {
	BACKOFF_MAX_S = 10,
	GIVEN_UP_S = 60,     /* between two looks at a zebra we do not understand */
	READS_PER_TURN = 16, /* of up to 64 KiB; the rest of the daemon wants its turn */
};

const char *zclient_state_name(enum zclient_state s)
{
	switch (s) {
	case ZCLIENT_OFF:
		return "off";
	case ZCLIENT_WAITING:
		return "waiting";
	case ZCLIENT_GIVEN_UP:
		return "given-up";
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
	z->router_id = 0;
	ziface_clear(&z->ifaces);
	zinject_down(z);
	z->count.disconnects++;
}

/* Ends what there is of a session; the next attempt is in @retry_s. */
static void retire(struct zclient *z, enum zclient_state next, unsigned retry_s,
		   const char *why)
{
	bool news = !z->complained || strcmp(why, z->last_error);

	close_session(z);
	loop_timer_set(z->loop, &z->timer, retry_s * NS_PER_S);
	snprintf(z->last_error, sizeof(z->last_error), "%s", why);
	z->complained = true;
	log_write(news ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, LOG_ZEBRA,
		  "%s: %s; %snext attempt in %u s", z->title, why,
		  next == ZCLIENT_GIVEN_UP ? "given up, " : "", retry_s);
	if (z->state == next && news)
		tell_state(z);
	set_state(z, next);
}

void zclient_lose(struct zclient *z, const char *fmt, ...)
{
	char why[sizeof(z->last_error)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	z->backoff_s = z->backoff_s ? 2 * z->backoff_s : 1;
	if (z->backoff_s > BACKOFF_MAX_S)
		z->backoff_s = BACKOFF_MAX_S;
	retire(z, ZCLIENT_WAITING, z->backoff_s, why);
}

void zclient_give_up(struct zclient *z, const char *why)
{
	z->gave_up = true;
	z->backoff_s = 0;
	retire(z, ZCLIENT_GIVEN_UP, GIVEN_UP_S, why);
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
		zclient_lose(z, "zebra does not read what it is sent, %zu bytes wait",
			     z->out.len);
	else if (err)
		zclient_lose(z, "cannot write to zebra: %s", strerror(-err));
	else
		loop_io_want(z->io, z->out.len ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

static void flush_job(struct loop_job *j)
{
	flush(container_of(j, struct zclient, flush));
}

/* ---- beginning ---- */

static void await_settling(struct zclient *z)
{
	z->last_route_ns = loop_now_ns(z->loop);
	loop_timer_set(z->loop, &z->timer, z->opt.settle_ns);
	set_state(z, ZCLIENT_SYNCING);
}

static void be_up(struct zclient *z)
{
	z->backoff_s = 0;
	z->complained = false;
	z->gave_up = false;
	z->doubts = 0;
	set_state(z, ZCLIENT_UP);
}

/* Who only gives has nothing to wait for. */
void zclient_begin(struct zclient *z)
{
	zsub_start(z);
	if (z->rib) {
		await_settling(z);
	} else {
		log_notice(LOG_ZEBRA, "%s: in session", z->title);
		be_up(z);
	}
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
		log_warn(LOG_ZEBRA, "%s: it refused a message for VRF %u: %s", z->title,
			 m->vrf, zapi_error_str(error));
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
	} else {
		err = zdetect_message(z, m);
	}
	if (err == -EBADMSG) {
		z->count.malformed++;
		if (log_limit_pass(&limit, loop_now_ns(z->loop), LOG_ZEBRA))
			log_warn(LOG_ZEBRA, "%s: malformed %s of %u bytes ignored",
				 z->title, zapi_kind_name(kind), m->len);
	} else if (err) {
		zclient_lose(z, "%s of zebra was lost: %s", zapi_kind_name(kind),
			     strerror(-err));
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
		zclient_lose(z, "zebra sent what is not ZAPI");
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
			zclient_lose(z, "zebra closed the connection");
		else if (n < 0)
			zclient_lose(z, "cannot read from zebra: %s", strerror(errno));
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

	z->release[0] = '\0';
	if (err) {
		z->doubts = 0; /* whoever comes next is another zebra */
		zclient_lose(z, "cannot connect to %s: %s", z->opt.socket,
			     strerror(-err));
		return;
	}
	err = loop_io_add(z->loop, z->fd, LOOP_READ, on_io, z, &z->io);
	if (err) {
		close(z->fd);
		z->fd = -1;
		zclient_lose(z, "cannot watch %s: %s", z->opt.socket, strerror(-err));
		return;
	}
	z->count.connects++;
	set_state(z, ZCLIENT_PROBING);
	zdetect_start(z);
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
	be_up(z);
}

static void on_timer(struct loop_timer *t)
{
	struct zclient *z = container_of(t, struct zclient, timer);

	switch (z->state) {
	case ZCLIENT_WAITING:
	case ZCLIENT_GIVEN_UP:
		attempt(z);
		break;
	case ZCLIENT_PROBING:
		zdetect_timeout(z);
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

struct zclient *zclient_new_one(struct loop *loop, struct rib *rib, uint8_t instance)
{
	struct zclient *z = xcalloc(1, sizeof(*z));

	z->loop = loop;
	z->rib = rib;
	z->instance = instance;
	if (instance)
		snprintf(z->title, sizeof(z->title), "zebra, instance %u", instance);
	else
		snprintf(z->title, sizeof(z->title), "zebra");
	z->fd = -1;
	z->timer.fn = on_timer;
	z->flush.fn = flush_job;
	zdetect_init(z);
	z->dirty_end = &z->dirty;
	z->since_ns = loop_now_ns(loop);
	zinstances_init(z);
	return z;
}

struct zclient *zclient_new(struct loop *loop, struct rib *rib,
			    const struct zclient_events *ev)
{
	struct zclient *z = zclient_new_one(loop, rib, 0);

	if (ev)
		z->ev = *ev;
	return z;
}

void zclient_free(struct zclient *z)
{
	if (!z)
		return;
	zinstances_fini(z);
	close_session(z);
	zsub_fini(z);
	zinject_fini(z);
	ztables_fini(z);
	free(z);
}

static void stop(struct zclient *z)
{
	size_t left;

	close_session(z);
	left = zsub_forget(z);
	if (z->rib)
		log_notice(LOG_ZEBRA, "zebra: turned off, %zu routes left", left);
	z->configured = false;
	z->complained = false;
	z->gave_up = z->tells_tables = false;
	z->last_error[0] = '\0';
	set_state(z, ZCLIENT_OFF);
}

void zclient_configure(struct zclient *z, const struct zclient_options *opt)
{
	bool same_zebra = z->configured && opt && !strcmp(opt->socket, z->opt.socket) &&
			  opt->dialect == z->opt.dialect;
	enum rib_proto before = z->opt.protocol;

	zinstances_configure(z, opt);
	if (!opt) {
		if (z->configured)
			stop(z);
		return;
	}
	z->opt = *opt;
	z->configured = true;
	if (same_zebra && opt->protocol != before && z->dialect && z->rib) {
		zsub_change_protocol(z, before);
		await_settling(z);
	}
	if (same_zebra)
		return;
	close_session(z);
	z->backoff_s = 0;
	z->doubts = 0;
	z->complained = false;
	set_state(z, ZCLIENT_WAITING);
	attempt(z);
}

void zclient_resync(struct zclient *z)
{
	if (!z->dialect)
		return;
	zsub_restart(z);
	await_settling(z);
}

bool zclient_gave_up(const struct zclient *z)
{
	return z->gave_up;
}

void zclient_view(const struct zclient *z, struct zclient_view *v)
{
	*v = z->count;
	v->instance = z->instance;
	v->state = z->state;
	v->gave_up = z->gave_up;
	v->socket = z->opt.socket;
	/* that of a zebra that was given up says why */
	v->release = z->fd >= 0 || z->state == ZCLIENT_GIVEN_UP ? z->release : "";
	v->dialect = z->dialect ? z->dialect->name : "";
	v->evidence = zdetect_evidence(z);
	v->router_id = z->router_id;
	v->since_ns = z->since_ns;
	memcpy(v->last_error, z->last_error, sizeof(v->last_error));
}
