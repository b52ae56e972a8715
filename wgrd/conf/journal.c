/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/lib/file.h"
#include "wgrd/lib/strbuf.h"

#define HEADING "wgrd commits 1"

/* ---- writing ---- */

static void put_edits(struct strbuf *out, const char *word, const struct edits *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct conf_edit *edit = &e->edit[i];

		strbuf_printf(out, "%s %c %s", word, edit->unset ? '-' : '+', edit->path);
		if (edit->value)
			strbuf_printf(out, "\t%s", edit->value);
		strbuf_puts(out, "\n");
	}
}

static void put_record(struct strbuf *out, const struct commit_record *r)
{
	const struct commit_origin *o = &r->origin;

	strbuf_printf(out, "commit %" PRIu64 " %" PRId64 " %016" PRIx64 " %s %s\n", r->id,
		      r->when, r->digest, *o->user ? o->user : "-", o->from);
	put_edits(out, "do", &r->forward);
	put_edits(out, "undo", &r->back);
	strbuf_printf(out, "end %" PRIu64 "\n", r->id);
}

static int cannot_write(const char *path, int err, char *why, size_t why_len)
{
	snprintf(why, why_len, "cannot write %s: %s; what was there is as it was", path,
		 strerror(-err));
	return err;
}

/* What was written of a record that did not fit is taken away again. */
static int append_text(int fd, const struct strbuf *text)
{
	off_t end = lseek(fd, 0, SEEK_END);
	int err = end < 0 ? -errno : file_write_all(fd, text->s, text->len);

	if (!err && fsync(fd))
		err = -errno;
	if (err && end >= 0 && ftruncate(fd, end))
		err = -errno;
	return err;
}

int journal_append(const char *path, const struct commit_record *r, char *why,
		   size_t why_len)
{
	struct strbuf text = {.secret = true};
	int err = 0, fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return cannot_write(path, -errno, why, why_len);
	put_record(&text, r);
	err = append_text(fd, &text);
	close(fd);
	strbuf_free(&text);
	return err ? cannot_write(path, err, why, why_len) : 0;
}

int journal_rewrite(const char *path,
		    const struct commit_record *(*record)(void *arg, size_t i), void *arg,
		    size_t count, char *why, size_t why_len)
{
	struct strbuf text = {.secret = true};
	int err;

	strbuf_puts(&text, HEADING "\n");
	for (size_t i = 0; i < count; i++)
		put_record(&text, record(arg, i));
	err = file_replace(path, text.s, text.len);
	if (!err)
		err = file_sync_name(path);
	strbuf_free(&text);
	return err ? cannot_write(path, err, why, why_len) : 0;
}

/* ---- reading ---- */

struct reader {
	FILE *f;
	char *text; /* the line, without its end */
	size_t cap;
	unsigned line;
	bool torn; /* there was something that is no line */
};

/* False at the end of the file, and for a last line that was not written whole. */
static bool next_line(struct reader *r)
{
	ssize_t len = getline(&r->text, &r->cap, r->f);

	if (len <= 0)
		return false;
	r->line++;
	r->torn = r->text[len - 1] != '\n' || memchr(r->text, '\0', (size_t)len);
	if (!r->torn)
		r->text[len - 1] = '\0';
	return !r->torn;
}

static bool read_head(const char *text, struct commit_record *r)
{
	int at = 0;

	if (sscanf(text, "commit %" SCNu64 " %" SCNd64 " %" SCNx64 " %32s %n", &r->id,
		   &r->when, &r->digest, r->origin.user, &at) != 4 ||
	    !at || !r->id)
		return false;
	if (!strcmp(r->origin.user, "-"))
		r->origin.user[0] = '\0';
	snprintf(r->origin.from, sizeof(r->origin.from), "%s", text + at);
	return true;
}

/* "do + PATH" or "undo - PATH", with or without a value. */
static bool read_edit(char *text, struct commit_record *r)
{
	struct edits *to = text[0] == 'd' ? &r->forward : &r->back;
	const char *word = to == &r->forward ? "do " : "undo ";
	size_t len = strlen(word);
	struct conf_edit e;
	char *tab;

	if (strncmp(text, word, len) != 0 || !text[len] || !strchr("+-", text[len]) ||
	    text[len + 1] != ' ' || !text[len + 2])
		return false;
	tab = strchr(text, '\t');
	if (tab)
		*tab = '\0';
	e = (struct conf_edit){
		.unset = text[len] == '-',
		.path = text + len + 2,
		.value = tab ? tab + 1 : NULL,
	};
	edits_add(to, &e);
	return true;
}

static bool is_end(const char *text, const struct commit_record *r)
{
	char end[32];

	snprintf(end, sizeof(end), "end %" PRIu64, r->id);
	return !strcmp(text, end);
}

static bool read_record(struct reader *in, struct commit_record *r)
{
	*r = (struct commit_record){0};
	if (!read_head(in->text, r))
		return false;
	while (next_line(in)) {
		if (is_end(in->text, r))
			return true;
		if (!read_edit(in->text, r))
			break;
	}
	edits_fini(&r->forward);
	edits_fini(&r->back);
	return false;
}

static int read_all(struct reader *in, const char *path,
		    void (*take)(void *arg, struct commit_record *r), void *arg,
		    char *why, size_t why_len)
{
	struct commit_record r;

	if (!next_line(in) || strcmp(in->text, HEADING) != 0) {
		snprintf(why, why_len, "%s: it does not begin with \"%s\"", path,
			 HEADING);
		return -EINVAL;
	}
	while (next_line(in)) {
		if (!read_record(in, &r)) {
			in->torn = true;
			break;
		}
		take(arg, &r);
	}
	if (!in->torn)
		return 0;
	snprintf(why, why_len,
		 "%s:%u: not a whole commit; it and what follows is left out", path,
		 in->line);
	return -EINVAL;
}

int journal_read(const char *path, void (*take)(void *arg, struct commit_record *r),
		 void *arg, char *why, size_t why_len)
{
	struct reader in = {.f = fopen(path, "re")};
	int err;

	if (!in.f) {
		err = -errno;
		snprintf(why, why_len, "%s: cannot be opened: %s", path, strerror(-err));
		return err;
	}
	err = read_all(&in, path, take, arg, why, why_len);
	if (in.text)
		explicit_bzero(in.text, in.cap);
	free(in.text);
	fclose(in.f);
	return err;
}
