#ifndef CTL_SECRET_IN_H
#define CTL_SECRET_IN_H

#include "ctl/args.h"
#include "ctl/open.h"

/*
 * Reads a password: the first line of --password-file, else of a terminal
 * without echo, after prompt, else of standard input.  It lives in ctl->arena,
 * which is wiped.  -1: read; else the exit status, and the reason was printed.
 */
int secret_in_read(struct ctl *ctl, const struct args *args, const char *prompt,
    struct str *secret);

/*
 * Reads a one-time code in this way, but never from --password-file.  Results
 * as of secret_in_read, but without a terminal a missing code is STR_NONE.
 */
int secret_in_read_code(struct ctl *ctl, const char *prompt, struct str *code);

/*
 * Reads a new password as secret_in_read does, but asks twice on a terminal,
 * where nobody sees what they type.
 */
int secret_in_read_new(
    struct ctl *ctl, const struct args *args, struct str *secret);

#endif
