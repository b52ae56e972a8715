/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The syntax is wg(8)'s, "CONFIGURATION FILE FORMAT", with the words of wg-quick(8): heads
 * in brackets, KEY = VALUE, lists with commas, '#' to the end of the line. Case does not
 * count in heads and keys.
 */
#include "wgrd/ctl/wgquick.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/net/addr.h"
#include "proto/net/prefix.h"
#include "wgrd/lib/strbuf.h"

#define BLANKS " \t\r\v\f"

struct allowed_ip {
	struct prefix prefix;
	unsigned line;
	size_t peer;
};

struct parser {
	struct wgquick *w;
	struct wgquick_block *block; /* NULL before the first head */
	unsigned line;
	const char *word; /* key of the line, as wg-quick spells it */
	char above[256];  /* the comment in the line above */
	bool routes;      /* wg-quick would make routes to allowed IPs */
	struct allowed_ip *allowed_ip;
	size_t allowed_ips, allowed_ips_cap;
};

/* Room for one more; what grows may hold keys. */
static void *grown(void *old, size_t count, size_t *cap, size_t size)
{
	size_t want = *cap ? 2 * *cap : 8;
	void *new;

	if (count < *cap)
		return old;
	new = xcalloc(want, size);
	if (old) {
		memcpy(new, old, count * size);
		explicit_bzero(old, count * size);
	}
	free(old);
	*cap = want;
	return new;
}

/* ---- reports ---- */

static void report(struct parser *p, unsigned line, bool error, const char *word,
		   const char *fmt, ...) PRINTF_LIKE(5, 6);

static void report(struct parser *p, unsigned line, bool error, const char *word,
		   const char *fmt, ...)
{
	struct wgquick *w = p->w;
	struct wgquick_report *r;
	va_list args;

	w->report = grown(w->report, w->reports, &w->reports_cap, sizeof(w->report[0]));
	r = &w->report[w->reports++];
	*r = (struct wgquick_report){.line = line, .error = error};
	snprintf(r->word, sizeof(r->word), "%s", word);
	va_start(args, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, args);
	va_end(args);
	w->errors += error;
}

#define WRONG(p, ...)  report((p), (p)->line, true, (p)->word, __VA_ARGS__)
#define UNDONE(p, ...) report((p), (p)->line, false, (p)->word, __VA_ARGS__)

