/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	CELL_LEN = 24,
};

/* ---- what follows from the tallies ---- */

/* The longer of both: what few packets arrived at once did not take no time. */
static double seconds(const struct bench_row *row)
{
	uint64_t us = row->received.elapsed_us > row->sent.elapsed_us
			      ? row->received.elapsed_us
			      : row->sent.elapsed_us;

	return us ? (double)us / 1e6 : 1e-6;
}

static double mbps(const struct bench_row *row)
{
	return (double)row->received.bytes * 8 / 1e6 / seconds(row);
}

static double kpps(const struct bench_row *row)
{
	return (double)row->received.packets / 1e3 / seconds(row);
}

/* What was counted twice on the way is no loss. */
static double loss_percent(const struct bench_row *row)
{
	if (!row->sent.packets || row->received.packets >= row->sent.packets)
		return 0;
	return 100 * (1 - (double)row->received.packets / (double)row->sent.packets);
}

static bool has_rate(const struct bench_row *row)
{
	return !row->err && row->run.kind != BENCH_IDLE;
}

static bool has_packets(const struct bench_row *row)
{
	return !row->err && row->run.kind == BENCH_UDP;
}

static bool has_latency(const struct bench_row *row)
{
	return !row->err && row->latency.answered;
}

/* ---- the table ---- */

#define LINE "%-9s %5s %12s %10s %8s %10s %10s %9s\n"

/* A number, or "-" where there is none. Returns @cell. */
static const char *number(char cell[static CELL_LEN], bool is_there, int decimals,
			  double v)
{
	if (is_there)
		snprintf(cell, CELL_LEN, "%.*f", decimals, v);
	else
		strcpy(cell, "-");
	return cell;
}

static const char *packet(char cell[static CELL_LEN], const struct bench_run *run)
{
	if (run->kind == BENCH_UDP && !run->mix)
		snprintf(cell, CELL_LEN, "UDP %u", run->size);
	else
		strcpy(cell, run->kind == BENCH_IDLE  ? "idle"
			     : run->kind == BENCH_TCP ? "TCP"
						      : "UDP mix");
	return cell;
}

void bench_report_head(struct strbuf *out, const struct bench_report *r)
{
	strbuf_printf(out, "%s %s, %g s each, MTU %u\n\n", r->reverse ? "From" : "To",
		      r->server, r->ms / 1e3, r->mtu);
	strbuf_printf(out, LINE, "packets", "flows", "Mb/s", "kpps", "loss %", "p50 ms",
		      "p99 ms", "no answer");
}

void bench_report_row(struct strbuf *out, const struct bench_row *row)
{
	const struct bench_latency *l = &row->latency;
	char cell[8][CELL_LEN];

	strbuf_printf(out, LINE, packet(cell[0], &row->run),
		      number(cell[1], row->run.flows, 0, row->run.flows),
		      number(cell[2], has_rate(row), 1, mbps(row)),
		      number(cell[3], has_packets(row), 1, kpps(row)),
		      number(cell[4], has_packets(row), 2, loss_percent(row)),
		      number(cell[5], has_latency(row), 3, l->p50_us / 1e3),
		      number(cell[6], has_latency(row), 3, l->p99_us / 1e3),
		      number(cell[7], !row->err, 0, l->sent - l->answered));
	if (row->err == -EMSGSIZE)
		strbuf_printf(out, "  (packets of %u bytes do not fit on the way)\n",
			      row->run.size);
	else if (row->err)
		strbuf_printf(out, "  (%s)\n", strerror(-row->err));
}

/* ---- JSON ---- */

static void json_number(struct strbuf *out, const char *key, bool is_there, double v)
{
	if (is_there)
		strbuf_printf(out, ", \"%s\": %.3f", key, v);
	else
		strbuf_printf(out, ", \"%s\": null", key);
}

static void json_tally(struct strbuf *out, const char *key, const struct bench_tally *t)
{
	strbuf_printf(
		out,
		",\n     \"%s\": {\"packets\": %llu, \"bytes\": %llu, \"seconds\": %.6f}",
		key, (unsigned long long)t->packets, (unsigned long long)t->bytes,
		(double)t->elapsed_us / 1e6);
}

static void json_row(struct strbuf *out, const struct bench_row *row)
{
	static const char *const kind[] = {
		[BENCH_IDLE] = "idle", [BENCH_UDP] = "udp", [BENCH_TCP] = "tcp"};
	const struct bench_latency *l = &row->latency;

	strbuf_printf(out, "    {\"kind\": \"%s\", \"mix\": %s, \"flows\": %u",
		      kind[row->run.kind], row->run.mix ? "true" : "false",
		      row->run.flows);
	strbuf_printf(out, ", \"packet_bytes\": ");
	if (row->run.size)
		strbuf_printf(out, "%u", row->run.size);
	else
		strbuf_puts(out, "null");
	strbuf_puts(out, ", \"error\": ");
	if (row->err)
		strbuf_json_str(out, strerror(-row->err));
	else
		strbuf_puts(out, "null");
	json_number(out, "mbps", has_rate(row), mbps(row));
	json_number(out, "kpps", has_packets(row), kpps(row));
	json_number(out, "loss_percent", has_packets(row), loss_percent(row));
	strbuf_printf(out, ",\n     \"latency\": {\"sent\": %u, \"answered\": %u",
		      l->sent, l->answered);
	json_number(out, "p50_ms", has_latency(row), l->p50_us / 1e3);
	json_number(out, "p99_ms", has_latency(row), l->p99_us / 1e3);
	strbuf_puts(out, "}");
	json_tally(out, "sent", &row->sent);
	json_tally(out, "received", &row->received);
	strbuf_puts(out, "}");
}

void bench_report_json(struct strbuf *out, const struct bench_report *r)
{
	strbuf_puts(out, "{\n  \"server\": ");
	strbuf_json_str(out, r->server);
	strbuf_printf(out,
		      ",\n  \"reverse\": %s,\n  \"seconds\": %.3f,\n  \"mtu\": %u,\n",
		      r->reverse ? "true" : "false", r->ms / 1e3, r->mtu);
	strbuf_puts(out, "  \"tests\": [\n");
	for (size_t i = 0; i < r->count; i++) {
		json_row(out, &r->row[i]);
		strbuf_puts(out, i + 1 < r->count ? ",\n" : "\n");
	}
	strbuf_puts(out, "  ]\n}\n");
}
