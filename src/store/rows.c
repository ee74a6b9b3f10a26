/* JSON values of Redis, to and from structs.  Pure functions. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "http/json.h"
#include "http/json_write.h"
#include "store/rows.h"

#define DEPTH_MAX 2 /* nesting: an array (roles) in an object */
#define TIME_ABSENT (-1)

/*
 * JSON text is UTF-8, and replacing other bytes by U+FFFD would map different
 * names to one.  A text that is not UTF-8 is stored as a control character
 * instead: the gate does not forward it, and no rule can match it.
 */
static struct str
identity(struct str value)
{
	return str_is_utf8(value) ? value : ROWS_UNFIT;
}

static struct json *
read_object(struct arena *arena, struct str text)
{
	struct json *json = NULL;

	if (text.len <= ROWS_TEXT_MAX)
		json = json_parse_lenient(arena, text, DEPTH_MAX);
	return json_is_object(json) ? json : NULL;
}

/* Accepts a non-empty string, or a non-negative integer, which becomes text. */
static bool
read_id(struct arena *arena, const struct json *json, struct str *id)
{
	enum { DIGITS_SIZE = 24 };
	char *digits;
	uint64_t number;

	if (json_string(json, id))
		return id->len > 0;
	if (!json_uint(json, &number))
		return false;
	digits = arena_alloc(arena, DIGITS_SIZE);
	snprintf(digits, DIGITS_SIZE, "%" PRIu64, number);
	*id = str_from(digits);
	return true;
}

static bool
read_time(const struct json *json, int64_t *time_ms)
{
	*time_ms = TIME_ABSENT;
	return json == NULL || (json_int(json, time_ms) && *time_ms >= 0);
}

/*
 * Reads a time that does not affect validity: a wrong type counts as absent.
 */
static void
read_created(const struct json *json, int64_t *time_ms)
{
	if (!read_time(json, time_ms))
		*time_ms = TIME_ABSENT;
}

/* Reads a text that does not affect validity: likewise. */
static void
read_note(const struct json *json, struct str *text)
{
	(void)json_string(json, text);
}

/* Accepts a string, or an absent member, which leaves STR_NONE. */
static bool
read_string_member(const struct json *json, struct str *text)
{
	return json == NULL || json_string(json, text);
}

/* Like read_string_member, but null is absent as well: a NULL column. */
static bool
read_column(const struct json *json, struct str *text)
{
	return json_is_null(json) || read_string_member(json, text);
}

void
rows_session_encode(
    struct buf *buf, const struct session *session, bool is_hashed)
{
	struct json_writer writer = { .buf = buf };

	json_write_object(&writer);
	json_write_text(&writer, STR("userId"), session->user_id);
	json_write_time(&writer, STR("createdAt"), session->created_ms);
	if (is_hashed)
		json_write_int(&writer, STR("v"), 1);
	json_write_time(&writer, STR("expiresAt"), session->expires_ms);
	json_write_text(&writer, STR("login"), identity(session->login));
	json_write_text(&writer, STR("gen"), session->gen);
	json_write_text(&writer, STR("pw"), session->pw);
	json_write_text(&writer, STR("addr"), session->addr);
	json_write_text(&writer, STR("agent"), session->agent);
	if (session->has_otp)
		json_write_int(&writer, STR("otp"), 1);
	json_write_object_end(&writer);
}

static bool
read_owner(struct arena *arena, const struct json *json, struct str *user_id,
    bool *has_version)
{
	*has_version = json_member(json, "v") != NULL;
	return read_id(arena, json_member(json, "userId"), user_id);
}

bool
rows_session_owner(struct arena *arena, struct str text, struct str *user_id,
    bool *has_version)
{
	return read_owner(
	    arena, read_object(arena, text), user_id, has_version);
}

bool
rows_session_decode(struct arena *arena, struct str text,
    struct session *session, bool *has_version)
{
	const struct json *json = read_object(arena, text);
	struct session row = { 0 };
	int64_t otp;

	if (!read_owner(arena, json, &row.user_id, has_version) ||
	    !read_time(json_member(json, "expiresAt"), &row.expires_ms) ||
	    !read_string_member(json_member(json, "gen"), &row.gen) ||
	    !read_string_member(json_member(json, "pw"), &row.pw))
		return false;
	read_created(json_member(json, "createdAt"), &row.created_ms);
	read_note(json_member(json, "login"), &row.login);
	read_note(json_member(json, "addr"), &row.addr);
	read_note(json_member(json, "agent"), &row.agent);
	row.has_otp = json_int(json_member(json, "otp"), &otp) && otp == 1;
	*session = row;
	return true;
}

/* The offset of part in s; s.len if it does not occur. */
static size_t
find_member(struct str s, struct str part)
{
	for (size_t i = 0; i + part.len <= s.len; i++)
		if (str_starts(str_from_byte(s, i), part))
			return i;
	return s.len;
}

