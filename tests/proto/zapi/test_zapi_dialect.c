/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/zapi/zapi_test.h"

#include <stdio.h>

/*
 * The tables against the numbers extracted from FRR's own headers at each release, which lie
 * outside the tree. The file is one JSON object, "8.4.4" -> {"ZEBRA_HELLO": 18, ...} and
 * "8.4.4r" -> {"ZEBRA_ROUTE_BGP": 9, ...}; this reads just that shape.
 */
static char *read_numbers(void)
{
	const char *dir = getenv("WGRD_TEST_DATA"), *src = getenv("WGRD_SRCDIR");
	char path[4096], *text;
	FILE *f;
	long size;

	if (dir)
		snprintf(path, sizeof(path), "%s/../zapi-numbers.json", dir);
	else
		snprintf(path, sizeof(path), "%s/../shared/zapi-numbers.json",
			 src ? src : ".");
	f = fopen(path, "r");
	if (!f) {
		print_message("SKIPPED: %s is not there\n", path);
		return NULL;
	}
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, f), size);
	fclose(f);
	return text;
}

/* The object called @key, cut out of @text into a new string. */
static char *object_of(const char *text, const char *key)
{
	char quoted[64];
	const char *at, *end;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(text, quoted);
	if (!at)
		fail_msg("the file has no %s", key);
	at = strchr(at, '{');
	end = strchr(at, '}');
	return strndup(at, (size_t)(end - at));
}

/* -1 when it has none. */
static int number_of(const char *object, const char *name)
{
	char quoted[96];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":", name);
	at = strstr(object, quoted);
	return at ? atoi(at + strlen(quoted)) : -1;
}

static const struct {
	const char *release, *dialect;
} releases[] = {
	{"7.5.1", "7.5"},   {"8.4.4", "8.4"},   {"8.5.7", "8.4"},   {"9.0.5", "9.0"},
	{"9.1.3", "9.1"},   {"10.0.5", "10.0"}, {"10.1.4", "10.1"}, {"10.2.6", "10.2"},
	{"10.3.4", "10.3"}, {"10.4.4", "10.4"}, {"10.5.4", "10.5"}, {"10.6.1", "10.6"},
	{"10.7.0", "10.6"},
};

enum {
	RELEASES = sizeof(releases) / sizeof(releases[0])
};

/* A release that is added to the file is tested, too, or this fails. */
static void every_release_of_the_file_is_tested(void **state)
{
	char *text = read_numbers();
	unsigned found = 0;

	(void)state;
	if (!text)
		skip();
	for (const char *at = text; (at = strchr(at, '"')); at++) {
		size_t len = strcspn(at + 1, "\"");
		size_t i = 0;

		if (strspn(at + 1, "0123456789.") ==
		    len) { /* of a release, not of a message */
			while (i < RELEASES &&
			       (strlen(releases[i].release) != len ||
				strncmp(releases[i].release, at + 1, len)))
				i++;
			if (i == RELEASES)
				fail_msg("%.*s is in the file and not in this test",
					 (int)len, at + 1);
			found++;
		}
		at += len + 1;
	}
	assert_int_equal(found, RELEASES);
	free(text);
}

/* Section 7 of frr-facts, release by release. */
static void each_release_has_the_layouts_of_its_row(void **state)
{
	static const struct {
		const char *release;
		char command_set;
		unsigned hello, capabilities, weight, tracking;
		bool local, label_type, notify_src, table_flag, redistribute_table;
	} rows[] = {
		/* clang-format off */
		/*         set  HELLO  caps  weight  count  LOCAL  label  src  0x800  CLI */
		{"7.5.1",  'A',  9,     10,   4,      1,     0,     0,     0,   0,     1},
		{"8.4.4",  'B',  9,     10,   4,      1,     0,     0,     0,   0,     1},
		{"8.5.7",  'B',  9,     10,   4,      1,     0,     0,     0,   0,     1},
		{"9.0.5",  'B',  9,     10,   4,      1,     0,     1,     0,   0,     1},
		{"9.1.3",  'C',  9,     11,   4,      1,     0,     1,     0,   0,     1},
		{"10.0.5", 'D',  8,     11,   4,      1,     1,     1,     0,   0,     1},
		{"10.1.4", 'D',  8,     11,   8,      1,     1,     1,     0,   0,     1},
		{"10.2.6", 'E',  8,     12,   8,      1,     1,     1,     0,   0,     1},
		{"10.3.4", 'E',  8,     12,   8,      2,     1,     1,     1,   0,     1},
		{"10.4.4", 'E',  8,     12,   8,      2,     1,     1,     1,   1,     1},
		{"10.5.4", 'E',  8,     12,   8,      2,     1,     1,     1,   1,     0},
		{"10.6.1", 'E',  8,     9,    8,      2,     1,     1,     1,   1,     0},
		{"10.7.0", 'E',  8,     9,    8,      2,     1,     1,     1,   1,     0},
		/* clang-format on */
	};

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), RELEASES);
	for (size_t i = 0; i < RELEASES; i++) {
		const struct zapi_dialect *d = zapi_dialect_by_release(rows[i].release);
		uint8_t type;

		if (d->command_set != rows[i].command_set ||
		    zapi_capabilities_len(d) != rows[i].capabilities ||
		    zapi_dialect_has(d, ZAPI_HELLO_NOTIFY) != (rows[i].hello == 9) ||
		    zapi_dialect_has(d, ZAPI_NH_WEIGHT64) != (rows[i].weight == 8) ||
		    zapi_dialect_has(d, ZAPI_NHT_COUNT16) != (rows[i].tracking == 2) ||
		    !zapi_dialect_type(d, ZAPI_PROTO_LOCAL, &type) != rows[i].local ||
		    zapi_dialect_has(d, ZAPI_NH_LABEL_TYPE) != rows[i].label_type ||
		    zapi_dialect_has(d, ZAPI_NOTIFY_SRC) != rows[i].notify_src ||
		    zapi_dialect_has(d, ZAPI_FLAG_WITH_TABLEID) != rows[i].table_flag ||
		    zapi_dialect_has(d, ZAPI_REDISTRIBUTE_TABLE) !=
			    rows[i].redistribute_table)
			fail_msg("%s is not as its row says", rows[i].release);
	}
}

