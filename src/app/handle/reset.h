#ifndef HANDLE_RESET_H
#define HANDLE_RESET_H

#include "app/app.h"

/*
 * POST /reset-link: makes a reset link for a user; only for addresses in [ops]
 * access.
 */
enum result handle_reset_link(struct context *c);

/*
 * GET /reset: the form behind a reset link.  Opening it does not use the link
 * up.
 */
enum result handle_reset_page(struct context *c);

/* POST /reset: sets the new password and ends all sessions of the user. */
enum result handle_reset(struct context *c);

/*
 * Writes a refusal: as the form again while the link may still be used, else as
 * a page.
 */
void reset_refuse(struct context *c, enum answer answer, int status);

#endif
