/* The page on which users change their own second factor. */
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
#include "secret/recovery.h"
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

/*
 * Sends the browser to the page as it is now: another tab may have changed the
 * second factor.
 */
static enum result
start_again(struct context *c)
{
	page_redirect(c, factor_url(c));
	return RESULT_OK;
}

/* Returns a new secret; STR_NONE: the kernel has no randomness. */
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

/* Returns the text in groups of four characters, which are easier to type. */
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

static void
put_user(const struct context *c, struct str *values)
{
	values[THEME_FACTOR] = page_user_name(&c->who);
	values[THEME_USER_ID] = c->who.found.session.user_id;
	if (user_table_has_recovery(c->stores))
		values[THEME_RECOVERY] = yes;
}

/*
 * Sets the values of the page.  With STR_NONE for the secret it shows the form
 * that removes the second factor.
 */
static void
put_factor(const struct context *c, struct str secret, struct str *values)
{
	struct arena *arena = c->call->arena;
	int64_t size;

	put_user(c, values);
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
	struct str values[THEME_COUNT] = { STR_NONE }, secret = STR_NONE;
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
	if (user.totp.len > 0 && user_table_has_recovery(c->stores))
		values[THEME_RECOVERY_LEFT] = buf_int_str(
		    c->call->arena, (int64_t)recovery_count(user.recovery));
	page_write(c, 200, values, NULL);
	return RESULT_OK;
}

/*
 * Shows the same form that was refused: with the new secret, or the one that
 * removes.
 */
void
factor_refuse(struct context *c, enum answer answer, int status)
{
	struct str values[THEME_COUNT] = { STR_NONE };

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

/* Accepts only a secret such as this page makes, since it is shown again. */
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

/* The change that a form asks for. */
enum factor_change { FACTOR_SET, FACTOR_REMOVE, FACTOR_NEW_CODES };

struct factor_form {
	enum factor_change change;
	struct str password, code;
	struct user user; /* the row of the user */
	/* new recovery codes and their hashes, or STR_NONE */
	struct str codes, list;
};

/* Reads which change is wanted.  BAD: this page has no such form. */
static enum result
read_kind(struct context *c, struct factor_form *form)
{
	struct arena *arena = c->call->arena;
	struct str body = c->request->body, text;

	if (form_find(arena, body, STR("secret"), &text)) {
		form->change = FACTOR_SET;
		c->account.is_unfit = !keep_secret(c, text);
	} else if (form_find(arena, body, STR("codes"), &text)) {
		form->change = FACTOR_NEW_CODES;
		c->account.is_unfit = !user_table_has_recovery(c->stores);
	} else {
		form->change = FACTOR_REMOVE;
	}
	return c->account.is_unfit ? RESULT_BAD : RESULT_OK;
}

/* Reads the password and the code.  An absent code is empty, so it is wrong. */
static bool
read_proof(const struct context *c, struct factor_form *form)
{
	struct arena *arena = c->call->arena;
	struct str body = c->request->body;

	form->code = STR("");
	form_find(arena, body, STR("code"), &form->code);
	return form_find(arena, body, STR("current"), &form->password) &&
	       form->password.len > 0;
}

/* Makes the new secret the one that the first code is checked against. */
static void
judge_by_secret(const struct context *c, struct factor_form *form)
{
	form->user.totp = c->account.secret;
	form->user.recovery = STR_NONE;
}

static bool
make_codes(const struct context *c, struct factor_form *form)
{
	form->codes = form->list = STR_NONE;
	return form->change == FACTOR_REMOVE ||
	       !user_table_has_recovery(c->stores) ||
	       recovery_new(c->call->arena, &form->codes, &form->list);
}

/* Claims the code.  MISS: it is wrong, or was used before. */
static enum result
use_code(struct context *c, struct factor_form *form)
{
	struct second_factor factor = second_factor_check(
	    c->call->arena, &form->user, form->code, c->who.found.now_ms);

	if (!factor.is_right)
		return RESULT_MISS;
	return second_factor_use(c, &form->user, &factor);
}

/* Writes the change.  MISS: somebody else has changed the row meanwhile. */
static enum result
write_change(struct context *c, struct factor_form *form)
{
	struct str id = form->user.id;
	enum result result;

	if (form->change == FACTOR_NEW_CODES)
		return second_factor_replace(
		    c->stores, c->call, &form->user, form->list);
	result = user_table_set_totp(
	    c->stores, c->call, id, c->account.secret, form->list);
	return password_check_update_failed(
	    LOG_ERROR, "totp not set", id, result);
}

/* Shows new recovery codes in the answer to the form, and nowhere else. */
static void
show_done(struct context *c, const struct factor_form *form)
{
	struct str values[THEME_COUNT] = { STR_NONE };

	if (str_is_none(form->codes)) {
		account_done(c,
		    form->change == FACTOR_SET ? "factor" : "factor-removed");
		return;
	}
	put_user(c, values);
	values[THEME_RECOVERY_NEW] = form->codes;
	if (form->change == FACTOR_SET)
		values[THEME_DONE] = values[THEME_DONE_FACTOR] = yes;
	page_write(c, 200, values, NULL);
}

static void
log_done(const struct context *c, const struct factor_form *form)
{
	struct str id = form->user.id;

	if (form->change == FACTOR_NEW_CODES)
		audit_recovery_made(c, id);
	else if (form->change == FACTOR_SET)
		audit_totp_set(c, id);
	else
		audit_totp_removed(c, id);
}

enum result
handle_factor_change(struct context *c)
{
	struct factor_form form = { .change = FACTOR_REMOVE };
	bool sets;
	enum result result = read_kind(c, &form);

	sets = form.change == FACTOR_SET;
	if (result != RESULT_OK || !read_proof(c, &form))
		return RESULT_BAD;
	result = own_password_verify_with(
	    c, form.password, sets ? NULL : &form.code, &form.user);
	if (result != RESULT_OK)
		return result;
	if (sets != (form.user.totp.len == 0))
		return start_again(c);
	if (!make_codes(c, &form))
		return RESULT_FAULT;
	if (sets)
		judge_by_secret(c, &form);
	result = use_code(c, &form);
	if (result == RESULT_MISS)
		return own_password_refuse(c, "code");
	if (result == RESULT_OK)
		result = write_change(c, &form);
	if (result == RESULT_MISS)
		return start_again(c);
	if (result != RESULT_OK)
		return result;
	log_done(c, &form);
	show_done(c, &form);
	return RESULT_OK;
}