static void commands_have_the_numbers_of_frr(void **state)
{
	char *text = read_numbers();

	(void)state;
	if (!text)
		skip();
	for (size_t i = 0; i < RELEASES; i++) {
		const struct zapi_dialect *d =
			zapi_dialect_by_release(releases[i].release);
		char *object = object_of(text, releases[i].release);

		assert_non_null(d);
		for (unsigned k = ZAPI_UNKNOWN + 1; k < ZAPI_KIND_COUNT; k++) {
			uint16_t saw = zapi_dialect_command(d, (enum zapi_kind)k);
			char name[64];
			int want;

			snprintf(name, sizeof(name), "ZEBRA_%s",
				 zapi_kind_name((enum zapi_kind)k));
			want = number_of(object, name);
			if ((want < 0 ? ZAPI_COMMAND_NONE : want) != saw)
				fail_msg("%s in %s: expected %d, saw %u", name,
					 releases[i].release, want, saw);
		}
		free(object);
	}
	free(text);
}

static void route_types_have_the_numbers_of_frr(void **state)
{
	static const struct {
		enum zapi_proto proto;
		const char *name;
	} names[] = {
		{ZAPI_PROTO_KERNEL, "KERNEL"},
		{ZAPI_PROTO_CONNECT, "CONNECT"},
		{ZAPI_PROTO_LOCAL, "LOCAL"},
		{ZAPI_PROTO_STATIC, "STATIC"},
		{ZAPI_PROTO_RIP, "RIP"},
		{ZAPI_PROTO_RIPNG, "RIPNG"},
		{ZAPI_PROTO_OSPF, "OSPF"},
		{ZAPI_PROTO_OSPF6, "OSPF6"},
		{ZAPI_PROTO_ISIS, "ISIS"},
		{ZAPI_PROTO_BGP, "BGP"},
		{ZAPI_PROTO_EIGRP, "EIGRP"},
		{ZAPI_PROTO_NHRP, "NHRP"},
		{ZAPI_PROTO_TABLE, "TABLE"},
		{ZAPI_PROTO_BABEL, "BABEL"},
		{ZAPI_PROTO_TABLE_DIRECT, "TABLE_DIRECT"},
	};
	char *text = read_numbers();

	(void)state;
	if (!text)
		skip();
	for (size_t i = 1; i < sizeof(releases) / sizeof(releases[0]);
	     i++) { /* 7.5 has no list */
		const struct zapi_dialect *d =
			zapi_dialect_by_release(releases[i].release);
		enum zapi_proto proto;
		char key[16], *object;
		int all;

		snprintf(key, sizeof(key), "%sr", releases[i].release);
		object = object_of(text, key);
		assert_int_equal(sizeof(names) / sizeof(names[0]), ZAPI_PROTO_COUNT - 1);
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			char name[64];
			uint8_t type;
			int want;

			snprintf(name, sizeof(name), "ZEBRA_ROUTE_%s", names[k].name);
			want = number_of(object, name);
			if (zapi_dialect_type(d, names[k].proto, &type) !=
				    (want < 0 ? -2 : 0) ||
			    (want >= 0 && want != type))
				fail_msg("%s in %s: expected %d, saw %u", name, key, want,
					 type);
		}
		all = number_of(object, "ZEBRA_ROUTE_ALL");
		assert_int_equal(zapi_dialect_proto(d, (uint8_t)(all - 1), &proto), 0);
		assert_int_not_equal(zapi_dialect_proto(d, (uint8_t)all, &proto), 0);
		free(object);
	}
	free(text);
}

