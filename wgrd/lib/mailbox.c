/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/mailbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * Dmitry Vyukov's bounded queue. Every slot carries a turn: it equals the position at
 * which the slot may be filled next, one more once it is filled, and a lap (the number of
 * slots) more than the position once it has been emptied again. A sender wins a position
 * by moving `posted` past it, and only then fills the slot; so a slow sender can hold up
 * the reader, never another sender, and nobody reads half a message.
 *
 * The wake-up is a flag beside the eventfd. A sender raises it after filling its slot and
 * writes the eventfd only if it was down; the reader takes it down before looking at the
 * slots. Both do so by exchange: whichever comes second sees what the first did, so
 * either the reader finds the message, or the sender finds the flag down and wakes it.
 */

enum {
	CACHE_LINE = 64,
};

struct slot {
	_Atomic size_t turn;
	unsigned char msg[];
};

struct mailbox {
	/* set once */
	unsigned char *slots;
	size_t slot_size, mask, msg_size;
	int fd;
	/* written by senders */
	_Alignas(CACHE_LINE) _Atomic size_t posted;
	_Atomic bool raised;
	/* written by the reader */
	_Alignas(CACHE_LINE) _Atomic size_t taken;
};

static struct slot *slot_at(const struct mailbox *m, size_t pos)
{
	return (struct slot *)(m->slots + (pos & m->mask) * m->slot_size);
}

static size_t round_up(size_t n, size_t unit)
{
	return (n + unit - 1) / unit * unit;
}

int mailbox_new(size_t slots, size_t msg_size, struct mailbox **out)
{
	struct mailbox *m;
	size_t n = 2, slot_size, bytes;
	int err = -ENOMEM;

	if (slots > SIZE_MAX / 4 || msg_size > SIZE_MAX / 4)
		return -EINVAL;
	while (n < slots)
		n *= 2;
	slot_size = round_up(sizeof(struct slot) + msg_size, CACHE_LINE);
	if (__builtin_mul_overflow(n, slot_size, &bytes))
		return -ENOMEM;
	m = aligned_alloc(CACHE_LINE, sizeof(*m));
	if (!m)
		return -ENOMEM;
	memset(m, 0, sizeof(*m));
	m->slot_size = slot_size;
	m->mask = n - 1;
	m->msg_size = msg_size;
	m->slots = aligned_alloc(CACHE_LINE, bytes);
	if (!m->slots)
		goto free_box;
	for (size_t i = 0; i < n; i++)
		atomic_init(&slot_at(m, i)->turn, i);
	m->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (m->fd < 0) {
		err = -errno;
		goto free_slots;
	}
	*out = m;
	return 0;

free_slots:
	free(m->slots);
free_box:
	free(m);
	return err;
}

void mailbox_free(struct mailbox *m)
{
	if (!m)
		return;
	close(m->fd);
	free(m->slots);
	free(m);
}

/* Wins the next position; false when the slot there still holds last lap's message. */
static bool claim(struct mailbox *m, size_t *pos)
{
	size_t p = atomic_load_explicit(&m->posted, memory_order_relaxed), turn;

	for (;;) {
		/* acquires from mailbox_take(): its reading is over before we write */
		turn = atomic_load_explicit(&slot_at(m, p)->turn, memory_order_acquire);
		if (turn == p) {
			if (atomic_compare_exchange_weak_explicit(&m->posted, &p, p + 1,
								  memory_order_relaxed,
								  memory_order_relaxed))
				break;
		} else if ((ptrdiff_t)(turn - p) < 0) {
			return false;
		} else { /* another sender has it */
			p = atomic_load_explicit(&m->posted, memory_order_relaxed);
		}
	}
	*pos = p;
	return true;
}

static void wake(struct mailbox *m)
{
	static const uint64_t one = 1;

	/* pairs with the exchange in mailbox_drain() */
	if (atomic_exchange_explicit(&m->raised, true, memory_order_acq_rel))
		return;
	while (write(m->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

bool mailbox_post(struct mailbox *m, const void *msg)
{
	struct slot *s;
	size_t pos;

	if (!claim(m, &pos))
		return false;
	s = slot_at(m, pos);
	memcpy(s->msg, msg, m->msg_size);
	/* releases the message to mailbox_take() */
	atomic_store_explicit(&s->turn, pos + 1, memory_order_release);
	wake(m);
	return true;
}

bool mailbox_take(struct mailbox *m, void *msg)
{
	size_t pos = atomic_load_explicit(&m->taken, memory_order_relaxed);
	struct slot *s = slot_at(m, pos);

	/* acquires from mailbox_post() */
	if (atomic_load_explicit(&s->turn, memory_order_acquire) != pos + 1)
		return false;
	memcpy(msg, s->msg, m->msg_size);
	/* releases the slot to claim() */
	atomic_store_explicit(&s->turn, pos + m->mask + 1, memory_order_release);
	/* to mailbox_level(): who sees this sees the posts it counts */
	atomic_store_explicit(&m->taken, pos + 1, memory_order_release);
	return true;
}

int mailbox_fd(const struct mailbox *m)
{
	return m->fd;
}

void mailbox_drain(struct mailbox *m)
{
	uint64_t count;

	/* this order: a wake-up after the flag is down must stay in the eventfd */
	while (read(m->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	/* acquires from wake(): what was posted under the raised flag is seen from here
	 * on */
	(void)atomic_exchange_explicit(&m->raised, false, memory_order_acq_rel);
}

size_t mailbox_level(const struct mailbox *m)
{
	/* in this order, acquiring from mailbox_take(), posted is never behind taken */
	size_t taken = atomic_load_explicit(&m->taken, memory_order_acquire);
	size_t posted = atomic_load_explicit(&m->posted, memory_order_relaxed);
	size_t level = posted - taken;

	/* but it may have run ahead since */
	return level <= m->mask + 1 ? level : m->mask + 1;
}

size_t mailbox_slots(const struct mailbox *m)
{
	return m->mask + 1;
}
