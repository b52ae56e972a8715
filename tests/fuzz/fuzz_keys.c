/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a key: what is taken prints as it was written, what is not leaves zeros. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/ct.h"
#include "proto/wg/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1), text[WG_KEY_STRLEN];
	uint8_t key[WG_KEY_LEN];

	if (!s)
		return 0;
	memcpy(s, data, size);
	s[size] = '\0';
	if (wg_key_parse(key, s) == 0)
		assert(strcmp(wg_key_str(key, text), s) == 0);
	else
		assert(ct_is_zero(key, sizeof(key)));
	free(s);
	return 0;
}
