/* The ports of users, their table and their accounts, for unit tests. */
#include "config.h"

#include <stdio.h>

#include "memory.h"

/* the fake ignores most arguments of its ports */
#pragma GCC diagnostic ignored "-Wunused-parameter"

static struct memory *
of_user_table(struct user_table_port *port)
{
	return (struct memory *)(void *)((char *)port -
					 offsetof(struct memory, user_table));
}

static struct memory *
of_users(struct user_port *port)
{
	return (struct memory *)(void *)((char *)port -
					 offsetof(struct memory, users));
}

static struct memory *
of_accounts(struct account_port *port)
{
	return (struct memory *)(void *)((char *)port -
					 offsetof(struct memory, accounts));
}

static struct user *
row_of(struct memory *memory, struct str id)
{
	for (size_t i = 0; i < memory->user_count; i++)
		if (str_eq(memory->table[i].id, id))
			return &memory->table[i];
	return NULL;
}

static enum result
find_user(struct memory *memory, struct call *call, size_t offset,
    struct str wanted, struct user *user)
{
	if (memory->users_result != RESULT_OK)
		return memory->users_result;
	for (size_t i = 0; i < memory->user_count; i++) {
		const struct str *column =
		    (const void *)((char *)&memory->table[i] + offset);

		if (str_eq(*column, wanted)) {
			*user = memory->table[i];
			return RESULT_OK;
		}
	}
	return RESULT_MISS;
}

static enum result
table_by_login(struct user_table_port *port, struct call *call,
    struct str login, struct user *user)
{
	struct memory *memory = of_user_table(port);
	enum result result =
	    find_user(memory, call, offsetof(struct user, login), login, user);

	memory->login_reads++;
	if (memory->on_login_read != NULL)
		memory->on_login_read(memory);
	return result;
}

static enum result
table_by_id(struct user_table_port *port, struct call *call, struct str id,
    struct user *user)
{
	struct memory *memory = of_user_table(port);
	enum result result =
	    find_user(memory, call, offsetof(struct user, id), id, user);

	memory->id_reads++;
	user->hash = user->totp = user->recovery = STR_NONE;
	return result;
}

static enum result
user_by_id(
    struct user_port *port, struct call *call, struct str id, struct user *user)
{
	struct memory *memory = of_users(port);
	enum result result = table_by_id(&memory->user_table, call, id, user);

	user->was_cached = memory->users_are_cached;
	return memory->ids_look_unknown ? RESULT_MISS : result;
}

static enum result
user_update(struct user_port *port, struct call *call, struct str id,
    const struct user_changes *changes)
{
	struct memory *memory = of_users(port);
	struct user *row = row_of(memory, id);

	if (memory->users_result != RESULT_OK)
		return memory->users_result;
	if (row != NULL && changes->is_given[USER_NAME])
		row->name = changes->values[USER_NAME];
	if (row != NULL && changes->is_given[USER_IMAGE])
		row->image = changes->values[USER_IMAGE];
	return RESULT_OK;
}

static enum result
table_set_hash(struct user_table_port *port, struct call *call, struct str id,
    struct str old, struct str hash)
{
	struct memory *memory = of_user_table(port);
	struct user *row = row_of(memory, id);

	memory_note(memory, 'u');
	memory->hash_writes++;
	if (memory->set_hash_result != RESULT_OK)
		return memory->set_hash_result;
	if (row == NULL || !str_eq(row->hash, old))
		return RESULT_MISS;
	snprintf(memory->hash, sizeof(memory->hash), "%.*s", STR_ARG(hash));
	row->hash = str_from(memory->hash);
	return RESULT_OK;
}

/* The row keeps a copy of the list; the former one stays readable. */
static struct str
keep_recovery(struct memory *memory, struct str codes)
{
	char *kept = memory->recovery[memory->recovery_writes++ % 2];

	if (str_is_none(codes))
		return STR_NONE;
	snprintf(kept, sizeof(memory->recovery[0]), "%.*s", STR_ARG(codes));
	return str_from(kept);
}

static enum result
table_set_totp(struct user_table_port *port, struct call *call, struct str id,
    struct str totp, struct str codes)
{
	struct memory *memory = of_user_table(port);
	struct user *row = row_of(memory, id);

	if (memory->set_totp_result != RESULT_OK)
		return memory->set_totp_result;
	if (row == NULL || (!str_is_none(totp) && row->totp.len > 0))
		return RESULT_MISS;
	row->totp = STR_NONE;
	if (!str_is_none(totp)) {
		snprintf(
		    memory->totp, sizeof(memory->totp), "%.*s", STR_ARG(totp));
		row->totp = str_from(memory->totp);
	}
	row->recovery = keep_recovery(memory, codes);
	return RESULT_OK;
}

static enum result
table_set_recovery(struct user_table_port *port, struct call *call,
    struct str id, struct str old, struct str codes)
{
	struct memory *memory = of_user_table(port);
	struct user *row = row_of(memory, id);

	if (memory->on_recovery_write != NULL)
		memory->on_recovery_write(memory);
	if (memory->set_recovery_result != RESULT_OK)
		return memory->set_recovery_result;
	if (row == NULL || !str_eq(row->recovery, old))
		return RESULT_MISS;
	row->recovery = keep_recovery(memory, codes);
	return RESULT_OK;
}

static enum result
account_ask(struct account_port *port, struct call *call,
    const struct account_question *question, struct account *account)
{
	struct memory *memory = of_accounts(port);
	const struct user *row = row_of(memory, question->user_id);
	enum result result = memory->users_result;

	memory->account_asks++;
	if (question->known->is_known && question->need == ACCOUNT_IF_EASY &&
	    result_is_down(result)) {
		*account = *question->known;
		return RESULT_OK;
	}
	if (result != RESULT_OK)
		return result;
	*account = (struct account){ .is_known = true,
		.at_ms = question->now_ms,
		.pw = memory->account_pw };
	if (row != NULL) {
		account->is_active = !memory->is_disabled[row - memory->table];
		account->login = row->login;
		account->email = row->email;
		account->name = row->name;
	}
	return RESULT_OK;
}

static enum result
account_forget(struct account_port *port, struct call *call, struct str user_id)
{
	struct memory *memory = of_accounts(port);

	memory_note(memory, 'a');
	(void)user_id;
	memory->account_forgets++;
	return memory->forget_result;
}

static enum result
table_ping(struct user_table_port *port, struct call *call, struct str *why)
{
	*why = STR("user_by_login: no \"users\"");
	return of_user_table(port)->users_result;
}

static bool
table_has_totp(struct user_table_port *port)
{
	return of_user_table(port)->has_totp;
}

const struct user_table_port memory_user_table_port = {
	.editable = 1u << USER_NAME | 1u << USER_IMAGE,
	.has_totp = table_has_totp,
	.by_login = table_by_login,
	.by_id = table_by_id,
	.set_hash = table_set_hash,
	.set_totp = table_set_totp,
	.set_recovery = table_set_recovery,
	.ping = table_ping,
};

const struct user_port memory_user_port = {
	.by_id = user_by_id,
	.update = user_update,
};

const struct account_port memory_account_port = {
	.ask = account_ask,
	.forget = account_forget,
};
