/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/show/show.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "wgrd/show/format.h"
#include "wgrd/show/json.h"

/* The same words as in FRR's show memory, where it has them. */
struct row {
	const char *name, *label;
	uint64_t bytes;
};

enum {
	ROWS = 5
};

/* Second number of /proc/self/statm, in pages: proc(5). 0: it cannot be read. */
static uint64_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void look(struct row rows[static ROWS])
{
	struct mallinfo2 a = mallinfo2();
	const struct row found[ROWS] = {
		{"resident", "Resident in memory", resident()},
		{"heap", "Total heap allocated", a.arena + a.hblkhd},
		{"mapped", "Of it in mappings of its own", a.hblkhd},
		{"used", "Used ordinary blocks", a.uordblks},
		{"free", "Free ordinary blocks", a.fordblks},
	};

	for (unsigned i = 0; i < ROWS; i++)
		rows[i] = found[i];
}

void show_memory(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};
	struct row rows[ROWS];
	char buf[SHOW_FIELD_LEN];

	(void)m;
	look(rows);
	if (json)
		json_object(&j, NULL);
	else
		strbuf_puts(out, "System allocator statistics:\n");
	for (unsigned i = 0; i < ROWS; i++) {
		if (json)
			json_num(&j, rows[i].name, rows[i].bytes);
		else
			strbuf_printf(out, "  %-30s %s\n", rows[i].label,
				      show_bytes(rows[i].bytes, buf));
	}
	if (!json)
		return;
	json_object_end(&j);
	json_end(&j);
}
