/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/ctl/bench_client.h"
#include "wgrd/ctl/bench_report.h"
#include "wgrd/ctl/bench_server.h"

enum {
	EXIT_USAGE = 2, /* wrong options, or nobody to talk to */
	LONG_PACKET = 1420,
	ROWS_MAX = 16,
};

static const char usage[] =
	"usage: wgrctl bench [--seconds S] [--rate MBPS] [--reverse] [--json] ADDRESS[:PORT]\n"
	"       wgrctl bench server ADDRESS[:PORT]\n"
	"Measures throughput, loss and latency between two hosts, for a tunnel over its\n"
	"overlay addresses. The server is started first, at the other end.\n"
	"\n"
	"  -t, --seconds S    of each measurement, 0.1 to 30 (3)\n"
	"  -b, --rate MBPS    UDP sends at most this many Mb/s (as much as it can)\n"
	"  -r, --reverse      the server sends\n"
	"  -j, --json         print an object instead of a table\n"
	"  -h, --help         print this\n";

static const struct option long_options[] = {
	{"seconds", required_argument, NULL, 't'}, {"rate", required_argument, NULL, 'b'},
	{"reverse", no_argument, NULL, 'r'},       {"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

struct options {
	bool server, reverse, json;
	uint16_t ms;
	uint64_t rate_bps;
	struct bench_addr address;
};

/* ---- the client ---- */

/* What is measured, in the order of the table. Returns how many rows. */
static size_t plan(const struct options *o, unsigned mtu, struct bench_row row[ROWS_MAX])
{
	static const uint16_t flows[] = {1, 8, 64};
	const uint16_t longest = mtu < LONG_PACKET ? (uint16_t)mtu : LONG_PACKET;
	const struct {
		uint16_t size;
		bool mix;
	} packets[] = {{64, false}, {512, false}, {longest, false}, {longest, true}};
	size_t n = 0;

	row[n++].run = (struct bench_run){.kind = BENCH_IDLE, .ms = o->ms};
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++)
		for (size_t j = 0; j < ARRAY_SIZE(flows); j++)
			row[n++].run = (struct bench_run){.kind = BENCH_UDP,
							  .reverse = o->reverse,
							  .mix = packets[i].mix,
							  .size = packets[i].size,
							  .flows = flows[j],
							  .ms = o->ms,
							  .rate_bps = o->rate_bps};
	for (size_t j = 0; j < ARRAY_SIZE(flows); j++)
		row[n++].run = (struct bench_run){.kind = BENCH_TCP,
						  .reverse = o->reverse,
						  .flows = flows[j],
						  .ms = o->ms};
	return n;
}

static void flush(struct strbuf *text)
{
	fputs(strbuf_str(text), stdout);
	fflush(stdout);
	strbuf_free(text);
}

static int measure(const struct options *o, struct bench_client *c)
{
	struct bench_row row[ROWS_MAX] = {0};
	char server[BENCH_ADDR_STRLEN], why[256];
	struct bench_report report = {
		.server = bench_addr_str(&o->address, server),
		.reverse = o->reverse,
		.ms = o->ms,
		.mtu = c->mtu,
		.row = row,
	};
	struct strbuf text = {0};

	report.count = plan(o, c->mtu, row);
	if (!o->json)
		bench_report_head(&text, &report);
	for (size_t i = 0; i < report.count; i++) {
		flush(&text);
		if (bench_client_measure(c, &row[i], why, sizeof(why))) {
			fprintf(stderr, "wgrctl: bench: %s\n", why);
			return EXIT_FAILURE;
		}
		if (!o->json)
			bench_report_row(&text, &row[i]);
	}
	if (o->json)
		bench_report_json(&text, &report);
	flush(&text);
	return EXIT_SUCCESS;
}

static int run_client(const struct options *o)
{
	struct bench_client c;
	char why[256];
	int status;

	if (bench_client_open(&c, &o->address, why, sizeof(why))) {
		fprintf(stderr, "wgrctl: bench: %s\n", why);
		return EXIT_USAGE;
	}
	status = measure(o, &c);
	bench_client_close(&c);
	return status;
}

/* ---- options ---- */

static bool parse_number(const char *s, double least, double most, double *v)
{
	char *end;

	*v = strtod(s, &end);
	return *s >= '0' && *s <= '9' && !*end && *v >= least && *v <= most;
}

/* False after a sentence about it. */
static bool take_option(struct options *o, int opt)
{
	double v;

	switch (opt) {
	case 't':
		if (parse_number(optarg, BENCH_MS_MIN / 1e3, BENCH_MS_MAX / 1e3, &v)) {
			o->ms = (uint16_t)(v * 1e3 + 0.5);
			return true;
		}
		fprintf(stderr,
			"wgrctl: bench: --seconds: \"%s\" is not a number from 0.1 to 30\n",
			optarg);
		return false;
	case 'b':
		if (parse_number(optarg, 0.001, 1e6, &v)) {
			o->rate_bps = (uint64_t)(v * 1e6);
			return true;
		}
		fprintf(stderr,
			"wgrctl: bench: --rate: \"%s\" is not a number of Mb/s from 0.001 "
			"to 1000000\n",
			optarg);
		return false;
	case 'r':
		o->reverse = true;
		return true;
	case 'j':
		o->json = true;
		return true;
	default:
		fputs(usage, stderr);
		return false;
	}
}

static bool take_words(struct options *o, int count, char **word)
{
	char why[256];

	if (count && !strcmp(*word, "server")) {
		o->server = true;
		word++;
		count--;
	}
	if (count != 1) {
		fprintf(stderr, "wgrctl: bench: %s\n%s",
			count ? "one address, please" : "which address?", usage);
		return false;
	}
	if (!bench_addr_parse(&o->address, *word, why, sizeof(why)))
		return true;
	fprintf(stderr, "wgrctl: bench: %s\n", why);
	return false;
}

int bench_main(int argc, char **argv)
{
	struct options o = {.ms = 3000};
	int opt;

	while ((opt = getopt_long(argc, argv, "t:b:rjh", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		}
		if (!take_option(&o, opt))
			return EXIT_USAGE;
	}
	if (!take_words(&o, argc - optind, argv + optind))
		return EXIT_USAGE;
	return o.server ? bench_server_run(&o.address, stdout) : run_client(&o);
}
