/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Plays scenarios and prints TAP. Without arguments all of tests/scenarios in the source
 * tree ($WGRD_SRCDIR, else the current directory); otherwise the files named. -v shows
 * what wgrd logs.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenarios/scn.h"
#include "wgrd/lib/log.h"

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

/* Lines of @text as TAP comments. */
static void print_report(const char *text)
{
	for (size_t len; *text; text += len) {
		len = strcspn(text, "\n");
		printf("# %.*s\n", (int)len, text);
		len += text[len] == '\n';
	}
}

static bool play(unsigned number, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct strbuf report = {0};
	bool good = scn_play(path, &report);

	print_report(strbuf_str(&report));
	printf("%s %u - %s\n", good ? "ok" : "not ok", number, slash ? slash + 1 : path);
	fflush(stdout);
	strbuf_free(&report);
	return good;
}

static int play_all(char **path, size_t n)
{
	size_t failed = 0;

	printf("1..%zu\n", n);
	for (size_t i = 0; i < n; i++)
		failed += !play((unsigned)i + 1, path[i]);
	return n && !failed ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *src = getenv("WGRD_SRCDIR") ?: ".";
	bool verbose = argc > 1 && !strcmp(argv[1], "-v");
	char pattern[4096];
	glob_t found;
	int status;

	if (!verbose)
		log_capture(quiet);
	argv += 1 + verbose;
	argc -= 1 + verbose;
	if (argc)
		return play_all(argv, (size_t)argc);
	snprintf(pattern, sizeof(pattern), "%s/tests/scenarios/*.scn", src);
	if (glob(pattern, 0, NULL, &found)) {
		printf("Bail out! no scenarios in %s\n", pattern);
		return 1;
	}
	status = play_all(found.gl_pathv, found.gl_pathc);
	globfree(&found);
	return status;
}
