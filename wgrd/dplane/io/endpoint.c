/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/endpoint.h"

#include <arpa/inet.h>
#include <string.h>

struct dp_endpoint dp_endpoint_from(const struct ip_addr *a, uint16_t port)
{
	struct dp_endpoint ep = {.family = a->family, .port = port};

	memcpy(ep.addr, a->bytes, ip_family_len(a->family));
	return ep;
}

struct ip_addr dp_endpoint_addr(const struct dp_endpoint *ep)
{
	return ip_addr_from(ep->family, ep->addr);
}

bool dp_endpoint_equal(const struct dp_endpoint *a, const struct dp_endpoint *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool dp_endpoint_same_place(const struct dp_endpoint *a, const struct dp_endpoint *b)
{
	return !memcmp(a, b, offsetof(struct dp_endpoint, source));
}

socklen_t dp_endpoint_to_sockaddr(const struct dp_endpoint *ep, struct sockaddr_in6 *ss)
{
	if (ep->family == AF_INET) {
		struct sockaddr_in sin = {
			.sin_family = AF_INET,
			.sin_port = htons(ep->port),
		};

		memcpy(&sin.sin_addr, ep->addr, sizeof(sin.sin_addr));
		memcpy(ss, &sin, sizeof(sin));
		return sizeof(sin);
	}
	*ss = (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_port = htons(ep->port),
		.sin6_scope_id = ep->scope,
	};
	memcpy(&ss->sin6_addr, ep->addr, sizeof(ss->sin6_addr));
	return sizeof(*ss);
}

struct dp_endpoint dp_endpoint_from_sockaddr(const struct sockaddr_in6 *ss)
{
	struct dp_endpoint ep = {.family = ss->sin6_family};

	if (ep.family == AF_INET) {
		struct sockaddr_in sin;

		memcpy(&sin, ss, sizeof(sin));
		ep.port = ntohs(sin.sin_port);
		memcpy(ep.addr, &sin.sin_addr, sizeof(sin.sin_addr));
	} else {
		ep.port = ntohs(ss->sin6_port);
		ep.scope = ss->sin6_scope_id;
		memcpy(ep.addr, &ss->sin6_addr, sizeof(ss->sin6_addr));
	}
	return ep;
}

/*
 * Without fences, which the thread sanitizer does not know: a reader that saw one word of
 * a writer has, by that word's release and acquire, also seen its odd sequence number, so
 * the second look at it differs from the first.
 */
struct dp_endpoint dp_endpoint_load(const struct dp_endpoint_cell *c)
{
	uint64_t word[DP_ENDPOINT_WORDS];
	struct dp_endpoint ep;
	uint32_t seq;

	do {
		do {
			seq = atomic_load_explicit(&c->seq, memory_order_acquire);
		} while (seq & 1);
		for (unsigned i = 0; i < DP_ENDPOINT_WORDS; i++)
			word[i] = atomic_load_explicit(&c->word[i], memory_order_acquire);
	} while (atomic_load_explicit(&c->seq, memory_order_relaxed) != seq);
	memcpy(&ep, word, sizeof(ep));
	return ep;
}

bool dp_endpoint_try_store(struct dp_endpoint_cell *c, const struct dp_endpoint *ep)
{
	uint32_t seq = atomic_load_explicit(&c->seq, memory_order_relaxed);
	uint64_t word[DP_ENDPOINT_WORDS];

	/* acquires from the last writer's release below */
	if (seq & 1 || !atomic_compare_exchange_strong_explicit(&c->seq, &seq, seq + 1,
								memory_order_acquire,
								memory_order_relaxed))
		return false;
	memcpy(word, ep, sizeof(word));
	for (unsigned i = 0; i < DP_ENDPOINT_WORDS; i++)
		atomic_store_explicit(&c->word[i], word[i], memory_order_release);
	atomic_store_explicit(&c->seq, seq + 2, memory_order_release);
	return true;
}

void dp_endpoint_forget_source(struct dp_endpoint_cell *c, const struct dp_endpoint *used)
{
	struct dp_endpoint ep = dp_endpoint_load(c);

	if (!dp_endpoint_equal(&ep, used))
		return;
	memset(ep.source, 0, sizeof(ep.source));
	dp_endpoint_try_store(c, &ep);
}

void dp_endpoint_store(struct dp_endpoint_cell *c, const struct dp_endpoint *ep)
{
	while (!dp_endpoint_try_store(c, ep))
		;
}
