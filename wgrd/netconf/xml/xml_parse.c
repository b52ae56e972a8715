/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "wgrd/netconf/xml/xml_reader.h"

static bool only_blanks(const char *s)
{
	while (xml_is_blank(*s))
		s++;
	return !*s;
}

/* What has been read so far must be nothing, for an element begins or ends beside it. */
static bool no_text(struct xml_reader *x)
{
	if (!only_blanks(strbuf_str(&x->text)))
		return xml_reader_fail(x, -EINVAL, "text beside elements in %.64s",
				       x->node ? x->node->qname : "the message");
	strbuf_truncate(&x->text, 0);
	return true;
}

static void leave(struct xml_reader *x)
{
	struct xml_node *n = x->node;

	if (n->first) {
		no_text(x);
	} else {
		n->text = xml_reader_keep(x, strbuf_str(&x->text), x->text.len);
		strbuf_truncate(&x->text, 0);
	}
	for (const struct xml_scope *up = n->parent ? n->parent->scope : NULL;
	     x->scope != up; x->scope = x->scope->next)
		x->scopes--;
	x->node = n->parent;
	x->depth--;
}

static struct xml_node *begin_element(struct xml_reader *x)
{
	struct xml_node *n;
	struct xml_name q;

	if (!no_text(x))
		return NULL;
	if (x->depth == XML_DEPTH_MAX)
		xml_reader_fail(x, -E2BIG, "more than %d elements in each other",
				XML_DEPTH_MAX);
	if (x->doc->elements == XML_ELEMENTS_MAX)
		xml_reader_fail(x, -E2BIG, "more than %d elements", XML_ELEMENTS_MAX);
	if (!x->node && x->doc->root)
		xml_reader_fail(x, -EINVAL, "a second element beside the first");
	n = x->err ? NULL : xml_reader_get(x, sizeof(*n), sizeof(void *));
	if (!n || !xml_reader_name(x, &q))
		return NULL;
	*n = (struct xml_node){
		.qname = xml_reader_keep(x, q.s, q.len), .text = "", .parent = x->node};
	n->name = xml_local_name(n->qname);
	x->doc->elements++;
	x->depth++;
	return n;
}

static void link_element(struct xml_reader *x, struct xml_node *n)
{
	struct xml_node *up = n->parent;

	if (!up)
		x->doc->root = n;
	else if (up->last)
		up->last->next = n;
	else
		up->first = n;
	if (up)
		up->last = n;
	x->node = n;
}

/* Behind the '<'. */
static bool read_start(struct xml_reader *x)
{
	struct xml_node *n = begin_element(x);

	if (!n || !xml_reader_attrs(x, n))
		return false;
	link_element(x, n);
	if (*x->p == '/') {
		x->p++;
		leave(x);
	}
	if (*x->p != '>')
		return xml_reader_fail(x, -EINVAL, "element %.64s does not end",
				       n->qname);
	x->p++;
	return !x->err;
}

/* Behind the '</'. */
static bool read_end(struct xml_reader *x)
{
	struct xml_name q;

	if (!x->node)
		return xml_reader_fail(x, -EINVAL, "an element ends that did not begin");
	if (!xml_reader_name(x, &q))
		return false;
	if (strlen(x->node->qname) != q.len || memcmp(x->node->qname, q.s, q.len) != 0)
		return xml_reader_fail(x, -EINVAL, "element %.64s is ended by %.*s",
				       x->node->qname, (int)(q.len < 64 ? q.len : 64),
				       q.s);
	xml_reader_skip_blanks(x);
	if (*x->p != '>')
		return xml_reader_fail(x, -EINVAL, "the end of %.64s does not end",
				       x->node->qname);
	x->p++;
	leave(x);
	return !x->err;
}

/* Behind @open, up to @close and behind it. */
static bool skip_to(struct xml_reader *x, const char *close, struct strbuf *keep_in)
{
	const char *end = strstr(x->p, close);

	if (!end)
		return xml_reader_fail(x, -EINVAL, "\"%s\" is missing", close);
	if (keep_in)
		strbuf_add(keep_in, x->p, (size_t)(end - x->p));
	x->p = end + strlen(close);
	return true;
}

static bool take(struct xml_reader *x, const char *word)
{
	if (!xml_reader_begins(x, word))
		return false;
	x->p += strlen(word);
	return true;
}

static bool read_markup(struct xml_reader *x)
{
	if (take(x, "<!--"))
		return skip_to(x, "-->", NULL);
	if (take(x, "<?"))
		return skip_to(x, "?>", NULL);
	if (x->node && take(x, "<![CDATA["))
		return skip_to(x, "]]>", &x->text);
	if (xml_reader_begins(x, "<!"))
		return xml_reader_fail(x, -EINVAL,
				       "a document type or the like, which NETCONF does "
				       "not allow");
	if (take(x, "</"))
		return read_end(x);
	x->p++;
	return read_start(x);
}

static bool read_all(struct xml_reader *x)
{
	while (*x->p) {
		if (*x->p == '<') {
			if (!read_markup(x))
				return false;
			continue;
		}
		if (!xml_reader_text(x, &x->text, "<", false))
			return false;
	}
	if (x->node)
		return xml_reader_fail(x, -EINVAL, "element %.64s has no end",
				       x->node->qname);
	return no_text(x) &&
	       (x->doc->root || xml_reader_fail(x, -EINVAL, "there is no element"));
}

/* Of the control characters XML has three; the rest cannot even be written as a reference. */
static bool check_octets(struct xml_reader *x, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)x->begin[i];

		if (c < 0x20 && !xml_is_blank((char)c))
			return xml_reader_fail(x, -EINVAL,
					       "octet %zu is a control character", i);
	}
	return utf8_is_valid(x->begin) ||
	       xml_reader_fail(x, -EINVAL, "this is not UTF-8");
}

int xml_parse(struct xml_doc *doc, const char *text, size_t len, char *why,
	      size_t why_len)
{
	struct xml_reader x = {.doc = doc,
			       .p = text,
			       .begin = text,
			       .text.secret = true,
			       .why = why,
			       .why_len = why_len};

	*doc = (struct xml_doc){0};
	if (check_octets(&x, len))
		read_all(&x);
	strbuf_free(&x.text);
	return x.err;
}
