/* http/agent */
#include "config.h"

#include "check.h"
#include "http/agent.h"
#include "in_arena.h"

#define MOZILLA "Mozilla/5.0 "
#define WEBKIT "AppleWebKit/537.36 (KHTML, like Gecko) "

static const struct {
	const char *agent, *words;
	const char *device;
} rows[] = {
	{ MOZILLA "(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	    "Firefox 140 on Linux", "Firefox, Linux" },
	{ MOZILLA "(Windows NT 10.0; Win64; x64) " WEBKIT
		  "Chrome/139.0.0.0 Safari/537.36",
	    "Chrome 139 on Windows", "Chrome, Windows" },
	{ MOZILLA "(Windows NT 10.0; Win64; x64) " WEBKIT
		  "Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
	    "Edge 139 on Windows", "Edge, Windows" },
	{ MOZILLA "(X11; CrOS x86_64 14541.0.0) " WEBKIT
		  "Chrome/138.0.0.0 Safari/537.36",
	    "Chrome 138 on ChromeOS", "Chrome, ChromeOS" },
	{ MOZILLA "(Linux; Android 14; SM-S918B) " WEBKIT
		  "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
	    "Samsung Internet 28 on Android", "Samsung Internet" },
	{ MOZILLA "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
		  "(KHTML, like Gecko) Version/18.5 Safari/605.1.15",
	    "Safari 18 on macOS", "Safari, macOS" },
	{ MOZILLA "(iPhone; CPU iPhone OS 18_5 like Mac OS X) "
		  "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
		  "Mobile/15E148 Safari/604.1",
	    "Safari 18 on iPhone", "Safari, iPhone" },
	{ MOZILLA "(iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
		  "(KHTML, like Gecko) FxiOS/141.0 Mobile/15E148 Safari/604.1",
	    "Firefox 141 on iPad", "Firefox, iPad" },
	{ "curl/8.5.0", "curl 8", "curl" },
	/* what no row fits, and what only looks like one, stays as it is */
	{ "", "", "" },
	{ "tests/1", "tests/1", "tests/1" },
	{ "Firefox", "Firefox", "Firefox" },
	{ "a \x1b[2J agent", "a \x1b[2J agent", "a " },
	{ "<b>&\"'", "<b>&\"'", "" },
	{ "0123456789 0123456789 0123456789",
	    "0123456789 0123456789 0123456789", "0123456789 012345" },
	{ NULL, NULL, "" },
};

static void
an_agent_is_told_in_words(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(agent_words(*state, str_from(rows[i].agent)),
		    rows[i].words);
}

static void
a_page_names_the_device_without_a_version(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(agent_device(*state, str_from(rows[i].agent)),
		    rows[i].device);
}

/* A version of a thousand digits does not make the words long. */
static void
a_version_without_end_leaves_the_agent_as_it_is(void **state)
{
	char agent[1000] = "Firefox/";

	for (size_t i = 8; i < sizeof(agent) - 1; i++)
		agent[i] = '1';
	assert_str(agent_words(*state, str_from(agent)), agent);
}

/* The text ends where its length says, in the middle of a mark too. */
static void
a_mark_that_is_cut_is_none(void **state)
{
	static const char agent[] = "Firefox/140.0";

	for (size_t len = 0; len < 8; len++) {
		struct str cut = { agent, len };

		assert_str_eq(agent_words(*state, cut), cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_agent_is_told_in_words, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(
		    a_page_names_the_device_without_a_version, open_arena,
		    close_arena),
		cmocka_unit_test_setup_teardown(
		    a_version_without_end_leaves_the_agent_as_it_is, open_arena,
		    close_arena),
		cmocka_unit_test_setup_teardown(
		    a_mark_that_is_cut_is_none, open_arena, close_arena),
	};

	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
