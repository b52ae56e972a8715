/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/zapi/zapi_test.h"

#include "proto/zapi/zapi_notify.h"

static uint8_t buf[128];

static void a_note_of_frr_8_4_is_read(void **state)
{
	struct bytes in = hex("00000000 02 18 ac106600 000000fe 01 01");
	struct prefix expect = prefix_of("172.16.102.0/24");
	uint32_t note = ZAPI_NOTE_INSTALLED;
	struct zapi_notify n;
	struct wbuf w;

	(void)state;
	memcpy(in.b, &note, sizeof(note)); /* the host's order, whatever it is */
	w = wbuf_reader(in.b, in.len);
	assert_int_equal(zapi_decode_notify(&w, zapi_dialect_by_release("8.4.4"), &n), 0);
	assert_int_equal(n.note, ZAPI_NOTE_INSTALLED);
	assert_true(prefix_equal(&n.prefix, &expect));
	assert_int_equal(n.table, 254);
	assert_int_equal(n.afi, ZAPI_AFI_IPV4);
	assert_int_equal(n.safi, ZAPI_SAFI_UNICAST);
	assert_false(n.has_src);
	/* 10.3 put a source prefix in between */
	w = wbuf_reader(in.b, in.len);
	assert_int_not_equal(
		zapi_decode_notify(&w, zapi_dialect_by_release("10.3.4"), &n), 0);
}

static void a_note_survives_a_round_trip_in_every_dialect(void **state)
{
	static const char *const prefixes[] = {"10.0.0.0/8", "fd00:1::/32", "0.0.0.0/0"};

	(void)state;
	EACH_DIALECT(d)
	{
		for (unsigned i = 0; i < ZAPI_NOTE_COUNT * 3; i++) {
			struct zapi_notify in = {.note = (enum zapi_note)(
							 i % ZAPI_NOTE_COUNT)},
					   out;
			struct wbuf w = wbuf_writer(buf, sizeof(buf));
			struct zapi_message m;

			in.prefix = prefix_of(prefixes[i % 3]);
			in.table = 77;
			in.afi = ZAPI_AFI_IPV6;
			in.safi = ZAPI_SAFI_UNICAST;
			if (i % 3 == 1)
				in.src = prefix_of("2001:db8::/32");
			zapi_encode_notify(&w, d, 3, &in);
			m = only_message(d, buf, &w, ZAPI_ROUTE_NOTIFY_OWNER);
			assert_int_equal(m.vrf, 3);
			assert_int_equal(zapi_decode_notify(&m.body, d, &out), 0);
			assert_int_equal(out.note, in.note);
			assert_true(prefix_equal(&in.prefix, &out.prefix));
			assert_int_equal(out.table, 77);
			assert_int_equal(out.safi, zapi_dialect_has(d, ZAPI_NOTIFY_SAFI));
			assert_int_equal(out.has_src,
					 zapi_dialect_has(d, ZAPI_NOTIFY_SRC) &&
						 i % 3 == 1);
			assert_non_null(zapi_note_str(out.note));
		}
	}
}

static void bad_notes_are_refused(void **state)
{
	static const struct {
		const char *what, *body;
		uint32_t note;
	} cases[] = {
		{"note 5", "00000000 02 18 ac106600 000000fe 01 01", 5},
		{"33 bits", "00000000 02 21 ac106600 000000fe 01 01", 2},
		{"family 3", "00000000 03 18 ac106600 000000fe 01 01", 2},
		{"short", "00000000 02 18 ac106600 000000fe 01", 2},
		{"long", "00000000 02 18 ac106600 000000fe 01 01 00", 2},
		{"empty", "00000000", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes in = hex(cases[i].body);
		struct zapi_notify n;
		struct wbuf w = wbuf_reader(in.b, in.len);

		memcpy(in.b, &cases[i].note, 4);
		if (!zapi_decode_notify(&w, zapi_dialect_by_release("8.4.4"), &n))
			fail_msg("%s was accepted", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_of_frr_8_4_is_read),
		cmocka_unit_test(a_note_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(bad_notes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
