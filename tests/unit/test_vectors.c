/* secret/password: tests/data/passwords.txt, row by row */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "base/clock.h"
#include "secret/password.h"

enum { LINE_SIZE = 16384, COLUMNS = 5, DEAR_US = 4000, VECTORS_MAX = 1024 };

struct vector {
	const char *name;
	int number; /* of its row */
	struct str password, form;
	enum password_verdict verdict;
};

/* The byte behind a backslash at at; *at moves to its last character. */
static char
unescape(char **at)
{
	char digits[3] = { 0 };

	if ((*at)[1] == '\\') {
		*at += 1;
		return '\\';
	}
	assert_int_equal((*at)[1], 'x');
	memcpy(digits, *at + 2, 2);
	*at += 3;
	return (char)strtol(digits, NULL, 16);
}

/* In place. */
static struct str
read_bytes(char *column)
{
	char *out = column;

	for (char *at = column; *at != '\0'; at++)
		*out++ = *at == '\\' ? unescape(&at) : *at;
	return (struct str){ column, (size_t)(out - column) };
}

static enum password_verdict
read_verdict(const char *word)
{
	if (strcmp(word, "right") == 0)
		return PASSWORD_RIGHT;
	if (strcmp(word, "wrong") == 0)
		return PASSWORD_WRONG;
	assert_string_equal(word, "refused");
	return PASSWORD_REFUSED;
}

static struct vector
read_vector(char *line)
{
	char *columns[COLUMNS];

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < COLUMNS; i++) {
		columns[i] = strsep(&line, "\t");
		assert_non_null(columns[i]);
	}
	assert_null(line);
	assert_true(strlen(columns[1]) > 0); /* where it comes from */
	return (struct vector){ .name = columns[0],
		.password = read_bytes(columns[2]),
		.form = read_bytes(columns[3]),
		.verdict = read_verdict(columns[4]) };
}

static int
for_each_vector(void (*check)(const struct vector *vector))
{
	static char path[4096], line[LINE_SIZE];
	const char *top = getenv("top_srcdir");
	int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/data/passwords.txt",
	    top != NULL ? top : ".");
	file = fopen(path, "r");
	if (file == NULL)
		fail_msg("%s cannot be read", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		struct vector vector;

		if (line[0] == '#')
			continue;
		vector = read_vector(line);
		vector.number = count;
		assert_true(count < VECTORS_MAX);
		check(&vector);
		count++;
	}
	fclose(file);
	return count;
}

/* The time that verifying each row took, in microseconds. */
static int64_t spent_us[VECTORS_MAX];

static void
check_verdict(const struct vector *vector)
{
	int64_t started_us = clock_us();

	assert_row(
	    password_verify(vector->password, vector->form) == vector->verdict,
	    vector->name);
	spent_us[vector->number] = clock_us() - started_us;
	assert_row((password_family_of(vector->form) == PASSWORD_FAMILIES) ==
		       (vector->verdict == PASSWORD_REFUSED),
	    vector->name);
}

static void
every_vector_gets_its_verdict(void **state)
{
	(void)state;
	assert_true(for_each_vector(check_verdict) > 450);
}

/* Verifying it many times would take too long. */
static bool
is_dear(const struct vector *vector)
{
	return spent_us[vector->number] > DEAR_US;
}

/* The first and the last byte of a password matter, and so does its end. */
static void
check_neighbours(const struct vector *vector)
{
	static char copy[PASSWORD_MAX + 2];
	struct str password = vector->password;
	size_t len = password.len;

	if (vector->verdict != PASSWORD_RIGHT || len > 100 ||
	    str_trim(password).len != len || password.ptr[len - 1] < ' ' ||
	    is_dear(vector))
		return;
	memcpy(copy, password.ptr, len);
	copy[len] = '!';
	assert_row(password_verify((struct str){ copy, len + 1 },
		       vector->form) == PASSWORD_WRONG,
	    vector->name);
	copy[0] ^= 1;
	assert_row(password_verify((struct str){ copy, len }, vector->form) ==
		       PASSWORD_WRONG,
	    vector->name);
	copy[0] ^= 1;
	assert_row(password_verify((struct str){ copy, len - 1 },
		       vector->form) == PASSWORD_WRONG,
	    vector->name);
}

static void
no_neighbour_of_a_right_password_is_right(void **state)
{
	(void)state;
	for_each_vector(check_neighbours);
}

/*
 * A digest without a cost cut short is one of another length, or has another
 * salt or no mark; a tag of argon2 may have any length, but is another one
 * then.
 */
static bool
is_nobodys(const struct vector *vector, struct str stored, bool dear)
{
	enum password_family family = password_family_of(stored);

	if (str_has(stored, STR("$argon2")))
		return dear || password_verify(vector->password, stored) !=
				   PASSWORD_RIGHT;
	/* or none; a cut number of bytes is another cost */
	return family >= PASSWORD_MAGENTO;
}

/* Columns are cut by their width, or filled up with blanks. */
static void
check_cuts(const struct vector *vector)
{
	static char longer[1024];
	struct str form = vector->form;
	bool dear;

	if (vector->verdict != PASSWORD_RIGHT)
		return;
	dear = is_dear(vector);
	for (size_t len = 0; len < form.len; len++)
		assert_row(
		    is_nobodys(vector, (struct str){ form.ptr, len }, dear),
		    vector->name);
	memcpy(longer, form.ptr, form.len);
	for (const char *end = " \n$a="; *end != '\0'; end++) {
		longer[form.len] = *end;
		assert_row(is_nobodys(vector,
			       (struct str){ longer, form.len + 1 }, dear),
		    vector->name);
	}
}

static void
a_form_that_is_not_whole_is_nobodys(void **state)
{
	(void)state;
	for_each_vector(check_cuts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_gets_its_verdict),
		cmocka_unit_test(no_neighbour_of_a_right_password_is_right),
		cmocka_unit_test(a_form_that_is_not_whole_is_nobodys),
	};

	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
