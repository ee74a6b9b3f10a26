#ifndef NET_H
#define NET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * A list of addresses and networks.  An IPv4 address written as IPv6
 * (::ffff:192.0.2.1, RFC 4291, 2.5.5.2) is treated as the IPv4 address, both in
 * a list and in a lookup.
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
 * Parses a list such as "127.0.0.1, ::1, 192.0.2.0/24"; an empty text is an
 * empty list.  The caller frees nets->nets.  False: *why is a constant text,
 * and *nets is unchanged.
 */
bool conf_nets_parse(
    const char *text, struct conf_nets *nets, const char **why);

/*
 * Parses one numeric address (as in REMOTE_ADDR).  False for an absent text, a
 * name and any other text that is no address; *address is unchanged.
 */
bool conf_net_read(struct str text, struct conf_net *address);

/* True if the address is in one of the networks. */
bool conf_net_holds(
    const struct conf_nets *nets, const struct conf_net *address);

#define NET_TEXT_SIZE 64

/* Writes the network as text; a single address has no prefix length. */
void conf_net_format(const struct conf_net *net, char text[NET_TEXT_SIZE]);

#endif
