/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/commit_log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "wgrd/conf/diff.h"
#include "wgrd/conf/journal.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"

enum {
	/* The file is appended to until it holds this many, then written anew. */
	FILE_MAX = 2 * COMMIT_LOG_MAX
};

struct commit_log {
	struct commit_record *record; /* oldest first */
	size_t count, cap;
	uint64_t last_id, pin;
	char *path;                /* NULL: kept in memory alone */
	size_t in_file, unwritten; /* records there, and newest ones that are not */
	bool anew;                 /* the file must be written from the start */
	bool ended;
	commit_log_fn watch;
	void *watch_arg;
	int dir_fd; /* locked while this history has it; -1 */
	char trouble[512];
};

struct commit_log *commit_log_new(void)
{
	struct commit_log *h = xcalloc(1, sizeof(*h));

	h->dir_fd = -1;
	return h;
}

static void drop_oldest(struct commit_log *h, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		edits_fini(&h->record[i].forward);
		edits_fini(&h->record[i].back);
	}
	h->count -= n;
	if (n && h->count)
		memmove(h->record, h->record + n, h->count * sizeof(h->record[0]));
}

void commit_log_free(struct commit_log *h)
{
	if (!h)
		return;
	drop_oldest(h, h->count);
	if (h->dir_fd >= 0)
		close(h->dir_fd);
	free(h->record);
	free(h->path);
	free(h);
}

static void push(struct commit_log *h, const struct commit_record *r)
{
	if (h->count == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 16;
		h->record = xrealloc(h->record, h->cap, sizeof(h->record[0]));
	}
	h->record[h->count++] = *r;
	h->last_id = r->id;
	if (h->count > COMMIT_LOG_MAX && (!h->pin || h->record[0].id < h->pin))
		drop_oldest(h, 1);
}

/* ---- what is configured, in eight bytes ---- */

static uint64_t hash_text(uint64_t hash, const char *s)
{
	do
		hash = (hash ^ (uint8_t)*s) * UINT64_C(0x100000001b3); /* FNV-1a */
	while (*s++);
	return hash;
}

/*
 * A sum over all that is set, so that it follows a commit by what the commit changes. Each
 * term is scattered (splitmix64's end), so that sums tell sets apart.
 */
static void add_to_digest(uint64_t *sum, const struct conf_edit *e)
{
	uint64_t z = UINT64_C(0xcbf29ce484222325);

	if (e->unset)
		return;
	z = hash_text(hash_text(z, e->path), e->value ?: "");
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	*sum += z ^ z >> 31;
}

static uint64_t digest_of(const struct edits *e)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < e->count; i++)
		add_to_digest(&sum, &e->edit[i]);
	return sum;
}

static void tell_digest(void *arg, const struct conf_edit *e)
{
	add_to_digest(arg, e);
}

static uint64_t digest_of_tree(const struct lyd_node *tree)
{
	uint64_t sum = 0;

	diff_trees(NULL, tree, tell_digest, &sum);
	return sum;
}

/* ---- the file ---- */

static const struct commit_record *oldest_first(void *arg, size_t i)
{
	const struct commit_log *h = arg;

	return &h->record[i];
}

static int write_anew(struct commit_log *h)
{
	int err = journal_rewrite(h->path, oldest_first, h, h->count, h->trouble,
				  sizeof(h->trouble));

	if (err)
		return err;
	h->in_file = h->count;
	h->unwritten = 0;
	h->anew = false;
	return 0;
}

static int append(struct commit_log *h)
{
	int err = 0;

	for (; h->unwritten && !err; h->in_file += !err, h->unwritten -= !err)
		err = journal_append(h->path, &h->record[h->count - h->unwritten],
				     h->trouble, sizeof(h->trouble));
	return err;
}

/* What a full disk refuses now is tried again with the next commit. */
static void save(struct commit_log *h)
{
	int err;

	h->trouble[0] = '\0';
	if (!h->path)
		return;
	if (h->unwritten > h->count)
		h->anew = true;
	err = h->anew || h->in_file >= FILE_MAX ? write_anew(h) : append(h);
	if (err == -ENOENT)
		err = write_anew(h);
	if (!err)
		h->trouble[0] = '\0';
}

const char *commit_log_trouble(const struct commit_log *h)
{
	return h->trouble;
}

static void take_record(void *arg, struct commit_record *r)
{
	struct commit_log *h = arg;

	h->in_file++;
	push(h, r);
}

/* The lock goes with the process. */
static int lock_dir(struct commit_log *h, const char *dir, char *why, size_t why_len)
{
	int err = 0;

	if (mkdir(dir, 0700) && errno != EEXIST)
		err = -errno;
	if (!err)
		h->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!err && (h->dir_fd < 0 || flock(h->dir_fd, LOCK_EX | LOCK_NB)))
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (err)
		snprintf(why, why_len, "%s: %s; the history of commits will not be kept",
			 dir,
			 err == -EBUSY ? "another wgrd has its history there"
				       : strerror(-err));
	return err;
}

