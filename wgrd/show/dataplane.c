/* SPDX-License-Identifier: GPL-2.0-or-later */

/* show wireguard dataplane: how packets are carried, by whom, and how many. */

#include <inttypes.h>
#include <stdio.h>

#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/cleared.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/wg/wg.h"

/* ---- settings ---- */

static void workers_text(const struct wg_dataplane_view *v, struct strbuf *out)
{
	strbuf_printf(out, "  %-19s%u", "Workers", v->workers);
	if (v->workers_fixed)
		strbuf_puts(out, ", by the command line");
	else if (v->workers != v->workers_configured)
		strbuf_printf(out, ", %u after the next start", v->workers_configured);
	strbuf_puts(out, "\n");
}

static void buffer_text(const char *what, uint32_t got, uint32_t configured,
			struct strbuf *out)
{
	char a[SHOW_FIELD_LEN], b[SHOW_FIELD_LEN];

	strbuf_printf(out, "  %-19s%s", what, show_bytes(configured, a));
	if (got && got < configured)
		strbuf_printf(out, ", of which the kernel gives %s", show_bytes(got, b));
	strbuf_puts(out, "\n");
}

static void offload_text(const char *what, bool on, unsigned used, unsigned all,
			 const char *noun, struct strbuf *out)
{
	char count[SHOW_FIELD_LEN];

	strbuf_printf(out, "  %-19s%s, used by %u of %s\n", what, on ? "on" : "off", used,
		      show_count(all, noun, count));
}

static void settings_text(const struct wg_dataplane_view *v, struct strbuf *out)
{
	strbuf_printf(out, "Encryption by %s\n", wg_encryption_name());
	workers_text(v, out);
	buffer_text("Receive buffer", v->receive_buffer, v->receive_buffer_configured,
		    out);
	buffer_text("Send buffer", v->send_buffer, v->send_buffer_configured, out);
	offload_text("Interface offload", v->interface_offload, v->interfaces_offloaded,
		     v->interfaces, "interface", out);
	offload_text("UDP offload", v->udp_offload, v->ports_offloaded, v->ports, "port",
		     out);
}

static void buffer_json(struct json *j, const char *key, uint32_t got,
			uint32_t configured)
{
	json_object(j, key);
	json_num(j, "configured", configured);
	if (got)
		json_num(j, "actual", got);
	else
		json_null(j, "actual");
	json_object_end(j);
}

static void offload_json(struct json *j, const char *key, bool on, const char *whose,
			 unsigned all, unsigned used)
{
	json_object(j, key);
	json_bool(j, "configured", on);
	json_num(j, whose, all);
	json_num(j, "used-by", used);
	json_object_end(j);
}

static void settings_json(const struct wg_dataplane_view *v, struct json *j)
{
	json_str(j, "encryption", wg_encryption_name());
	json_num(j, "workers", v->workers);
	json_num(j, "workers-configured", v->workers_configured);
	json_bool(j, "workers-fixed", v->workers_fixed);
	buffer_json(j, "receive-buffer", v->receive_buffer, v->receive_buffer_configured);
	buffer_json(j, "send-buffer", v->send_buffer, v->send_buffer_configured);
	offload_json(j, "interface-offload", v->interface_offload, "interfaces",
		     v->interfaces, v->interfaces_offloaded);
	offload_json(j, "udp-offload", v->udp_offload, "ports", v->ports,
		     v->ports_offloaded);
}

/* ---- threads ---- */

static const unsigned thread_columns[] = {0, 9, 14, 28, 38, 52, 62, 71};

static void thread_row(struct strbuf *out, const char *const *cell)
{
	show_row(out, thread_columns, cell, ARRAY_SIZE(thread_columns));
}

/* "12.3/40.0": packets in a batch, out and in; "-" where there was none. */
static const char *batch_sizes(const struct wg_thread_view *v,
			       char buf[static SHOW_FIELD_LEN])
{
	char tx[24] = "-", rx[24] = "-";

	if (v->tx_batches)
		snprintf(tx, sizeof(tx), "%.1f",
			 (double)v->tx_packets / (double)v->tx_batches);
	if (v->rx_batches)
		snprintf(rx, sizeof(rx), "%.1f",
			 (double)v->rx_packets / (double)v->rx_batches);
	snprintf(buf, SHOW_FIELD_LEN, "%s/%s", tx, rx);
	return buf;
}

static bool thread_text(const struct wg_thread_view *v, void *out)
{
	char cpu[12] = "any", tx[24], rx[24], drops[24], tx_bytes[SHOW_FIELD_LEN],
	     rx_bytes[SHOW_FIELD_LEN], batch[SHOW_FIELD_LEN];
	const char *const cell[] = {
		v->name, cpu,
		tx,      show_bytes(v->tx_bytes, tx_bytes),
		rx,      show_bytes(v->rx_bytes, rx_bytes),
		drops,   batch_sizes(v, batch),
	};

	if (v->cpu >= 0)
		snprintf(cpu, sizeof(cpu), "%d", v->cpu);
	snprintf(tx, sizeof(tx), "%" PRIu64, v->tx_packets);
	snprintf(rx, sizeof(rx), "%" PRIu64, v->rx_packets);
	snprintf(drops, sizeof(drops), "%" PRIu64, v->drops);
	thread_row(out, cell);
	return true;
}

