/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/import.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/ctl/conn.h"
#include "wgrd/ctl/secret_file.h"
#include "wgrd/ctl/wgquick.h"

enum {
	DONE,
	REFUSED,
	NOBODY_THERE,
};

/* A line for wgrd, and what it comes from. */
struct line {
	const char *text, *word;
	unsigned number; /* of the file; 0: ours */
};

struct import {
	const struct import_options *o;
	char interface[IFNAMSIZ];
	struct wgquick file;
	struct conn conn;
	char **made; /* files with keys that are new */
	size_t made_count;
	/* For each line in its turn; false ends it. */
	bool (*emit)(struct import *m, const struct line *l);
};

static void say(const struct import *m, unsigned line, const char *word, const char *why)
{
	const char *file = m->o->file;

	fprintf(stderr, "%s", file);
	if (line)
		fprintf(stderr, ":%u", line);
	if (*word)
		fprintf(stderr, ": \"%s\"", word);
	fprintf(stderr, ": %s\n", why);
}

/* ---- the file ---- */

/* Gives all of it, with a NUL behind. */
static char *read_file(int fd, size_t *len, char *why, size_t why_len)
{
	char *text = calloc(1, WGQUICK_TEXT_MAX + 2);
	ssize_t n = 1;

	*len = 0;
	while (text && *len <= WGQUICK_TEXT_MAX && n > 0) {
		n = read(fd, text + *len, WGQUICK_TEXT_MAX + 1 - *len);
		if (n > 0)
			*len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (text && !n && *len <= WGQUICK_TEXT_MAX)
		return text;
	if (text && n >= 0)
		snprintf(why, why_len, "it is longer than %d octets", WGQUICK_TEXT_MAX);
	else
		snprintf(why, why_len, "it cannot be read: %s", strerror(errno));
	if (text)
		explicit_bzero(text, *len);
	free(text);
	return NULL;
}

static bool load(struct import *m)
{
	int fd = open(m->o->file, O_RDONLY | O_CLOEXEC);
	char why[256], *text;
	size_t len;

	if (fd < 0) {
		snprintf(why, sizeof(why), "it cannot be opened: %s", strerror(errno));
		say(m, 0, "", why);
		return false;
	}
	text = read_file(fd, &len, why, sizeof(why));
	close(fd);
	if (!text) {
		say(m, 0, "", why);
		return false;
	}
	wgquick_parse(&m->file, text, len);
	free(text);
	for (size_t i = 0; i < m->file.reports; i++) {
		const struct wgquick_report *r = &m->file.report[i];

		say(m, r->line, r->word, r->why);
	}
	return !m->file.errors;
}

/* See interface-name in wgrd.yang; it becomes part of the name of a file. */
static bool is_interface_name(const char *s)
{
	if (!isalnum((unsigned char)*s) && *s != '_')
		return false;
	return strlen(s) < IFNAMSIZ &&
	       !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789_.@+-")];
}

static bool name_interface(struct import *m)
{
	const char *slash = strrchr(m->o->file, '/');
	const char *base = slash ? slash + 1 : m->o->file, *dot = strrchr(base, '.');
	size_t len = dot && !strcmp(dot, ".conf") ? (size_t)(dot - base) : strlen(base);
	char name[NAME_MAX + 1];

	if (m->o->interface)
		snprintf(name, sizeof(name), "%s", m->o->interface);
	else
		snprintf(name, sizeof(name), "%.*s", (int)len, base);
	if (!is_interface_name(name)) {
		fprintf(stderr,
			"wgrctl: \"%s\" cannot be the name of an interface; give one with "
			"--interface\n",
			name);
		return false;
	}
	strcpy(m->interface, name);
	return true;
}

/* ---- lines ---- */

static bool emit(struct import *m, unsigned number, const char *word, const char *fmt,
		 ...) PRINTF_LIKE(4, 5);

static bool emit(struct import *m, unsigned number, const char *word, const char *fmt,
		 ...)
{
	struct line l = {.number = number, .word = word};
	char text[PATH_MAX + 64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	l.text = text;
	return m->emit(m, &l);
}

static void key_path(const struct import *m, const struct wgquick_block *b,
		     char path[PATH_MAX])
{
	if (b == &m->file.interface)
		snprintf(path, PATH_MAX, "%s/%s.key", m->o->key_dir, m->interface);
	else
		snprintf(path, PATH_MAX, "%s/%s-%s.psk", m->o->key_dir, m->interface,
			 b->name);
}

static bool emit_settings(struct import *m, const struct wgquick_block *b,
			  const char *indent)
{
	bool of_peer = b != &m->file.interface;
	char path[PATH_MAX];

	if (*b->comment && strcmp(b->comment, b->name) &&
	    !emit(m, b->line, "[Peer]", "%sdescription %s", indent, b->comment))
		return false;
	if (*b->secret) {
		key_path(m, b, path);
		if (!emit(m, b->secret_line, of_peer ? "PresharedKey" : "PrivateKey",
			  "%s%s-file %s", indent,
			  of_peer ? "preshared-key" : "private-key", path))
			return false;
	}
	for (size_t i = 0; i < b->settings; i++) {
		const struct wgquick_setting *s = &b->setting[i];

		if (!emit(m, s->line, s->word, "%s%s", indent, s->command))
			return false;
	}
	return true;
}

static bool emit_peer(struct import *m, const struct wgquick_block *b)
{
	return emit(m, b->line, "[Peer]", " peer %s", b->name) &&
	       emit_settings(m, b, "  ") && emit(m, 0, "", " exit-peer");
}

static bool emit_all(struct import *m)
{
	bool ok = emit(m, m->file.interface.line, "[Interface]", "wireguard %s",
		       m->interface) &&
		  emit_settings(m, &m->file.interface, " ");

	for (size_t i = 0; ok && i < m->file.peers; i++)
		ok = emit_peer(m, &m->file.peer[i]);
	return ok && emit(m, 0, "", "exit-wireguard");
}

static bool print_line(struct import *m, const struct line *l)
{
	(void)m;
	puts(l->text);
	return true;
}

/* ---- keys ---- */

static bool make_key_file(struct import *m, const struct wgquick_block *b)
{
	char path[PATH_MAX], why[PATH_MAX + 256];
	bool made;

	if (!*b->secret)
		return true;
	key_path(m, b, path);
	if (secret_file_make(path, b->secret, &made, why, sizeof(why))) {
		fprintf(stderr, "wgrctl: %s\n", why);
		return false;
	}
	if (made)
		m->made[m->made_count++] = xstrdup(path);
	return true;
}

static bool make_key_files(struct import *m)
{
	bool ok = make_key_file(m, &m->file.interface);

	for (size_t i = 0; ok && i < m->file.peers; i++)
		ok = make_key_file(m, &m->file.peer[i]);
	return ok;
}

static void forget_key_files(struct import *m, bool remove_them)
{
	for (size_t i = 0; i < m->made_count; i++) {
		if (remove_them)
			unlink(m->made[i]);
		free(m->made[i]);
	}
	free(m->made);
}

/* ---- the daemon ---- */

/* "% Sentence.\n" is shown as the sentence. */
static const char *sentence(struct strbuf *answer)
{
	const char *s = strbuf_str(answer);

	if (answer->len && answer->s[answer->len - 1] == '\n')
		strbuf_truncate(answer, answer->len - 1);
	return s[0] == '%' && s[1] == ' ' ? s + 2 : s;
}

static bool send_line(struct import *m, const struct line *l)
{
	struct strbuf answer = {0};
	int status = 0, err = conn_ask(&m->conn, l->text, &answer, &status);

	if (err)
		fprintf(stderr, "wgrctl: the connection is lost: %s\n", strerror(-err));
	else if (status)
		say(m, l->number, l->number ? l->word : "", sentence(&answer));
	strbuf_free(&answer);
	return !err && !status;
}

static bool send_command(struct import *m, const char *command)
{
	return send_line(m, &(struct line){.text = command, .word = ""});
}

/* An import makes an interface; what is there is not mixed with it. */
static bool is_free(struct import *m)
{
	struct strbuf answer = {0}, wanted = {0};
	int status = 0, err;
	bool found;

	strbuf_printf(&wanted, "\nwireguard %s\n", m->interface);
	err = conn_ask(&m->conn, "show running-config", &answer, &status);
	found = strstr(strbuf_str(&answer), wanted.s);
	strbuf_free(&answer);
	strbuf_free(&wanted);
	if (err)
		fprintf(stderr, "wgrctl: the connection is lost: %s\n", strerror(-err));
	else if (found)
		fprintf(stderr,
			"wgrctl: wireguard %s is configured already; remove it first with \"no "
			"wireguard %s\", or give another name with --interface\n",
			m->interface, m->interface);
	return !err && !found;
}

/* A group whose client hangs up is forgotten by wgrd. */
static bool send_all(struct import *m)
{
	m->emit = send_line;
	return send_command(m, "configure terminal") &&
	       send_command(m, "XFRR_start_configuration") && emit_all(m) &&
	       send_command(m, "XFRR_end_configuration");
}

static void summarise(const struct import *m)
{
	size_t prefixes = 0;

	for (size_t i = 0; i < m->file.peers; i++)
		for (size_t j = 0; j < m->file.peer[i].settings; j++)
			prefixes +=
				!strcmp(m->file.peer[i].setting[j].word, "AllowedIPs");
	printf("wireguard %s is in force (peers: %zu, prefixes: %zu)\n", m->interface,
	       m->file.peers, prefixes);
	for (size_t i = 0; i < m->made_count; i++)
		printf("a key was written to %s\n", m->made[i]);
	puts("nothing is saved before \"write memory\"");
}

static int change(struct import *m)
{
	char why[512];
	bool ok;

	m->conn.path = m->o->socket;
	if (conn_open(&m->conn, why, sizeof(why))) {
		fprintf(stderr, "wgrctl: %s\n", why);
		return NOBODY_THERE;
	}
	m->made = xcalloc(m->file.peers + 1, sizeof(*m->made));
	ok = is_free(m) && make_key_files(m) && send_all(m);
	conn_close(&m->conn);
	if (ok)
		summarise(m);
	forget_key_files(m, !ok);
	return ok ? DONE : REFUSED;
}

int import_run(const struct import_options *o)
{
	struct import m = {.o = o, .conn.fd = -1};
	int status = REFUSED;

	if (name_interface(&m) && load(&m)) {
		if (o->dry_run) {
			m.emit = print_line;
			emit_all(&m);
			status = DONE;
		} else {
			status = change(&m);
		}
	}
	if (status == REFUSED)
		fputs("wgrctl: nothing was changed\n", stderr);
	wgquick_free(&m.file);
	return status;
}
