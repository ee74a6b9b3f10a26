/* The content of the HTML pages. */
#include "config.h"

#include "app/guard.h"
#include "app/theme.h"
#include "app/handle/pages.h"
#include "http/form.h"
#include "http/next.h"

enum { URL_MAX = 65536, MINUTE_S = 60, HOUR_S = 3600 };

static const struct str yes = STR_INIT("1");

struct str
page_own_url(const struct context *c, const char *below)
{
	struct buf url = buf_open(c->call->arena, URL_MAX);

	buf_add(&url, str_from(c->app->conf->server_mount));
	buf_add(&url, str_from(below));
	return buf_str(&url);
}

/* Returns the URL of the login page, with next as a parameter. */
static struct str
login_url(const struct context *c, struct str next)
{
	struct str page = str_from(c->app->conf->gate_login_url);
	struct buf url = buf_open(c->call->arena, URL_MAX);

	buf_add(&url, page.len > 0 ? page : page_own_url(c, "/login"));
	if (!str_is_none(next)) {
		buf_add(&url,
		    str_has_char(page, '?') ? STR("&next=") : STR("?next="));
		buf_add_percent(&url, next);
	}
	return buf_str(&url);
}

void
page_write(struct context *c, int status, struct str *values,
    const struct template_list *sessions)
{
	values[THEME_MOUNT] = str_from(c->app->conf->server_mount);
	values[THEME_NEXT] = c->form.next;
	values[THEME_AGAIN] = login_url(c, c->form.next);
	if (c->reset.is_here)
		values[THEME_NO_REFERRER] = yes;
	theme_write(c->app->theme, c->reply, status,
	    c->request->accept_language, values, sessions);
}

/* Sets the time to wait, rounded up. */
static void
put_wait(const struct context *c, struct str *values)
{
	int64_t left_s = c->retry_after_s;
	struct arena *arena = c->call->arena;

	if (left_s > 0)
		values[THEME_MINUTES] =
		    buf_int_str(arena, (left_s + MINUTE_S - 1) / MINUTE_S);
	if (left_s > 2 * HOUR_S)
		values[THEME_HOURS] =
		    buf_int_str(arena, (left_s + HOUR_S - 1) / HOUR_S);
}

struct str
page_user_name(const struct identity *who)
{
	const struct str names[] = { identity_login(who),
		who->found.account.email };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].len > 0 && str_is_printable(names[i]))
			return str_utf8_cut(names[i], THEME_USER_MAX);
	return str_utf8_cut(who->found.session.user_id, THEME_USER_MAX);
}

/* Returns the group of refusals that share one text, or THEME_VALUES. */
static enum theme_value
group_of(enum answer answer)
{
	switch (answer) {
	case ANSWER_TOKEN_MISSING:
	case ANSWER_SESSION_INVALID:
	case ANSWER_SESSION_USER_GONE:
		return THEME_LOGGED_OUT;
	case ANSWER_BAD_REQUEST:
	case ANSWER_NOT_FOUND:
	case ANSWER_METHOD_NOT_ALLOWED:
	case ANSWER_BODY_TOO_LARGE:
	case ANSWER_BAD_TYPE:
	case ANSWER_PARAMS_TOO_LARGE:
	case ANSWER_USER_NOT_FOUND:
		return THEME_UNUSABLE;
	case ANSWER_REDIS_UNAVAILABLE:
	case ANSWER_MYSQL_UNAVAILABLE:
	case ANSWER_BUSY:
		return THEME_UNAVAILABLE;
	default:
		return THEME_VALUES;
	}
}

bool
page_is_logged_out(enum answer answer)
{
	return group_of(answer) == THEME_LOGGED_OUT;
}

static void
put_refusal(const struct context *c, struct str *values, enum answer answer)
{
	enum theme_value group = group_of(answer);

	values[THEME_MESSAGE] = answer_message(answer);
	values[THEME_CODES + answer] = yes;
	values[THEME_BACK] = c->back;
	if (group != THEME_VALUES)
		values[group] = yes;
	if (c->is_unsaved)
		values[THEME_UNSAVED] = yes;
	if (c->account.form == ACCOUNT_PASSWORD)
		values[THEME_AT_PASSWORD] = yes;
	if (c->account.form == ACCOUNT_OTHERS)
		values[THEME_AT_OTHERS] = yes;
	if ((answer == ANSWER_FORBIDDEN || answer == ANSWER_OTP_NEEDED) &&
	    !str_is_none(c->who.found.session.user_id))
		values[THEME_LOGGED_IN_AS] = page_user_name(&c->who);
	put_wait(c, values);
}

/* Shows the login form, never with the password. */
static void
put_form(const struct context *c, struct str *values)
{
	values[THEME_LOGIN] = yes;
	values[THEME_EMAIL] = c->form.email;
	if (user_table_has_totp(c->stores)) {
		values[THEME_ASKS_CODE] = yes;
		if (user_table_has_recovery(c->stores))
			values[THEME_RECOVERY] = yes;
	}
	if (c->form.is_remembered)
		values[THEME_REMEMBER] = yes;
}

void
page_write_refusal(struct context *c, enum answer answer, int status,
    struct str *values, const struct template_list *sessions)
{
	reply_reset(c->reply);
	put_refusal(c, values, answer);
	page_write(c, status, values, sessions);
	answer_add_headers(c->reply, answer, status);
}

void
page_refuse(struct context *c, enum answer answer, int status)
{
	struct str values[THEME_COUNT] = { STR_NONE };

	if (c->form.is_filled)
		put_form(c, values);
	else
		values[THEME_NOTE] = yes;
	page_write_refusal(c, answer, status, values, NULL);
}

void
page_still_open(struct context *c, enum answer answer)
{
	struct str values[THEME_COUNT] = { STR_NONE };

	values[THEME_NOTE] = values[THEME_STILL_OPEN] = yes;
	page_write_refusal(c, answer, answer_status(answer), values, NULL);
}

void
page_needs_https(struct context *c)
{
	struct str values[THEME_COUNT] = { STR_NONE };

	values[THEME_NOTE] = values[THEME_COOKIE_NEEDS_HTTPS] = yes;
	page_write(c, 200, values, NULL);
}

void
page_redirect(struct context *c, struct str location)
{
	theme_begin(c->app->theme, c->reply, 303);
	reply_header(c->reply, "Location", location);
}

void
page_send_to_login(struct context *c, struct str next)
{
	struct str location = login_url(c, next);

	if (!theme_has_space(c->app->theme, location))
		location = login_url(c, STR_NONE);
	page_redirect(c, location);
}

void
page_read_next(struct context *c, struct str fields)
{
	struct str next = STR_NONE;

	form_find(c->call->arena, fields, STR("next"), &next);
	c->form.next = next_read(c->call->arena, next);
}

enum result
handle_login_page(struct context *c)
{
	struct str values[THEME_COUNT] = { STR_NONE };
	enum result result;

	page_read_next(c, c->request->query);
	result = guard_session(c);
	if (result == RESULT_OK)
		values[THEME_USER] = page_user_name(&c->who);
	else if (result == RESULT_NOAUTH)
		put_form(c, values);
	else
		return result;
	page_write(c, 200, values, NULL);
	return RESULT_OK;
}

enum result
handle_logout_page(struct context *c)
{
	struct str values[THEME_COUNT] = { STR_NONE };

	page_read_next(c, c->request->query);
	values[THEME_LOGOUT] = yes;
	page_write(c, 200, values, NULL);
	return RESULT_OK;
}
