/* app/client_ip: whose request it is, and whom it is counted for */
#include "config.h"

#include "app_fixture.h"
#include "in_arena.h"
#include "app/client_ip.h"

#define PROXIES "127.0.0.1, 10.0.0.0/8, 2001:db8:ffff::/48"

static const struct find_row {
	const char *remote, *forwarded, *client;
} find_rows[] = {
	/* nobody is believed but a proxy that is trusted */
	{ "192.0.2.1", NULL, "192.0.2.1" },
	{ "192.0.2.1", "203.0.113.9", "192.0.2.1" },
	{ "192.0.2.1", "127.0.0.1", "192.0.2.1" },
	{ "10.0.0.1", NULL, "10.0.0.1" },
	{ "10.0.0.1", "203.0.113.9", "203.0.113.9" },
	/* from the right, past proxies; what was sent along stands left */
	{ "10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9" },
	{ "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9" },
	{ "10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9" },
	{ "10.0.0.1", "198.51.100.1,203.0.113.9,10.1.1.1,127.0.0.1",
	    "203.0.113.9" },
	{ "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3" },
	/* what is no address ends it */
	{ "10.0.0.1", "", "10.0.0.1" },
	{ "10.0.0.1", ",", "10.0.0.1" },
	{ "10.0.0.1", "203.0.113.9, ", "10.0.0.1" },
	{ "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1" },
	{ "10.0.0.1", "203.0.113.9, x, 10.0.0.2", "10.0.0.2" },
	{ "10.0.0.1", "203.0.113.9 10.0.0.2", "10.0.0.1" },
	{ "10.0.0.1", "010.0.0.2", "10.0.0.1" },
	{ "10.0.0.1", "203.0.113.0/24", "10.0.0.1" },
	/* ports and brackets */
	{ "10.0.0.1", "203.0.113.9:4711", "203.0.113.9" },
	{ "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1" },
	{ "10.0.0.1", "[2001:db8::1]", "2001:db8::1" },
	{ "10.0.0.1", "[2001:db8::1", "2001:db8::1" },
	{ "10.0.0.1", "2001:db8::1", "2001:db8::1" },
	/* one spelling */
	{ "::ffff:192.0.2.1", NULL, "192.0.2.1" },
	{ "::FFFF:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9" },
	{ "2001:DB8:0::0:1", NULL, "2001:db8::1" },
	{ "2001:db8:ffff:1::2", "203.0.113.9", "203.0.113.9" },
	/* zones */
	{ "fe80::1%eth0", NULL, "fe80::1" },
	{ "FE80::1%25eth0", NULL, "fe80::1" },
	{ "fe80::1%", NULL, "fe80::1" },
	{ "::ffff:10.0.0.1%eth0", "203.0.113.9", "203.0.113.9" },
	{ "10.0.0.1", "fe80::2%eth0", "fe80::2" },
	{ "10.0.0.1", "[fe80::2%eth0]:4711", "fe80::2" },
	{ "192.0.2.1%eth0", NULL, NULL },
	{ "%eth0", NULL, NULL },
	{ "eth0%fe80::1", NULL, NULL },
	/* no address at all */
	{ NULL, NULL, NULL },
	{ NULL, "203.0.113.9", NULL },
	{ "", "203.0.113.9", NULL },
	{ "unix:", "203.0.113.9", NULL },
	{ "192.0.2.1 ", NULL, NULL },
	{ "192.0.2.1:80", NULL, NULL },
};

static void
x_forwarded_for_is_read_from_the_right_over_trusted_proxies(void **state)
{
	struct conf_nets trusted;
	const char *why;

	assert_true(conf_nets_parse(PROXIES, &trusted, &why));
	for (size_t i = 0; i < COUNT(find_rows); i++) {
		const struct find_row *row = &find_rows[i];

		assert_str(client_ip_find(*state, &trusted,
			       str_from(row->remote), str_from(row->forwarded)),
		    row->client);
	}
	free(trusted.nets);
}

static void
without_trusted_proxies_it_is_not_read(void **state)
{
	const struct conf_nets none = { 0 };

	for (size_t i = 0; i < COUNT(find_rows); i++) {
		struct str remote = str_from(find_rows[i].remote);

		assert_str_eq(client_ip_find(*state, &none, remote,
				  str_from(find_rows[i].forwarded)),
		    client_ip_find(*state, &none, remote, STR_NONE));
	}
}

static void
a_network_is_an_ipv4_address_or_an_ipv6_64(void **state)
{
	static const struct {
		const char *address, *network;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:201", "192.0.2.1" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2::", "2001:db8:1:2::/64" },
		{ "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64" },
		{ "2001:db8:1:3::", "2001:db8:1:3::/64" },
		{ "::1", "::/64" },
		{ "unix:", "unknown" },
		{ "", "unknown" },
		{ NULL, "unknown" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(client_ip_network(*state, str_from(rows[i].address)),
		    rows[i].network);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    x_forwarded_for_is_read_from_the_right_over_trusted_proxies),
		cmocka_unit_test(without_trusted_proxies_it_is_not_read),
		cmocka_unit_test(a_network_is_an_ipv4_address_or_an_ipv6_64),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
