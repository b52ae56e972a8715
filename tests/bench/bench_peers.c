/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What peers cost while nothing happens: memory of one that never talked and of one with
 * a session, the time to add them, and what the handshake thread does about them in ten
 * idle seconds. By malloc's own account, so it says nothing under a sanitizer.
 *
 *	bench_peers [--json] [PEERS [SESSIONS]]
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/cookie.h"
#include "proto/wg/tai64n.h"
#include "tests/bench/dp_rig.h"
#include "wgrd/dplane/hs_internal.h"

enum {
	PEERS = 100000,
	SESSIONS = 5000,
	IDLE_SECONDS = 10,
};

struct report {
	size_t peers, sessions;
	double add_ns, idle_bytes, session_bytes;
	size_t timers_idle, timers_talking;
	double idle_cpu_ns, talking_cpu_ns; /* of the handshake thread, in a second */
};

static double idle_cpu(struct dp_rig *r)
{
	uint64_t before;

	dp_rig_settle(r);
	before = dp_rig_hs_cpu_ns(r);
	for (unsigned i = 0; i < IDLE_SECONDS; i++)
		dp_rig_advance(r, NS_PER_S);
	return (double)(dp_rig_hs_cpu_ns(r) - before) / IDLE_SECONDS;
}

static void add_peers(struct dp_rig *r, struct dp_peer **peer, struct report *rep)
{
	size_t before = dp_rig_memory();
	uint64_t started = dp_rig_now_ns();

	for (size_t i = 0; i < rep->peers; i++)
		peer[i] = dp_rig_peer(r, NULL);
	dp_rig_settle(r);
	rep->add_ns = (double)(dp_rig_now_ns() - started) / (double)rep->peers;
	rep->idle_bytes = (double)(dp_rig_memory() - before) / (double)rep->peers;
	rep->timers_idle = r->dp->hs->wheel.count;
	rep->idle_cpu_ns = idle_cpu(r);
}

/* An initiation of somebody with a key of his own. */
static void call_in(struct dp_rig *r, const struct noise_local *who)
{
	struct noise_handshake h;
	struct wg_cookie_jar jar = {0};
	struct wg_msg_initiation msg;
	uint8_t stamp[WG_TAI64N_LEN];

	if (noise_handshake_init(&h, who, r->public_key, NULL))
		abort();
	wg_tai64n(stamp, 1, 1);
	noise_initiation_create(&h, &msg, 1, stamp, &r->rng);
	wg_mac_sign(&jar, &msg, sizeof(msg), h.mac1_key, 1);
	dp_rig_deliver(r, &msg, sizeof(msg));
	noise_handshake_fini(&h);
}

static void add_sessions(struct dp_rig *r, struct dp_peer **peer, struct report *rep)
{
	struct noise_local *who = xcalloc(rep->sessions, sizeof(*who));
	size_t before;

	for (size_t i = 0; i < rep->sessions; i++) {
		uint8_t key[WG_KEY_LEN];

		wg_key_generate(key, &r->rng);
		noise_local_init(&who[i], key);
		peer[i] = dp_rig_peer(r, who[i].public_key);
	}
	dp_rig_settle(r);
	before = dp_rig_memory();
	for (size_t i = 0; i < rep->sessions; i++)
		call_in(r, &who[i]);
	dp_rig_wait_count(r, DP_TX_RESPONSES, rep->sessions);
	dp_rig_settle(r);
	rep->session_bytes = rep->idle_bytes +
			     (double)(dp_rig_memory() - before) / (double)rep->sessions;
	rep->timers_talking = r->dp->hs->wheel.count;
	rep->talking_cpu_ns = idle_cpu(r);
	free(who);
}

static void print_text(const struct report *r)
{
	printf("%zu peers that never talked\n"
	       "  memory        %7.0f bytes each, %.1f MiB for 100,000\n"
	       "  to add        %7.2f us each, %.2f s for 100,000\n"
	       "  timers        %7zu set\n"
	       "  idle          %7.1f us of CPU a second, for all\n"
	       "%zu peers with a session\n"
	       "  memory        %7.0f bytes each, %.1f MiB for 100,000\n"
	       "  timers        %7zu set\n"
	       "  idle          %7.1f us of CPU a second, for all\n",
	       r->peers, r->idle_bytes, r->idle_bytes * 1e5 / (1 << 20), r->add_ns / 1e3,
	       r->add_ns / 1e4, r->timers_idle, r->idle_cpu_ns / 1e3, r->sessions,
	       r->session_bytes, r->session_bytes * 1e5 / (1 << 20), r->timers_talking,
	       r->talking_cpu_ns / 1e3);
}

static void print_json(const struct report *r)
{
	printf("{\"peers\":%zu,\"bytes_idle_peer\":%.0f,\"mib_100k_idle\":%.1f,"
	       "\"add_us\":%.3f,\"timers_idle\":%zu,\"idle_cpu_us_per_s\":%.1f,"
	       "\"sessions\":%zu,\"bytes_session_peer\":%.0f,\"timers_session\":%zu,"
	       "\"session_cpu_us_per_s\":%.1f}\n",
	       r->peers, r->idle_bytes, r->idle_bytes * 1e5 / (1 << 20), r->add_ns / 1e3,
	       r->timers_idle, r->idle_cpu_ns / 1e3, r->sessions, r->session_bytes,
	       r->timers_talking, r->talking_cpu_ns / 1e3);
}

int main(int argc, char **argv)
{
	struct report rep = {.peers = PEERS, .sessions = SESSIONS};
	struct dp_peer **peer, **talking;
	struct dp_rig rig;
	bool json = false;
	int at = 1;

	if (at < argc && !strcmp(argv[at], "--json")) {
		json = true;
		at++;
	}
	if (at < argc)
		rep.peers = strtoul(argv[at++], NULL, 10);
	if (at < argc)
		rep.sessions = strtoul(argv[at++], NULL, 10);
	if (!rep.peers || !rep.sessions || at < argc) {
		fprintf(stderr, "usage: bench_peers [--json] [PEERS [SESSIONS]]\n");
		return 2;
	}
	peer = xcalloc(rep.peers, sizeof(struct dp_peer *));
	talking = xcalloc(rep.sessions, sizeof(struct dp_peer *));
	dp_rig_start(&rig);
	add_peers(&rig, peer, &rep);
	add_sessions(&rig, talking, &rep);
	(json ? print_json : print_text)(&rep);
	for (size_t i = 0; i < rep.peers; i++)
		dp_rig_peer_free(peer[i]);
	for (size_t i = 0; i < rep.sessions; i++)
		dp_rig_peer_free(talking[i]);
	dp_rig_stop(&rig);
	free(peer);
	free(talking);
	return 0;
}