static int compare_reports(const void *a, const void *b)
{
	const struct wgquick_report *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

/* ---- settings ---- */

static void set(struct parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void set(struct parser *p, const char *fmt, ...)
{
	struct wgquick_block *b = p->block;
	char command[320];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	b->setting =
		grown(b->setting, b->settings, &b->settings_cap, sizeof(b->setting[0]));
	b->setting[b->settings++] = (struct wgquick_setting){
		.line = p->line, .word = p->word, .command = xstrdup(command)};
}

/* Decimal, or hexadecimal with 0x where @hex says so. */
static bool parse_number(const char *s, bool hex, uint32_t max, uint32_t *out)
{
	int base = hex && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10;
	const char *digits = base == 16 ? s + 2 : s;
	unsigned long long v;
	char *end;

	if (!isxdigit((unsigned char)*digits) || strlen(digits) > 12)
		return false;
	v = strtoull(digits, &end, base);
	*out = (uint32_t)v;
	return !*end && v <= max;
}

static void take_number(struct parser *p, const char *value, const char *command)
{
	uint32_t v;

	if (parse_number(value, false, UINT16_MAX, &v))
		set(p, "%s %u", command, v);
	else
		WRONG(p, "\"%.64s\" is not a number from 0 to 65535", value);
}

static void take_listen_port(struct parser *p, char *value)
{
	take_number(p, value, "listen-port");
}

static void take_mtu(struct parser *p, char *value)
{
	take_number(p, value, "mtu");
}

static void take_keepalive(struct parser *p, char *value)
{
	if (strcasecmp(value, "off"))
		take_number(p, value, "persistent-keepalive");
}

static void take_fwmark(struct parser *p, char *value)
{
	uint32_t v;

	if (!strcasecmp(value, "off"))
		return;
	if (parse_number(value, true, UINT32_MAX, &v))
		set(p, "fwmark %u", v);
	else
		WRONG(p, "\"%.64s\" is not a mark: a number, 0x and a number, or off",
		      value);
}

static void take_secret(struct parser *p, char *value)
{
	uint8_t key[WG_KEY_LEN];

	if (wg_key_parse(key, value)) {
		WRONG(p, "the value is not a key: 44 characters of base64");
		return;
	}
	explicit_bzero(key, sizeof(key));
	strcpy(p->block->secret, value);
	p->block->secret_line = p->line;
}

static void take_public_key(struct parser *p, char *value)
{
	uint8_t key[WG_KEY_LEN];

	/* It may be a private key in the wrong place: never printed. */
	if (wg_key_parse(key, value)) {
		WRONG(p, "the value is not a key: 44 characters of base64");
		return;
	}
	strcpy(p->block->public_key, value);
	set(p, "public-key %s", value);
}

static void take_address(struct parser *p, char *value)
{
	struct prefix a;
	char text[PREFIX_STRLEN];

	if (prefix_parse(&a, value))
		WRONG(p, "\"%.64s\" is not an address, such as 10.0.0.1/24", value);
	else
		set(p, "address %s", prefix_str(&a, text));
}

static void take_allowed_ip(struct parser *p, char *value)
{
	char text[PREFIX_STRLEN];
	struct prefix a;

	if (prefix_parse(&a, value)) {
		WRONG(p, "\"%.64s\" is not a prefix, such as 192.0.2.0/24", value);
		return;
	}
	if (prefix_has_host_bits(&a)) {
		prefix_mask(&a);
		UNDONE(p, "\"%.64s\" has host bits, taken as %s", value,
		       prefix_str(&a, text));
	}
	p->allowed_ip = grown(p->allowed_ip, p->allowed_ips, &p->allowed_ips_cap,
			      sizeof(p->allowed_ip[0]));
	p->allowed_ip[p->allowed_ips++] = (struct allowed_ip){a, p->line, p->w->peers};
	set(p, "allowed-ip %s", prefix_str(&a, text));
}

/* HOST:PORT, where HOST may be a name. */
static bool is_named_endpoint(const char *value)
{
	const char *colon = strrchr(value, ':');
	uint32_t port;

	if (!colon || colon == value ||
	    !parse_number(colon + 1, false, UINT16_MAX, &port))
		return false;
	for (const char *s = value; s < colon; s++)
		if (!isalnum((unsigned char)*s) && *s != '-' && *s != '.' && *s != '_')
			return false;
	return port && strspn(value, "0123456789.") != (size_t)(colon - value);
}

static void take_endpoint(struct parser *p, char *value)
{
	char text[IP_ENDPOINT_STRLEN];
	struct ip_addr a;
	uint16_t port;

	if (!ip_endpoint_parse(&a, &port, value))
		set(p, "endpoint %s", ip_endpoint_str(&a, port, text));
	else if (is_named_endpoint(value))
		UNDONE(p,
		       "\"%.64s\": wgrd does not resolve names; give the peer's address "
		       "with \"endpoint\", or let it call",
		       value);
	else
		WRONG(p, "\"%.64s\" is not ADDRESS:PORT or [ADDRESS]:PORT", value);
}

/* ---- what wgrd does not do ---- */

static void take_dns(struct parser *p, char *value)
{
	(void)value;
	UNDONE(p,
	       "wgrd sets no name servers; give them to resolvectl(1) or resolv.conf(5)");
}

static void take_hook(struct parser *p, char *value)
{
	(void)value;
	UNDONE(p, "wgrd runs no commands; put it into a unit that comes after "
		  "wgrd.service");
}

static void take_save(struct parser *p, char *value)
{
	if (strcasecmp(value, "true") && strcasecmp(value, "false"))
		WRONG(p, "\"%.64s\" is neither true nor false", value);
	else if (!strcasecmp(value, "true"))
		UNDONE(p, "wgrd saves when it is told to: \"write memory\"");
}

static void take_table(struct parser *p, char *value)
{
	uint32_t v;

	if (!strcasecmp(value, "auto"))
		return;
	if (!strcasecmp(value, "off"))
		p->routes = false;
	else if (parse_number(value, true, UINT32_MAX, &v))
		UNDONE(p,
		       "wgrd fills the table of a tenant: \"tenant NAME\" with \"table "
		       "%u\", and \"tenant NAME\" in the interface",
		       v);
	else
		WRONG(p, "\"%.64s\" is not a table: a number, auto or off", value);
}

/* ---- the words ---- */

static const struct word {
	const char *word;
	bool of_peer, list;
	void (*take)(struct parser *p, char *value);
	unsigned once; /* a bit of its own, if it may come once */
} words[] = {
	{"PrivateKey", false, false, take_secret, 1 << 0},
	{"ListenPort", false, false, take_listen_port, 1 << 1},
	{"FwMark", false, false, take_fwmark, 1 << 2},
	{"MTU", false, false, take_mtu, 1 << 3},
	{"Table", false, false, take_table, 1 << 4},
	{"SaveConfig", false, false, take_save, 1 << 5},
	{"Address", false, true, take_address, 0},
	{"DNS", false, false, take_dns, 0},
	{"PreUp", false, false, take_hook, 0},
	{"PostUp", false, false, take_hook, 0},
	{"PreDown", false, false, take_hook, 0},
	{"PostDown", false, false, take_hook, 0},
	{"PublicKey", true, false, take_public_key, 1 << 0},
	{"PresharedKey", true, false, take_secret, 1 << 1},
	{"Endpoint", true, false, take_endpoint, 1 << 2},
	{"PersistentKeepalive", true, false, take_keepalive, 1 << 3},
	{"AllowedIPs", true, true, take_allowed_ip, 0},
};

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, BLANKS);
	for (len = strlen(s); len && strchr(BLANKS, s[len - 1]); len--)
		;
	s[len] = '\0';
	return s;
}

