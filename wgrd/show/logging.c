/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/log.h"
#include "wgrd/lib/util.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"

static const struct {
	enum log_target target;
	const char *name, *frr; /* in JSON; as FRR's show logging has it */
} targets[] = {
	{LOG_TO_SYSLOG, "syslog", "Syslog"},
	{LOG_TO_STDERR, "stderr", "Stdout"},
	{LOG_TO_FILE, "file", "File"},
};

static void print_target(struct strbuf *out, size_t i)
{
	enum log_level upto;
	const char *path;

	if (!log_goes_to(targets[i].target, &upto, &path)) {
		strbuf_printf(out, "%s logging: disabled\n", targets[i].frr);
		return;
	}
	strbuf_printf(out, "%s logging: level %s", targets[i].frr, log_level_name(upto));
	if (targets[i].target == LOG_TO_SYSLOG)
		strbuf_puts(out, ", facility daemon, ident wgrd");
	if (path)
		strbuf_printf(out, ", filename %s", path);
	strbuf_puts(out, "\n");
}

static void target_json(struct json *j, size_t i)
{
	enum log_level upto;
	const char *path;

	json_object(j, NULL);
	json_str(j, "name", targets[i].name);
	if (log_goes_to(targets[i].target, &upto, &path)) {
		json_str(j, "level", log_level_name(upto));
		json_str(j, "file", path);
	} else {
		json_null(j, "level");
		json_null(j, "file");
	}
	json_object_end(j);
}

static void debugging_json(struct json *j)
{
	json_array(j, "debugging");
	for (enum log_subsys i = 0; i < LOG_SUBSYS_COUNT; i++)
		if (log_debug_on(i))
			json_str(j, NULL, log_subsys_name(i));
	json_array_end(j);
}

void show_logging(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};

	(void)m;
	for (size_t i = 0; !json && i < ARRAY_SIZE(targets); i++)
		print_target(out, i);
	if (!json)
		return;
	json_object(&j, NULL);
	json_array(&j, "targets");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		target_json(&j, i);
	json_array_end(&j);
	debugging_json(&j);
	json_object_end(&j);
	json_end(&j);
}

static void debugging_text(struct strbuf *out)
{
	bool any = false;

	for (enum log_subsys i = 0; i < LOG_SUBSYS_COUNT; i++) {
		if (!log_debug_on(i))
			continue;
		strbuf_printf(out, "wgrd debugging is on: %s\n", log_subsys_name(i));
		any = true;
	}
	if (!any)
		strbuf_puts(out, "wgrd debugging is off\n");
}

void show_debugging(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};

	(void)m;
	if (!json) {
		debugging_text(out);
		return;
	}
	json_object(&j, NULL);
	debugging_json(&j);
	json_object_end(&j);
	json_end(&j);
}
