/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/peer_name.h"

#include <stdio.h>
#include <string.h>

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void peer_name_of_key(char name[static PEER_NAME_LEN], const char *key, unsigned digits)
{
	snprintf(name, PEER_NAME_LEN, "wg-%.*s", (int)digits, key);
	for (char *s = name + 3; *s; s++) {
		if (*s == '+')
			*s = '-';
		else if (*s == '/')
			*s = '_';
	}
}

bool peer_name_of_text(char name[static PEER_NAME_LEN], const char *text)
{
	size_t len = 0;

	for (; *text && len < PEER_NAME_LEN - 1; text++) {
		bool plain = is_alnum(*text) || *text == '_';

		if (plain || (len && (*text == '.' || *text == '-')))
			name[len++] = *text;
		else if (len && name[len - 1] != '-')
			name[len++] = '-';
	}
	while (len && (name[len - 1] == '-' || name[len - 1] == '.'))
		len--;
	name[len] = '\0';
	return len > 0;
}

void peer_name_number(char name[static PEER_NAME_LEN], unsigned number)
{
	char tail[16];
	size_t tail_len = (size_t)snprintf(tail, sizeof(tail), "-%u", number);
	size_t len = strlen(name);

	if (len > PEER_NAME_LEN - 1 - tail_len)
		len = PEER_NAME_LEN - 1 - tail_len;
	memcpy(name + len, tail, tail_len + 1);
}
