/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target without libFuzzer: every file of its corpus, every shorter version of
 * it, and a number of damaged ones. Part of every check. For a long run give a number, or
 * leave this file out and link the target with clang's -fsanitize=fuzzer.
 *
 * usage: fuzz_NAME [-n DAMAGED-PER-FILE] [-s SEED] [FILE-OR-FOLDER...]
 *
 * The default folder is tests/fuzz/corpus/NAME below $WGRD_SRCDIR or the current folder.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	INPUT_MAX = 1 << 16,
};

static uint64_t seed;
static unsigned damaged_per_file = 300;
static unsigned long files, runs;

/* splitmix64. */
static uint64_t random64(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Each input is memory of its own and of its exact length, so that a sanitizer sees any
 * read beyond it. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	runs++;
}

static void run_damaged(const uint8_t *data, size_t size)
{
	uint8_t buf[INPUT_MAX + 64];
	size_t len = size;

	memcpy(buf, data, size);
	for (unsigned changes = 1 + random64() % 4; changes; changes--) {
		size_t at = len ? random64() % len : 0;

		switch (random64() % 4) {
		case 0:
			buf[at] ^= (uint8_t)(1 << random64() % 8);
			break;
		case 1:
			buf[at] = (uint8_t)random64();
			break;
		case 2:
			len -= len ? random64() % len % 16 : 0;
			break;
		case 3:
			if (len < size + 48)
				buf[len++] = (uint8_t)random64();
			break;
		}
	}
	run(buf, len);
}

static int run_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (!f) {
		perror(path);
		return -1;
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	files++;
	run(data, size);
	for (size_t len = 0; len < size; len++)
		run(data, len);
	for (unsigned i = 0; i < damaged_per_file; i++)
		run_damaged(data, size);
	return 0;
}

static int is_input(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* In the order of names: damage and what a target remembers depend on who came before, and
 * readdir()'s order on the file system. A seed is to mean the same in every tree. */
static int run_path(const char *path)
{
	struct dirent **entry;
	char below[4096];
	int err = 0, n = scandir(path, &entry, is_input, alphasort);

	if (n < 0)
		return run_file(path);
	for (int i = 0; i < n; i++) {
		snprintf(below, sizeof(below), "%s/%s", path, entry[i]->d_name);
		err |= run_file(below);
		free(entry[i]);
	}
	free(entry);
	return err;
}

static int run_default(const char *program)
{
	const char *base = strrchr(program, '/'), *src = getenv("WGRD_SRCDIR");
	char path[4096];

	base = base ? base + 1 : program;
	if (strncmp(base, "fuzz_", 5) == 0)
		base += 5;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", src ? src : ".", base);
	return run_path(path);
}

int main(int argc, char **argv)
{
	int opt, err = 0;

	seed = (uint64_t)time(NULL);
	while ((opt = getopt(argc, argv, "n:s:")) != -1) {
		if (opt == 'n')
			damaged_per_file = (unsigned)strtoul(optarg, NULL, 10);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	printf("# seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	if (optind == argc)
		err = run_default(argv[0]);
	for (; optind < argc; optind++)
		err |= run_path(argv[optind]);
	if (err || files == 0) {
		printf("not ok - expected a corpus, seen %lu files\n", files);
		return 1;
	}
	printf("ok - %lu files, %lu inputs\n", files, runs);
	return 0;
}
