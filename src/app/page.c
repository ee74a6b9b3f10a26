/* What stands on the pages. */
#include "config.h"

#include "app/guard.h"
#include "app/look.h"
#include "app/page.h"
#include "http/form.h"
#include "http/next.h"

enum { AGAIN_MAX = 65536 };

static const struct str yes = STR_INIT("1");

struct str
page_login_url(const struct context *c)
{
	struct str page = str_from(c->app->conf->gate_login_url);
	struct buf url = buf_open(c->call->arena, AGAIN_MAX);

	buf_add(&url, page);
	if (page.len == 0) {
		buf_add(&url, str_from(c->app->conf->server_mount));
		buf_add(&url, STR("/login"));
	}
	if (!str_is_none(c->form.next)) {
		buf_add(&url,
		    str_has_char(page, '?') ? STR("&next=") : STR("?next="));
		buf_add_percent(&url, c->form.next);
	}
	return buf_str(&url);
}

static void
write_page(struct context *c, int status, struct str *values)
{
	values[LOOK_MOUNT] = str_from(c->app->conf->server_mount);
	values[LOOK_NEXT] = c->form.next;
	values[LOOK_AGAIN] = page_login_url(c);
	look_write(c->app->look, c->reply, status, values);
}

static void
put_refusal(
    const struct context *c, struct str *values, enum answer answer, int status)
{
	values[LOOK_MESSAGE] = answer_message(answer);
	values[LOOK_CODES + answer] = yes;
	if (status == 503)
		values[LOOK_UNAVAILABLE] = yes;
	if (c->retry_after_s > 0)
		values[LOOK_MINUTES] =
		    buf_int_str(c->call->arena, (c->retry_after_s + 59) / 60);
}

/* The password is never shown again. */
static void
put_form(const struct context *c, struct str *values)
{
	values[LOOK_LOGIN] = yes;
	values[LOOK_EMAIL] = c->form.email;
	if (c->form.is_remembered)
		values[LOOK_REMEMBER] = yes;
}

void
page_refuse(struct context *c, enum answer answer, int status)
{
	struct str values[LOOK_VALUES] = { STR_NONE };

	reply_reset(c->reply);
	put_refusal(c, values, answer, status);
	if (c->form.is_filled)
		put_form(c, values);
	else
		values[LOOK_NOTE] = yes;
	write_page(c, status, values);
	answer_add_headers(c->reply, answer, status);
}

void
page_needs_https(struct context *c)
{
	struct str values[LOOK_VALUES] = { STR_NONE };

	values[LOOK_NOTE] = values[LOOK_COOKIE_NEEDS_HTTPS] = yes;
	write_page(c, 200, values);
	reply_header(c->reply, "X-Sessgate-Code", STR("cookie_needs_https"));
}

void
page_redirect(struct context *c, struct str location)
{
	look_begin(c->app->look, c->reply, 303);
	reply_header(c->reply, "Location", location);
}

/* The login or the e-mail address; the id where there is neither. */
static struct str
user_name(const struct identity *who)
{
	struct str login = identity_login(who);

	if (login.len > 0)
		return login;
	return who->found.account.email.len > 0 ? who->found.account.email
						: who->found.session.user_id;
}

static void
read_next(struct context *c)
{
	struct str next = STR_NONE;

	form_find(c->call->arena, c->request->query, STR("next"), &next);
	if (next_is_local(next))
		c->form.next = next;
}

enum result
page_show_login(struct context *c)
{
	struct str values[LOOK_VALUES] = { STR_NONE };
	enum result result;

	read_next(c);
	result = guard_session(c);
	if (result == RESULT_OK)
		values[LOOK_USER] =
		    str_utf8_cut(user_name(&c->who), LOOK_USER_MAX);
	else if (result == RESULT_NOAUTH)
		put_form(c, values);
	else
		return result;
	write_page(c, 200, values);
	return RESULT_OK;
}

enum result
page_show_logout(struct context *c)
{
	struct str values[LOOK_VALUES] = { STR_NONE };

	values[LOOK_LOGOUT] = yes;
	write_page(c, 200, values);
	return RESULT_OK;
}
