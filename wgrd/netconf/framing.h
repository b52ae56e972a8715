/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_FRAMING_H
#define WGRD_NETCONF_FRAMING_H

/*
 * Messages in a stream of octets, RFC 6242: until both sides have said hello a message ends
 * with "]]>]]>" (section 4.3), afterwards it comes in chunks of a stated size (4.2). Takes
 * input in pieces of any size and allows nothing that the grammar does not. Main thread
 * only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct framing {
	bool chunked;
	size_t message_max;    /* octets */
	struct strbuf message; /* as far as it is here; .secret: keys may be in it */
	/* what follows is framing.c's */
	unsigned state;
	uint64_t chunk_left;
};

enum framing_result {
	FRAMING_MORE,    /* all octets are taken, and the message goes on */
	FRAMING_MESSAGE, /* it is complete: framing_next() when done with it */
	FRAMING_BAD,     /* not what RFC 6242 says: nothing after it means anything */
	FRAMING_TOO_BIG, /* likewise, for more than message_max was announced or sent */
};

/* @used: how many octets of @data were taken; those behind a message are not. */
enum framing_result framing_feed(struct framing *f, const char *data, size_t len,
				 size_t *used) MUST_USE;
/* On to the next message. The way of framing may be changed here. */
void framing_next(struct framing *f);
void framing_fini(struct framing *f);

/* Appends @message with its frame to @out. */
void framing_put(bool chunked, struct strbuf *out, const struct strbuf *message);
/* The same for a part of a message, which may not be empty, and for its end. */
void framing_put_part(bool chunked, struct strbuf *out, const struct strbuf *part);
void framing_put_end(bool chunked, struct strbuf *out);

#endif
