#ifndef HANDLE_RESET_H
#define HANDLE_RESET_H

#include "app/app.h"

/* POST /reset-link, for [ops] access: makes a link for a user. */
enum result handle_reset_link(struct context *c);

/* GET /reset: the form of a link.  It uses nothing up. */
enum result handle_reset_page(struct context *c);

/* POST /reset: sets the new password and ends all sessions of the user. */
enum result handle_reset(struct context *c);

/* A refusal: the form again where the link may still be used, else a page. */
void reset_refuse(struct context *c, enum answer answer, int status);

#endif
