/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever is printed is what libyang prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/netconf/print.h"

static const char more[] =
	"module more { yang-version 1.1; namespace 'urn:more'; prefix m;"
	" import all { prefix a; }"
	" identity cat { base a:animal; }"
	" augment /a:top { leaf far { type string; } container farther { leaf x { type int8; }"
	"  container deep { leaf y { type int8; default 7; } } } } }";
static const char all[] =
	"module all { yang-version 1.1; namespace 'urn:all'; prefix a;"
	" identity animal; identity dog { base animal; }"
	" typedef either { type union { type int8; type identityref { base animal; }"
	"  type instance-identifier { require-instance false; } type string; } }"
	" container top {"
	"  leaf text { type string; } leaf number { type int64; default -5; }"
	"  leaf flag { type empty; } leaf octets { type binary; } leaf set { type bits {"
	"   bit one; bit two; } } leaf fraction { type decimal64 { fraction-digits 2; } }"
	"  leaf kind { type identityref { base animal; } default dog; }"
	"  leaf where { type instance-identifier { require-instance false; } }"
	"  leaf either { type either; } leaf like { type leafref { path ../kind; } }"
	"  leaf-list word { type string; ordered-by user; }"
	"  leaf-list usual { type int8; default 1; default 2; }"
	"  container here { presence 'it is'; } container empty { container inner {"
	"   leaf d { type string; default 'x<y'; } } }"
	"  list entry { key 'b a'; leaf a { type string; } leaf b { type int8; }"
	"   leaf mtu { type int16; default 1420; } list none { config false; leaf z {"
	"    type string; } } } }"
	" rpc go { output { leaf r { type string; } } }"
	" notification came { leaf who { type string; } } }";

static int make_context(void **state)
{
	struct ly_ctx *ctx;

	if (ly_ctx_new(getenv("WGRD_YANG_DIR") ?: "yang", 0, &ctx))
		return -1;
	*state = ctx;
	return lys_parse_mem(ctx, all, LYS_IN_YANG, NULL) ||
	       lys_parse_mem(ctx, more, LYS_IN_YANG, NULL) ||
	       !ly_ctx_load_module(ctx, "ietf-netconf-with-defaults", NULL, NULL);
}

static int free_context(void **state)
{
	ly_ctx_destroy(*state);
	return 0;
}

static const enum print_defaults modes[] = {PRINT_EXPLICIT, PRINT_ALL, PRINT_ALL_TAGGED,
					    PRINT_TRIM};
static const uint32_t flags[] = {LYD_PRINT_WD_EXPLICIT, LYD_PRINT_WD_ALL,
				 LYD_PRINT_WD_ALL_TAG, LYD_PRINT_WD_TRIM};

/* In each mode, and from each node on. */
static void check(const struct lyd_node *tree)
{
	const struct lyd_node *node;

	LYD_TREE_DFS_BEGIN(tree, node)
	{
		for (unsigned i = 0; i < 4; i++) {
			struct strbuf seen = {0};
			char *expected = NULL;

			print_tree(&seen, node, modes[i]);
			assert_false(lyd_print_mem(&expected, node, LYD_XML,
						   LYD_PRINT_SHRINK | flags[i]));
			assert_string_equal(strbuf_str(&seen), expected ?: "");
			free(expected);
			strbuf_free(&seen);
		}
		LYD_TREE_DFS_END(tree, node);
	}
}

#define TOP(in) "<top xmlns='urn:all' xmlns:m='urn:more'>" in "</top>"

static void values_and_defaults_are_printed_as_libyang_does(void **state)
{
	static const char *const cases[] = {
		TOP(""),
		TOP("<text>a &lt;b> &amp; \"c\"\tand\nd'</text><number>-5</number>"),
		TOP("<text/><number>7</number><flag/><octets>AQID</octets>"),
		TOP("<set>two one</set><fraction>1.50</fraction><kind>dog</kind>"),
		TOP("<kind>m:cat</kind><like>m:cat</like><either>m:cat</either>"),
		TOP("<where xmlns:a='urn:all'>/a:top/m:far</where><either>99</either>"),
		TOP("<either xmlns:a='urn:all'>/a:top/a:entry[a:b='1'][a:a='x']</either>"),
		TOP("<either>any words: a:b</either><word>z</word><word>a</word>"),
		TOP("<usual>1</usual><usual>2</usual><here/><empty/>"),
		TOP("<empty><inner><d>x&lt;y</d></inner></empty>"),
		TOP("<empty><inner><d>other</d></inner></empty>"),
		TOP("<entry><b>2</b><a>two</a></entry><entry><b>1</b><a>&lt;</a><mtu>1420</mtu>"
		    "<none><z>1</z></none><none/></entry>"),
		TOP("<m:far>x</m:far><m:farther><m:x>1</m:x></m:farther><text>t</text>"),
		TOP("<m:farther><m:deep><m:y>7</m:y></m:deep></m:farther>"),
		TOP("<text>\xc3\xa4\xe2\x82\xac</text>"),
	};
	struct lyd_node *tree;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(lyd_parse_data_mem(*state, cases[i], LYD_XML, 0,
						LYD_VALIDATE_PRESENT, &tree));
		check(tree);
		lyd_free_all(tree);
	}
}

static void operations_and_notifications_are_trees_too(void **state)
{
	const struct lys_module *m = ly_ctx_get_module_implemented(*state, "all");
	struct lyd_node *tree;

	assert_false(lyd_new_inner(NULL, m, "came", 0, &tree));
	assert_false(lyd_new_term(tree, NULL, "who", "<x>", 0, NULL));
	check(tree);
	lyd_free_all(tree);
	assert_false(lyd_new_inner(NULL, m, "go", 0, &tree));
	assert_false(lyd_new_term(tree, NULL, "r", "", 1, NULL));
	check(lyd_child(tree));
	lyd_free_all(tree);
}

/* What was undone leaves no trace, neither of text nor of the namespace that held in it. */
static void an_element_can_be_undone(void **state)
{
	struct lyd_node *tree, *far;
	struct strbuf out = {0};
	struct print_mark top, undone;
	struct printer p;

	assert_false(lyd_parse_data_mem(*state, TOP("<m:far>x</m:far><text>t</text>"),
					LYD_XML, 0, LYD_VALIDATE_PRESENT, &tree));
	assert_false(lyd_find_path(tree, "/all:top/more:far", 0, &far));
	printer_init(&p, &out, PRINT_EXPLICIT);
	top = print_begin(&p, tree);
	undone = print_begin(&p, far);
	print_undo(&p, &undone);
	print_end(&p, tree, &top);
	assert_string_equal(out.s, "<top xmlns=\"urn:all\"/>");
	strbuf_truncate(&out, 0);
	top = print_begin(&p, tree);
	print_leaf(&p, far);
	undone = print_begin(&p, far);
	print_undo(&p, &undone);
	print_end(&p, tree, &top);
	assert_string_equal(out.s, "<top xmlns=\"urn:all\"><far xmlns=\"urn:more\""
				   ">x</far></top>");
	printer_fini(&p);
	strbuf_free(&out);
	lyd_free_all(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_defaults_are_printed_as_libyang_does),
		cmocka_unit_test(operations_and_notifications_are_trees_too),
		cmocka_unit_test(an_element_can_be_undone),
	};

	return cmocka_run_group_tests(tests, make_context, free_context);
}
