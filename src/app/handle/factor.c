/* The page for one's own second factor. */
#include "config.h"

#include "app/audit.h"
#include "app/guard.h"
#include "app/handle/account.h"
#include "app/handle/factor.h"
#include "app/handle/pages.h"
#include "app/own_password.h"
#include "app/password_check.h"
#include "app/second_factor.h"
#include "app/theme.h"
#include "base/log.h"
#include "http/form.h"
#include "http/qr.h"
#include "secret/totp.h"

static const struct str yes = STR_INIT("1");

bool
factor_is_possible(const struct context *c)
{
	return c->stores->user_table->has_set_totp &&
	       user_table_has_totp(c->stores);
}

static struct str
factor_url(const struct context *c)
{
	return page_own_url(c, "/account/totp");
}

/* The page as it is now: another tab may have changed what it shows. */
static enum result
start_again(struct context *c)
{
	page_redirect(c, factor_url(c));
	return RESULT_OK;
}

/* STR_NONE: the kernel has no randomness. */
static struct str
new_secret(struct arena *arena)
{
	char text[TOTP_TEXT_LEN + 1];
	struct str made;

	if (!totp_secret_new(text))
		return STR_NONE;
	made = arena_dup(arena, str_from(text));
	explicit_bzero(text, sizeof(text));
	return made;
}

/* In groups of four, to be typed. */
static struct str
in_groups(struct arena *arena, struct str text)
{
	struct buf shown = buf_open(arena, 2 * TOTP_TEXT_LEN);

	for (size_t i = 0; i < text.len; i++) {
		if (i > 0 && i % 4 == 0)
			buf_add_char(&shown, ' ');
		buf_add_char(&shown, text.ptr[i]);
	}
	return buf_str(&shown);
}

/* secret: STR_NONE for the form that removes. */
static void
put_factor(const struct context *c, struct str secret, struct str *values)
{
	struct arena *arena = c->call->arena;
	int64_t size;

	values[THEME_FACTOR] = page_user_name(&c->who);
	values[THEME_USER_ID] = c->who.found.session.user_id;
	if (c->account.is_other_user)
		values[THEME_OTHER_USER] = yes;
	if (str_is_none(secret))
		return;
	values[THEME_SECRET] = secret;
	values[THEME_SECRET_SHOWN] = in_groups(arena, secret);
	values[THEME_OTPAUTH] = second_factor_url(
	    arena, c->app->conf, page_user_name(&c->who), secret);
	values[THEME_QR] = qr_path(arena, values[THEME_OTPAUTH], &size);
	values[THEME_QR_SIZE] = buf_int_str(arena, size);
}

enum result
handle_factor_page(struct context *c)
{
	struct str values[THEME_ROOM] = { STR_NONE }, secret = STR_NONE;
	struct user user;
	enum result result = guard_session(c);

	if (result == RESULT_NOAUTH) {
		page_send_to_login(c, factor_url(c));
		return RESULT_OK;
	}
	if (result == RESULT_OK)
		result = own_password_find_row(c, &user);
	if (result != RESULT_OK)
		return result;
	if (user.totp.len == 0) {
		secret = new_secret(c->call->arena);
		if (str_is_none(secret))
			return RESULT_FAULT;
	}
	put_factor(c, secret, values);
	page_write(c, 200, values, NULL);
	return RESULT_OK;
}

/* The page again, to set or to remove the factor as the refused form would. */
void
factor_refuse(struct context *c, enum answer answer, int status)
{
	struct str values[THEME_ROOM] = { STR_NONE };

	c->form.next = factor_url(c);
	c->is_unsaved = !str_eq(c->request->method, STR("GET"));
	if (!page_is_logged_out(answer))
		c->back = c->form.next;
	if (status >= 500 || str_is_none(c->who.token) ||
	    page_is_logged_out(answer) || c->account.is_unfit) {
		page_refuse(c, answer, status);
		return;
	}
	put_factor(c, c->account.secret, values);
	page_write_refusal(c, answer, status, values, NULL);
}

/* Only a secret as this page makes them is taken, and shown again. */
static bool
keep_secret(struct context *c, struct str text)
{
	struct totp_secret secret;
	bool is_good = text.len == TOTP_TEXT_LEN &&
		       totp_secret_read(text, &secret) &&
		       secret.len == TOTP_SECRET_NEW;

	explicit_bzero(&secret, sizeof(secret));
	if (is_good)
		c->account.secret = text;
	return is_good;
}

/* The password, and a code; an empty one is a wrong one. */
static bool
read_proof(const struct context *c, struct str *password, struct str *code)
{
	struct arena *arena = c->call->arena;

	*code = STR("");
	form_find(arena, c->request->body, STR("code"), code);
	return form_find(arena, c->request->body, STR("current"), password) &&
	       password->len > 0;
}

/* Claims the code and writes.  MISS: the row, or the code, is not as it was. */
static enum result
claim_and_write(struct context *c, const struct user *user, struct str code,
    struct str secret)
{
	struct second_factor factor =
	    second_factor_judge(user, code, c->who.found.now_ms);
	enum result result;

	if (!factor.is_right)
		return own_password_refuse(c, "code");
	result = second_factor_claim(c->stores, c->call, user->id, &factor);
	if (result == RESULT_MISS)
		return own_password_refuse(c, "code");
	if (result != RESULT_OK)
		return result;
	result = user_table_set_totp(c->stores, c->call, user->id, secret);
	return password_check_unwritten(
	    LOG_ERROR, "totp not set", user->id, result);
}

/* Sets c->account.secret, or without one removes the factor. */
static enum result
change_factor(struct context *c)
{
	struct str secret = c->account.secret, password, code;
	bool removes = str_is_none(secret);
	struct user user;
	enum result result;

	if (!read_proof(c, &password, &code))
		return RESULT_BAD;
	result = own_password_verify_with(
	    c, password, removes ? &code : NULL, &user);
	if (result != RESULT_OK)
		return result;
	if (removes == (user.totp.len == 0))
		return start_again(c);
	if (!removes)
		user.totp = secret;
	result = claim_and_write(c, &user, code, secret);
	if (result == RESULT_MISS)
		return start_again(c);
	if (result != RESULT_OK)
		return result;
	(removes ? audit_totp_removed : audit_totp_set)(c, user.id);
	account_done(c, removes ? "factor-removed" : "factor");
	return RESULT_OK;
}

enum result
handle_factor_change(struct context *c)
{
	struct str text;

	if (!form_find(c->call->arena, c->request->body, STR("secret"), &text))
		return change_factor(c);
	c->account.is_unfit = !keep_secret(c, text);
	return c->account.is_unfit ? RESULT_BAD : change_factor(c);
}
