/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "wgrd/netconf/xml/xml.h"

static char why[200];

static int parse(struct xml_doc *doc, const char *text)
{
	return xml_parse(doc, text, strlen(text), why, sizeof(why));
}

static void must_parse(struct xml_doc *doc, const char *text)
{
	if (parse(doc, text))
		fail_msg("%s: %s", text, why);
}

static void elements_have_names_texts_and_attributes(void **state)
{
	struct xml_doc doc;
	const struct xml_node *b;

	(void)state;
	must_parse(&doc,
		   "<?xml version='1.0'?>\n<!-- c --><a x='1' y=\"a&lt;'b\"> <b>t</b>\n"
		   "<c/><d></d ></a><!-- end -->\n");
	assert_string_equal(doc.root->name, "a");
	assert_string_equal(xml_attr_find(doc.root, "", "x")->value, "1");
	assert_string_equal(xml_attr_find(doc.root, "", "y")->value, "a<'b");
	assert_null(xml_attr_find(doc.root, "", "z"));
	b = xml_child(doc.root, "", "b");
	assert_string_equal(b->text, "t");
	assert_string_equal(b->next->name, "c");
	assert_string_equal(b->next->next->name, "d");
	assert_null(b->next->next->next);
	assert_string_equal(doc.root->text, "");
	assert_int_equal(doc.elements, 4);
	xml_free(&doc);
}

static void namespaces_hold_where_they_are_declared(void **state)
{
	struct xml_doc doc;
	const struct xml_node *b, *c;

	(void)state;
	must_parse(&doc, "<a xmlns='u:1' xmlns:p='u:2' p:x='1' x='2'>"
			 "<p:b xmlns:p='u:3'><p:d/></p:b><p:c/><e xmlns=''/></a>");
	assert_string_equal(doc.root->ns, "u:1");
	assert_string_equal(xml_attr_find(doc.root, "u:2", "x")->value, "1");
	assert_string_equal(xml_attr_find(doc.root, "", "x")->value, "2");
	b = xml_child(doc.root, "u:3", "b");
	c = xml_child(doc.root, "u:2", "c");
	assert_string_equal(b->first->ns, "u:3");
	assert_string_equal(xml_prefix_ns(b, "p", 1), "u:3");
	assert_string_equal(xml_prefix_ns(c, "p", 1), "u:2");
	assert_null(xml_prefix_ns(c, "q", 1));
	assert_string_equal(c->next->ns, "");
	xml_free(&doc);
}

