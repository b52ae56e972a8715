/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client sends after its hello: the first octet says which framing, the rest is the
 * stream. Each message in it is answered by a whole server, by a user who may not do all;
 * each answer must be XML with an <rpc-reply> around it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/wgrd/netconf/rig.h"
#include "wgrd/lib/log.h"
#include "wgrd/netconf/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules[] =
	"<nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'><groups><group><name>g</name>"
	"<user-name>otto</user-name></group></groups><rule-list><name>l</name><group>g</group>"
	"<rule><name>r</name><path xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd</path>"
	"<action>permit</action></rule></rule-list></nacm>";

static void no_line(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static struct rig *rig;

static void end(void)
{
	rig_free(rig);
}

static void begin(void)
{
	log_capture(no_line);
	rig_nacm = rules;
	rig = rig_new();
	atexit(end);
}

static void check_reply(const struct strbuf *reply)
{
	struct xml_doc doc;
	char why[200];

	assert(!xml_parse(&doc, strbuf_str(reply), reply->len, why, sizeof(why)));
	assert(!strcmp(doc.root->name, "rpc-reply"));
	assert(doc.root->first);
	xml_free(&doc);
}

static void answer_all(struct netconf_session *s, const char *data, size_t size)
{
	size_t used;

	while (size && framing_feed(&s->framing, data, size, &used) == FRAMING_MESSAGE) {
		struct strbuf reply = {0};
		bool again = rpc_answer(s, &s->framing.message, &reply);
		int more = s->rest != NULL;

		while (more == 1)
			more = rpc_answer_on(s, &reply);
		assert(!more);
		check_reply(&reply);
		strbuf_free(&reply);
		framing_next(&s->framing);
		data += used;
		size -= used;
		if (!again)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netconf_session *s;
	int fd;

	if (!rig)
		begin();
	if (!size)
		return 0;
	s = rig_login_on(rig, "otto", 1000, &fd);
	s->framing.chunked = data[0] & 1;
	s->framing.message_max = 64 * 1024;
	answer_all(s, (const char *)data + 1, size - 1);
	netconf_session_end(s);
	close(fd);
	candidate_drop(&rig->n->candidate);
	return 0;
}
