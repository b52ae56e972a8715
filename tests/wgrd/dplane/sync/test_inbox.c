/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/sync/inbox.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	SENDERS = 3,
	CALLS = 20000,
};

struct numbered {
	struct dp_call call;
	unsigned sender, number;
};

struct owner {
	struct dp_inbox inbox;
	pthread_t thread;
	unsigned next[SENDERS]; /* the number that should come next */
	unsigned out_of_order, total;
	bool stop;
};

static bool is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void note(struct dp_call *c, void *owner)
{
	struct numbered *n = container_of(c, struct numbered, call);
	struct owner *o = owner;

	o->out_of_order += o->next[n->sender] != n->number;
	o->next[n->sender] = n->number + 1;
	o->total++;
}

static void calls_are_made_in_the_order_posted(void **state)
{
	struct numbered n[3] = {{.call.fn = note, .number = 0},
				{.call.fn = note, .number = 1},
				{.call.fn = note, .number = 2}};
	struct owner o = {.inbox.fd = -1};

	(void)state;
	assert_int_equal(dp_inbox_init(&o.inbox, NULL), 0);
	assert_false(is_readable(o.inbox.fd));
	for (unsigned i = 0; i < 3; i++)
		dp_inbox_post(&o.inbox, &n[i].call);
	assert_true(is_readable(o.inbox.fd));
	dp_inbox_run(&o.inbox, &o);
	assert_int_equal(o.total, 3);
	assert_int_equal(o.out_of_order, 0);
	assert_false(is_readable(o.inbox.fd));
	dp_inbox_raise(&o.inbox);
	assert_true(is_readable(o.inbox.fd));
	dp_inbox_run(&o.inbox, &o);
	dp_inbox_fini(&o.inbox);
}

static void post_again(struct dp_call *c, void *owner)
{
	struct owner *o = owner;

	if (++o->total < 3)
		dp_inbox_post(&o->inbox, c);
}

static void a_call_may_post_itself_for_the_next_run(void **state)
{
	struct dp_call c = {.fn = post_again};
	struct owner o = {.inbox.fd = -1};

	(void)state;
	assert_int_equal(dp_inbox_init(&o.inbox, NULL), 0);
	dp_inbox_post(&o.inbox, &c);
	dp_inbox_run(&o.inbox, &o);
	assert_int_equal(o.total, 1);
	assert_true(is_readable(o.inbox.fd));
	dp_inbox_run(&o.inbox, &o);
	dp_inbox_run(&o.inbox, &o);
	assert_int_equal(o.total, 3);
	dp_inbox_fini(&o.inbox);
}

static unsigned wakes;

static void count_wake(struct dp_inbox *inbox)
{
	(void)inbox;
	wakes++;
}

static void the_owner_is_woken_once_for_many(void **state)
{
	struct numbered n[2] = {{.call.fn = note}, {.call.fn = note, .number = 1}};
	struct owner o = {.inbox.fd = -1};

	(void)state;
	wakes = 0;
	assert_int_equal(dp_inbox_init(&o.inbox, count_wake), 0);
	dp_inbox_post(&o.inbox, &n[0].call);
	dp_inbox_post(&o.inbox, &n[1].call);
	assert_int_equal(wakes, 1);
	dp_inbox_run(&o.inbox, &o);
	n[0].number = 2;
	dp_inbox_post(&o.inbox, &n[0].call);
	assert_int_equal(wakes, 2);
	dp_inbox_run(&o.inbox, &o);
	assert_int_equal(o.out_of_order, 0);
	dp_inbox_fini(&o.inbox);
}

static void *own(void *arg)
{
	struct owner *o = arg;

	while (!o->stop) {
		struct pollfd p = {.fd = o->inbox.fd, .events = POLLIN};

		(void)poll(&p, 1, -1);
		dp_inbox_run(&o->inbox, o);
	}
	return NULL;
}

static void end(void *arg, void *owner)
{
	*(unsigned *)arg = ((struct owner *)owner)->total;
	((struct owner *)owner)->stop = true;
}

struct sender {
	struct owner *o;
	struct numbered calls[CALLS];
};

static void *send(void *arg)
{
	struct sender *s = arg;

	for (unsigned i = 0; i < CALLS; i++)
		dp_inbox_post(&s->o->inbox, &s->calls[i].call);
	return NULL;
}

static void none_is_lost_between_threads_and_sync_waits(void **state)
{
	struct sender *s = xcalloc(SENDERS, sizeof(*s));
	pthread_t thread[SENDERS];
	struct owner o = {.inbox.fd = -1};
	unsigned total = 0;

	(void)state;
	assert_int_equal(dp_inbox_init(&o.inbox, NULL), 0);
	assert_int_equal(pthread_create(&o.thread, NULL, own, &o), 0);
	for (unsigned i = 0; i < SENDERS; i++) {
		s[i].o = &o;
		for (unsigned j = 0; j < CALLS; j++)
			s[i].calls[j] = (struct numbered){
				.call.fn = note, .sender = i, .number = j};
		assert_int_equal(pthread_create(&thread[i], NULL, send, &s[i]), 0);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(thread[i], NULL);
	dp_inbox_sync(&o.inbox, end, &total);
	assert_int_equal(total, SENDERS * CALLS);
	pthread_join(o.thread, NULL);
	assert_int_equal(o.out_of_order, 0);
	dp_inbox_fini(&o.inbox);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_made_in_the_order_posted),
		cmocka_unit_test(a_call_may_post_itself_for_the_next_run),
		cmocka_unit_test(the_owner_is_woken_once_for_many),
		cmocka_unit_test(none_is_lost_between_threads_and_sync_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
