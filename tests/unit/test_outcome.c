/* base/outcome: only the process that reloads is heard. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/outcome.h"
#include "check.h"

enum { WAIT_MS = 50, LONG_MS = 5000 };

static void
the_outcome_of_the_process_arrives(void **state)
{
	char text[OUTCOME_TEXT_MAX + 1];
	int listener = outcome_listen(getpid());

	(void)state;
	assert_true(listener >= 0);
	outcome_tell(getpid(), "reloaded in 12 ms");
	assert_true(outcome_await(listener, getpid(), LONG_MS, text));
	assert_string_equal(text, "reloaded in 12 ms");
	close(listener);
}

static void
nothing_is_no_outcome(void **state)
{
	char text[OUTCOME_TEXT_MAX + 1];
	int listener = outcome_listen(getpid());

	(void)state;
	assert_false(outcome_await(listener, getpid(), WAIT_MS, text));
	close(listener);
	outcome_tell(getpid(), "nobody waits for this");
}

static void
a_long_text_is_cut(void **state)
{
	char text[OUTCOME_TEXT_MAX + 1], sent[OUTCOME_TEXT_MAX + 9];
	int listener = outcome_listen(getpid());

	(void)state;
	memset(sent, 'x', sizeof(sent));
	sent[sizeof(sent) - 1] = '\0';
	outcome_tell(getpid(), sent);
	assert_true(outcome_await(listener, getpid(), LONG_MS, text));
	assert_int_equal(strlen(text), OUTCOME_TEXT_MAX);
	close(listener);
}

static void
another_process_is_not_heard(void **state)
{
	char text[OUTCOME_TEXT_MAX + 1];
	pid_t self = getpid(), child;
	int listener = outcome_listen(self), status;

	(void)state;
	child = fork();
	if (child == 0) {
		outcome_tell(self, "reloaded");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(outcome_await(listener, self, LONG_MS, text));
	outcome_tell(self, "refused");
	assert_true(outcome_await(listener, self, LONG_MS, text));
	assert_string_equal(text, "refused");
	close(listener);
}

static void
two_do_not_wait_for_one_process(void **state)
{
	int listener = outcome_listen(getpid());

	(void)state;
	assert_int_equal(outcome_listen(getpid()), -1);
	assert_int_equal(errno, EADDRINUSE);
	close(listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_outcome_of_the_process_arrives),
		cmocka_unit_test(nothing_is_no_outcome),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(another_process_is_not_heard),
		cmocka_unit_test(two_do_not_wait_for_one_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