static void text_is_what_it_stands_for(void **state)
{
	static const char *const cases[][2] = {
		{"<a> x </a>", " x "},
		{"<a>&lt;&gt;&amp;&quot;&apos;</a>", "<>&\"'"},
		{"<a>&#65;&#x42;&#xe9;&#x20ac;&#x1F600;</a>",
		 "AB\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"<a>x\r\ny\rz</a>", "x\ny\nz"},
		{"<a>x<!-- no -->y<![CDATA[<z>&amp;]]></a>", "xy<z>&amp;"},
		{"<a><?pi x?></a>", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xml_doc doc;

		must_parse(&doc, cases[i][0]);
		assert_string_equal(doc.root->text, cases[i][1]);
		xml_free(&doc);
	}
}

static void what_is_not_xml_is_refused_with_a_reason(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"x",
		"<",
		"<a",
		"<a>",
		"<a/",
		"</a>",
		"<a></b>",
		"<a/><b/>",
		"<a/>x",
		"<a><b></a></b>",
		"<1/>",
		"<a b/>",
		"<a b=c/>",
		"<a b='c/>",
		"<a b='<'/>",
		"<a b='1' b='2'/>",
		"<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
		"<a b='1'c='2'/>",
		"<p:a/>",
		"<a p:b='1'/>",
		"<a:b:c xmlns:a='u'/>",
		"<a xmlns:p=''/>",
		"<a>x<b/></a>",
		"<a><b/>x</a>",
		"<a>&x;</a>",
		"<a>&lt</a>",
		"<a>&#0;</a>",
		"<a>&#x110000;</a>",
		"<a>&#xd800;</a>",
		"<a>&#;</a>",
		"<a>&#x;</a>",
		"<a>&#-1;</a>",
		"<a><!-- </a>",
		"<a><![CDATA[ </a>",
		"<![CDATA[x]]>",
		"<?pi",
		"<!DOCTYPE a><a/>",
		"<a><!ENTITY x 'y'></a>",
		"<a>\x01</a>",
		"<a>\xff</a>",
		"<a>\xc0\x80</a>",
		"<a>\xed\xa0\x80</a>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xml_doc doc;

		why[0] = '\0';
		if (parse(&doc, cases[i]) != -EINVAL || !*why)
			fail_msg("%s: expected a refusal, saw \"%s\"", cases[i], why);
		xml_free(&doc);
	}
}

static void a_nul_is_refused(void **state)
{
	struct xml_doc doc;

	(void)state;
	assert_int_equal(xml_parse(&doc, "<a>\0</a>", 8, why, sizeof(why)), -EINVAL);
	xml_free(&doc);
}

static void repeat(struct strbuf *b, const char *text, unsigned times)
{
	while (times--)
		strbuf_puts(b, text);
}

static int parse_deep(unsigned depth)
{
	struct strbuf b = {0};
	struct xml_doc doc;
	int err;

	repeat(&b, "<a>", depth);
	repeat(&b, "</a>", depth);
	err = parse(&doc, b.s);
	xml_free(&doc);
	strbuf_free(&b);
	return err;
}

static void depth_is_limited(void **state)
{
	(void)state;
	assert_int_equal(parse_deep(XML_DEPTH_MAX), 0);
	assert_int_equal(parse_deep(XML_DEPTH_MAX + 1), -E2BIG);
	assert_int_equal(parse_deep(1000000), -E2BIG);
}

static int parse_with(const char *attr_format, unsigned count)
{
	struct strbuf b = {0};
	struct xml_doc doc;
	int err;

	strbuf_puts(&b, "<a");
	for (unsigned i = 0; i < count; i++) {
		strbuf_printf(&b, " %s%u='u'", attr_format, i);
	}
	strbuf_puts(&b, "/>");
	err = parse(&doc, b.s);
	xml_free(&doc);
	strbuf_free(&b);
	return err;
}

static void attributes_are_limited(void **state)
{
	(void)state;
	assert_int_equal(parse_with("b", XML_ATTRS_MAX), 0);
	assert_int_equal(parse_with("b", XML_ATTRS_MAX + 1), -E2BIG);
}

static void namespaces_that_hold_at_once_are_limited(void **state)
{
	struct strbuf b = {0};
	struct xml_doc doc;

	(void)state;
	assert_int_equal(parse_with("xmlns:b", XML_SCOPES_MAX), 0);
	strbuf_puts(&b, "<a xmlns='u'>");
	for (unsigned i = 0; i < 10 * XML_SCOPES_MAX; i++)
		strbuf_puts(&b, "<b xmlns='v'/>"); /* none holds beyond its element */
	strbuf_puts(&b, "</a>");
	must_parse(&doc, b.s);
	xml_free(&doc);
	strbuf_truncate(&b, 0);
	for (unsigned i = 0; i < XML_DEPTH_MAX; i++)
		strbuf_puts(&b, "<b xmlns='v' xmlns:w='x'>");
	assert_int_equal(parse(&doc, b.s), -E2BIG);
	xml_free(&doc);
	strbuf_free(&b);
}

static void elements_are_limited(void **state)
{
	struct strbuf b = {0};
	struct xml_doc doc;

	(void)state;
	strbuf_puts(&b, "<a>");
	repeat(&b, "<b/>", XML_ELEMENTS_MAX);
	strbuf_puts(&b, "</a>");
	assert_int_equal(parse(&doc, b.s), -E2BIG);
	xml_free(&doc);
	strbuf_free(&b);
}

static void what_is_escaped_comes_back(void **state)
{
	static const char text[] = "<a b=\"c\">&amp;\r\n\t'x'\xe2\x82\xac";
	struct strbuf b = {0};
	struct xml_doc doc;

	(void)state;
	strbuf_puts(&b, "<x y=\"");
	xml_escape_attr(&b, text);
	strbuf_puts(&b, "\">");
	xml_escape(&b, text);
	strbuf_puts(&b, "</x>");
	must_parse(&doc, b.s);
	assert_string_equal(doc.root->text, text);
	assert_string_equal(doc.root->attr->value, text);
	xml_free(&doc);
	strbuf_truncate(&b, 0);
	xml_put(&b, "a", "\x01");
	xml_put(&b, "b", NULL);
	assert_string_equal(b.s, "<a>\xef\xbf\xbd</a>");
	strbuf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_have_names_texts_and_attributes),
		cmocka_unit_test(namespaces_hold_where_they_are_declared),
		cmocka_unit_test(text_is_what_it_stands_for),
		cmocka_unit_test(what_is_not_xml_is_refused_with_a_reason),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(attributes_are_limited),
		cmocka_unit_test(namespaces_that_hold_at_once_are_limited),
		cmocka_unit_test(elements_are_limited),
		cmocka_unit_test(what_is_escaped_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