static void take_value(struct parser *p, const struct word *word, char *value)
{
	char *part;

	p->word = word->word;
	if (word->once & p->block->said) {
		WRONG(p, "an earlier line has set this already");
		return;
	}
	p->block->said |= word->once;
	if (!word->list) {
		word->take(p, value);
		return;
	}
	if (!*value) /* a peer without prefixes may say so */
		return;
	while ((part = strsep(&value, ",")))
		word->take(p, trim(part));
}

static bool in_peer(const struct parser *p)
{
	return p->block != &p->w->interface;
}

/* A word that is not known may be a key without its word: it is shown only if it looks
 * like a word. */
static void unknown(struct parser *p, const char *key)
{
	size_t len = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	report(p, p->line, true, len <= 20 && !key[len] ? key : "",
	       "this is not known %s",
	       !p->block    ? "before [Interface]"
	       : in_peer(p) ? "in [Peer]"
			    : "in [Interface]");
}

static void take_setting(struct parser *p, char *key, char *value)
{
	for (size_t i = 0; p->block && i < ARRAY_SIZE(words); i++) {
		if (words[i].of_peer == in_peer(p) && !strcasecmp(words[i].word, key)) {
			take_value(p, &words[i], value);
			return;
		}
	}
	unknown(p, key);
}

/* ---- comments ---- */

/* "Name = Anna" and "friendly_name: Anna" are Anna; "Endpoint = ..." is a line that is
 * switched off, and no name. */
static const char *name_in(char *text)
{
	static const char *const says_name[] = {"name",   "friendly_name", "friendlyname",
						"client", "peer",          "user"};
	char *mark = strpbrk(text, "=:");

	if (!mark)
		return text;
	for (size_t i = 0; i < ARRAY_SIZE(says_name); i++) {
		size_t len = strlen(says_name[i]);

		if (!strncasecmp(text, says_name[i], len) &&
		    text + len + strspn(text + len, BLANKS) == mark)
			return trim(mark + 1);
	}
	return *mark == '=' ? "" : text;
}

