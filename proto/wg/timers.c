/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/wg/timers.h"

static uint64_t peek(const _Atomic uint64_t *stamp)
{
	return atomic_load_explicit(stamp, memory_order_relaxed);
}

static void clear(_Atomic uint64_t *stamp)
{
	atomic_store_explicit(stamp, 0, memory_order_relaxed);
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Whether @at has come; if not, nothing is missed by asking again then. */
static bool is_due(uint64_t at, uint64_t now_ns, uint64_t *next_ns)
{
	if (now_ns >= at)
		return true;
	if (at < *next_ns)
		*next_ns = at;
	return false;
}

static void end_attempt(struct wg_timers *t)
{
	t->attempt_ns = 0;
	t->retry_ns = 0;
}

bool wg_timers_wanted(struct wg_timers *t, uint64_t now_ns)
{
	if (t->initiated_ns && now_ns < t->initiated_ns + WG_REKEY_TIMEOUT_NS) {
		if (t->attempt_ns)
			t->attempt_ns = now_ns;
		return false;
	}
	t->attempt_ns = now_ns;
	/* Until wg_timers_initiated() knows better. */
	t->retry_ns = now_ns + WG_REKEY_TIMEOUT_NS;
	return true;
}

void wg_timers_call(struct wg_timers *t, uint64_t after_ns, uint64_t now_ns)
{
	/* Twice, since messages may come closer together than they were sent; and two time
	 * stamps so far apart differ, see tai64n.h. */
	const uint64_t apart = 2 * WG_INITIATION_INTERVAL_NS;

	t->attempt_ns = now_ns;
	t->retry_ns = now_ns + after_ns;
	t->persistent_ns = now_ns;
	if (t->initiated_ns)
		t->retry_ns = later_of(t->retry_ns, t->initiated_ns + apart);
}

void wg_timers_initiated(struct wg_timers *t, uint64_t now_ns, uint64_t jitter_ns)
{
	if (!t->attempt_ns)
		t->attempt_ns = now_ns;
	t->initiated_ns = now_ns;
	t->retry_ns = now_ns + WG_REKEY_TIMEOUT_NS + jitter_ns;
}

void wg_timers_derived(struct wg_timers *t, bool initiator, uint64_t now_ns)
{
	t->session_ns = now_ns;
	t->residue_ns = now_ns;
	if (initiator)
		end_attempt(t);
}

static bool has_session(const struct wg_timers *t, uint64_t now_ns)
{
	return t->session_ns && now_ns < t->session_ns + WG_REJECT_AFTER_TIME_NS;
}

/* Section 6.3: secrets do not outlive their use. */
static unsigned run_zero(struct wg_timers *t, uint64_t now_ns, uint64_t *next_ns)
{
	if (!t->residue_ns ||
	    !is_due(t->residue_ns + 3 * WG_REJECT_AFTER_TIME_NS, now_ns, next_ns))
		return 0;
	t->residue_ns = 0;
	t->session_ns = 0;
	return WG_DO_ZERO_KEYS;
}

/* Section 6.5: who gets data and has nothing to say says so. */
static unsigned run_keepalive(struct wg_activity *a, uint64_t now_ns, uint64_t *next_ns)
{
	uint64_t since = peek(&a->unacknowledged_ns);

	if (!since || !is_due(since + WG_KEEPALIVE_TIMEOUT_NS, now_ns, next_ns))
		return 0;
	clear(&a->unacknowledged_ns);
	return WG_DO_KEEPALIVE;
}

/* Section 6.5: and so who sends data and hears nothing knows that the session is gone. */
static unsigned run_unanswered(struct wg_timers *t, struct wg_activity *a,
			       uint64_t now_ns, uint64_t *next_ns)
{
	const uint64_t patience = WG_KEEPALIVE_TIMEOUT_NS + WG_REKEY_TIMEOUT_NS;
	uint64_t since = peek(&a->unanswered_ns);

	if (!since || !is_due(since + patience, now_ns, next_ns))
		return 0;
	clear(&a->unanswered_ns);
	t->unheard_ns = now_ns;
	return wg_timers_wanted(t, now_ns) ? WG_DO_INITIATE : 0;
}

bool wg_timers_unheard(const struct wg_timers *t, const struct wg_activity *a)
{
	return t->unheard_ns && peek(&a->rcvd_ns) <= t->unheard_ns;
}

static unsigned run_persistent(struct wg_timers *t, const struct wg_activity *a,
			       uint64_t now_ns, uint64_t *next_ns)
{
	uint64_t last = later_of(later_of(peek(&a->sent_ns), peek(&a->rcvd_ns)),
				 later_of(t->initiated_ns, t->persistent_ns));

	if (!t->persistent_s)
		return 0;
	if (last && !is_due(last + t->persistent_s * WG_NS_PER_S, now_ns, next_ns))
		return 0;
	t->persistent_ns = now_ns;
	if (has_session(t, now_ns))
		return WG_DO_KEEPALIVE;
	return wg_timers_wanted(t, now_ns) ? WG_DO_INITIATE : 0;
}

/* Section 6.4. */
static unsigned run_retry(struct wg_timers *t, uint64_t now_ns, uint64_t *next_ns)
{
	if (!t->attempt_ns || !is_due(t->retry_ns, now_ns, next_ns))
		return 0;
	if (now_ns >= t->attempt_ns + WG_REKEY_ATTEMPT_TIME_NS) {
		end_attempt(t);
		if (!t->residue_ns)
			t->residue_ns = now_ns;
		return WG_DO_DROP_STAGED;
	}
	t->retry_ns = now_ns + WG_REKEY_TIMEOUT_NS;
	return WG_DO_INITIATE;
}

/* One round of rules, each of which may change what the later ones see. */
static unsigned run_rules(struct wg_timers *t, struct wg_activity *a, uint64_t now_ns,
			  uint64_t *next_ns)
{
	unsigned todo = 0;

	*next_ns = UINT64_MAX;
	todo |= run_zero(t, now_ns, next_ns);
	todo |= run_keepalive(a, now_ns, next_ns);
	todo |= run_unanswered(t, a, now_ns, next_ns);
	todo |= run_persistent(t, a, now_ns, next_ns);
	todo |= run_retry(t, now_ns, next_ns);
	return todo;
}

unsigned wg_timers_run(struct wg_timers *t, struct wg_activity *a, uint64_t now_ns,
		       uint64_t *next_ns)
{
	unsigned todo = 0, more;

	if (t->attempt_ns && peek(&a->confirmed_ns) >= t->attempt_ns)
		end_attempt(t);
	/* Every rule that was due has moved its time on, so the last round finds none and
	 * leaves the time at which the first one will be. */
	while ((more = run_rules(t, a, now_ns, next_ns)) != 0)
		todo |= more;
	if (has_session(t, now_ns))
		is_due(now_ns + WG_KEEPALIVE_TIMEOUT_NS, now_ns, next_ns);
	return todo;
}