int commit_log_use_dir(struct commit_log *h, const char *dir, char *why, size_t why_len)
{
	struct strbuf path = {0};
	char wrong[512];
	int err = lock_dir(h, dir, why, why_len);

	if (err)
		return err;
	strbuf_printf(&path, "%s/commits", dir);
	h->path = path.s;
	err = journal_read(h->path, take_record, h, wrong, sizeof(wrong));
	if (err && err != -ENOENT)
		log_warn(LOG_CONF, "history of commits: %s", wrong);
	h->anew = err != 0;
	return 0;
}

/* ---- adding ---- */

/* Takes over the edits. */
static void add_record(struct commit_log *h, const struct commit_origin *origin,
		       struct edits *forward, struct edits *back, uint64_t digest)
{
	struct commit_record r = {
		.id = h->last_id + 1,
		.when = time(NULL),
		.origin = *origin,
		.forward = *forward,
		.back = *back,
		.digest = digest,
	};

	push(h, &r);
	h->unwritten++;
	save(h);
	if (h->watch)
		h->watch(h->watch_arg, &h->record[h->count - 1]);
}

/* The newest that left @digest. */
static const struct commit_record *find_digest(const struct commit_log *h,
					       uint64_t digest)
{
	for (size_t i = h->count; i > 0; i--)
		if (h->record[i - 1].digest == digest)
			return &h->record[i - 1];
	return NULL;
}

/* What is in force is what was after @r: all later ones are undone, in one. */
static void add_return(struct commit_log *h, const struct commit_origin *origin,
		       const struct commit_record *r)
{
	struct edits forward = {0}, back = {0};
	uint64_t digest = r->digest;

	for (const struct commit_record *l = r + 1; l < h->record + h->count; l++)
		edits_add_all(&back, &l->forward);
	if (commit_log_way_back(h, r->id, &forward))
		assert(!"a record that was just found");
	add_record(h, origin, &forward, &back, digest);
}

void commit_log_begin(struct commit_log *h, const struct commit_origin *origin,
		      const struct lyd_node *tree)
{
	uint64_t digest = digest_of_tree(tree);
	const struct commit_record *r = find_digest(h, digest);
	struct edits none = {0};

	if (r && r->id == h->last_id)
		return;
	if (r) {
		log_notice(
			LOG_CONF,
			"what was loaded is what commit %llu left; later ones were not "
			"saved, and can be rolled back to",
			(unsigned long long)r->id);
		add_return(h, origin, r);
		return;
	}
	if (h->count)
		log_notice(LOG_CONF,
			   "what was loaded is none of the %zu commits remembered: their "
			   "history ends, and a new one begins",
			   h->count);
	drop_oldest(h, h->count);
	h->anew = true;
	add_record(h, origin, &none, &none, digest);
}

static void tell_edits(void *arg, const struct conf_edit *e)
{
	edits_add(arg, e);
}

void commit_log_add(struct commit_log *h, const struct commit_origin *origin,
		    const struct lyd_node *from, const struct lyd_node *to)
{
	struct edits forward = {0}, back = {0};
	uint64_t digest;

	assert(h->count);
	if (h->ended)
		return;
	diff_trees(from, to, tell_edits, &forward);
	diff_trees(to, from, tell_edits, &back);
	if (!forward.count && !back.count)
		return;
	digest = h->record[h->count - 1].digest + digest_of(&forward) - digest_of(&back);
	add_record(h, origin, &forward, &back, digest);
}

void commit_log_end(struct commit_log *h)
{
	h->ended = true;
}

void commit_log_watch(struct commit_log *h, commit_log_fn fn, void *arg)
{
	h->watch = fn;
	h->watch_arg = arg;
}

/* ---- asking ---- */

size_t commit_log_count(const struct commit_log *h)
{
	return h->count;
}

const struct commit_record *commit_log_get(const struct commit_log *h, size_t i)
{
	return i < h->count ? &h->record[h->count - 1 - i] : NULL;
}

const struct commit_record *commit_log_find(const struct commit_log *h, uint64_t id)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->record[i].id == id)
			return &h->record[i];
	return NULL;
}

uint64_t commit_log_now(const struct commit_log *h)
{
	return h->count ? h->record[h->count - 1].id : 0;
}

int commit_log_way_back(const struct commit_log *h, uint64_t id, struct edits *out)
{
	const struct commit_record *r = commit_log_find(h, id);

	if (!r)
		return -ENOENT;
	for (const struct commit_record *l = h->record + h->count - 1; l > r; l--)
		edits_add_all(out, &l->back);
	return 0;
}

void commit_log_pin(struct commit_log *h, uint64_t id)
{
	h->pin = id;
}
