/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/framing.h"

#include <string.h>

#define END     "]]>]]>"
#define END_LEN (sizeof(END) - 1)

/* Chunks: "\n#12\n" twelve octets ... "\n##\n". Each state waits for what it is named for. */
enum {
	LINE_FEED,
	HASH,
	FIRST_DIGIT, /* or the second hash of the end */
	DIGIT,       /* or the line feed behind the size */
	OCTETS,
	END_LINE_FEED,
	CHUNK_MAX_BITS = 32, /* 4294967295 is the largest size of a chunk */
};

/* Keeps of small messages' room what is of use for the next. */
enum {
	KEEP_ROOM = 64 * 1024
};

static enum framing_result feed_to_end(struct framing *f, const char *data, size_t len,
				       size_t *used)
{
	struct strbuf *m = &f->message;
	size_t before = m->len, from = before < END_LEN ? 0 : before - END_LEN + 1;
	size_t room = f->message_max + END_LEN - before;
	const char *end;

	*used = len < room ? len : room;
	strbuf_add(m, data, *used);
	end = memmem(m->s + from, m->len - from, END, END_LEN);
	if (!end)
		return *used < len || m->len == f->message_max + END_LEN ? FRAMING_TOO_BIG
									 : FRAMING_MORE;
	*used = (size_t)(end - m->s) + END_LEN - before;
	strbuf_truncate(m, (size_t)(end - m->s));
	return FRAMING_MESSAGE;
}

/* An octet of what stands around the chunks. */
static enum framing_result feed_header(struct framing *f, char c)
{
	bool digit = c >= '0' && c <= '9';

	switch (f->state) {
	case LINE_FEED:
		f->state = HASH;
		return c == '\n' ? FRAMING_MORE : FRAMING_BAD;
	case HASH:
		f->state = FIRST_DIGIT;
		return c == '#' ? FRAMING_MORE : FRAMING_BAD;
	case FIRST_DIGIT:
		if (c == '#') { /* a message has one chunk at least */
			f->state = END_LINE_FEED;
			return f->message.len ? FRAMING_MORE : FRAMING_BAD;
		}
		f->state = DIGIT;
		f->chunk_left = (uint64_t)(c - '0');
		return digit && c != '0' ? FRAMING_MORE : FRAMING_BAD;
	case DIGIT:
		if (c == '\n') {
			f->state = OCTETS;
			return f->chunk_left <= f->message_max - f->message.len
				       ? FRAMING_MORE
				       : FRAMING_TOO_BIG;
		}
		f->chunk_left = f->chunk_left * 10 + (uint64_t)(c - '0');
		return digit && !(f->chunk_left >> CHUNK_MAX_BITS) ? FRAMING_MORE
								   : FRAMING_BAD;
	case END_LINE_FEED:
		f->state = LINE_FEED;
		return c == '\n' ? FRAMING_MESSAGE : FRAMING_BAD;
	default:
		return FRAMING_BAD;
	}
}

static size_t feed_octets(struct framing *f, const char *data, size_t len)
{
	size_t n = len < f->chunk_left ? len : (size_t)f->chunk_left;

	strbuf_add(&f->message, data, n);
	f->chunk_left -= n;
	if (!f->chunk_left)
		f->state = LINE_FEED;
	return n;
}

static enum framing_result feed_chunks(struct framing *f, const char *data, size_t len,
				       size_t *used)
{
	enum framing_result result = FRAMING_MORE;

	*used = 0;
	while (*used < len && result == FRAMING_MORE) {
		if (f->state == OCTETS)
			*used += feed_octets(f, data + *used, len - *used);
		else
			result = feed_header(f, data[(*used)++]);
	}
	return result;
}

enum framing_result framing_feed(struct framing *f, const char *data, size_t len,
				 size_t *used)
{
	return f->chunked ? feed_chunks(f, data, len, used)
			  : feed_to_end(f, data, len, used);
}

void framing_next(struct framing *f)
{
	if (f->message.cap > KEEP_ROOM)
		strbuf_free(&f->message);
	else if (f->message.s) {
		explicit_bzero(f->message.s, f->message.len);
		strbuf_truncate(&f->message, 0);
	}
	f->state = LINE_FEED;
	f->chunk_left = 0;
}

void framing_fini(struct framing *f)
{
	strbuf_free(&f->message);
}

void framing_put_part(bool chunked, struct strbuf *out, const struct strbuf *part)
{
	if (chunked)
		strbuf_printf(out, "\n#%zu\n", part->len);
	strbuf_add(out, strbuf_str(part), part->len);
}

void framing_put_end(bool chunked, struct strbuf *out)
{
	strbuf_puts(out, chunked ? "\n##\n" : END);
}

void framing_put(bool chunked, struct strbuf *out, const struct strbuf *message)
{
	framing_put_part(chunked, out, message);
	framing_put_end(chunked, out);
}
