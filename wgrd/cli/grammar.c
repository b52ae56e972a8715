/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/grammar.h"

#include "wgrd/lib/util.h"

const struct cli_node_info cli_nodes[CLI_NODE_COUNT] = {
	[CLI_EXEC] = {.name = "", .parent = CLI_EXEC},
	[CLI_CONFIG] = {.name = "", .parent = CLI_EXEC},
	[CLI_WIREGUARD] = {.name = "wireguard",
			   .parent = CLI_CONFIG,
			   .list = "wireguard",
			   .leave = "exit-wireguard"},
	[CLI_OWN_KEY] = {.name = "additional-key",
			 .parent = CLI_WIREGUARD,
			 .list = "additional-key",
			 .leave = "exit-additional-key"},
	[CLI_PEER] = {.name = "peer",
		      .parent = CLI_WIREGUARD,
		      .list = "peer",
		      .leave = "exit-peer"},
	[CLI_PEER_KEY] = {.name = "additional-key",
			  .parent = CLI_PEER,
			  .list = "additional-key",
			  .leave = "exit-additional-key"},
	[CLI_TENANT] = {.name = "tenant",
			.parent = CLI_CONFIG,
			.list = "tenant",
			.leave = "exit-tenant"},
	[CLI_FOREIGN] = {.name = "other", .parent = CLI_CONFIG},
};

#define IN_EXEC           CLI_IN(CLI_EXEC)
#define IN_CONFIG         CLI_IN(CLI_CONFIG)
#define IN_WIREGUARD      CLI_IN(CLI_WIREGUARD)
#define IN_OWN_KEY        CLI_IN(CLI_OWN_KEY)
#define IN_PEER           CLI_IN(CLI_PEER)
#define IN_PEER_KEY       CLI_IN(CLI_PEER_KEY)
#define IN_KEYS           (IN_OWN_KEY | IN_PEER_KEY)
#define IN_TENANT         CLI_IN(CLI_TENANT)
#define IN_FOREIGN        CLI_IN(CLI_FOREIGN)
#define IN_BLOCKS         (IN_WIREGUARD | IN_PEER | IN_KEYS | IN_TENANT | IN_FOREIGN)
#define IN_ALL            (IN_EXEC | IN_CONFIG | IN_BLOCKS)

#define LEAF(path)        .kind = CLI_LEAF, .yang = (path)
#define LEAF_LIST(path)   .kind = CLI_LEAF_LIST, .yang = (path)
#define PRESENT(path)     .kind = CLI_PRESENT, .yang = (path)
#define SWITCH(path)      .kind = CLI_SWITCH, .yang = (path)
#define RULE(path)        .kind = CLI_RULE, .yang = (path)
#define ENTRY(path, node) .kind = CLI_ENTRY, .yang = (path), .enters = (node)
#define DOES(act)         .kind = CLI_ACTION, .action = CLI_DO_##act
#define IGNORED           .kind = CLI_IGNORED, .flags = CLI_FOR_FRR

/* One line of help for each word, as macros where words come again and again. */
#define H_ZEBRA       "Session with FRR's zebra\n"
#define H_DATAPLANE   "Threads and sockets that carry packets\n"
#define H_METRICS     "Numbers for Prometheus, over HTTP\n"
#define H_SHOW        "Show what is going on\n"
#define H_WIREGUARD   "WireGuard interfaces, peers and routes\n"
#define H_JSON        "As JSON"
#define H_DESCRIPTION "Text for people\nThe text, to the end of the line"
#define H_KEY         "32 octets in base64, 44 characters"
#define H_KEY_FILE    "Absolute path; nobody but the owner may read the file"
#define H_RULE                                                         \
	"Prefixes that may be learned, or may not\nName of the list\n" \
	"Entries are asked in order of their numbers\nNumber\n"        \
	"What it matches may be learned|What it matches may not\n"
#define H_PEERS     "All peers, one line each\n"
#define H_EVENTS    "What happened lately, newest first\n"
#define H_ROUTES    "Every prefix, and what was decided about it\n"
#define H_GE        "Longer ones in it too, from this length on\nLength"
#define H_LE        "Longer ones in it too, up to this length\nLength"
#define H_WARNING   "Say so when so much of max-prefix is used\nPercent; 0: never"
#define H_HOLD      "After one prefix too many, accept none for so long\nSeconds"
#define H_LIST_USED "Which of the learned prefixes to accept\nName of the prefix-list"
#define H_REKEY     "New session keys now; packets go on under the old ones meanwhile\n"
#define H_REVOKE    "Let nobody in with a key any more, at once and after restarts\n"
#define H_PREFIX    "Prefix without host bits, 192.0.2.0/24 or 2001:db8:1::/48"

