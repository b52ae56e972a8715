/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/cli_grammar.h"

#include "wgrd/lib/util.h"

const struct cli_node_info cli_nodes[CLI_NODE_COUNT] = {
	[CLI_EXEC] = {.name = "", .parent = CLI_EXEC},
	[CLI_CONFIG] = {.name = "", .parent = CLI_EXEC},
	[CLI_WIREGUARD] = {.name = "wireguard",
			   .parent = CLI_CONFIG,
			   .list = "wireguard",
			   .leave = "exit-wireguard"},
	[CLI_PEER] = {.name = "peer",
		      .parent = CLI_WIREGUARD,
		      .list = "peer",
		      .leave = "exit-peer"},
	[CLI_TENANT] = {.name = "tenant",
			.parent = CLI_CONFIG,
			.list = "tenant",
			.leave = "exit-tenant"},
	[CLI_FOREIGN] = {.name = "other", .parent = CLI_CONFIG},
};

#define IN_EXEC           CLI_IN(CLI_EXEC)
#define IN_CONFIG         CLI_IN(CLI_CONFIG)
#define IN_WIREGUARD      CLI_IN(CLI_WIREGUARD)
#define IN_PEER           CLI_IN(CLI_PEER)
#define IN_TENANT         CLI_IN(CLI_TENANT)
#define IN_FOREIGN        CLI_IN(CLI_FOREIGN)
#define IN_BLOCKS         (IN_WIREGUARD | IN_PEER | IN_TENANT | IN_FOREIGN)
#define IN_ALL            (IN_EXEC | IN_CONFIG | IN_BLOCKS)

#define LEAF(path)        .kind = CLI_LEAF, .yang = (path)
#define LEAF_LIST(path)   .kind = CLI_LEAF_LIST, .yang = (path)
#define PRESENT(path)     .kind = CLI_PRESENT, .yang = (path)
#define SWITCH(path)      .kind = CLI_SWITCH, .yang = (path)
#define ENTRY(path, node) .kind = CLI_ENTRY, .yang = (path), .enters = (node)
#define DOES(act)         .kind = CLI_ACTION, .action = CLI_DO_##act
#define IGNORED           .kind = CLI_IGNORED, .flags = CLI_FOR_FRR

/* One line of help for each word, as macros where words come again and again. */
#define H_ZEBRA       "Session with FRR's zebra\n"
#define H_SHOW        "Show what is going on\n"
#define H_WIREGUARD   "WireGuard interfaces, peers and routes\n"
#define H_JSON        "As JSON"
#define H_DESCRIPTION "Text for people\nThe text, to the end of the line"
#define H_KEY         "32 octets in base64, 44 characters"
#define H_KEY_FILE    "Absolute path; nobody but the owner may read the file"
#define H_PREFIX      "Prefix without host bits, 192.0.2.0/24 or 2001:db8:1::/48"

