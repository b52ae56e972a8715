/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/zapi/zapi_hello.h"
#include "wgrd/zebra/zclient_probe.h"

static uint8_t question[128], wire[64];

static enum zprobe_step feed(struct zprobe *p, uint16_t command, const void *body,
			     size_t len, struct zapi_message *reply)
{
	struct wbuf w = wbuf_writer(wire, sizeof(wire)),
		    q = wbuf_writer(question, sizeof(question));
	uint8_t *start = zapi_begin_command(&w, command, 0);
	struct zapi_message m;
	enum zprobe_step step;

	wbuf_put(&w, body, len);
	zapi_end(&w, start);
	assert_true(zapi_cut(&m, wire, (size_t)(w.pos - wire)) > 0);
	step = zprobe_feed(p, &m, &q);
	if (step == ZPROBE_SEND)
		assert_int_equal(zapi_cut(reply, question, (size_t)(q.pos - question)),
				 q.pos - question);
	return step;
}

static const uint32_t bad_type = ZAPI_ERROR_BAD_TYPE, no_vrf = ZAPI_ERROR_NO_VRF;

/* ERROR 118 is 8.4 to 9.0 or 10.0 to 10.1: the older HELLO is tried, then the newer. */
static void two_sets_that_share_an_error_are_tried_one_after_the_other(void **state)
{
	struct zprobe p = {.release = "10.1.2"};
	struct wbuf w = wbuf_writer(question, sizeof(question));
	struct zapi_message reply;
	static const uint8_t capabilities[11];

	(void)state;
	zprobe_start(&p, &w);
	assert_true(zapi_cut(&reply, question, (size_t)(w.pos - question)) > 0);
	assert_int_equal(reply.command, ZAPI_COMMAND_PROBE);
	assert_int_equal(feed(&p, 118, &bad_type, 4, &reply), ZPROBE_SEND);
	assert_int_equal(reply.command, 18);
	assert_int_equal(wbuf_left(&reply.body), 9);
	assert_int_equal(feed(&p, 118, &bad_type, 4, &reply), ZPROBE_SEND);
	assert_int_equal(reply.command, 19);
	assert_int_equal(wbuf_left(&reply.body), 8);
	assert_int_equal(feed(&p, 20, capabilities, 11, &reply), ZPROBE_FOUND);
	assert_string_equal(p.dialect->name, "10.1");
}

static void only_answers_count(void **state)
{
	static const uint8_t close_notify[7], capabilities[10];
	struct zprobe p = {.release = "8.4.4"};
	struct wbuf w = wbuf_writer(question, sizeof(question));
	struct zapi_message reply;

	(void)state;
	zprobe_start(&p, &w);
	assert_int_equal(feed(&p, 125, close_notify, 7, &reply), ZPROBE_WAIT);
	assert_int_equal(feed(&p, 118, &no_vrf, 4, &reply), ZPROBE_WAIT);
	assert_int_equal(feed(&p, 19, capabilities, 10, &reply),
			 ZPROBE_WAIT); /* too early */
	assert_int_equal(feed(&p, 118, &bad_type, 4, &reply), ZPROBE_SEND);
	assert_int_equal(feed(&p, 125, close_notify, 7, &reply), ZPROBE_WAIT);
	assert_int_equal(feed(&p, 118, &no_vrf, 4, &reply), ZPROBE_WAIT);
	assert_int_equal(feed(&p, 19, capabilities, 10, &reply), ZPROBE_FOUND);
	assert_string_equal(p.dialect->name, "8.4");
}

static void hello_names_us_as_the_owner_of_table_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < zapi_dialect_count; i++) {
		const struct zapi_dialect *d = &zapi_dialects[i];
		struct wbuf w = wbuf_writer(question, sizeof(question));
		struct zapi_message m;
		struct zapi_hello h;

		zprobe_encode_hello(&w, d, 0);
		assert_true(zapi_cut(&m, question, (size_t)(w.pos - question)) > 0);
		assert_int_equal(zapi_decode_hello(&m.body, d, &h), 0);
		assert_int_equal(h.proto, ZAPI_PROTO_TABLE);
		assert_int_equal(h.instance, 0);
		/* 7.5 has no message to ask for notifications */
		assert_int_equal(h.notify, !strcmp(d->name, "7.5"));
	}
}

static void no_reason_is_longer_than_its_room(void **state)
{
	struct zprobe p = {
		.release = "",
		.no_release =
			"a very long reason that the operating system might give for not "
			"letting anybody talk to a socket in some directory of its own, "
			"and more of it, and more of it, and more of it",
	};
	static const uint8_t capabilities[12];
	struct wbuf w = wbuf_writer(question, sizeof(question));
	struct zapi_message reply;

	(void)state;
	zprobe_start(&p, &w);
	assert_int_equal(feed(&p, 120, &bad_type, 4, &reply), ZPROBE_SEND);
	assert_int_equal(feed(&p, 20, capabilities, 12, &reply), ZPROBE_LOST);
	assert_int_equal(strlen(p.why), sizeof(p.why) - 1);
	assert_null(p.dialect);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			two_sets_that_share_an_error_are_tried_one_after_the_other),
		cmocka_unit_test(only_answers_count),
		cmocka_unit_test(hello_names_us_as_the_owner_of_table_routes),
		cmocka_unit_test(no_reason_is_longer_than_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
