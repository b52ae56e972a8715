/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/show/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void json_is_nested_and_escaped(void **state)
{
	struct strbuf out = {0};
	struct json j = {.out = &out};

	(void)state;
	json_object(&j, NULL);
	json_array(&j, "empty");
	json_array_end(&j);
	json_object(&j, "none");
	json_object_end(&j);
	json_array(&j, "list");
	json_num(&j, NULL, UINT64_MAX);
	json_str(&j, NULL, "a\"b\\c\n");
	json_null(&j, NULL);
	json_array_end(&j);
	json_bool(&j, "yes", true);
	json_str(&j, "no", NULL);
	json_object_end(&j);
	json_end(&j);
	assert_string_equal(
		"{\n  \"empty\": [],\n  \"none\": {},\n  \"list\": [\n"
		"    18446744073709551615,\n    \"a\\\"b\\\\c\\n\",\n    null\n  ],\n"
		"  \"yes\": true,\n  \"no\": null\n}\n",
		out.s);
	strbuf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_nested_and_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
