/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contents of a key file: taken if they are a key and blanks, and not too long, and
 * what is refused leaves zeros and a sentence. The base64 itself is fuzz_keys.c's matter.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/crypto/ct.h"
#include "proto/wg/keys.h"
#include "wgrd/conf/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	LONGEST = 128, /* FILE_LEN_MAX of key_file.c */
};

static char path[] = "/tmp/fuzz_key_file.XXXXXX";
static int fd = -1;

static void remove_file(void)
{
	unlink(path);
}

/* One file for all inputs. mkstemp() gives it mode 0600, without which nothing is read. */
static void write_file(const uint8_t *data, size_t size)
{
	if (fd < 0) {
		fd = mkstemp(path);
		if (fd < 0 || atexit(remove_file))
			abort();
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
}

/* Whether these bytes are the key in @key with nothing but blanks after it. */
static bool expected(const uint8_t *data, size_t size, uint8_t key[WG_KEY_LEN])
{
	char text[WG_KEY_STRLEN] = "";

	if (size < WG_KEY_STRLEN - 1 || size > LONGEST)
		return false;
	memcpy(text, data, WG_KEY_STRLEN - 1);
	for (size_t i = WG_KEY_STRLEN - 1; i < size; i++)
		if (data[i] == '\0' || !strchr(" \t\r\n", data[i]))
			return false;
	return wg_key_parse(key, text) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_secret secret = {.set = true};
	uint8_t key[WG_KEY_LEN];
	char why[200] = "";
	int err;

	write_file(data, size);
	err = key_file_read(path, &secret, why, sizeof(why));
	if (expected(data, size, key)) {
		assert(err == 0 && secret.set);
		assert(ct_equal(secret.key, key, sizeof(key)));
	} else {
		assert(err < 0 && !secret.set && why[0]);
		assert(ct_is_zero(secret.key, sizeof(secret.key)));
	}
	return 0;
}