/* The member "gen" as rows_session_encode writes it. */
static struct str
gen_member(struct arena *arena, struct str gen)
{
	struct buf member = buf_open(arena, ROWS_TEXT_MAX);
	struct json_writer writer = { .buf = &member };

	json_write_name(&writer, STR("gen"));
	json_write_string(&writer, gen);
	return buf_str(&member);
}

/*
 * Replaces the old member if it is there byte for byte.  Else appends a new
 * one: of two members with one name, parsers take the last.
 */
void
rows_session_set_gen(
    struct buf *buf, struct str text, struct str old, struct str gen)
{
	struct str member = gen_member(buf->arena, gen);
	struct str old_member = gen_member(buf->arena, old);
	size_t at = find_member(text, old_member);

	if (!str_is_none(old) && at < text.len) {
		buf_add(buf, (struct str){ text.ptr, at });
		buf_add(buf, member);
		buf_add(buf, str_from_byte(text, at + old_member.len));
		return;
	}
	at = text.len;
	while (at > 0 && text.ptr[at - 1] != '}')
		at--;
	buf_add(buf, (struct str){ text.ptr, at > 0 ? at - 1 : 0 });
	buf_add_char(buf, ',');
	buf_add(buf, member);
	buf_add_char(buf, '}');
}

void
rows_session_set_hashed(struct buf *buf, struct str text, struct str gen)
{
	size_t at = text.len;

	while (at > 0 && text.ptr[at - 1] != '}')
		at--;
	buf_add(buf, (struct str){ text.ptr, at > 0 ? at - 1 : 0 });
	buf_add(buf, STR(",\"v\":1"));
	if (!str_is_none(gen)) {
		buf_add_char(buf, ',');
		buf_add(buf, gen_member(buf->arena, gen));
	}
	buf_add_char(buf, '}');
}

void
rows_generation_encode(struct buf *buf, const struct generation *generation)
{
	struct json_writer writer = { .buf = buf };

	json_write_object(&writer);
	json_write_text(&writer, STR("gen"), generation->gen);
	json_write_int(&writer, STR("ms"), generation->ended_ms);
	json_write_object_end(&writer);
}

/*
 * Returns the end of the block; 0: no block.  Fails closed: a value that cannot
 * be read blocks for ever.
 */
static int64_t
read_blocked(const struct json *json)
{
	int64_t until_ms;

	if (json == NULL || json_is_null(json))
		return 0;
	return json_int(json, &until_ms) ? until_ms : INT64_MAX;
}

bool
rows_generation_decode(
    struct arena *arena, struct str text, struct generation *generation)
{
	const struct json *json = read_object(arena, text);
	int64_t blocked_ms = read_blocked(json_member(json, "blocked"));
	struct generation row = { .blocked_ms = blocked_ms, .text = text };

	row.is_unreadable = !json_string(json_member(json, "gen"), &row.gen) ||
			    row.gen.len == 0 ||
			    !json_int(json_member(json, "ms"), &row.ended_ms) ||
			    row.ended_ms < 0;
	*generation = row;
	if (row.is_unreadable)
		*generation = (struct generation){ .blocked_ms = blocked_ms,
			.is_unreadable = true,
			.text = text };
	return !row.is_unreadable;
}

void
rows_block_encode(struct buf *buf, const struct generation *generation,
    const struct account_block *block)
{
	struct json_writer writer = { .buf = buf };

	json_write_object(&writer);
	json_write_text(&writer, STR("gen"), generation->gen);
	json_write_int(&writer, STR("ms"), generation->ended_ms);
	json_write_int(&writer, STR("blocked"), block->until_ms);
	json_write_time(&writer, STR("at"), block->at_ms);
	json_write_text(&writer, STR("by"), block->by);
	json_write_text(&writer, STR("reason"), block->reason);
	json_write_object_end(&writer);
}

bool
rows_block_decode(
    struct arena *arena, struct str text, struct account_block *block)
{
	const struct json *json = read_object(arena, text);
	int64_t until_ms = read_blocked(json_member(json, "blocked"));

	if (until_ms == 0)
		return false;
	*block = (struct account_block){ .until_ms = until_ms };
	read_created(json_member(json, "at"), &block->at_ms);
	read_note(json_member(json, "by"), &block->by);
	read_note(json_member(json, "reason"), &block->reason);
	return true;
}

static void
write_roles(struct json_writer *writer, const struct account *account)
{
	json_write_name(writer, STR("roles"));
	json_write_array(writer);
	for (size_t i = 0; i < account->role_count; i++)
		json_write_string(writer, identity(account->roles[i]));
	json_write_array_end(writer);
}

