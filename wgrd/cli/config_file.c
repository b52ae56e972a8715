/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/config_print.h"
#include "wgrd/cli/edit.h"
#include "wgrd/cli/session.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/file.h"
#include "wgrd/mgmt/mgmt_priv.h"

/* ---- loading ---- */

struct reader {
	struct cli_session session;
	const char *path;
	unsigned line;
	char *text;
	size_t cap;
	char *why;
	size_t why_len;
};

static int refuse_at(struct reader *r, unsigned line, const struct cli_refusal *refusal)
{
	const char *path = r->path;

	if (!line)
		snprintf(r->why, r->why_len, "%s: %s", path, refusal->why);
	else if (!*refusal->word)
		snprintf(r->why, r->why_len, "%s:%u: %s", path, line, refusal->why);
	else
		snprintf(r->why, r->why_len, "%s:%u: \"%s\": %s", path, line,
			 refusal->word, refusal->why);
	return -EINVAL;
}

static int read_line(struct reader *r, ssize_t len)
{
	struct cli_refusal refusal = {0};

	if (memchr(r->text, '\0', (size_t)len)) {
		snprintf(refusal.why, sizeof(refusal.why),
			 "a NUL octet; this is not a text file");
		return refuse_at(r, r->line, &refusal);
	}
	datastore_mark_line(r->session.m->deps.datastore, r->line);
	if (!cli_run_file_line(&r->session, r->text, &refusal))
		return refuse_at(r, r->line, &refusal);
	if (r->session.node == CLI_EXEC)
		r->session.node = CLI_CONFIG; /* `end` closes the blocks, not the file */
	return 0;
}

static int read_lines(struct reader *r, FILE *f)
{
	ssize_t len;
	int err = 0;

	errno = 0;
	while (!err && (len = getline(&r->text, &r->cap, f)) >= 0) {
		r->line++;
		err = read_line(r, len);
		errno = 0;
	}
	if (!err && ferror(f)) {
		err = -(errno ?: EIO);
		snprintf(r->why, r->why_len, "%s: cannot be read: %s", r->path,
			 strerror(-err));
	}
	return err;
}

static int commit_file(struct reader *r)
{
	struct datastore *ds = r->session.m->deps.datastore;
	struct cli_refusal refusal = {0};

	datastore_set_origin(ds, &r->session.origin);
	if (!datastore_commit(ds, refusal.why, sizeof(refusal.why)))
		return 0;
	cli_edit_explain(r->session.m, &refusal);
	return refuse_at(r, datastore_refused(ds).line, &refusal);
}

static int open_file(struct reader *r, FILE **f)
{
	int err;

	*f = fopen(r->path, "re");
	if (*f)
		return 0;
	err = -errno;
	snprintf(r->why, r->why_len, "%s: cannot be opened: %s", r->path, strerror(-err));
	return err;
}

static void wipe_text(struct reader *r)
{
	if (r->text)
		explicit_bzero(r->text, r->cap); /* there may be keys in it */
	free(r->text);
}

int config_load(struct cli *cli, const char *path, char *why, size_t why_len)
{
	struct reader r = {.path = path, .why = why, .why_len = why_len};
	struct datastore *ds = cli->m->deps.datastore;
	FILE *f;
	int err;

	cli_session_init(&r.session, cli);
	r.session.file = true;
	r.session.node = CLI_CONFIG;
	snprintf(r.session.origin.from, sizeof(r.session.origin.from), "%s", path);
	err = open_file(&r, &f);
	if (err)
		return err;
	err = datastore_start_empty(ds);
	if (err) {
		snprintf(why, why_len, "%s: another commit is running", path);
		goto close_file;
	}
	datastore_hold(ds, &r.session.candidate);
	err = read_lines(&r, f);
	datastore_mark_line(ds, 0);
	if (!err)
		err = commit_file(&r);
	cli_session_fini(&r.session);
	wipe_text(&r);
close_file:
	fclose(f);
	return err;
}

/* ---- saving ---- */

static const char *remedy(int err)
{
	switch (-err) {
	case ENOSPC:
	case EDQUOT:
		return "make room";
	case EROFS:
	case EACCES:
	case EPERM:
		return "see that wgrd may write there";
	default:
		return "see to that";
	}
}

static int replace_file(const char *file, const struct strbuf *text, char *why,
			size_t why_len)
{
	int err = file_replace(file, strbuf_str(text), text->len);

	if (err) {
		snprintf(why, why_len,
			 "cannot write %s: %s; what was there is as it was; to save what "
			 "is in force, %s and \"write memory\" again",
			 file, strerror(-err), remedy(err));
		return err;
	}
	err = file_sync_name(file);
	if (err)
		snprintf(why, why_len,
			 "%s is written, but may be lost if the power fails now: %s",
			 file, strerror(-err));
	return err;
}

int config_save(const struct cli *cli, const char *path, char *why, size_t why_len)
{
	const struct mgmt_deps *deps = &cli->m->deps;
	char *real = realpath(path, NULL); /* a symbolic link stays one */
	struct strbuf text = {.secret = true};
	int err;

	strbuf_printf(&text, "! Configuration of wgrd %s, see wgrd.conf(5).\n",
		      deps->version);
	config_print(cli->forms, datastore_running(deps->datastore), true, &text);
	err = replace_file(real ?: path, &text, why, why_len);
	strbuf_free(&text);
	free(real);
	return err;
}
