#ifndef NET_H
#define NET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Lists of addresses and networks.  An IPv4 address that is written as IPv6
 * (::ffff:192.0.2.1, RFC 4291, 2.5.5.2) is the IPv4 address, in the list and
 * in what is looked up.
 */
struct conf_net {
	int family; /* AF_INET, AF_INET6 */
	unsigned char bytes[16];
	int prefix_len;
};

struct conf_nets {
	struct conf_net *nets;
	size_t count;
};

/*
 * Reads "127.0.0.1, ::1, 192.0.2.0/24"; empty is an empty list.  False: *why
 * is fixed words, *nets is untouched.  The caller owns nets->nets (free).
 */
bool conf_nets_parse(
    const char *text, struct conf_nets *nets, const char **why);

/*
 * Whether the numeric address (as in REMOTE_ADDR) is in one of the networks.
 * NULL, names and anything else that is no address is in none.
 */
bool conf_net_has(const struct conf_nets *nets, const char *address);

/* Reads one numeric address; false: it is none, *address is untouched. */
bool conf_net_read(struct str text, struct conf_net *address);

/* The same as conf_net_has, of an address that was read. */
bool conf_net_holds(
    const struct conf_nets *nets, const struct conf_net *address);

#define NET_TEXT_SIZE 64

/* The network as text, without a prefix where it is one address. */
void conf_net_format(const struct conf_net *net, char text[NET_TEXT_SIZE]);

#endif
