/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/zapi/zapi_test.h"

#include <errno.h>

static void a_header_is_read(void **state)
{
	struct bytes in = hex("000d fe 06 00000007 001e | aabbcc | 000a");
	struct zapi_message m;

	(void)state;
	assert_int_equal(zapi_cut(&m, in.b, in.len), 13);
	assert_int_equal(m.len, 13);
	assert_int_equal(m.vrf, 7);
	assert_int_equal(m.command, 30);
	assert_int_equal(wbuf_left(&m.body), 3);
	assert_int_equal(wbuf_get_u8(&m.body), 0xaa);
}

static void a_stream_is_cut_wherever_it_was_read(void **state)
{
	struct bytes in = hex("000a fe06 00000000 0001 | 000c fe06 00000002 0002 9999");
	struct zapi_message m;

	(void)state;
	for (size_t n = 0; n < 10; n++)
		assert_int_equal(zapi_cut(&m, in.b, n), 0);
	assert_int_equal(zapi_cut(&m, in.b, in.len), 10);
	assert_true(wbuf_done(&m.body));
	for (size_t n = 0; n < 12; n++)
		assert_int_equal(zapi_cut(&m, in.b + 10, n), 0);
	assert_int_equal(zapi_cut(&m, in.b + 10, 12), 12);
	assert_int_equal(m.vrf, 2);
}

static void what_is_not_zapi_is_given_up(void **state)
{
	static const char *const bad[] = {
		"0009 fe 06 00000000 0001", /* shorter than its header */
		"0000 fe 06 00000000 0001",
		"4001 fe 06 00000000 0001", /* longer than any message */
		"ffff fe 06 00000000 0001",
		"000a ff 06 00000000 0001", /* the marker of older FRR */
		"000a fe 05 00000000 0001", /* another version */
		"000a fe 07 00000000 0001",
		"4745 5420 2f20 4854 5450", /* GET / HTTP */
	};
	struct zapi_message m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes in = hex(bad[i]);

		if (zapi_cut(&m, in.b, in.len) != -EBADMSG)
			fail_msg("\"%s\" was taken for a message", bad[i]);
	}
}

static void the_longest_message_is_one(void **state)
{
	struct bytes in = hex("4000 fe 06 00000000 0001");
	struct zapi_message m;

	(void)state;
	assert_int_equal(zapi_cut(&m, in.b, ZAPI_MESSAGE_MAX), ZAPI_MESSAGE_MAX);
	assert_int_equal(wbuf_left(&m.body), ZAPI_MESSAGE_MAX - ZAPI_HEADER_LEN);
}

static void an_empty_message_is_its_header(void **state)
{
	uint8_t buf[32];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	zapi_encode_empty(&w, zapi_dialect_by_release("8.4.4"), ZAPI_INTERFACE_ADD, 5);
	assert_false(w.err);
	assert_bytes(buf, (size_t)(w.pos - buf), "000a fe06 00000005 0000");
	w = wbuf_writer(buf, sizeof(buf));
	zapi_encode_probe(&w);
	assert_bytes(buf, (size_t)(w.pos - buf), "000a fe06 00000000 fffe");
}

static void a_message_too_many_is_an_error(void **state)
{
	const struct zapi_dialect *d = zapi_dialect_by_release("8.4.4");
	static uint8_t big[2 * ZAPI_MESSAGE_MAX];
	struct wbuf w = wbuf_writer(big, 9);
	uint8_t *start;

	(void)state;
	zapi_encode_empty(&w, d, ZAPI_INTERFACE_ADD, 0);
	assert_true(w.err); /* does not fit */

	w = wbuf_writer(big, sizeof(big));
	start = zapi_begin(&w, d, ZAPI_INTERFACE_ADD, 0);
	wbuf_put_zeros(&w, ZAPI_MESSAGE_MAX - ZAPI_HEADER_LEN);
	zapi_end(&w, start);
	assert_false(w.err);
	start = zapi_begin(&w, d, ZAPI_INTERFACE_ADD, 0);
	wbuf_put_zeros(&w, ZAPI_MESSAGE_MAX - ZAPI_HEADER_LEN + 1);
	zapi_end(&w, start);
	assert_true(w.err); /* fits the buffer but not the protocol */

	w = wbuf_writer(big, sizeof(big));
	zapi_encode_empty(&w, zapi_dialect_by_release("7.5.1"), ZAPI_ROUTE_NOTIFY_REQUEST,
			  0);
	assert_true(w.err); /* the dialect has no such message */
}

static void every_kind_has_a_name(void **state)
{
	(void)state;
	for (unsigned k = 0; k < ZAPI_KIND_COUNT; k++)
		assert_non_null(zapi_kind_name((enum zapi_kind)k));
	assert_string_equal(zapi_kind_name(ZAPI_HELLO), "HELLO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read),
		cmocka_unit_test(a_stream_is_cut_wherever_it_was_read),
		cmocka_unit_test(what_is_not_zapi_is_given_up),
		cmocka_unit_test(the_longest_message_is_one),
		cmocka_unit_test(an_empty_message_is_its_header),
		cmocka_unit_test(a_message_too_many_is_an_error),
		cmocka_unit_test(every_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
