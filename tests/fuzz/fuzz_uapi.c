/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of wg(8), one after the other: what is taken has no host bits and no port 0,
 * what is refused says why and never has a key in it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/uapi/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_peer(const struct request_peer *p)
{
	assert(!p->has_endpoint || (p->endpoint_port && p->endpoint.family));
	for (size_t i = 0; i < p->allowed_ips; i++) {
		const struct prefix *a = &p->allowed_ip[i].prefix;

		assert(a->len <= prefix_max_len(a->addr.family));
		assert(!prefix_has_host_bits(a));
	}
}

static void check_request(const struct request *r, const char *why)
{
	assert(r->lines <= REQUEST_LINES_MAX);
	assert(r->err <= 0);
	if (r->err) {
		assert(*why);
		return;
	}
	assert(r->verb != REQUEST_NONE);
	assert(r->verb == REQUEST_SET || (!r->peers && !r->has_private_key));
	for (size_t i = 0; i < r->peers; i++)
		check_peer(&r->peer[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *line, why[512] = "";
	struct request r = {0};

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while ((line = strsep(&rest, "\n")) && rest) {
		bool whole = false;

		if (strlen(line) > REQUEST_LINE_MAX)
			request_line_too_long(&r, why, sizeof(why));
		else
			whole = request_line(&r, line, why, sizeof(why));
		if (!whole)
			continue;
		check_request(&r, why);
		request_fini(&r);
		why[0] = '\0';
	}
	request_fini(&r);
	free(text);
	return 0;
}