/* Accepts an array of strings, or an absent member: no texts. */
static bool
read_texts(struct arena *arena, const struct json *json,
    const struct str **texts, size_t *count)
{
	const struct json *element;
	struct str *list = NULL;

	*count = 0;
	for (element = json_first(json); element != NULL;
	     element = json_next(element))
		++*count;
	if (*count > 0)
		list = arena_alloc(arena, *count * sizeof(list[0]));
	*texts = list;
	for (element = json_first(json); element != NULL;
	     element = json_next(element))
		if (!json_string(element, list++))
			return false;
	return json == NULL || json_is_array(json);
}

size_t
rows_roles_split(struct arena *arena, struct str list, const struct str **roles)
{
	struct str *names =
	    arena_alloc(arena, (list.len / 2 + 1) * sizeof(names[0]));
	size_t count = 0;

	while (list.len > 0) {
		struct str name = list;

		for (name.len = 0; name.len < list.len; name.len++)
			if (list.ptr[name.len] == ',' ||
			    list.ptr[name.len] == ' ')
				break;
		list = str_from_byte(
		    list, name.len + (name.len < list.len ? 1 : 0));
		if (name.len > 0)
			names[count++] = name;
	}
	*roles = names;
	return count;
}

void
rows_account_encode(struct buf *buf, const struct account *account)
{
	struct json_writer writer = { .buf = buf };

	json_write_object(&writer);
	json_write_int(&writer, STR("at"), account->at_ms);
	json_write_bool(&writer, STR("active"), account->is_active);
	json_write_text(&writer, STR("login"), identity(account->login));
	json_write_text(&writer, STR("email"), identity(account->email));
	json_write_text(&writer, STR("name"), identity(account->name));
	write_roles(&writer, account);
	json_write_text(&writer, STR("pw"), account->pw);
	if (account->asking_ms > 0)
		json_write_int(&writer, STR("asking"), account->asking_ms);
	json_write_object_end(&writer);
}

bool
rows_account_decode(
    struct arena *arena, struct str text, struct account *account)
{
	const struct json *json = read_object(arena, text);
	struct account row = { .is_known = true };

	(void)json_int(json_member(json, "asking"), &row.asking_ms);
	if (!json_int(json_member(json, "at"), &row.at_ms) || row.at_ms < 0 ||
	    !json_boolean(json_member(json, "active"), &row.is_active) ||
	    !read_string_member(json_member(json, "login"), &row.login) ||
	    !read_string_member(json_member(json, "email"), &row.email) ||
	    !read_string_member(json_member(json, "name"), &row.name) ||
	    !read_texts(arena, json_member(json, "roles"), &row.roles,
		&row.role_count) ||
	    !read_string_member(json_member(json, "pw"), &row.pw))
		return false;
	*account = row;
	return true;
}

void
rows_user_encode(struct buf *buf, const struct user *user)
{
	struct json_writer writer = { .buf = buf };

	if (!str_is_none(user->text)) {
		buf_add(buf, user->text);
		return;
	}
	json_write_object(&writer);
	json_write_text(&writer, STR("id"), user->id);
	json_write_text(&writer, STR("name"), user->name);
	json_write_text(&writer, STR("email"), user->email);
	json_write_text(&writer, STR("image"), user->image);
	json_write_object_end(&writer);
}

size_t
rows_user_len_max(const struct user *user)
{
	const size_t frame = 64, escaped = 6; /* \u0000 */

	return frame + user->text.len +
	       escaped * (user->id.len + user->name.len + user->email.len +
			     user->image.len);
}

bool
rows_user_decode(
    struct arena *arena, struct str text, struct str id, struct user *user)
{
	const struct json *json = read_object(arena, text);
	struct user row = { 0 };

	if (!read_id(arena, json_member(json, "id"), &row.id) ||
	    !str_eq(row.id, id) ||
	    !read_column(json_member(json, "name"), &row.name) ||
	    !read_column(json_member(json, "email"), &row.email) ||
	    !read_column(json_member(json, "image"), &row.image))
		return false;
	*user = row;
	return true;
}

void
rows_reset_encode(struct buf *buf, const struct reset *reset)
{
	struct json_writer writer = { .buf = buf };

	json_write_object(&writer);
	json_write_text(&writer, STR("userId"), reset->user_id);
	json_write_text(&writer, STR("pw"), reset->pw);
	json_write_object_end(&writer);
}

bool
rows_reset_decode(struct arena *arena, struct str text, struct reset *reset)
{
	const struct json *json = read_object(arena, text);

	*reset = (struct reset){ .pw = STR_NONE };
	return json_string(json_member(json, "userId"), &reset->user_id) &&
	       reset->user_id.len > 0 &&
	       read_string_member(json_member(json, "pw"), &reset->pw);
}