/* Can it be a description? See line-of-text in wgrd.yang. */
static bool is_plain_text(const char *s)
{
	for (const unsigned char *c = (const unsigned char *)s; *c; c++)
		if (*c < ' ' || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
			return false;
	return utf8_is_valid(s);
}

/* In a peer before its first setting it is about the peer, else about what follows. */
static void take_comment(struct parser *p, char *text)
{
	struct wgquick_block *b = p->block;
	size_t len;
	const char *name;

	text += strspn(text, "#" BLANKS);
	for (len = strlen(text); len && strchr("#" BLANKS, text[len - 1]); len--)
		;
	text[len] = '\0';
	name = name_in(text);
	if (!*name || strlen(name) >= sizeof(p->above) || !is_plain_text(name))
		return;
	if (b && in_peer(p) && !b->settings && !b->secret_line && !*b->comment)
		strcpy(b->comment, name);
	else
		strcpy(p->above, name);
}

/* ---- lines ---- */

static void begin_interface(struct parser *p)
{
	struct wgquick_block *b = &p->w->interface;

	if (b->line)
		report(p, p->line, true, "[Interface]", "there is one in line %u already",
		       b->line);
	else
		b->line = p->line;
	p->block = b;
}

static void begin_peer(struct parser *p)
{
	struct wgquick *w = p->w;

	w->peer = grown(w->peer, w->peers, &w->peers_cap, sizeof(w->peer[0]));
	p->block = &w->peer[w->peers++];
	*p->block = (struct wgquick_block){.line = p->line};
	strcpy(p->block->comment, p->above);
}

static void take_line(struct parser *p, char *line)
{
	char *hash, *equal, *text = trim(line);

	if (*text == '#') {
		take_comment(p, text);
		return;
	}
	hash = strchr(text, '#');
	if (hash) {
		*hash = '\0';
		text = trim(text);
	}
	equal = strchr(text, '=');
	if (!strcasecmp(text, "[Interface]"))
		begin_interface(p);
	else if (!strcasecmp(text, "[Peer]"))
		begin_peer(p);
	else if (equal) {
		*equal = '\0';
		take_setting(p, trim(text), trim(equal + 1));
	} else if (*text) {
		report(p, p->line, true, "",
		       "this is neither [Interface], [Peer] nor KEY = VALUE");
	}
	p->above[0] = '\0';
}

/* ---- the whole ---- */

static int compare_allowed_ips(const void *a, const void *b)
{
	const struct allowed_ip *x = a, *y = b;
	int c = prefix_cmp(&x->prefix, &y->prefix);

	return c ?: x->line < y->line ? -1 : x->line > y->line;
}

static void check_allowed_ips(struct parser *p)
{
	struct allowed_ip *a = p->allowed_ip;
	char text[PREFIX_STRLEN];

	if (p->allowed_ips && p->routes)
		report(p, a[0].line, false, "AllowedIPs",
		       "wg-quick makes routes to these; wgrd does for an interface with "
		       "a tenant, see \"tenant\" in wgrd.conf(5)");
	if (p->allowed_ips)
		qsort(a, p->allowed_ips, sizeof(*a), compare_allowed_ips);
	for (size_t i = 1; i < p->allowed_ips; i++)
		if (prefix_equal(&a[i - 1].prefix, &a[i].prefix) &&
		    a[i - 1].peer != a[i].peer)
			report(p, a[i].line, true, "AllowedIPs",
			       "%s is in line %u too, for another peer; expected one",
			       prefix_str(&a[i].prefix, text), a[i - 1].line);
}

static int compare_keys(const void *a, const void *b)
{
	const struct wgquick_block *const *x = a, *const *y = b;
	int c = strcmp((*x)->public_key, (*y)->public_key);

	return c ?: (*x)->line < (*y)->line ? -1 : (*x)->line > (*y)->line;
}

static void check_public_keys(struct parser *p)
{
	struct wgquick *w = p->w;
	struct wgquick_block **b = xcalloc(w->peers + 1, sizeof(*b));

	for (size_t i = 0; i < w->peers; i++) {
		b[i] = &w->peer[i];
		if (!b[i]->public_key[0] && !(b[i]->said & 1))
			report(p, b[i]->line, true, "[Peer]", "it has no PublicKey");
	}
	qsort(b, w->peers, sizeof(*b), compare_keys);
	for (size_t i = 1; i < w->peers; i++)
		if (b[i]->public_key[0] &&
		    !strcmp(b[i - 1]->public_key, b[i]->public_key))
			report(p, b[i]->line, true, "[Peer]",
			       "its PublicKey is that of the peer in line %u too",
			       b[i - 1]->line);
	free(b);
}

static bool name_is_taken(const struct wgquick *w, const struct wgquick_block *end)
{
	for (const struct wgquick_block *b = w->peer; b < end; b++)
		if (!strcmp(b->name, end->name))
			return true;
	return false;
}

static void name_peer(const struct wgquick *w, struct wgquick_block *b)
{
	char wish[PEER_NAME_LEN];

	if (!peer_name_of_text(b->name, b->comment))
		peer_name_of_key(b->name, b->public_key, PEER_NAME_DIGITS);
	strcpy(wish, b->name);
	for (unsigned n = 2; name_is_taken(w, b); n++) {
		strcpy(b->name, wish);
		peer_name_number(b->name, n);
	}
}

static void check_whole(struct parser *p)
{
	struct wgquick *w = p->w;

	if (!w->interface.line)
		report(p, 0, true, "",
		       "there is no [Interface]; this is no wg-quick file");
	else if (!(w->interface.said & 1))
		report(p, w->interface.line, false, "[Interface]",
		       "it has no PrivateKey; the interface is inactive until it has "
		       "\"private-key-file\"");
	check_public_keys(p);
	check_allowed_ips(p);
	if (w->reports)
		qsort(w->report, w->reports, sizeof(w->report[0]), compare_reports);
	for (size_t i = 0; i < w->peers && !w->errors; i++)
		name_peer(w, &w->peer[i]);
}

void wgquick_parse(struct wgquick *w, char *text, size_t len)
{
	struct parser p = {.w = w, .routes = true};
	char *rest = text + 3 * !strncmp(text, "\xef\xbb\xbf", 3), *line; /* a BOM */

	*w = (struct wgquick){0};
	if (memchr(text, '\0', len)) {
		report(&p, 0, true, "", "it has a NUL octet; this is not a text file");
	} else {
		while ((line = strsep(&rest, "\n"))) {
			p.line++;
			take_line(&p, line);
		}
		check_whole(&p);
	}
	free(p.allowed_ip);
	explicit_bzero(text, len);
}

static void free_block(struct wgquick_block *b)
{
	for (size_t i = 0; i < b->settings; i++)
		free(b->setting[i].command);
	free(b->setting);
	explicit_bzero(b, sizeof(*b));
}

void wgquick_free(struct wgquick *w)
{
	free_block(&w->interface);
	for (size_t i = 0; i < w->peers; i++)
		free_block(&w->peer[i]);
	free(w->peer);
	free(w->report);
	*w = (struct wgquick){0};
}