/* What show lets through, with help. */
#define H_OF_PEER     "Those of one peer\nName of the peer\n"
#define H_OF_TENANT   "Those of one tenant\nName of the tenant\n"
#define H_LONGER      "And those in it\n"
#define H_PERMISSIONS "Which peers get packets for a prefix, and which may send from it\n"
#define SESSIONS      "up|handshake|none|expired|inactive"
#define H_SESSIONS                                                        \
	"Those whose session is in one state\n"                           \
	"There is one|It is being made|There is none|It ended|There can " \
	"be none: the peer is shut down, or lacks something\n"
#define STATES "refused|wanted|sent|installed|failed|leaving"
#define H_STATES                                                                       \
	"Those in one state\nNot permitted|Not asked for yet|Asked for|There|Refused " \
	"by the kernel|On the way out\n"

/* clang-format off */
const struct cli_command cli_commands[] = {

/* ---- configuration: zebra, and the blocks ---- */

{IN_CONFIG, LEAF("zebra/socket"), .pattern = "zebra socket PATH",
 .help = H_ZEBRA "UNIX socket that zebra listens on\nAbsolute path"},
{IN_CONFIG, LEAF("zebra/zapi-version"),
 .pattern = "zebra zapi-version "
	    "automatic|7.5|8.4|8.5|9.0|9.1|10.0|10.1|10.2|10.3|10.4|10.5|10.6|10.7",
 .help = H_ZEBRA "Release of FRR whose protocol zebra speaks\n"
	 "Found out; this is the default|FRR 7.5|FRR 8.4|FRR 8.5|FRR 9.0|FRR 9.1|FRR 10.0|"
	 "FRR 10.1|FRR 10.2|FRR 10.3|FRR 10.4|FRR 10.5|FRR 10.6|FRR 10.7"},
{IN_CONFIG, LEAF("zebra/protocol"),
 .pattern = "zebra protocol bgp|static|ospf|isis|rip|eigrp|nhrp|babel",
 .help = H_ZEBRA "Whose routes become permissions and routes of tenants\n"
	 "BGP: bgpd|Static routes of FRR: staticd|OSPF: ospfd, ospf6d|IS-IS: isisd|"
	 "RIP and RIPng: ripd, ripngd|EIGRP: eigrpd|NHRP: nhrpd|Babel: babeld"},
{IN_CONFIG, LEAF("zebra/settle-time"), .pattern = "zebra settle-time <1-3600>",
 .help = H_ZEBRA "Silence after which a returned zebra has said everything\nSeconds"},
{IN_CONFIG, SWITCH("zebra/enabled"), .pattern = "zebra enabled",
 .help = H_ZEBRA "Talk to zebra at all; this is the default"},
{IN_CONFIG, LEAF("dataplane/workers"), .pattern = "dataplane workers <1-64>",
 .help = H_DATAPLANE "Threads that encrypt and decrypt; at the next start, if there are "
	 "interfaces\nThreads"},
{IN_CONFIG, LEAF("dataplane/cpu-affinity"), .pattern = "dataplane cpu-affinity CPUS",
 .help = H_DATAPLANE "CPUs that workers are pinned to, one after the other\n"
	 "Numbers and ranges, 2-5,8"},
{IN_CONFIG, LEAF("dataplane/receive-buffer"),
 .pattern = "dataplane receive-buffer <65536-536870912>",
 .help = H_DATAPLANE "Room for what is received, of each UDP socket\nOctets"},
{IN_CONFIG, LEAF("dataplane/send-buffer"),
 .pattern = "dataplane send-buffer <65536-536870912>",
 .help = H_DATAPLANE "Room for what is sent, of each UDP socket\nOctets"},
{IN_CONFIG, SWITCH("dataplane/interface-offload"), .pattern = "dataplane interface-offload",
 .help = H_DATAPLANE "Large packets on interfaces made from now on; this is the default"},
{IN_CONFIG, SWITCH("dataplane/udp-offload"), .pattern = "dataplane udp-offload",
 .help = H_DATAPLANE "Many datagrams at once on ports opened from now on; this is the default"},
{IN_CONFIG, LEAF("metrics/listen"), .pattern = "metrics listen ADDR:PORT",
 .help = H_METRICS "Loopback address and TCP port to listen on\n"
	 "127.0.0.1:9586 or [::1]:9586"},
{IN_CONFIG, LEAF("metrics/socket"), .pattern = "metrics socket PATH",
 .help = H_METRICS "UNIX socket to listen on\nAbsolute path"},
{IN_CONFIG, LEAF_LIST("revoked-key"), .pattern = "revoked-key KEY",
 .help = "A peer's key that nobody is let in with, wherever it is configured\n" H_KEY},
{IN_CONFIG, RULE("prefix-list"),
 .pattern = "prefix-list NAME(prefix-list) seq <1-4294967295> permit|deny PREFIX",
 .help = H_RULE H_PREFIX},
{IN_CONFIG, RULE(NULL),
 .pattern = "prefix-list NAME(prefix-list) seq <1-4294967295> permit|deny PREFIX "
	    "ge <1-128>",
 .help = H_RULE H_PREFIX "\n" H_GE},
{IN_CONFIG, RULE(NULL),
 .pattern = "prefix-list NAME(prefix-list) seq <1-4294967295> permit|deny PREFIX "
	    "le <1-128>",
 .help = H_RULE H_PREFIX "\n" H_LE},
{IN_CONFIG, RULE(NULL),
 .pattern = "prefix-list NAME(prefix-list) seq <1-4294967295> permit|deny PREFIX "
	    "ge <1-128> le <1-128>",
 .help = H_RULE H_PREFIX "\n" H_GE "\n" H_LE},
{IN_CONFIG, ENTRY("wireguard", CLI_WIREGUARD), .pattern = "wireguard NAME(wireguard)",
 .help = "A WireGuard interface, made and removed by wgrd\nName of the interface"},
{IN_CONFIG, ENTRY("tenant", CLI_TENANT), .pattern = "tenant NAME(tenant)",
 .help = "A routing domain with a table of its own\nName of the tenant"},

/* ---- configuration: wireguard NAME ---- */

{IN_WIREGUARD, LEAF("description"), .pattern = "description TEXT...",
 .help = H_DESCRIPTION},
{IN_WIREGUARD, LEAF("backend"), .pattern = "backend user|kernel",
 .help = "Who forwards the packets\n"
	 "wgrd itself; this is the default|The WireGuard module of Linux"},
{IN_WIREGUARD, LEAF("foreign"), .pattern = "foreign keep|remove",
 .help = "Peers and prefixes that the kernel's interface has and nothing asks for\n"
	 "Left there|Removed at start"},
{IN_WIREGUARD, LEAF("private-key"), .flags = CLI_SECRET, .pattern = "private-key KEY",
 .help = "Identity of this end; it is never shown\n" H_KEY},
{IN_WIREGUARD, LEAF("private-key-file"), .pattern = "private-key-file PATH",
 .help = "Identity of this end, in a file as wg genkey writes it\n" H_KEY_FILE},
{IN_WIREGUARD, LEAF("listen-port"), .pattern = "listen-port <0-65535>",
 .help = "UDP port for IPv4 and IPv6\nPort; 0: the system chooses"},
{IN_WIREGUARD, LEAF("fwmark"), .flags = CLI_MARK, .pattern = "fwmark <0-4294967295>",
 .help = "Mark on the encrypted packets\nDecimal, or hexadecimal with 0x; 0: none"},
{IN_WIREGUARD, LEAF("mtu"), .pattern = "mtu <576-9200>",
 .help = "Largest packet inside the tunnel\nOctets"},
{IN_WIREGUARD, LEAF("dscp"), .pattern = "dscp DSCP",
 .help = "Mark of the encrypted packets for classes of traffic\n"
	 "none, copy (from the packet inside; an observer sees it) or 0 to 63"},
{IN_WIREGUARD, LEAF_LIST("address"), .pattern = "address ADDR/LEN",
 .help = "Address of this end inside the tunnel\n"
	 "With the length of its network, 10.99.0.1/24 or fd99::1/64"},
{IN_WIREGUARD, LEAF("tenant"), .pattern = "tenant NAME(tenant)",
 .help = "Whose traffic the tunnel carries\nName of the tenant"},
{IN_WIREGUARD, PRESENT("shutdown"), .pattern = "shutdown",
 .help = "Keep the configuration, but take the interface down"},
{IN_WIREGUARD, ENTRY("additional-key", CLI_OWN_KEY), .pattern = "additional-key NAME",
 .help = "Another key of this end: handshakes to it are answered\n"
	 "Name of the key, such as when it came or goes"},
{IN_WIREGUARD, ENTRY("peer", CLI_PEER), .pattern = "peer NAME(peer)",
 .help = "The other end of a tunnel\nName of the peer"},

{IN_OWN_KEY, LEAF("private-key"), .flags = CLI_SECRET, .pattern = "private-key KEY",
 .help = "The key; it is never shown\n" H_KEY},
{IN_OWN_KEY, LEAF("private-key-file"), .pattern = "private-key-file PATH",
 .help = "The key, in a file as wg genkey writes it\n" H_KEY_FILE},

/* ---- configuration: peer NAME ---- */

{IN_PEER, LEAF("description"), .pattern = "description TEXT...",
 .help = H_DESCRIPTION},
{IN_PEER, LEAF("public-key"), .pattern = "public-key KEY",
 .help = "Key that the peer proves to have\n" H_KEY},
{IN_PEER, LEAF("preshared-key"), .flags = CLI_SECRET, .pattern = "preshared-key KEY",
 .help = "Symmetric key, the same at both ends; it is never shown\n" H_KEY},
{IN_PEER, LEAF("preshared-key-file"), .pattern = "preshared-key-file PATH",
 .help = "Symmetric key, in a file as wg genpsk writes it\n" H_KEY_FILE},
{IN_PEER, LEAF("endpoint"), .pattern = "endpoint ADDR:PORT",
 .help = "Where to send the first handshake\n"
	 "192.0.2.1:51820 or [2001:db8::1]:51820"},
{IN_PEER, LEAF("persistent-keepalive"), .pattern = "persistent-keepalive <0-65535>",
 .help = "Keep NAT and firewall state alive with empty packets\n"
	 "Seconds of silence before one is sent; 0: never"},
{IN_PEER, LEAF("preempt-delay"), .pattern = "preempt-delay <0-3600>",
 .help = "When it answers again, what others stand in for stays with them for so long\nSeconds"},
{IN_PEER, LEAF_LIST("overlay-address"), .pattern = "overlay-address ADDR",
 .help = "Address of the peer inside the tunnel: a next hop that means this peer\n"
	 "IPv4 or IPv6 address, link-local ones too"},
{IN_PEER, LEAF_LIST("allowed-ip"), .pattern = "allowed-ip PREFIX",
 .help = "Static prefix behind the peer\n" H_PREFIX},
{IN_PEER, LEAF("prefix-list"), .pattern = "prefix-list NAME(prefix-list)",
 .help = H_LIST_USED},
{IN_PEER, LEAF("max-prefix"), .pattern = "max-prefix <1-4294967295>",
 .help = "Limit for prefixes learned with this peer as next hop\nPrefixes"},
{IN_PEER, LEAF("max-prefix-warning"), .pattern = "max-prefix-warning <0-100>",
 .help = H_WARNING},
{IN_PEER, LEAF("max-prefix-hold"), .pattern = "max-prefix-hold <1-604800>",
 .help = H_HOLD},
{IN_PEER, PRESENT("advertise-always"), .pattern = "advertise-always",
 .help = "Advertise what belongs to the peer even if it does not answer"},
{IN_PEER, PRESENT("shutdown"), .pattern = "shutdown",
 .help = "Keep the configuration, but end the session and answer nothing"},

{IN_PEER, ENTRY("additional-key", CLI_PEER_KEY), .pattern = "additional-key NAME",
 .help = "Another key of the peer: it may begin handshakes with it\n"
	 "Name of the key, such as when it came or goes"},
{IN_PEER_KEY, LEAF("public-key"), .pattern = "public-key KEY",
 .help = "Key that the peer may prove to have\n" H_KEY},
{IN_PEER_KEY, LEAF("preshared-key"), .flags = CLI_SECRET, .pattern = "preshared-key KEY",
 .help = "Symmetric key for handshakes with it, if not the peer's; it is never shown\n"
	 H_KEY},
{IN_PEER_KEY, LEAF("preshared-key-file"), .pattern = "preshared-key-file PATH",
 .help = "Symmetric key, in a file as wg genpsk writes it\n" H_KEY_FILE},

/* ---- configuration: tenant NAME ---- */

{IN_TENANT, LEAF("description"), .pattern = "description TEXT...",
 .help = H_DESCRIPTION},
{IN_TENANT, LEAF("table"), .pattern = "table <1-4294967295>",
 .help = "Kernel routing table of the tenant\nNumber, not 253, 254 or 255"},
{IN_TENANT, LEAF("priority"), .pattern = "priority <1-32765>",
 .help = "Of the rules that send the tenant's packets to its table\nPriority"},
{IN_TENANT, LEAF("vrf"), .pattern = "vrf NAME",
 .help = "VRF of zebra that prefixes are learned from\nName of the VRF"},
{IN_TENANT, LEAF("learn-table"), .pattern = "learn-table <1-2147483646>",
 .help = "Kernel table that prefixes are learned from instead of zebra\n"
	 "Number, not 255; BIRD's: kernel table N"},
{IN_TENANT, PRESENT("learn-direct"), .pattern = "learn-direct",
 .help = "Let zebra tell what learn-table has, from FRR 10.0 on"},
{IN_TENANT, LEAF_LIST("learn-protocol"),
 .pattern = "learn-protocol bird|zebra|bgp|ospf|isis|rip|eigrp|babel|static|boot",
 .help = "Whose routes in learn-table are learned; without any, BIRD's\n"
	 "BIRD|FRR's daemons that the kernel has no number for|BGP: bgpd|OSPF: ospfd, ospf6d|"
	 "IS-IS: isisd|RIP and RIPng: ripd, ripngd|EIGRP: eigrpd|Babel: babeld|"
	 "Static routes|Routes added with ip(8)"},
{IN_TENANT, LEAF_LIST("learn-tag"), .pattern = "learn-tag <1-4294967295>",
 .help = "Route tag of the prefixes that are this tenant's\nTag, as table-map sets it"},
{IN_TENANT, LEAF_LIST("interface"), .pattern = "interface NAME(interface)",
 .help = "Local interface of the tenant\nName of the interface"},
{IN_TENANT, LEAF_LIST("supernet"), .pattern = "supernet PREFIX",
 .help = "Prefix that peers may announce parts of\n" H_PREFIX},
{IN_TENANT, LEAF("prefix-list"), .pattern = "prefix-list NAME(prefix-list)",
 .help = H_LIST_USED},
{IN_TENANT, LEAF_LIST("advertise"), .pattern = "advertise PREFIX",
 .help = "Own prefix given to zebra, for redistribute table\n" H_PREFIX},
{IN_TENANT, LEAF("advertise-tag"), .pattern = "advertise-tag <0-4294967295>",
 .help = "Route tag of the advertised prefixes, for route maps\nTag; 0: none"},
{IN_TENANT, LEAF("advertise-instance"), .pattern = "advertise-instance <1-255>",
 .help = "Give zebra IPv4 prefixes for redistribute table N, instead of without N\nN"},
{IN_TENANT, LEAF("advertise-table"), .pattern = "advertise-table <1-4294967295>",
 .help = "Kernel table for the advertised prefixes, instead of zebra\n"
	 "Number, not 253, 254 or 255; BIRD's: learn"},
{IN_TENANT, PRESENT("advertise-kernel"), .pattern = "advertise-kernel",
 .help = "Put advertised prefixes into the main table, for redistribute kernel"},
{IN_TENANT, LEAF("max-prefix"), .pattern = "max-prefix <1-4294967295>",
 .help = "Limit for prefixes learned for the tenant\nPrefixes"},
{IN_TENANT, LEAF("max-prefix-warning"), .pattern = "max-prefix-warning <0-100>",
 .help = H_WARNING},
{IN_TENANT, LEAF("max-prefix-hold"), .pattern = "max-prefix-hold <1-604800>",
 .help = H_HOLD},

/* ---- moving between nodes ---- */

{IN_KEYS, DOES(EXIT), .pattern = "exit-additional-key",
 .help = "End the key's block"},
{IN_PEER, DOES(EXIT), .pattern = "exit-peer",
 .help = "End the peer's block"},
{IN_WIREGUARD, DOES(EXIT), .pattern = "exit-wireguard",
 .help = "End the interface's block"},
{IN_TENANT, DOES(EXIT), .pattern = "exit-tenant",
 .help = "End the tenant's block"},
{IN_ALL, DOES(EXIT), .pattern = "exit", .help = "Go one level up"},
{IN_ALL, DOES(EXIT), .pattern = "quit", .help = "Go one level up"},
{IN_ALL, DOES(END), .pattern = "end", .help = "Leave the configuration"},
{IN_EXEC, DOES(CONFIGURE), .pattern = "configure [terminal] [file-lock]",
 .help = "Change the configuration\nFrom this terminal\n"
	 "Accepted as FRR does; wgrd needs no lock"},
{IN_EXEC, DOES(NOTHING), .pattern = "enable",
 .help = "Accepted as FRR does; every command is enabled"},
{IN_EXEC, DOES(NOTHING), .pattern = "disable",
 .help = "Accepted as FRR does; every command stays enabled"},

/* ---- exec ---- */

{IN_EXEC, DOES(SHOW_WIREGUARD), .pattern = "show wireguard [json]",
 .help = H_SHOW H_WIREGUARD H_JSON},
{IN_EXEC, DOES(SHOW_SUMMARY), .pattern = "show wireguard summary [json]",
 .help = H_SHOW H_WIREGUARD "How many of each, and what to look at\n" H_JSON},
{IN_EXEC, DOES(SHOW_PEERS), .pattern = "show wireguard peers [json]",
 .help = H_SHOW H_WIREGUARD H_PEERS H_JSON},
{IN_EXEC, DOES(SHOW_PEERS), .pattern = "show wireguard peers session " SESSIONS " [json]",
 .help = H_SHOW H_WIREGUARD H_PEERS H_SESSIONS H_JSON},
{IN_EXEC, DOES(SHOW_PEERS), .pattern = "show wireguard peers tenant NAME(tenant) [json]",
 .help = H_SHOW H_WIREGUARD H_PEERS H_OF_TENANT H_JSON},
{IN_EXEC, DOES(SHOW_PEERS),
 .pattern = "show wireguard peers tenant NAME(tenant) session " SESSIONS " [json]",
 .help = H_SHOW H_WIREGUARD H_PEERS H_OF_TENANT H_SESSIONS H_JSON},
{IN_EXEC, DOES(SHOW_PEER), .pattern = "show wireguard peer NAME(peer) [json]",
 .help = H_SHOW H_WIREGUARD "All about one peer\nName of the peer\n" H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES), .pattern = "show wireguard routes [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES), .pattern = "show wireguard routes PREFIX [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_PREFIX "\n" H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES), .pattern = "show wireguard routes PREFIX longer-prefixes [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_PREFIX "\n" H_LONGER H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES), .pattern = "show wireguard routes peer NAME(peer) [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_OF_PEER H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES), .pattern = "show wireguard routes state " STATES " [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_STATES H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES), .pattern = "show wireguard routes tenant NAME(tenant) [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_OF_TENANT H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES),
 .pattern = "show wireguard routes tenant NAME(tenant) PREFIX [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_OF_TENANT H_PREFIX "\n" H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES),
 .pattern = "show wireguard routes tenant NAME(tenant) PREFIX longer-prefixes [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_OF_TENANT H_PREFIX "\n" H_LONGER H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES),
 .pattern = "show wireguard routes tenant NAME(tenant) state " STATES " [json]",
 .help = H_SHOW H_WIREGUARD H_ROUTES H_OF_TENANT H_STATES H_JSON},
{IN_EXEC, DOES(SHOW_WHY), .pattern = "show wireguard why PREFIX [json]",
 .help = H_SHOW H_WIREGUARD "The whole story of a prefix, and of those that cover it\n"
	 "Prefix or address\n" H_JSON},
{IN_EXEC, DOES(SHOW_KEYS), .pattern = "show wireguard keys [json]",
 .help = H_SHOW H_WIREGUARD "Public keys, and how many sessions use them\n" H_JSON},
{IN_EXEC, DOES(SHOW_PERMISSIONS), .pattern = "show wireguard permissions [json]",
 .help = H_SHOW H_WIREGUARD H_PERMISSIONS H_JSON},
{IN_EXEC, DOES(SHOW_PERMISSIONS), .pattern = "show wireguard permissions PREFIX [json]",
 .help = H_SHOW H_WIREGUARD H_PERMISSIONS H_PREFIX "\n" H_JSON},
{IN_EXEC, DOES(SHOW_PERMISSIONS),
 .pattern = "show wireguard permissions PREFIX longer-prefixes [json]",
 .help = H_SHOW H_WIREGUARD H_PERMISSIONS H_PREFIX "\n" H_LONGER H_JSON},
{IN_EXEC, DOES(SHOW_PERMISSIONS), .pattern = "show wireguard permissions peer NAME(peer) [json]",
 .help = H_SHOW H_WIREGUARD H_PERMISSIONS H_OF_PEER H_JSON},
{IN_EXEC, DOES(SHOW_TABLES), .pattern = "show wireguard tables [json]",
 .help = H_SHOW H_WIREGUARD "Kernel tables that tenants learn from\n" H_JSON},
{IN_EXEC, DOES(SHOW_TENANTS), .pattern = "show wireguard tenants [json]",
 .help = H_SHOW H_WIREGUARD "Routing domains, and what they learned\n" H_JSON},
{IN_EXEC, DOES(SHOW_ZEBRA), .pattern = "show wireguard zebra [json]",
 .help = H_SHOW H_WIREGUARD "The session with zebra\n" H_JSON},
{IN_EXEC, DOES(SHOW_DATAPLANE), .pattern = "show wireguard dataplane [json]",
 .help = H_SHOW H_WIREGUARD "Threads, packet counters, and why packets were dropped\n" H_JSON},
{IN_EXEC, DOES(SHOW_RUNNING), .pattern = "show running-config",
 .help = H_SHOW "The configuration in use, without secrets"},
{IN_EXEC, DOES(SHOW_VERSION), .pattern = "show version [json]",
 .help = H_SHOW "Release of wgrd\n" H_JSON},
{IN_EXEC, DOES(SHOW_MEMORY), .pattern = "show memory [json]",
 .help = H_SHOW "What the allocator has\n" H_JSON},
{IN_EXEC, DOES(SHOW_LOGGING), .pattern = "show logging [json]",
 .help = H_SHOW "Where log lines go\n" H_JSON},
{IN_EXEC, DOES(SHOW_DEBUGGING), .pattern = "show debugging [json]",
 .help = H_SHOW "Subsystems that log debug messages\n" H_JSON},
{IN_EXEC, DOES(PING), .pattern = "ping wireguard peer NAME(peer)",
 .help = "See whether somebody answers\n" H_WIREGUARD
	 "By a handshake beside the session there is\nName of the peer"},
{IN_EXEC, DOES(CLEAR_COUNTERS), .pattern = "clear wireguard counters",
 .help = "Start something afresh\n" H_WIREGUARD
	 "Have show count from zero again; metrics and wg(8) go on"},
{IN_EXEC, DOES(CLEAR_PEER), .pattern = "clear wireguard peer NAME(peer)",
 .help = "Start something afresh\n" H_WIREGUARD
	 "Drop the peer's sessions, shake hands again, and accept what it held back\n"
	 "Name of the peer"},
{IN_EXEC, DOES(CLEAR_TENANT), .pattern = "clear wireguard tenant NAME(tenant)",
 .help = "Start something afresh\n" H_WIREGUARD
	 "Accept what was held back for max-prefix\nName of the tenant"},
{IN_EXEC, DOES(SHOW_EVENTS), .pattern = "show wireguard events [json]",
 .help = H_SHOW H_WIREGUARD H_EVENTS H_JSON},
{IN_EXEC, DOES(SHOW_EVENTS), .pattern = "show wireguard events peer NAME(peer) [json]",
 .help = H_SHOW H_WIREGUARD H_EVENTS H_OF_PEER H_JSON},
{IN_EXEC, DOES(SHOW_COMMITS), .pattern = "show wireguard commits [json]",
 .help = H_SHOW H_WIREGUARD "What was committed, by whom, when and from where\n" H_JSON},
{IN_EXEC, DOES(SHOW_COMMIT), .pattern = "show wireguard commit <1-4294967295> [json]",
 .help = H_SHOW H_WIREGUARD "What one commit changed\nIts number\n" H_JSON},
{IN_EXEC, DOES(ROLLBACK), .pattern = "wireguard rollback <1-4294967295>",
 .help = H_WIREGUARD "Go back to what was configured after a commit\nIts number"},
{IN_EXEC, DOES(REKEY_PEER), .pattern = "wireguard rekey peer NAME(peer)",
 .help = H_WIREGUARD H_REKEY "With one peer\nName of the peer"},
{IN_EXEC, DOES(REKEY_INTERFACE), .pattern = "wireguard rekey interface NAME(wireguard)",
 .help = H_WIREGUARD H_REKEY "With all peers of an interface\nName of the interface"},
{IN_EXEC, DOES(REKEY_TENANT), .pattern = "wireguard rekey tenant NAME(tenant)",
 .help = H_WIREGUARD H_REKEY "With all peers of a tenant\nName of the tenant"},
{IN_EXEC, DOES(REVOKE_PEER), .pattern = "wireguard revoke peer NAME(peer)",
 .help = H_WIREGUARD H_REVOKE "All keys of a peer\nName of the peer"},
{IN_EXEC, DOES(REVOKE_KEY), .pattern = "wireguard revoke key KEY",
 .help = H_WIREGUARD H_REVOKE "One public key, whoever has it\n" H_KEY},
{IN_EXEC, DOES(RESYNC), .pattern = "wireguard resync",
 .help = H_WIREGUARD "Ask zebra and the kernel again, and mend what differs"},
{IN_EXEC, DOES(RELOAD_ACCESS), .pattern = "wireguard reload-access-rules",
 .help = H_WIREGUARD "Read the file again that says who may do what over NETCONF"},
{IN_EXEC, DOES(REVERT_AFTER), .pattern = "wireguard commit revert-after <1-86400>",
 .help = H_WIREGUARD "What is committed from now on is a trial\n"
	 "Undo it all unless it is confirmed in time\nSeconds"},
{IN_EXEC, DOES(CONFIRM), .pattern = "wireguard commit confirm",
 .help = H_WIREGUARD "What is committed from now on is a trial\n"
	 "End the trial and keep what was committed"},
{IN_EXEC, DOES(REVERT), .pattern = "wireguard commit revert",
 .help = H_WIREGUARD "What is committed from now on is a trial\n"
	 "End the trial and undo what was committed"},
{IN_EXEC, DOES(DEBUG), .flags = CLI_HAS_NO,
 .pattern = "debug wireguard "
	    "daemon|conf|zebra|rib|tenant|fib|kernel|wg|dplane|mgmt|all",
 .help = "Log debug messages\n" H_WIREGUARD
	 "Start and stop|Configuration|zserv session|Learned routes|Decisions|"
	 "Installation|Netlink|Interfaces and peers|Packets|Command line|Everything"},
{IN_EXEC, DOES(WRITE), .pattern = "write [memory|file]",
 .help = "Save or print the configuration\nTo wgrd.conf|To wgrd.conf"},
{IN_EXEC, DOES(SHOW_RUNNING), .pattern = "write terminal",
 .help = "Save or print the configuration\nTo this terminal, without secrets"},
{IN_EXEC, DOES(WRITE), .pattern = "copy running-config startup-config",
 .help = "Copy a configuration\nThe one in use\nTo wgrd.conf"},
{IN_EXEC, DOES(ECHO), .pattern = "echo TEXT...",
 .help = "Answer with a text\nThe text"},

