/* Lists of addresses and networks: parsing, matching, printing. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "config/net.h"

static const unsigned char mapped_head[12] = { [10] = 0xff, [11] = 0xff };

static int
family_bits(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* Turns ::ffff:a.b.c.d/96+n into a.b.c.d/n. */
static void
unmap(struct conf_net *net)
{
	if (net->family != AF_INET6 || net->prefix_len < 96 ||
	    memcmp(net->bytes, mapped_head, sizeof(mapped_head)) != 0)
		return;
	memmove(net->bytes, net->bytes + 12, 4);
	memset(net->bytes + 4, 0, 12);
	net->family = AF_INET;
	net->prefix_len -= 96;
}

/* Parses an address as a network with the full prefix length. */
static bool
parse_address(struct str text, struct conf_net *net)
{
	char cstr[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(cstr))
		return false;
	memcpy(cstr, text.ptr, text.len);
	cstr[text.len] = '\0';
	memset(net, 0, sizeof(*net));
	net->family = str_has_char(text, ':') ? AF_INET6 : AF_INET;
	net->prefix_len = family_bits(net->family);
	return inet_pton(net->family, cstr, net->bytes) == 1;
}

static bool
is_host_part_zero(const struct conf_net *net)
{
	for (int bit = net->prefix_len; bit < family_bits(net->family); bit++)
		if (net->bytes[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

static const char *
parse_net(struct str text, struct conf_net *net)
{
	struct str address = str_cut(&text, '/');
	int64_t prefix_len;

	if (!parse_address(address, net))
		return "is no list of addresses and networks";
	if (!str_is_none(text)) {
		if (!str_to_int(text, 0, family_bits(net->family), &prefix_len))
			return "has a bad length of a network after the /";
		net->prefix_len = (int)prefix_len;
	}
	if (!is_host_part_zero(net))
		return "has a network with bits set beyond its length";
	unmap(net);
	return NULL;
}

static size_t
count_items(struct str text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == ',';
	return count;
}

bool
conf_nets_parse(const char *text, struct conf_nets *nets, const char **why)
{
	struct str rest = str_trim(str_from(text));
	struct conf_nets made = { 0 };

	*why = NULL;
	if (rest.len > 0) {
		made.nets = calloc(count_items(rest), sizeof(*made.nets));
		if (made.nets == NULL)
			*why = "does not fit into memory";
	} else {
		rest = STR_NONE;
	}
	while (*why == NULL && !str_is_none(rest)) {
		struct str item = str_trim(str_cut(&rest, ','));

		*why = parse_net(item, &made.nets[made.count++]);
	}
	if (*why != NULL) {
		free(made.nets);
		return false;
	}
	*nets = made;
	return true;
}

static bool
net_holds(const struct conf_net *net, const struct conf_net *address)
{
	int bytes = net->prefix_len / 8, bits = net->prefix_len % 8;

	if (net->family != address->family ||
	    memcmp(net->bytes, address->bytes, (size_t)bytes) != 0)
		return false;
	return bits == 0 ||
	       ((net->bytes[bytes] ^ address->bytes[bytes]) >> (8 - bits)) == 0;
}

bool
conf_net_read(struct str text, struct conf_net *address)
{
	struct conf_net read;

	if (!parse_address(text, &read))
		return false;
	unmap(&read);
	*address = read;
	return true;
}

bool
conf_net_holds(const struct conf_nets *nets, const struct conf_net *address)
{
	for (size_t i = 0; i < nets->count; i++)
		if (net_holds(&nets->nets[i], address))
			return true;
	return false;
}

void
conf_net_format(const struct conf_net *net, char text[NET_TEXT_SIZE])
{
	size_t len;

	if (inet_ntop(net->family, net->bytes, text, NET_TEXT_SIZE) == NULL)
		text[0] = '\0';
	len = strlen(text);
	if (net->prefix_len < family_bits(net->family))
		snprintf(
		    text + len, NET_TEXT_SIZE - len, "/%d", net->prefix_len);
}