/* clang-format off */
const struct cli_command cli_commands[] = {

/* ---- configuration: zebra, and the blocks ---- */

{IN_CONFIG, LEAF("zebra/socket"), .pattern = "zebra socket PATH",
 .help = H_ZEBRA "UNIX socket that zebra listens on\nAbsolute path"},
{IN_CONFIG, LEAF("zebra/protocol"),
 .pattern = "zebra protocol bgp|static|ospf|isis|rip|eigrp|nhrp|babel",
 .help = H_ZEBRA "Whose routes become permissions and routes of tenants\n"
	 "BGP: bgpd|Static routes of FRR: staticd|OSPF: ospfd, ospf6d|IS-IS: isisd|"
	 "RIP and RIPng: ripd, ripngd|EIGRP: eigrpd|NHRP: nhrpd|Babel: babeld"},
{IN_CONFIG, LEAF("zebra/settle-time"), .pattern = "zebra settle-time <1-3600>",
 .help = H_ZEBRA "Silence after which a returned zebra has said everything\nSeconds"},
{IN_CONFIG, SWITCH("zebra/enabled"), .pattern = "zebra enabled",
 .help = H_ZEBRA "Talk to zebra at all; this is the default"},
{IN_CONFIG, ENTRY("wireguard", CLI_WIREGUARD), .pattern = "wireguard NAME(wireguard)",
 .help = "A WireGuard interface, made and removed by wgrd\nName of the interface"},
{IN_CONFIG, ENTRY("tenant", CLI_TENANT), .pattern = "tenant NAME(tenant)",
 .help = "A routing domain with a table of its own\nName of the tenant"},

/* ---- configuration: wireguard NAME ---- */

{IN_WIREGUARD, LEAF("description"), .pattern = "description TEXT...",
 .help = H_DESCRIPTION},
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
{IN_WIREGUARD, LEAF_LIST("address"), .pattern = "address ADDR/LEN",
 .help = "Address of this end inside the tunnel\n"
	 "With the length of its network, 10.99.0.1/24 or fd99::1/64"},
{IN_WIREGUARD, LEAF("tenant"), .pattern = "tenant NAME(tenant)",
 .help = "Whose traffic the tunnel carries\nName of the tenant"},
{IN_WIREGUARD, PRESENT("shutdown"), .pattern = "shutdown",
 .help = "Keep the configuration, but take the interface down"},
{IN_WIREGUARD, ENTRY("peer", CLI_PEER), .pattern = "peer NAME(peer)",
 .help = "The other end of a tunnel\nName of the peer"},

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
{IN_PEER, LEAF_LIST("overlay-address"), .pattern = "overlay-address ADDR",
 .help = "Address of the peer inside the tunnel: a next hop that means this peer\n"
	 "IPv4 or IPv6 address, link-local ones too"},
{IN_PEER, LEAF_LIST("allowed-ip"), .pattern = "allowed-ip PREFIX",
 .help = "Static prefix behind the peer\n" H_PREFIX},
{IN_PEER, LEAF("max-prefix"), .pattern = "max-prefix <1-4294967295>",
 .help = "Limit for prefixes learned with this peer as next hop\nPrefixes"},
{IN_PEER, PRESENT("shutdown"), .pattern = "shutdown",
 .help = "Keep the configuration, but end the session and answer nothing"},

/* ---- configuration: tenant NAME ---- */

{IN_TENANT, LEAF("description"), .pattern = "description TEXT...",
 .help = H_DESCRIPTION},
{IN_TENANT, LEAF("table"), .pattern = "table <1-4294967295>",
 .help = "Kernel routing table of the tenant\nNumber, not 253, 254 or 255"},
{IN_TENANT, LEAF("priority"), .pattern = "priority <1-32765>",
 .help = "Of the rules that send the tenant's packets to its table\nPriority"},
{IN_TENANT, LEAF("vrf"), .pattern = "vrf NAME",
 .help = "VRF of zebra that prefixes are learned from\nName of the VRF"},
{IN_TENANT, LEAF_LIST("interface"), .pattern = "interface NAME(interface)",
 .help = "Local interface of the tenant\nName of the interface"},
{IN_TENANT, LEAF_LIST("supernet"), .pattern = "supernet PREFIX",
 .help = "Prefix that peers may announce parts of\n" H_PREFIX},
{IN_TENANT, LEAF_LIST("advertise"), .pattern = "advertise PREFIX",
 .help = "Own prefix given to zebra, for redistribute table\n" H_PREFIX},
{IN_TENANT, LEAF("advertise-tag"), .pattern = "advertise-tag <0-4294967295>",
 .help = "Route tag of the advertised prefixes, for route maps\nTag; 0: none"},
{IN_TENANT, LEAF("max-prefix"), .pattern = "max-prefix <1-4294967295>",
 .help = "Limit for prefixes learned for the tenant\nPrefixes"},

/* ---- moving between nodes ---- */

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
{IN_EXEC, DOES(SHOW_PEERS), .pattern = "show wireguard peers [json]",
 .help = H_SHOW H_WIREGUARD "All peers, one line each\n" H_JSON},
{IN_EXEC, DOES(SHOW_PEER), .pattern = "show wireguard peer NAME(peer) [json]",
 .help = H_SHOW H_WIREGUARD "All about one peer\nName of the peer\n" H_JSON},
{IN_EXEC, DOES(SHOW_ROUTES), .pattern = "show wireguard routes [json]",
 .help = H_SHOW H_WIREGUARD "Every prefix, and what was decided about it\n" H_JSON},
{IN_EXEC, DOES(SHOW_PERMISSIONS), .pattern = "show wireguard permissions [json]",
 .help = H_SHOW H_WIREGUARD
	 "Which peers get packets for a prefix, and which may send from it\n" H_JSON},
{IN_EXEC, DOES(SHOW_TENANTS), .pattern = "show wireguard tenants [json]",
 .help = H_SHOW H_WIREGUARD "Routing domains, and what they learned\n" H_JSON},
{IN_EXEC, DOES(SHOW_ZEBRA), .pattern = "show wireguard zebra [json]",
 .help = H_SHOW H_WIREGUARD "The session with zebra\n" H_JSON},
{IN_EXEC, DOES(SHOW_DATAPLANE), .pattern = "show wireguard dataplane [json]",
 .help = H_SHOW H_WIREGUARD "Packet counters, and why packets were dropped\n" H_JSON},
{IN_EXEC, DOES(SHOW_RUNNING), .pattern = "show running-config",
 .help = H_SHOW "The configuration in use, without secrets"},
{IN_EXEC, DOES(SHOW_VERSION), .pattern = "show version [json]",
 .help = H_SHOW "Release of wgrd\n" H_JSON},
{IN_EXEC, DOES(SHOW_DEBUGGING), .pattern = "show debugging",
 .help = H_SHOW "Subsystems that log debug messages"},
{IN_EXEC, DOES(CLEAR_PEER), .pattern = "clear wireguard peer NAME(peer)",
 .help = "Start something afresh\n" H_WIREGUARD
	 "Drop the peer's sessions and shake hands again\nName of the peer"},
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
{IN_EXEC, DOES(NOTHING), .flags = CLI_FOR_FRR,
 .pattern = "show memory|logging|thread|event [TEXT...]",
 .help = "Show\nOf FRR's library|Of FRR's library|Of FRR's library|"
	 "Of FRR's library\nRest"},
{IN_EXEC, DOES(NOTHING), .flags = CLI_FOR_FRR, .pattern = "autocomplete TEXT...",
 .help = "Names for a variable of vtysh\nRest"},
};
/* clang-format on */

const size_t cli_command_count = ARRAY_SIZE(cli_commands);
