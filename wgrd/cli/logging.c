/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/logging.h"

#include <string.h>

#include "wgrd/lib/log.h"
#include "wgrd/mgmt/mgmt_priv.h"

static const struct {
	enum log_target target;
	enum cli_action action;
} targets[] = {
	{LOG_TO_SYSLOG, CLI_DO_LOG_SYSLOG},
	{LOG_TO_STDERR, CLI_DO_LOG_STDOUT},
	{LOG_TO_FILE, CLI_DO_LOG_FILE},
};

/* Cuts a word off the front of @rest, which is NULL when none is left. */
static char *take_word(char **rest)
{
	char *word = *rest;

	if (word)
		*rest = strpbrk(word, " \t");
	if (word && *rest) {
		**rest = '\0';
		*rest += 1 + strspn(*rest + 1, " \t");
	}
	return word && *word ? word : NULL;
}

static void direct(enum log_target t, char *words, struct strbuf *out)
{
	const char *path = t == LOG_TO_FILE ? take_word(&words) : NULL;
	const char *word = take_word(&words);
	enum log_level level = LOG_LEVEL_DEBUG; /* FRR's default: all there is */
	int err;

	if (word && !log_level_parse(word, &level)) {
		strbuf_printf(out, "%% \"%.40s\" is no level of importance\n", word);
		return;
	}
	if (t == LOG_TO_FILE && (!path || path[0] != '/')) {
		strbuf_puts(out, "% log file: expected an absolute path\n");
		return;
	}
	err = log_direct(t, level, path);
	if (err)
		strbuf_printf(out, "%% log file: %s cannot be written: %s\n", path,
			      strerror(-err));
}

enum cli_status cli_log(struct cli_session *s, const struct cli_call *call,
			struct strbuf *out)
{
	for (size_t i = 0; s->m->deps.in_frr && i < ARRAY_SIZE(targets); i++) {
		if (targets[i].action != call->form->cmd->action)
			continue;
		if (call->no)
			log_direct_nothing(targets[i].target);
		else
			direct(targets[i].target, call->value, out);
	}
	return CLI_SUCCESS;
}