static bool thread_json(const struct wg_thread_view *v, void *json)
{
	struct json *j = json;

	json_object(j, NULL);
	json_str(j, "name", v->name);
	if (v->cpu >= 0)
		json_num(j, "cpu", (uint64_t)v->cpu);
	else
		json_null(j, "cpu");
	json_num(j, "tx-packets", v->tx_packets);
	json_num(j, "tx-bytes", v->tx_bytes);
	json_num(j, "tx-batches", v->tx_batches);
	json_num(j, "rx-packets", v->rx_packets);
	json_num(j, "rx-bytes", v->rx_bytes);
	json_num(j, "rx-batches", v->rx_batches);
	json_num(j, "drops", v->drops);
	json_num(j, "wakeups", v->wakeups);
	json_object_end(j);
	return true;
}

/* ---- counters ---- */

struct counter_walk {
	struct strbuf *out;
	struct json json;
	bool drops; /* which half is printed now */
};

static bool counter_text(const char *name, const char *what, bool drop, uint64_t value,
			 void *arg)
{
	struct counter_walk *w = arg;
	size_t before = w->out->len;

	if (drop != w->drops)
		return true;
	strbuf_printf(w->out, "  %-17s %12" PRIu64 "  ", name, value);
	show_wrapped(w->out, (unsigned)(w->out->len - before), 34, what);
	return true;
}

static bool counter_json(const char *name, const char *what, bool drop, uint64_t value,
			 void *arg)
{
	struct counter_walk *w = arg;

	if (drop != w->drops)
		return true;
	json_object(&w->json, NULL);
	json_str(&w->json, "name", name);
	json_str(&w->json, "description", what);
	json_num(&w->json, "value", value);
	json_object_end(&w->json);
	return true;
}

/* ---- all together ---- */

static void cleared_text(const struct mgmt *m, struct strbuf *out)
{
	uint64_t when = cleared_when_ns(m->cleared);
	char age[SHOW_FIELD_LEN];

	if (when)
		strbuf_printf(out, "  %-19s%s\n", "Counters cleared",
			      show_age(loop_now_ns(m->deps.loop), when, age));
}

static void cleared_json(const struct mgmt *m, struct json *j)
{
	uint64_t when = cleared_when_ns(m->cleared);

	if (when)
		json_num(j, "counters-cleared-seconds",
			 show_elapsed(loop_now_ns(m->deps.loop), when) / NS_PER_S);
	else
		json_null(j, "counters-cleared-seconds");
}

static void dataplane_text(const struct mgmt *m, struct strbuf *out)
{
	static const char *const titles[] = {"Thread",   "CPU",   "Sent",  "bytes",
					     "Received", "bytes", "Drops", "A batch"};
	struct counter_walk w = {.out = out};
	struct wg_dataplane_view v;

	wg_dataplane_view(m->deps.wg, &v);
	settings_text(&v, out);
	cleared_text(m, out);
	strbuf_puts(out, "\n");
	thread_row(out, titles);
	cleared_walk_threads(m->cleared, m->deps.wg, thread_text, out);
	strbuf_puts(out, "\nCounters\n");
	cleared_walk_counters(m->cleared, m->deps.wg, counter_text, &w);
	w.drops = true;
	strbuf_puts(out, "\nDrops\n");
	cleared_walk_counters(m->cleared, m->deps.wg, counter_text, &w);
}

static void dataplane_json(const struct mgmt *m, struct strbuf *out)
{
	struct counter_walk w = {.json = {.out = out}};
	struct wg_dataplane_view v;

	wg_dataplane_view(m->deps.wg, &v);
	json_object(&w.json, NULL);
	settings_json(&v, &w.json);
	cleared_json(m, &w.json);
	json_array(&w.json, "threads");
	cleared_walk_threads(m->cleared, m->deps.wg, thread_json, &w.json);
	json_array_end(&w.json);
	json_array(&w.json, "counters");
	cleared_walk_counters(m->cleared, m->deps.wg, counter_json, &w);
	json_array_end(&w.json);
	w.drops = true;
	json_array(&w.json, "drops");
	cleared_walk_counters(m->cleared, m->deps.wg, counter_json, &w);
	json_array_end(&w.json);
	json_object_end(&w.json);
	json_end(&w.json);
}

void show_dataplane(const struct mgmt *m, bool json, struct strbuf *out)
{
	if (json)
		dataplane_json(m, out);
	else
		dataplane_text(m, out);
}
