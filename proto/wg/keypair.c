/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/wg/keypair.h"

#include <assert.h>

#include "proto/crypto/wipe.h"

void wg_keypair_init(struct wg_keypair *kp, bool initiator, uint32_t local_index,
		     uint32_t remote_index, uint64_t now_ns)
{
	kp->local_index = local_index;
	kp->remote_index = remote_index;
	kp->born_ns = now_ns;
	kp->initiator = initiator;
	atomic_init(&kp->send_counter, 0);
	wg_replay_init(&kp->replay);
}

void wg_keypair_fini(struct wg_keypair *kp)
{
	wipe(kp, sizeof(*kp));
}

/* Time stamps come from other threads and may be a little ahead of ours. */
static uint64_t age(const struct wg_keypair *kp, uint64_t now_ns)
{
	return now_ns > kp->born_ns ? now_ns - kp->born_ns : 0;
}

bool wg_keypair_alive(const struct wg_keypair *kp, uint64_t now_ns)
{
	return age(kp, now_ns) < WG_REJECT_AFTER_TIME_NS;
}

uint64_t wg_keypair_take_nonces(struct wg_keypair *kp, unsigned n, uint64_t now_ns)
{
	uint64_t first = atomic_load_explicit(&kp->send_counter, memory_order_relaxed);

	assert(n >= 1 && n <= WG_KEYPAIR_BATCH_MAX);
	if (!wg_keypair_alive(kp, now_ns))
		return WG_NONCE_NONE;
	/* Not a plain addition: that would go on counting past the limit, and around. */
	do {
		if (first > WG_REJECT_AFTER_MESSAGES - n)
			return WG_NONCE_NONE;
	} while (!atomic_compare_exchange_weak_explicit(&kp->send_counter, &first,
							first + n, memory_order_relaxed,
							memory_order_relaxed));
	return first;
}

bool wg_keypair_rekey_on_send(const struct wg_keypair *kp, uint64_t now_ns)
{
	uint64_t sent = atomic_load_explicit(&kp->send_counter, memory_order_relaxed);

	return sent > WG_REKEY_AFTER_MESSAGES ||
	       (kp->initiator && age(kp, now_ns) >= WG_REKEY_AFTER_TIME_NS);
}

bool wg_keypair_rekey_on_recv(const struct wg_keypair *kp, uint64_t now_ns)
{
	const uint64_t from_ns =
		WG_REJECT_AFTER_TIME_NS - WG_KEEPALIVE_TIMEOUT_NS - WG_REKEY_TIMEOUT_NS;

	return kp->initiator && age(kp, now_ns) >= from_ns;
}
