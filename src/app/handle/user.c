/* /user/{id}: user profiles. */
#include "config.h"

#include "app/handle/user.h"
#include "http/json.h"
#include "store/rows.h"

enum { JSON_DEPTH_MAX = 4 };
enum { FRAME_MAX = 128 }; /* bytes around the JSON of the user */

static const char *const column_names[] = {
	[USER_NAME] = "name",
	[USER_IMAGE] = "image",
	[USER_COLUMNS] = NULL,
};

/* True for the user's own row: `me`, or the user id of the session. */
static bool
is_own_user(const struct context *c)
{
	return str_eq(c->id, STR("me")) ||
	       str_eq(c->id, c->who.found.session.user_id);
}

enum result
handle_user_read_own(struct context *c, struct user *user)
{
	struct str id = c->who.found.session.user_id;
	enum result result = users_by_id(c->stores, c->call, id, user);

	if (result == RESULT_MISS && user->was_cached)
		result = user_table_by_id(c->stores, c->call, id, user);
	return result;
}

static enum result
not_found(struct context *c, bool own)
{
	if (own)
		return context_refuse(
		    c, RESULT_NOAUTH, ANSWER_SESSION_USER_GONE);
	return context_refuse(c, RESULT_MISS, ANSWER_USER_NOT_FOUND);
}

struct json_writer
handle_user_answer(
    struct context *c, struct str message, const struct user *user)
{
	struct json_writer writer = { .buf = &c->reply->body };

	reply_json(c->reply, 200);
	reply_allow(c->reply, rows_user_len_max(user));
	buf_reserve(writer.buf, FRAME_MAX + user->text.len);
	json_write_object(&writer);
	json_write_constant(&writer, STR("message"), message);
	json_write_name(&writer, STR("user"));
	rows_user_encode(writer.buf, user);
	return writer;
}

static enum result
answer_user(struct context *c, struct str message, const struct user *user)
{
	struct json_writer writer = handle_user_answer(c, message, user);

	json_write_object_end(&writer);
	return RESULT_OK;
}

enum result
handle_user_show(struct context *c)
{
	bool own = is_own_user(c);
	struct user user;
	enum result result;

	if (!own && c->app->conf->user_access == CONF_ACCESS_SELF)
		return not_found(c, own);
	result = own ? handle_user_read_own(c, &user)
		     : users_by_id(c->stores, c->call, c->id, &user);
	if (result == RESULT_MISS)
		return not_found(c, own);
	if (result != RESULT_OK)
		return result;
	return answer_user(c,
	    user.was_cached ? STR("User fetched (cache)") : STR("User fetched"),
	    &user);
}

static bool
is_editable(const struct context *c, int column)
{
	return c->stores->user_table->editable & 1u << column;
}

/* Reads one column.  False: the member is neither a string nor null. */
static bool
read_change(const struct json *json, int column, struct user_changes *changes)
{
	const struct json *member = json_member(json, column_names[column]);

	changes->values[column] = STR_NONE;
	changes->is_given[column] = member != NULL;
	return member == NULL || json_is_null(member) ||
	       json_string(member, &changes->values[column]);
}

static bool
read_changes(
    const struct context *c, bool names_all, struct user_changes *changes)
{
	const struct json *json =
	    json_parse(c->call->arena, c->request->body, JSON_DEPTH_MAX);

	if (!json_is_object(json) || !json_has_only(json, column_names))
		return false;
	for (int column = 0; column < USER_COLUMNS; column++) {
		if (!read_change(json, column, changes))
			return false;
		if (changes->is_given[column] && !is_editable(c, column))
			return false;
		if (names_all && is_editable(c, column) &&
		    !changes->is_given[column])
			return false;
	}
	return true;
}

static enum result
change_user(struct context *c, bool names_all)
{
	struct str id = c->who.found.session.user_id;
	struct user_changes changes;
	struct user user;
	enum result result;

	if (!is_own_user(c)) {
		if (c->app->conf->user_access == CONF_ACCESS_SELF)
			return not_found(c, false);
		return RESULT_DENY;
	}
	if (!read_changes(c, names_all, &changes))
		return RESULT_BAD;
	result = users_update(c->stores, c->call, id, &changes);
	if (result == RESULT_OK)
		result = handle_user_read_own(c, &user);
	if (result == RESULT_MISS)
		return not_found(c, true);
	if (result != RESULT_OK)
		return result;
	return answer_user(c, STR("User updated"), &user);
}

enum result
handle_user_patch(struct context *c)
{
	return change_user(c, false);
}

enum result
handle_user_put(struct context *c)
{
	return change_user(c, true);
}
