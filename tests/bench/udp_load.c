/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends small UDP packets faster than iperf3 can, and counts those that arrive.
 * topotests/bench/tunnel runs one at each end of a tunnel.
 *
 * usage: udp_load sink ADDRESS PORT
 *        udp_load send ADDRESS PORT LENGTH SECONDS [PACKETS-PER-SECOND]
 *
 * ADDRESS is IPv4 and LENGTH the length of the IPv4 packet, so that it can be compared with
 * an MTU. Without a rate the sender offers all it can. It sends one flow, with one system
 * call for many packets and without UDP_SEGMENT: each packet enters the tunnel by itself.
 * A sink says "ready", and ends when nothing has come for a second. Each prints one line:
 *
 *   {"packets": N, "bytes": N, "seconds": S}
 *
 * Seconds are those between its first and its last packet, bytes are of IPv4 packets.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	BATCH = 64,
	LEN_MAX = 65507,
	SLOT_LEN = 2048, /* of a packet that is received; more is not kept */
	HEADERS_LEN = 28,
	BUFFER_BYTES = 32 << 20,
	FIRST_WITHIN_S = 30,
	SILENCE_S = 1,
};

/* What one end has sent or received. */
struct tally {
	uint64_t packets, bytes;
	double first_s, last_s;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sleep_until(double when_s)
{
	struct timespec t = {.tv_sec = (time_t)when_s};

	t.tv_nsec = (long)((when_s - (double)t.tv_sec) * 1e9);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void fail(const char *what)
{
	fprintf(stderr, "udp_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void print(const struct tally *t)
{
	printf("{\"packets\": %llu, \"bytes\": %llu, \"seconds\": %.6f}\n",
	       (unsigned long long)t->packets, (unsigned long long)t->bytes,
	       t->last_s - t->first_s);
}

static int open_socket(const char *address, const char *port, struct sockaddr_in *sin)
{
	const int buffer = BUFFER_BYTES;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket");
	*sin = (struct sockaddr_in){.sin_family = AF_INET};
	sin->sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, address, &sin->sin_addr) != 1) {
		fprintf(stderr, "udp_load: \"%s\" is not an IPv4 address\n", address);
		exit(2);
	}
	/* Only root may have as much; a sink with less would be what is measured. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)))
		fail("SO_RCVBUFFORCE");
	return fd;
}

/* ---- sink ---- */

static void be_patient_for(int fd, time_t seconds)
{
	const struct timeval patience = {.tv_sec = seconds};

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		fail("SO_RCVTIMEO");
}

/* Returns how many packets came, or less than 0 when none did for too long. */
static int receive(int fd, struct mmsghdr *msg)
{
	int n;

	do {
		n = recvmmsg(fd, msg, BATCH, MSG_WAITFORONE | MSG_TRUNC, NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		fail("recvmmsg");
	return n;
}

static int sink(const char *address, const char *port)
{
	static uint8_t slot[BATCH][SLOT_LEN];
	struct mmsghdr msg[BATCH] = {0};
	struct iovec iov[BATCH];
	struct sockaddr_in sin;
	struct tally t = {0};
	int fd = open_socket(address, port, &sin), n;

	if (bind(fd, (const struct sockaddr *)&sin, sizeof(sin)))
		fail("bind");
	for (size_t i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){slot[i], SLOT_LEN};
		msg[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
	}
	puts("ready");
	fflush(stdout);
	be_patient_for(fd, FIRST_WITHIN_S);
	n = receive(fd, msg);
	be_patient_for(fd, SILENCE_S);
	t.first_s = t.last_s = now_s();
	while (n > 0) {
		for (int i = 0; i < n; i++)
			t.bytes += msg[i].msg_len + HEADERS_LEN;
		t.packets += (uint64_t)n;
		t.last_s = now_s();
		n = receive(fd, msg);
	}
	print(&t);
	return 0;
}

/* ---- sender ---- */

static void send_batch(int fd, struct mmsghdr *msg, struct tally *t, size_t payload)
{
	int n = sendmmsg(fd, msg, BATCH, 0);

	/* A tunnel that is coming up or whose far end has not yet a sink. */
	if (n < 0 && errno != ENOBUFS && errno != ECONNREFUSED && errno != EINTR)
		fail("sendmmsg");
	if (n < 0)
		return;
	t->packets += (uint64_t)n;
	t->bytes += (uint64_t)n * (payload + HEADERS_LEN);
}

static int send_all(char **arg, double rate)
{
	static uint8_t data[LEN_MAX];
	struct mmsghdr msg[BATCH] = {0};
	struct sockaddr_in sin;
	struct tally t = {0};
	size_t payload = (size_t)atoi(arg[2]) - HEADERS_LEN;
	struct iovec iov = {data, payload};
	double end_s;
	int fd = open_socket(arg[0], arg[1], &sin);

	if (payload > LEN_MAX) {
		fprintf(stderr, "udp_load: a length is from %d to %d, not \"%s\"\n",
			HEADERS_LEN, LEN_MAX + HEADERS_LEN, arg[2]);
		return 2;
	}
	if (connect(fd, (const struct sockaddr *)&sin, sizeof(sin)))
		fail("connect");
	for (size_t i = 0; i < BATCH; i++)
		msg[i].msg_hdr = (struct msghdr){.msg_iov = &iov, .msg_iovlen = 1};
	t.first_s = t.last_s = now_s();
	end_s = t.first_s + atof(arg[3]);
	while (t.last_s < end_s) {
		send_batch(fd, msg, &t, payload);
		if (rate > 0)
			sleep_until(t.first_s + (double)t.packets / rate);
		t.last_s = now_s();
	}
	print(&t);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "sink"))
		return sink(argv[2], argv[3]);
	if ((argc == 6 || argc == 7) && !strcmp(argv[1], "send"))
		return send_all(argv + 2, argc == 7 ? atof(argv[6]) : 0);
	fprintf(stderr, "usage: udp_load sink ADDRESS PORT\n"
			"       udp_load send ADDRESS PORT LENGTH SECONDS [PPS]\n");
	return 2;
}