/* ---- asked by wgrctl ---- */

{IN_ALL, DOES(COMPLETE), .flags = CLI_FOR_FRR | CLI_EXACT,
 .pattern = "wgrctl complete [TEXT...]",
 .help = "For wgrctl\nWhat the last word of a line can become, a word a line\nThe line"},
{IN_ALL, DOES(HELP), .flags = CLI_FOR_FRR | CLI_EXACT, .pattern = "wgrctl help [TEXT...]",
 .help = "For wgrctl\nWhat can stand next in a line, with help\nThe line"},
{IN_ALL, DOES(NODE), .flags = CLI_FOR_FRR | CLI_EXACT, .pattern = "wgrctl node",
 .help = "For wgrctl\nThe part of the prompt that says where we are"},

/* ---- what vtysh tells all daemons ---- */

{IN_ALL, DOES(GROUP_BEGIN), .flags = CLI_FOR_FRR | CLI_EXACT,
 .pattern = "XFRR_start_configuration",
 .help = "The lines up to XFRR_end_configuration are one commit"},
{IN_ALL, DOES(GROUP_END), .flags = CLI_FOR_FRR | CLI_EXACT,
 .pattern = "XFRR_end_configuration", .help = "Commit the lines of the group"},
{IN_CONFIG, DOES(ENTER_FOREIGN), .flags = CLI_FOR_FRR | CLI_HAS_NO,
 .pattern = "nexthop-group NAME", .help = "A block of zebra's and pbrd's\nName"},
{IN_CONFIG, DOES(ENTER_FOREIGN), .flags = CLI_FOR_FRR | CLI_HAS_NO,
 .pattern = "line vty", .help = "A block about terminals\nTerminals"},
{IN_FOREIGN, IGNORED, .pattern = "nexthop TEXT...", .help = "In nexthop-group\nRest"},
{IN_FOREIGN, IGNORED, .pattern = "backup-group TEXT...",
 .help = "In nexthop-group\nRest"},
{IN_FOREIGN, IGNORED, .pattern = "resilient TEXT...", .help = "In nexthop-group\nRest"},
{IN_FOREIGN, IGNORED, .pattern = "access-class TEXT...", .help = "In line vty\nRest"},
{IN_FOREIGN, IGNORED, .pattern = "ipv6 access-class TEXT...",
 .help = "In line vty\nIn line vty\nRest"},
{IN_FOREIGN, IGNORED, .pattern = "exec-timeout [TEXT...]", .help = "In line vty\nRest"},
{IN_FOREIGN, IGNORED, .pattern = "login", .help = "In line vty"},
{IN_CONFIG, IGNORED, .pattern = "frr version|defaults TEXT...",
 .help = "About FRR\nRelease that wrote the file|Set of defaults\nRest"},
{IN_CONFIG, IGNORED, .pattern = "hostname [TEXT...]", .help = "Name of the host\nName"},
{IN_CONFIG, IGNORED, .pattern = "domainname [TEXT...]",
 .help = "Domain of the host\nName"},
{IN_CONFIG, DOES(LOG_SYSLOG), .flags = CLI_FOR_FRR | CLI_HAS_NO,
 .pattern = "log syslog [TEXT...]", .help = "Logging\nTo syslog\nLevel"},
{IN_CONFIG, DOES(LOG_STDOUT), .flags = CLI_FOR_FRR | CLI_HAS_NO,
 .pattern = "log stdout [TEXT...]", .help = "Logging\nTo the terminal\nLevel"},
{IN_CONFIG, DOES(LOG_FILE), .flags = CLI_FOR_FRR | CLI_HAS_NO,
 .pattern = "log file [TEXT...]", .help = "Logging\nTo a file\nPath and level"},
{IN_CONFIG, IGNORED, .pattern = "log TEXT...", .help = "Logging of FRR\nRest"},
{IN_CONFIG, IGNORED, .pattern = "service TEXT...", .help = "Service of FRR\nRest"},
{IN_CONFIG, IGNORED, .pattern = "password [TEXT...]", .help = "For terminals\nRest"},
{IN_CONFIG, IGNORED, .pattern = "enable password [TEXT...]",
 .help = "For terminals\nFor terminals\nRest"},
{IN_CONFIG, IGNORED, .pattern = "banner TEXT...", .help = "For terminals\nRest"},
{IN_CONFIG, IGNORED, .pattern = "allow-reserved-ranges",
 .help = "Addresses of 240.0.0.0/4 in FRR"},
{IN_EXEC | IN_CONFIG, IGNORED, .pattern = "debug memstats-at-exit",
 .help = "Debugging\nMemory statistics of FRR"},
{IN_EXEC | IN_CONFIG, IGNORED, .pattern = "debug northbound [TEXT...]",
 .help = "Debugging\nFRR's own handling of YANG\nRest"},
{IN_EXEC | IN_CONFIG, IGNORED, .pattern = "clear log|thread|event TEXT...",
 .help = "Clear\nOf FRR's library|Of FRR's library|Of FRR's library\nRest"},
{IN_EXEC, DOES(NOTHING), .flags = CLI_FOR_FRR, .pattern = "show logging filter-text",
 .help = "Show\nWhere log lines go\nOf FRR's library"},
{IN_EXEC, DOES(NOTHING), .flags = CLI_FOR_FRR,
 .pattern = "show thread|event [TEXT...]",
 .help = "Show\nOf FRR's library|Of FRR's library\nRest"},
{IN_ALL, DOES(AUTOCOMPLETE), .flags = CLI_FOR_FRR | CLI_EXACT,
 .pattern = "autocomplete TEXT...",
 .help = "Names for a variable of vtysh, a name a line\nKind, text and name of the variable"},
};
/* clang-format on */

const size_t cli_command_count = ARRAY_SIZE(cli_commands);
