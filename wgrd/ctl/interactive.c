/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/interactive.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

enum {
	HISTORY_LINES = 1000
};

/* readline's callbacks take no argument. */
static struct session *current;
static volatile sig_atomic_t interrupted;

/* ---- completion and help ---- */

/* What is left of the cursor. */
static char *typed(void)
{
	return strndup(rl_line_buffer, (size_t)rl_point);
}

static bool ask(const char *question, struct strbuf *answer)
{
	char *line = typed();
	bool ok = current->conn.fd >= 0 && session_query(current, question, line, answer);

	free(line);
	return ok;
}

/* Called again and again, with @state 0 for the first of the words. */
static char *next_word(const char *text, int state)
{
	static struct strbuf words;
	static const char *at;
	size_t len;
	char *word;

	(void)text;
	if (!state) {
		strbuf_free(&words);
		at = ask("wgrctl complete", &words) ? strbuf_str(&words) : "";
	}
	len = strcspn(at, "\n");
	if (!len)
		return NULL;
	word = strndup(at, len);
	at += len + (at[len] == '\n');
	return word;
}

static char **complete(const char *text, int start, int end)
{
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1; /* no names of files */
	return rl_completion_matches(text, next_word);
}

static int show_help(int count, int key)
{
	struct strbuf text = {0};

	(void)count;
	(void)key;
	if (!ask("wgrctl help", &text))
		strbuf_puts(&text, "% wgrd does not answer.\n");
	fprintf(rl_outstream, "?\n%s", strbuf_str(&text));
	strbuf_free(&text);
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

/* ---- ^C ---- */

static void on_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
}

/* Gives up the line that is being typed. */
static int abandon_line(void)
{
	if (!interrupted)
		return 0;
	interrupted = 0;
	rl_replace_line("", 0);
	rl_crlf();
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

/* The signal may have come between two reads, where no hook is called. */
static int get_char(FILE *in)
{
	abandon_line();
	return rl_getc(in);
}

/* ---- history ---- */

static const char *history_path(void)
{
	static char path[4096];
	const char *home = getenv("HOME");

	if (!home || (size_t)snprintf(path, sizeof(path), "%s/.wgrctl_history", home) >=
			     sizeof(path))
		return NULL;
	return path;
}

static bool begins_word(const char *word, size_t len, const char *full)
{
	return len > 2 && len <= strlen(full) && !strncmp(word, full, len);
}

/* Keys stay out of the file, however their word was abbreviated. */
static bool has_secret(const char *line)
{
	static const char blanks[] = " \t";
	const char *word = line + strspn(line, blanks);
	size_t len = strcspn(word, blanks);

	return begins_word(word, len, "private-key") ||
	       begins_word(word, len, "preshared-key");
}

static void remember(const char *line)
{
	HIST_ENTRY *last =
		history_length ? history_get(history_base + history_length - 1) : NULL;

	if (!line[strspn(line, " \t")] || has_secret(line))
		return;
	if (!last || strcmp(last->line, line))
		add_history(line);
}

static void load_history(void)
{
	using_history();
	stifle_history(HISTORY_LINES);
	if (history_path())
		read_history(history_path());
}

static void save_history(void)
{
	mode_t old = umask(077);

	if (history_path())
		write_history(history_path());
	umask(old);
}

/* ---- the loop ---- */

static void set_up_readline(void)
{
	const struct sigaction on_int = {.sa_handler = on_interrupt};

	rl_readline_name = "wgrctl";
	rl_attempted_completion_function = complete;
	rl_completer_word_break_characters = " \t";
	rl_completer_quote_characters = "";
	rl_signal_event_hook = abandon_line;
	rl_getc_function = get_char;
	rl_bind_key('?', show_help);
	sigaction(SIGINT, &on_int, NULL);
}

static char *read_line(const struct session *s)
{
	char prompt[128];

	snprintf(prompt, sizeof(prompt), "wgrd%s# ", s->node);
	return readline(prompt);
}

int interactive_run(struct session *s)
{
	enum outcome outcome = OUTCOME_OK;
	char *line;

	current = s;
	set_up_readline();
	load_history();
	while (outcome != OUTCOME_LEFT && (line = read_line(s))) {
		remember(line);
		interrupted = 0;
		outcome = session_run(s, line, "");
		fflush(stdout);
		free(line);
	}
	if (outcome != OUTCOME_LEFT)
		putchar('\n');
	save_history();
	return 0;
}
