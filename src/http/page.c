/* Small HTML answers. */
#include "config.h"

#include "http/page.h"

static void
begin(struct reply *reply, int status)
{
	reply->status = status;
	buf_add(
	    &reply->head, STR("Content-Type: text/html; charset=utf-8\r\n"
			      "Cache-Control: no-store\r\n"
			      "Vary: Cookie\r\n"
			      "X-Content-Type-Options: nosniff\r\n"
			      "Referrer-Policy: same-origin\r\n"
			      "X-Frame-Options: DENY\r\n"
			      "Content-Security-Policy: default-src 'none'; "
			      "frame-ancestors 'none'; base-uri 'none'\r\n"));
}

static void
add_head(struct buf *body, struct str title)
{
	buf_add(body,
	    STR("<!DOCTYPE html>\n<html lang=\"en\">\n"
		"<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<title>"));
	buf_add_html(body, title);
	buf_add(body, STR("</title>\n<h1>"));
	buf_add_html(body, title);
	buf_add(body, STR("</h1>\n"));
}

void
page_tell(struct reply *reply, int status, struct str title, struct str words)
{
	struct buf *body = &reply->body;

	begin(reply, status);
	add_head(body, title);
	buf_add(body, STR("<p>"));
	buf_add_html(body, words);
	buf_add(body, STR("</p>\n</html>\n"));
}

void
page_refuse(struct reply *reply, enum answer answer, int status)
{
	struct str message = answer_message(answer);

	reply_reset(reply);
	page_tell(reply, status, message,
	    STR("Go back in your browser to try again."));
	answer_add_headers(reply, answer, status);
}

void
page_bar(
    struct reply *reply, enum answer answer, int status, struct str login_url)
{
	struct buf *body = &reply->body;

	reply_reset(reply);
	begin(reply, status);
	add_head(body, answer_message(answer));
	if (!str_is_none(login_url)) {
		buf_add(body, STR("<p><a href=\""));
		buf_add_html(body, login_url);
		buf_add(body, STR("\">Log in</a></p>\n"));
	}
	buf_add(body, STR("</html>\n"));
	answer_add_headers(reply, answer, status);
}

void
page_redirect(struct reply *reply, struct str location)
{
	begin(reply, 303);
	reply_header(reply, "Location", location);
}
