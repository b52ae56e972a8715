/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_WIRE_H
#define WGRD_CTL_BENCH_WIRE_H

/*
 * The messages of `wgrctl bench` over its control connection (TCP), and the limits both
 * ends keep. Pure functions, any thread.
 *
 *     client                        server
 *     HELLO version           -->
 *                             <--   WELCOME token, MTU
 *     for each run:
 *     RUN what, its ports     -->
 *                             <--   READY its ports
 *     GO                      -->                      both ends are set up
 *     (data, probes)          <->   (data, probes)     whoever sends, for so long
 *     REPORT sent             -->                      or, when the server sends:
 *                             <--   REPORT received    <-- REPORT sent
 *
 * REFUSE may come in place of any answer, and ends the session.
 *
 * A message is its type (1 byte), the length of its body (2 bytes) and the body; numbers
 * are big-endian. Data connections (TCP), datagrams and probes begin with the token, so
 * that nobody else's traffic is counted or answered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

enum {
	BENCH_VERSION = 1,
	BENCH_PORT = 51899, /* where a server listens if not told */

	BENCH_FLOWS_MAX = 64,
	BENCH_MS_MIN = 100,
	BENCH_MS_MAX = 30000,
	BENCH_SIZE_MIN = 64, /* of an IP packet: a token fits behind IPv6 and UDP */
	BENCH_SIZE_MAX = 9000,

	BENCH_HEADER_LEN = 3,
	BENCH_BODY_MAX = 160,
	BENCH_MESSAGE_MAX = BENCH_HEADER_LEN + BENCH_BODY_MAX,
	BENCH_TOKEN_LEN = 8,
};

enum bench_type {
	BENCH_HELLO = 1,
	BENCH_WELCOME,
	BENCH_REFUSE,
	BENCH_RUN,
	BENCH_READY,
	BENCH_GO,
	BENCH_REPORT,
};

enum bench_refusal {
	BENCH_BUSY = 1, /* it runs another test */
	BENCH_OTHER_VERSION,
	BENCH_INVALID, /* a message that does not belong there */
	BENCH_OVER_LIMIT,
	BENCH_TOO_LONG, /* packets of that size do not fit its MTU */
	BENCH_FAILED,   /* a system call of its */
};

enum bench_kind {
	BENCH_IDLE, /* probes only */
	BENCH_UDP,
	BENCH_TCP,
};

/* What is measured. */
struct bench_run {
	enum bench_kind kind;
	bool reverse;      /* the server sends */
	bool mix;          /* UDP: packets of 64, 576 and @size, 7:4:1 */
	uint16_t size;     /* UDP: of an IP packet; otherwise 0 */
	uint16_t flows;    /* 0 when idle */
	uint16_t ms;       /* how long is sent */
	uint64_t rate_bps; /* UDP: of all flows together; 0: as much as can be */
};

/* UDP ports of one end, none of them 0: of its probes, and of each flow. */
struct bench_ports {
	uint16_t probe;
	uint16_t count;
	/* UDP: one a flow. TCP: none, or in READY one, that of the listener. */
	uint16_t flow[BENCH_FLOWS_MAX];
};

/* What one end has sent or received. Bytes are of IP packets for UDP, of data for TCP. */
struct bench_tally {
	uint64_t packets; /* 0 for TCP */
	uint64_t bytes;
	uint64_t elapsed_us; /* from the first to the last */
};

struct bench_message {
	enum bench_type type;
	union {
		uint16_t version; /* HELLO */
		struct {          /* WELCOME */
			uint8_t token[BENCH_TOKEN_LEN];
			uint16_t
				mtu; /* of the server's route to us, BENCH_SIZE_MIN or more */
		};
		enum bench_refusal refusal; /* REFUSE */
		struct {                    /* RUN; READY: ports only */
			struct bench_run run;
			struct bench_ports ports;
		};
		struct bench_tally tally; /* REPORT */
	};
};

/* A sentence's end: "the server " and this. */
const char *bench_refusal_str(enum bench_refusal refusal);

/* Writes @m, which must be valid, and returns its length. */
size_t bench_wire_encode(const struct bench_message *m, uint8_t buf[BENCH_MESSAGE_MAX]);
/*
 * Reads the header at @buf. Returns the length of the body, or -EBADMSG when no message
 * begins like this.
 */
int bench_wire_body_len(const uint8_t buf[BENCH_HEADER_LEN]) MUST_USE;
/*
 * Reads one message of exactly @len bytes. Returns 0, or -EBADMSG when any field is not
 * what this file says; @m is then unspecified.
 */
int bench_wire_decode(struct bench_message *m, const uint8_t *buf, size_t len) MUST_USE;

#endif
