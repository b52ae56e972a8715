/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include "wgrd/lib/mailbox.h"

struct message {
	uint32_t sender, number;
	uint8_t body[100];
};

static struct mailbox *open_box(size_t slots)
{
	struct mailbox *m;

	assert_int_equal(mailbox_new(slots, sizeof(struct message), &m), 0);
	return m;
}

static bool is_readable(const struct mailbox *m)
{
	struct pollfd p = {.fd = mailbox_fd(m), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void messages_come_out_in_the_order_they_went_in(void **state)
{
	struct mailbox *m = open_box(8);
	struct message msg = {0};
	uint32_t in = 0, out = 0;

	(void)state;
	assert_false(mailbox_take(m, &msg));
	for (int lap = 0; lap < 100; lap++) {
		for (int i = 0; i < 5; i++) {
			msg.number = in++;
			assert_true(mailbox_post(m, &msg));
		}
		assert_int_equal(mailbox_level(m), 5);
		while (mailbox_take(m, &msg))
			assert_int_equal(msg.number, out++);
		assert_int_equal(out, in);
		assert_int_equal(mailbox_level(m), 0);
	}
	mailbox_free(m);
}

static void a_full_box_refuses(void **state)
{
	static const struct {
		size_t asked, slots;
	} cases[] = {{0, 2}, {1, 2}, {2, 2}, {3, 4}, {64, 64}, {65, 128}};
	struct message msg = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mailbox *m = open_box(cases[i].asked);

		assert_int_equal(mailbox_slots(m), cases[i].slots);
		for (size_t n = 0; n < cases[i].slots; n++)
			assert_true(mailbox_post(m, &msg));
		assert_false(mailbox_post(m, &msg));
		assert_false(mailbox_post(m, &msg));
		assert_int_equal(mailbox_level(m), cases[i].slots);
		assert_true(mailbox_take(m, &msg));
		assert_true(mailbox_post(m, &msg));
		assert_false(mailbox_post(m, &msg));
		mailbox_free(m);
	}
}

static void the_reader_is_woken_once_for_many_messages(void **state)
{
	struct mailbox *m = open_box(8);
	struct message msg = {0};

	(void)state;
	assert_false(is_readable(m));
	mailbox_post(m, &msg);
	mailbox_post(m, &msg);
	assert_true(is_readable(m));
	mailbox_drain(m);
	assert_false(is_readable(m));
	assert_true(mailbox_take(m, &msg));
	mailbox_post(m, &msg); /* not empty, but the reader has disarmed: it is told */
	assert_true(is_readable(m));
	mailbox_drain(m);
	mailbox_drain(m); /* for nothing, which is allowed */
	assert_false(is_readable(m));
	mailbox_free(m);
}

static void absurd_sizes_are_refused(void **state)
{
	struct mailbox *m;

	(void)state;
	assert_true(mailbox_new(SIZE_MAX, 8, &m) < 0);
	assert_true(mailbox_new(8, SIZE_MAX, &m) < 0);
	assert_true(mailbox_new(SIZE_MAX / 8, SIZE_MAX / 8, &m) < 0);
	mailbox_free(NULL);
}

enum {
	SENDERS = 4,
	MESSAGES = 30000,
};

struct sender {
	struct mailbox *box;
	uint32_t id;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	struct message msg = {.sender = s->id};

	for (msg.number = 0; msg.number < MESSAGES; msg.number++) {
		for (size_t i = 0; i < sizeof(msg.body); i++)
			msg.body[i] = (uint8_t)(msg.number + s->id);
		while (!mailbox_post(s->box, &msg))
			sched_yield();
	}
	return NULL;
}

static void check_message(const struct message *msg, uint32_t next[SENDERS])
{
	assert_in_range(msg->sender, 0, SENDERS - 1);
	assert_int_equal(msg->number, next[msg->sender]++);
	for (size_t i = 0; i < sizeof(msg->body); i++)
		assert_int_equal(msg->body[i], (uint8_t)(msg->number + msg->sender));
}

/*
 * The reader sleeps whenever it finds the box empty, so a lost wake-up would hang it: the
 * senders wait for room, and nobody would come.
 */
static void many_threads_lose_nothing_and_tear_nothing(void **state)
{
	struct mailbox *m = open_box(16);
	struct sender senders[SENDERS];
	pthread_t threads[SENDERS];
	uint32_t next[SENDERS] = {0}, total = 0;
	struct message msg;

	(void)state;
	for (uint32_t i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){m, i};
		assert_int_equal(pthread_create(&threads[i], NULL, send_all, &senders[i]),
				 0);
	}
	while (total < SENDERS * MESSAGES) {
		struct pollfd p = {.fd = mailbox_fd(m), .events = POLLIN};

		assert_in_range(mailbox_level(m), 0, mailbox_slots(m));
		if (poll(&p, 1, 60000) != 1)
			fail_msg("nobody woke the reader after %u messages", total);
		mailbox_drain(m);
		for (; mailbox_take(m, &msg); total++)
			check_message(&msg, next);
	}
	for (uint32_t i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	mailbox_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_out_in_the_order_they_went_in),
		cmocka_unit_test(a_full_box_refuses),
		cmocka_unit_test(the_reader_is_woken_once_for_many_messages),
		cmocka_unit_test(absurd_sizes_are_refused),
		cmocka_unit_test(many_threads_lose_nothing_and_tear_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
