/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_DROP_H
#define WGRD_DPLANE_DROP_H

/*
 * Everything the data plane counts, and every reason it has to drop something, in one
 * table: what the code calls it, what show calls it, and a sentence. Each thread has a
 * struct dp_counters of its own and is the only one to write it; others sum them up on
 * demand.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
#define DP_COUNTS(X)                                                                     \
	X(TX_PACKETS, "tx-packets", "packets encrypted and sent")                        \
	X(TX_BYTES, "tx-bytes", "bytes sent in UDP datagrams with data")                 \
	X(TX_STAGED, "tx-staged", "packets that waited for a session")                   \
	X(TX_BATCHES, "tx-batches", "batches of packets from an interface encrypted")    \
	X(TX_SUPERS, "tx-super-packets", "packets read that were several in one")        \
	X(TX_TRAINS, "tx-trains", "messages sent that were several datagrams in one")    \
	X(RX_PACKETS, "rx-packets", "packets received, accepted and delivered")          \
	X(RX_BYTES, "rx-bytes", "bytes received in authentic UDP datagrams with data")   \
	X(RX_BATCHES, "rx-batches", "batches of datagrams taken from a socket")          \
	X(RX_TRAINS, "rx-trains", "messages received that were several datagrams in one") \
	X(RX_SUPERS, "rx-super-packets", "packets written that were several in one")     \
	X(RX_KEEPALIVES, "rx-keepalives", "keepalives received")                         \
	X(RX_HANDSHAKES, "rx-handshakes", "handshake messages received")                 \
	X(ROAMED, "roamed", "times a peer was found at a new address")                   \
	X(WAKEUPS, "wakeups", "times a worker had waited and found something to do")     \
	X(ICMP_SENT, "icmp-sent", "senders told by ICMP that there is no peer to send to") \
	X(ICMP_LIMITED, "icmp-limited", "senders not told, as many had been just before")   \
	X(TX_KEEPALIVES, "tx-keepalives", "keepalives sent")                             \
	X(TX_INITIATIONS, "tx-initiations", "handshakes begun")                          \
	X(TX_RESPONSES, "tx-responses", "handshakes answered")                           \
	X(TX_COOKIES, "tx-cookies", "cookies given out under load")                      \
	X(RX_COOKIES, "rx-cookies", "cookies received")                                  \
	X(HS_SEARCHED, "hs-keys-searched",                                               \
	  "keys of ours looked at to find which one a handshake is for")

#define DP_DROPS(X)                                                                      \
	X(TX_NOT_IP, "tx-not-ip",                                                        \
	  "packets to send that are not IP or lie about their length")                   \
	X(TX_NO_ROUTE, "tx-no-route", "packets whose destination no egress prefix covers") \
	X(TX_UNUSABLE, "tx-peer-unusable",                                               \
	  "packets for a peer that has no key or is shut down")                          \
	X(TX_NO_ENDPOINT, "tx-no-endpoint", "packets for a peer whose address is not known") \
	X(TX_STAGE_FULL, "tx-queue-full",                                                \
	  "oldest packets given up while too many waited for a session")                 \
	X(TX_NO_ANSWER, "tx-no-answer",                                                  \
	  "packets that waited for a session which did not come")                        \
	X(TX_NO_SOCKET, "tx-no-socket",                                                  \
	  "packets for an endpoint of an address family without a socket")               \
	X(TX_SOCKET_FULL, "tx-socket-full", "packets sent faster than the kernel took them") \
	X(TX_REFUSED, "tx-refused", "packets or messages the kernel would not send")     \
	X(RX_MALFORMED, "rx-malformed", "datagrams that are no WireGuard message")       \
	X(RX_NO_SESSION, "rx-no-session", "data for a session that does not exist")      \
	X(RX_EXPIRED, "rx-expired", "data for a session that is too old")                \
	X(RX_FORGED, "rx-forged", "data that is not authentic")                          \
	X(RX_REPLAYED, "rx-replayed", "data received before, or far too late")           \
	X(RX_NOT_IP, "rx-not-ip", "authentic data that is not an IP packet")             \
	X(RX_SPOOFED, "rx-spoofed",                                                      \
	  "packets from a source address their peer may not use")                        \
	X(RX_ECN, "rx-ecn",                                                              \
	  "packets marked congested on the way that cannot carry the mark")              \
	X(RX_TUN, "rx-interface",                                                        \
	  "packets the interface would not take: it is down or full")                    \
	X(HS_BUSY, "hs-busy", "handshake messages in excess of what can be looked at")   \
	X(HS_MAC, "hs-bad-mac", "handshake messages not meant for a key of ours")        \
	X(HS_RATE, "hs-rate", "handshake messages of a source in a hurry, under load")   \
	X(HS_UNKNOWN, "hs-unknown-key", "handshakes from a key that no peer has")        \
	X(HS_FORGED, "hs-forged", "handshake messages that are not authentic")           \
	X(HS_REPLAYED, "hs-replayed", "handshakes begun with an old time stamp")         \
	X(HS_FLOOD, "hs-flood", "handshakes begun too soon after the last of the same peer") \
	X(HS_UNEXPECTED, "hs-unexpected", "responses and cookies that nobody waits for") \
	X(HS_NO_MEMORY, "hs-no-memory", "handshakes given up for lack of memory")
/* clang-format on */

enum dp_count {
#define X(id, word, what) DP_##id,
	DP_COUNTS(X) DP_COUNT_MAX,
#undef X
};

enum dp_drop {
#define X(id, word, what) DROP_##id,
	DP_DROPS(X) DROP_MAX,
#undef X
};

struct dp_counters {
	_Atomic uint64_t count[DP_COUNT_MAX];
	_Atomic uint64_t drop[DROP_MAX];
};

/* The thread that owns @c. */
static inline void dp_count(struct dp_counters *c, enum dp_count what, uint64_t n)
{
	uint64_t v = atomic_load_explicit(&c->count[what], memory_order_relaxed);

	atomic_store_explicit(&c->count[what], v + n, memory_order_relaxed);
}

static inline void dp_drop(struct dp_counters *c, enum dp_drop why, uint64_t n)
{
	uint64_t v = atomic_load_explicit(&c->drop[why], memory_order_relaxed);

	atomic_store_explicit(&c->drop[why], v + n, memory_order_relaxed);
}

/* Any thread. */
static inline uint64_t dp_counter(const struct dp_counters *c, enum dp_count what)
{
	return atomic_load_explicit(&c->count[what], memory_order_relaxed);
}

/* Any thread: all drops together. */
uint64_t dp_counter_drops(const struct dp_counters *c);
/* Any thread: adds @c to @sum, which is the caller's own. */
void dp_counters_add(struct dp_counters *sum, const struct dp_counters *c);
/* Each counter of @c, until @fn returns false. */
void dp_counters_walk(const struct dp_counters *c,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg);

#endif
