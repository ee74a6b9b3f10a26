/* Reads the body of POST /login. */
#include "config.h"

#include "app/login_body.h"
#include "app/theme.h"
#include "http/form.h"
#include "http/json.h"
#include "http/next.h"

enum { JSON_DEPTH_MAX = 8 };

/*
 * Browsers send nothing for an unchecked box.  So a form has a hidden field
 * remember=0 after its box, and the first of the two fields counts.
 */
static bool
is_ticked(struct str remember)
{
	static const struct str words[] = { STR_INIT("1"), STR_INIT("on"),
		STR_INIT("true"), STR_INIT("yes") };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq_nocase(remember, words[i]))
			return true;
	return false;
}

/* True if the text can be shown again unchanged. */
static bool
is_fit_for_form(struct str email)
{
	for (size_t i = 0; i < email.len; i++)
		if ((unsigned char)email.ptr[i] < ' ' || email.ptr[i] == 0x7f)
			return false;
	return email.len <= THEME_EMAIL_MAX && str_is_utf8(email);
}

/*
 * A recovery code counts before a one-time code: browsers may fill in the field
 * of the latter by themselves.
 */
static void
read_codes(const struct context *c, struct login_body *login_body)
{
	struct arena *arena = c->call->arena;
	struct str body = c->request->body, recovery;

	if (!user_table_has_totp(c->stores))
		return;
	form_find(arena, body, STR("code"), &login_body->code);
	if (user_table_has_recovery(c->stores) &&
	    form_find(arena, body, STR("recovery"), &recovery) &&
	    recovery.len > 0)
		login_body->code = recovery;
}

static bool
read_form(struct context *c, struct login_body *login_body)
{
	struct arena *arena = c->call->arena;
	struct str body = c->request->body;
	struct str remember;
	bool has_email =
	    form_find(arena, body, STR("email"), &login_body->email);

	form_find(arena, body, STR("next"), &login_body->next);
	if (form_find(arena, body, STR("remember"), &remember))
		login_body->is_remembered = is_ticked(remember);
	read_codes(c, login_body);
	c->form.is_filled = true;
	c->form.is_remembered = login_body->is_remembered;
	if (is_fit_for_form(login_body->email))
		c->form.email = login_body->email;
	return has_email &&
	       form_find(arena, body, STR("password"), &login_body->password);
}

/*
 * Reads a boolean member.  An absent member leaves *out unchanged.  False: the
 * member is no boolean.
 */
static bool
read_boolean(const struct json *json, const char *key, bool *out)
{
	const struct json *member = json_member(json, key);

	return member == NULL || json_boolean(member, out);
}

static bool
read_json(const struct context *c, struct login_body *login_body)
{
	const struct json *json =
	    json_parse(c->call->arena, c->request->body, JSON_DEPTH_MAX);
	const struct json *next = json_member(json, "next");
	const struct json *code = json_member(json, "code");

	if (code != NULL && !json_is_null(code) &&
	    user_table_has_totp(c->stores) &&
	    !json_string(code, &login_body->code))
		return false;
	if (next != NULL && !json_string(next, &login_body->next))
		return false;
	return json_is_object(json) &&
	       read_boolean(json, "remember", &login_body->is_remembered) &&
	       json_string(json_member(json, "email"), &login_body->email) &&
	       json_string(
		   json_member(json, "password"), &login_body->password);
}

bool
login_body_read(struct context *c, struct login_body *login_body)
{
	bool is_read;

	*login_body = (struct login_body){
		.code = STR_NONE, .next = STR_NONE, .is_remembered = true
	};
	is_read =
	    c->is_form ? read_form(c, login_body) : read_json(c, login_body);
	if (is_read) /* phone keyboards add a blank after a word */
		login_body->email = str_trim(login_body->email);
	login_body->next = next_read(c->call->arena, login_body->next);
	c->form.next = login_body->next;
	return is_read && login_body->email.len > 0 &&
	       login_body->password.len > 0;
}
