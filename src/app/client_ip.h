#ifndef CLIENT_IP_H
#define CLIENT_IP_H

#include "app/app.h"

/*
 * The client's address.  All results are numeric texts in one spelling: an
 * IPv4-mapped IPv6 address becomes the IPv4 address, and an IPv6 address has no
 * zone (%eth0).
 */

/*
 * Returns REMOTE_ADDR or, if that is in [server] trusted_proxies, the client in
 * X-Forwarded-For.  STR_NONE if REMOTE_ADDR is not an address.
 */
struct str client_ip(const struct context *c);

/*
 * Finds the client's address for client_ip, as a pure function.  Reads
 * forwarded_for from the right while the address found so far is a trusted
 * proxy: each proxy appends the address of its peer, so a client can forge
 * everything further left.  An item that is no address ends the search; the
 * client is then the proxy that sent this item.
 */
struct str client_ip_find(struct arena *arena, const struct conf_nets *trusted,
    struct str remote_addr, struct str forwarded_for);

/*
 * Returns the network that limits count as one client: an IPv4 address, or the
 * /64 of an IPv6 address, the least that a single host gets (RFC 4291, 2.5.4).
 * An absent or malformed address gives `unknown`: all such clients count as
 * one.
 */
struct str client_ip_network(struct arena *arena, struct str address);

#endif
