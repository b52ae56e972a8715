/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history of commits, rollback and trials at the command line. */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/lib/fake_loop.h"

#define KEY "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static void say(struct rig *r, const char *line, enum cli_status status, const char *part)
{
	enum cli_status seen = rig_run(r, line);

	if (seen != status || !strstr(strbuf_str(&r->out), part))
		fail_msg("%s: expected status %d with \"%s\", saw %d and: %s", line,
			 status, part, seen, strbuf_str(&r->out));
}

/* Commits 1 to 4 of ada. */
static void type_some(struct rig *r)
{
	strcpy(r->session.origin.user, "ada");
	strcpy(r->session.origin.from, "vty");
	rig_must(r, "configure terminal\nwireguard wg0\nmtu 1400\nmtu 1500\n"
		    "private-key " KEY "\nend");
}

static void commits_are_listed_newest_first(void **state)
{
	struct rig *r = *state;
	char *third, *second;

	type_some(r);
	say(r, "show wireguard commits", CLI_SUCCESS, "Commit  When");
	third = strstr(r->out.s, "\n3 ");
	second = strstr(r->out.s, "\n2 ");
	assert_true(third && second && third < second);
	assert_non_null(strstr(third, "ada          +1-1   vty"));
	say(r, "show wireguard commits json", CLI_SUCCESS, "\"commit\": 4,");
	assert_null(strstr(r->out.s, "trial"));
}

static void a_commit_shows_its_lines_without_keys(void **state)
{
	struct rig *r = *state;

	type_some(r);
	say(r, "show wireguard commit 3", CLI_SUCCESS,
	    ", ada, vty\n"
	    "  - wireguard wg0 mtu 1400\n"
	    "  + wireguard wg0 mtu 1500\n");
	say(r, "show wireguard commit 4", CLI_SUCCESS,
	    "  + wireguard wg0 private-key (not shown)\n");
	assert_null(strstr(r->out.s, KEY));
	say(r, "show wireguard commit 4 json", CLI_SUCCESS,
	    "\"path\": \"wireguard[name='wg0']/private-key\"\n");
	assert_null(strstr(r->out.s, KEY));
	say(r, "show wireguard commit 5", CLI_WARNING, "not among those remembered");
}

static void a_rollback_says_where_it_came_from(void **state)
{
	struct rig *r = *state;

	type_some(r);
	rig_must(r, "wireguard rollback 2");
	assert_non_null(strstr(rig_running(r, true), " mtu 1400\n"));
	say(r, "show wireguard commits", CLI_SUCCESS, "vty, rollback to 2\n");
	rig_must(r, "wireguard rollback 4"); /* keys come back too */
	assert_non_null(strstr(rig_running(r, true), " private-key " KEY "\n"));
	say(r, "wireguard rollback 99", CLI_WARNING,
	    "commit 99 is not among those remembered");
}

static void what_is_on_trial_cannot_be_saved_and_goes(void **state)
{
	struct rig *r = *state;

	type_some(r);
	rig_must(r, "wireguard commit revert-after 60\n"
		    "configure terminal\nwireguard wg0\nmtu 1300\nend");
	say(r, "show wireguard commits", CLI_SUCCESS,
	    "On trial for ada from vty: back to commit 4 in 60 s unless confirmed\n");
	say(r, "show wireguard commits json", CLI_SUCCESS, "\"back-to\": 4,");
	say(r, "write memory", CLI_WARNING, "on trial");
	fake_loop_advance(r->loop, 60 * NS_PER_S);
	assert_non_null(strstr(rig_running(r, true), " mtu 1500\n"));
	say(r, "write memory", CLI_SUCCESS, "[OK]");
	say(r, "wireguard commit confirm", CLI_WARNING, "nothing on trial");
	say(r, "wireguard commit revert", CLI_WARNING, "nothing on trial");
}

static void a_trial_is_kept_or_undone_by_hand(void **state)
{
	struct rig *r = *state;

	type_some(r);
	rig_must(r, "wireguard commit revert-after 60\n"
		    "configure terminal\nwireguard wg0\nmtu 1300\nend\n"
		    "wireguard commit confirm");
	fake_loop_advance(r->loop, 60 * NS_PER_S);
	assert_non_null(strstr(rig_running(r, true), " mtu 1300\n"));
	rig_must(r, "wireguard commit revert-after 60\n"
		    "configure terminal\nwireguard wg0\nmtu 1320\nend\n"
		    "wireguard commit revert");
	assert_non_null(strstr(rig_running(r, true), " mtu 1300\n"));
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(commits_are_listed_newest_first),
		RIGGED(a_commit_shows_its_lines_without_keys),
		RIGGED(a_rollback_says_where_it_came_from),
		RIGGED(what_is_on_trial_cannot_be_saved_and_goes),
		RIGGED(a_trial_is_kept_or_undone_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