static void a_release_names_its_dialect(void **state)
{
	static const struct {
		const char *release, *dialect;
	} more[] = {
		{"8.4", "8.4"},
		{"8.4.4-1.1~deb12u2", "8.4"},
		{"10.2.6-0~deb12u1", "10.2"},
		{"10.7", "10.6"},
	};

	(void)state;
	for (size_t i = 0; i < RELEASES; i++)
		assert_string_equal(zapi_dialect_by_release(releases[i].release)->name,
				    releases[i].dialect);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		assert_string_equal(zapi_dialect_by_release(more[i].release)->name,
				    more[i].dialect);
}

static void an_unknown_release_has_no_dialect(void **state)
{
	static const char *const none[] = {
		"",
		"7.4",
		"7.6",
		"8.0",
		"8.3.1",
		"8.6",
		"9.2",
		"10.8",
		"11.0",
		"10",
		"10.",
		"x8.4.4",
		"8.x",
		"10.4-dev",
		"10.4-dev-MyOwn",
		"-8.4",
		" 8.4",
		"84.4",
		"8 .4",
		"99999999999999999999.4",
		"8.99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (zapi_dialect_by_release(none[i]))
			fail_msg("\"%s\" was taken for %s", none[i],
				 zapi_dialect_by_release(none[i])->name);
}

static void every_number_leads_back_to_its_kind(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		for (unsigned k = ZAPI_UNKNOWN + 1; k < ZAPI_KIND_COUNT; k++) {
			uint16_t command = zapi_dialect_command(d, (enum zapi_kind)k);

			if (command != ZAPI_COMMAND_NONE)
				assert_int_equal(zapi_dialect_kind(d, command), k);
		}
		assert_int_equal(zapi_dialect_kind(d, ZAPI_COMMAND_PROBE), ZAPI_UNKNOWN);
		assert_int_equal(zapi_dialect_kind(d, ZAPI_COMMAND_NONE), ZAPI_UNKNOWN);
		for (unsigned p = ZAPI_PROTO_OTHER + 1; p < ZAPI_PROTO_COUNT; p++) {
			enum zapi_proto back;
			uint8_t type;

			if (zapi_dialect_type(d, (enum zapi_proto)p, &type))
				continue;
			assert_int_equal(zapi_dialect_proto(d, type, &back), 0);
			assert_int_equal(back, p);
		}
	}
}

/* The table of frr-facts: what each release answers, and what that leaves in doubt. */
static void a_probe_finds_the_dialect_or_says_it_is_not_certain(void **state)
{
	static const struct {
		struct zapi_probe probe;
		const char *dialect; /* NULL: none */
		bool certain;
	} cases[] = {
		{{112, 19, 10}, "7.5", true},
		{{118, 19, 10}, "8.4", true}, /* 9.0 as well: differs in labels only */
		{{117, 19, 11}, "9.1", true},
		{{118, 20, 11}, "10.0", false}, /* 10.1 widened the weight */
		{{120, 20, 12}, "10.2", false}, /* 10.3 to 10.5 changed notifications */
		{{120, 20, 9}, "10.6", true},
		{{118, 19, 11}, NULL, true},
		{{117, 20, 11}, NULL, true},
		{{120, 20, 10}, NULL, true},
		{{121, 20, 12}, NULL, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool certain;
		const struct zapi_dialect *d =
			zapi_dialect_by_probe(&cases[i].probe, &certain);

		if ((d == NULL) != (cases[i].dialect == NULL) ||
		    (d && strcmp(d->name, cases[i].dialect)) ||
		    certain != cases[i].certain)
			fail_msg("case %zu: expected %s, certain %d; saw %s, certain %d",
				 i, cases[i].dialect, cases[i].certain,
				 d ? d->name : "none", certain);
	}
}

static void every_dialect_fits_its_own_probe(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct zapi_probe p = {
			.error = zapi_dialect_command(d, ZAPI_ERROR),
			.capabilities = zapi_dialect_command(d, ZAPI_CAPABILITIES),
			.capabilities_len = (uint16_t)zapi_capabilities_len(d),
		};

		assert_true(zapi_dialect_fits(d, &p));
		assert_true(zapi_error_is_known(p.error));
		p.capabilities_len++;
		assert_false(zapi_dialect_fits(d, &p));
	}
	assert_false(zapi_error_is_known(119));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_release_of_the_file_is_tested),
		cmocka_unit_test(each_release_has_the_layouts_of_its_row),
		cmocka_unit_test(commands_have_the_numbers_of_frr),
		cmocka_unit_test(route_types_have_the_numbers_of_frr),
		cmocka_unit_test(a_release_names_its_dialect),
		cmocka_unit_test(an_unknown_release_has_no_dialect),
		cmocka_unit_test(every_number_leads_back_to_its_kind),
		cmocka_unit_test(a_probe_finds_the_dialect_or_says_it_is_not_certain),
		cmocka_unit_test(every_dialect_fits_its_own_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
