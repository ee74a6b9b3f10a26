/* config/net: lists of addresses and networks. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config/net.h"

static const struct row {
	const char *list, *address;
	bool is_in;
} rows[] = {
	{ "", "127.0.0.1", false },
	{ " ", "127.0.0.1", false },
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.0.0.1", "127.0.0.2", false },
	{ "127.0.0.1", "::ffff:127.0.0.1", true },
	{ "::ffff:127.0.0.1", "127.0.0.1", true },
	{ "::ffff:10.0.0.0/104", "10.200.0.1", true },
	{ "::ffff:10.0.0.0/104", "11.0.0.1", false },
	{ "127.0.0.1", "::1", false },
	{ "::1,127.0.0.1", "::1", true },
	{ "::1, 127.0.0.1", "127.0.0.1", true },
	{ "10.0.0.0/8", "10.255.255.255", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.128/25", "192.0.2.255", true },
	{ "0.0.0.0/0", "198.51.100.7", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "198.51.100.7", false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "0.0.0.0/0, ::/0", NULL, false },
	{ "0.0.0.0/0, ::/0", "", false },
	{ "0.0.0.0/0, ::/0", "localhost", false },
	{ "0.0.0.0/0, ::/0", "127.1", false },
	{ "0.0.0.0/0, ::/0", "127.0.0.1 ", false },
	{ "0.0.0.0/0, ::/0", "127.0.0.1/8", false },
	{ "0.0.0.0/0, ::/0", "[::1]", false },
};

static bool
is_in(const struct conf_nets *nets, const char *text)
{
	struct conf_net address;

	return conf_net_read(str_from(text), &address) &&
	       conf_net_holds(nets, &address);
}

static void
an_address_is_in_the_networks_that_hold_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_nets nets;
		const char *why;

		assert_true(conf_nets_parse(rows[i].list, &nets, &why));
		if (is_in(&nets, rows[i].address) != rows[i].is_in)
			fail_msg("%s in %s", rows[i].address, rows[i].list);
		free(nets.nets);
	}
}

static void
what_is_no_list_of_networks_is_refused(void **state)
{
	static const char *const lists[] = { "localhost", "127.0.0.1,",
		",127.0.0.1", "127.0.0.1 ::1", "127.0.0.1/33", "::1/129",
		"127.0.0.1/", "127.0.0.0/-1", "127.0.0.0/8x", "10.0.0.1/8",
		"2001:db8::1/64", "127.1", "0x7f000001", "[::1]",
		"::ffff:10.0.0.0/100",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb" };

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct conf_nets nets = { 0 };
		const char *why;

		if (conf_nets_parse(lists[i], &nets, &why))
			fail_msg("%s is taken", lists[i]);
		assert_non_null(why);
		assert_null(nets.nets);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_in_the_networks_that_hold_it),
		cmocka_unit_test(what_is_no_list_of_networks_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
