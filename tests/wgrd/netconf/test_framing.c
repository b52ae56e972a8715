/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/netconf/framing.h"

enum {
	MAX = 1000
};

/* Feeds @text in pieces of @piece octets up to the first message or error. */
static enum framing_result feed(struct framing *f, const char *text, size_t len,
				size_t piece, size_t *taken)
{
	enum framing_result result = FRAMING_MORE;
	size_t used;

	for (*taken = 0; *taken < len && result == FRAMING_MORE; *taken += used) {
		size_t n = len - *taken < piece ? len - *taken : piece;

		result = framing_feed(f, text + *taken, n, &used);
		assert_true(used <= n && (used == n || result != FRAMING_MORE));
	}
	return result;
}

static const char *const names[] = {"more", "a message", "bad", "too big"};

struct case_ {
	bool chunked;
	const char *text;
	enum framing_result result;
	const char *message; /* for FRAMING_MESSAGE */
	size_t rest;         /* octets not taken */
};

static const struct case_ cases[] = {
	{false, "<a/>]]>]]>", FRAMING_MESSAGE, "<a/>", 0},
	{false, "]]>]]>", FRAMING_MESSAGE, "", 0},
	{false, "<a/>]]>]]><b/>]]>]]>", FRAMING_MESSAGE, "<a/>", 10},
	{false, "a]]>]]]>]]>", FRAMING_MESSAGE, "a]]>]", 0},
	{false, "a]]>]] >", FRAMING_MORE, NULL, 0},
	{true, "\n#4\n<a/>\n##\n", FRAMING_MESSAGE, "<a/>", 0},
	{true, "\n#1\n<\n#3\na/>\n##\n", FRAMING_MESSAGE, "<a/>", 0},
	{true, "\n#4\n\n##\n\n##\n", FRAMING_MESSAGE, "\n##\n", 0},
	{true, "\n#4\n<a/>\n##\n\n#1\nx\n##\n", FRAMING_MESSAGE, "<a/>", 9},
	{true, "\n#4\n<a/>", FRAMING_MORE, NULL, 0},
	/* What made another server crash, allocate 4 GB, or wait for ever. */
	{true, "\n#0\n", FRAMING_BAD, NULL, 1},
	{true, "\n##\n", FRAMING_BAD, NULL, 1},
	{true, "\n#-1\n", FRAMING_BAD, NULL, 2},
	{true, "\n#18446744073709551615\n", FRAMING_BAD, NULL, 10},
	{true, "\n#4294967296\n", FRAMING_BAD, NULL, 1},
	{true, "\n#4294967295\n", FRAMING_TOO_BIG, NULL, 0},
	{true, "\n#4294967290\n", FRAMING_TOO_BIG, NULL, 0},
	{true, "\n#99999999999999999999999999999999\n", FRAMING_BAD, NULL, 23},
	{true, "\n#1001\n", FRAMING_TOO_BIG, NULL, 0},
	/* What RFC 6242 section 4.2 does not have. */
	{true, "#4\n<a/>\n##\n", FRAMING_BAD, NULL, 10},
	{true, "\r\n#4\n", FRAMING_BAD, NULL, 4},
	{true, "\n#04\n<a/>\n##\n", FRAMING_BAD, NULL, 10},
	{true, "\n#+4\n", FRAMING_BAD, NULL, 2},
	{true, "\n# 4\n", FRAMING_BAD, NULL, 2},
	{true, "\n#4 \n", FRAMING_BAD, NULL, 1},
	{true, "\n#4\r\n", FRAMING_BAD, NULL, 1},
	{true, "\n#4;x\n", FRAMING_BAD, NULL, 2},
	{true, "\n#0x4\n", FRAMING_BAD, NULL, 3},
	{true, "\n\n#4\n", FRAMING_BAD, NULL, 3},
	{true, "\n#4\n<a/>##\n", FRAMING_BAD, NULL, 2},
	{true, "\n#4\n<a/>\n###\n", FRAMING_BAD, NULL, 1},
	{true, "\n#4\n<a/>\n##\r\n", FRAMING_BAD, NULL, 1},
	{true, "\n#3\n<a/>\n##\n", FRAMING_BAD, NULL, 4},
	{true, "\n#4\n<a/>]]>]]>", FRAMING_BAD, NULL, 5},
	{true, "<a/>]]>]]>", FRAMING_BAD, NULL, 9},
};

