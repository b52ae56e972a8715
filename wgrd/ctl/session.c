/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/session.h"

#include <errno.h>
#include <string.h>

bool session_open(struct session *s)
{
	char why[512];

	s->node[0] = '\0';
	if (!conn_open(&s->conn, why, sizeof(why)))
		return true;
	fprintf(stderr, "wgrctl: %s\n", why);
	return false;
}

bool session_query(struct session *s, const char *question, const char *line,
		   struct strbuf *answer)
{
	struct strbuf text = {0};
	int status, err;

	strbuf_printf(&text, "%s %s", question, line);
	err = conn_ask(&s->conn, text.s, answer, &status);
	strbuf_free(&text);
	return !err;
}

static bool update_node(struct session *s)
{
	struct strbuf node = {0};
	bool ok = session_query(s, "wgrctl", "node", &node);

	if (ok)
		snprintf(s->node, sizeof(s->node), "%s", strbuf_str(&node));
	strbuf_free(&node);
	return ok;
}

static bool is_blank(const char *line)
{
	line += strspn(line, " \t\r\n");
	return !*line || *line == '!' || *line == '#';
}

/* Also as `ex` and `q`, as the daemon would take them. */
static bool is_exit(const char *line)
{
	const char *word = line + strspn(line, " \t\r\n");
	size_t len = strcspn(word, " \t\r\n");

	if (word[len + strspn(word + len, " \t\r\n")])
		return false;
	return (len > 1 && len <= 4 && !strncmp(word, "exit", len)) ||
	       (len && len <= 4 && !strncmp(word, "quit", len));
}

static enum outcome lost(struct session *s, int err, const char *prefix)
{
	s->node[0] = '\0';
	if (err == -EPIPE)
		fprintf(stderr, "%swgrctl: wgrd closed the connection\n", prefix);
	else if (err == -EINTR)
		fprintf(stderr, "%swgrctl: interrupted; the session begins anew\n",
			prefix);
	else if (err == -ETIMEDOUT)
		fprintf(stderr, "%swgrctl: wgrd does not answer\n", prefix);
	else
		fprintf(stderr, "%swgrctl: the connection is lost: %s\n", prefix,
			strerror(-err));
	return OUTCOME_LOST;
}

enum outcome session_run(struct session *s, const char *line, const char *prefix)
{
	struct strbuf text = {0};
	int status = 0, err;

	if (is_blank(line))
		return OUTCOME_OK;
	if (!*s->node && is_exit(line))
		return OUTCOME_LEFT;
	if (s->conn.fd < 0 && !session_open(s))
		return OUTCOME_LOST;
	err = conn_ask(&s->conn, line, &text, &status);
	if (!err && !status)
		fputs(strbuf_str(&text), stdout);
	else if (!err)
		fprintf(stderr, "%s%s", prefix,
			text.len ? text.s : "% The command failed.\n");
	strbuf_free(&text);
	if (!err && !update_node(s))
		err = -EPIPE;
	if (err)
		return lost(s, err, prefix);
	return status ? OUTCOME_FAILED : OUTCOME_OK;
}
