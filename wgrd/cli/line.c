/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/line.h"

#include <errno.h>
#include <string.h>

#define BLANKS " \t\r\n"

bool cli_line_is_blank(const char *raw)
{
	raw += strspn(raw, BLANKS);
	return !*raw || *raw == '!' || *raw == '#';
}

int cli_line_split(struct cli_line *l, const char *raw)
{
	size_t len = strlen(raw), at;

	if (len > CLI_LINE_MAX)
		return -E2BIG;
	memcpy(l->text, raw, len + 1);
	l->raw = raw;
	l->words = 0;
	l->more = false;
	l->open = len && !strchr(BLANKS, raw[len - 1]);
	for (at = strspn(raw, BLANKS); at < len; at += strspn(raw + at, BLANKS)) {
		if (l->words == CLI_LINE_WORDS) {
			l->more = true;
			break;
		}
		l->word[l->words] = l->text + at;
		l->at[l->words++] = at;
		at += strcspn(raw + at, BLANKS);
		l->text[at] = '\0';
	}
	return 0;
}