static void check(const struct case_ *c, size_t piece)
{
	struct framing f = {.chunked = c->chunked, .message_max = MAX};
	size_t taken, len = strlen(c->text);
	enum framing_result result = feed(&f, c->text, len, piece, &taken);

	if (result != c->result || taken + c->rest != len ||
	    (c->message && strcmp(c->message, strbuf_str(&f.message)) != 0))
		fail_msg(
			"%s in pieces of %zu: expected %s and %zu octets left, saw %s, %zu "
			"left, message %s",
			c->text, piece, names[c->result], c->rest, names[result],
			len - taken, strbuf_str(&f.message));
	framing_fini(&f);
}

static void
what_rfc_6242_allows_is_taken_and_nothing_else_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t piece = 1; piece <= strlen(cases[i].text); piece++)
			check(&cases[i], piece);
}

/* As many octets as are allowed, and one more. */
static enum framing_result feed_long(bool chunked, size_t size)
{
	struct framing f = {.chunked = chunked, .message_max = MAX};
	struct strbuf message = {0}, wire = {0};
	enum framing_result result;
	size_t taken;

	while (message.len < size)
		strbuf_puts(&message, "x");
	framing_put(chunked, &wire, &message);
	result = feed(&f, wire.s, wire.len, 7, &taken);
	if (result == FRAMING_MESSAGE)
		assert_string_equal(f.message.s, message.s);
	assert_true(f.message.len <= MAX + 6);
	framing_fini(&f);
	strbuf_free(&message);
	strbuf_free(&wire);
	return result;
}

static void a_message_of_the_largest_size_passes_and_a_larger_one_does_not(void **state)
{
	(void)state;
	assert_int_equal(feed_long(false, MAX), FRAMING_MESSAGE);
	assert_int_equal(feed_long(false, MAX + 1), FRAMING_TOO_BIG);
	assert_int_equal(feed_long(true, MAX), FRAMING_MESSAGE);
	assert_int_equal(feed_long(true, MAX + 1), FRAMING_TOO_BIG);
}

static void chunks_that_are_too_much_only_together_are_too_big(void **state)
{
	struct framing f = {.chunked = true, .message_max = 5};
	size_t used;

	(void)state;
	assert_int_equal(framing_feed(&f, "\n#3\nabc\n#3\n", 11, &used), FRAMING_TOO_BIG);
	framing_fini(&f);
}

static void messages_follow_each_other_and_the_framing_may_change_between(void **state)
{
	static const char wire[] = "<h/>]]>]]>\n#4\n<a/>\n##\n\n#4\n<b/>\n##\n";
	static const char *const expected[] = {"<h/>", "<a/>", "<b/>"};
	struct framing f = {.message_max = MAX, .message.secret = true};
	size_t at = 0, used;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
			framing_feed(&f, wire + at, sizeof(wire) - 1 - at, &used),
			FRAMING_MESSAGE);
		assert_string_equal(strbuf_str(&f.message), expected[i]);
		at += used;
		framing_next(&f);
		f.chunked = true;
	}
	assert_int_equal(at, sizeof(wire) - 1);
	framing_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_rfc_6242_allows_is_taken_and_nothing_else_in_pieces_of_any_size),
		cmocka_unit_test(
			a_message_of_the_largest_size_passes_and_a_larger_one_does_not),
		cmocka_unit_test(chunks_that_are_too_much_only_together_are_too_big),
		cmocka_unit_test(
			messages_follow_each_other_and_the_framing_may_change_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
