/* Finds the user that a command is about. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/command.h"
#include "ctl/people.h"
#include "store/id.h"

#define ID_MARK "id:"

enum result
people_by_login(struct ctl *ctl, struct str login, struct user *user)
{
	return ctl->table->by_login(ctl->table, &ctl->call, login, user);
}

enum result
people_by_id(struct ctl *ctl, struct str id, struct user *user)
{
	return ctl->table->by_id(ctl->table, &ctl->call, id, user);
}

enum result
people_state(struct ctl *ctl, struct str id, struct user_state *state)
{
	return ctl->table->state(ctl->table, &ctl->call, id, state);
}

static struct str
lower_of(struct arena *arena, struct str text)
{
	char *lower = arena_alloc(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		lower[i] = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z'
			       ? (char)(text.ptr[i] - 'A' + 'a')
			       : text.ptr[i];
	return (struct str){ lower, text.len };
}

/* If the collation distinguishes case, the lower-case login is tried, too. */
static int
find_by_login(struct ctl *ctl, struct str login, struct person *person)
{
	enum result result = people_by_login(ctl, login, &person->user);

	if (result == RESULT_MISS)
		result = people_by_login(
		    ctl, lower_of(ctl->arena, login), &person->user);
	if (result == RESULT_MISS) {
		ctl_warn("no user logs in as %s", ctl_shown(ctl, login));
		return CTL_NO;
	}
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	person->id = person->user.id;
	person->has_row = true;
	if (id_is_wellformed(ctl->conf->user_id_type, person->id))
		return -1;
	ctl_warn("the id %s of %s does not fit [user] id_type",
	    ctl_shown(ctl, person->id), ctl_shown(ctl, login));
	return EX_CONFIG;
}

static int
find_by_id(struct ctl *ctl, struct str id, enum people_need need,
    struct person *person)
{
	enum result result;

	person->id = id;
	if (!id_is_wellformed(ctl->conf->user_id_type, id)) {
		ctl_warn("%s is no id of [user] id_type", ctl_shown(ctl, id));
		return EX_USAGE;
	}
	result = people_by_id(ctl, id, &person->user);
	person->has_row = result == RESULT_OK;
	if (person->has_row)
		return -1;
	if (result == RESULT_MISS) {
		ctl_warn("no user has the id %s", ctl_shown(ctl, id));
		return need == PEOPLE_ID ? -1 : CTL_NO;
	}
	if (need == PEOPLE_ROW)
		return ctl_fail(ctl, result, NULL);
	(void)ctl_fail(ctl, result, NULL);
	ctl_warn("going on with the id alone");
	return -1;
}

int
people_find(struct ctl *ctl, const char *name, enum people_need need,
    struct person *person)
{
	const size_t mark = strlen(ID_MARK);
	struct str text = str_trim(str_from(name));

	*person = (struct person){ .id = STR_NONE };
	if (str_starts(text, STR(ID_MARK)))
		return find_by_id(ctl, str_from_byte(text, mark), need, person);
	return find_by_login(ctl, text, person);
}

int
people_read_hash(struct ctl *ctl, struct person *person)
{
	struct user user;
	enum result result;

	if (!str_is_none(person->user.hash) || str_is_none(person->user.login))
		return -1;
	result = people_by_login(ctl, person->user.login, &user);
	if (result == RESULT_OK && str_eq(user.id, person->id)) {
		person->user.hash = user.hash;
		person->user.totp = user.totp;
		person->user.recovery = user.recovery;
	}
	if (result == RESULT_OK || result == RESULT_MISS)
		return -1;
	return ctl_fail(ctl, result, NULL);
}

enum result
people_set_hash(struct ctl *ctl, const struct person *person, struct str hash)
{
	return ctl->table->set_hash(
	    ctl->table, &ctl->call, person->id, person->user.hash, hash);
}

bool
people_have_totp(const struct ctl *ctl)
{
	return ctl->table->has_totp(ctl->table);
}

bool
people_have_recovery(const struct ctl *ctl)
{
	return ctl->table->has_set_recovery;
}

enum result
people_set_totp(struct ctl *ctl, const struct person *person, struct str totp,
    struct str codes)
{
	return ctl->table->set_totp(
	    ctl->table, &ctl->call, person->id, totp, codes);
}

const char *
people_words(struct ctl *ctl, const struct person *person)
{
	enum { WORDS_SIZE = 1024 };
	char *words = arena_alloc(ctl->arena, WORDS_SIZE);
	struct str login = person->user.login;

	if (str_is_none(login))
		snprintf(
		    words, WORDS_SIZE, "id %s", ctl_shown(ctl, person->id));
	else
		snprintf(words, WORDS_SIZE, "%s (id %s)", ctl_shown(ctl, login),
		    ctl_shown(ctl, person->id));
	return words;
}
