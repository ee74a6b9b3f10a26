#ifndef PAGE_H
#define PAGE_H

#include "http/answer.h"
#include "http/reply.h"

/*
 * Answers for a browser that posted a form: plain HTML that runs no script
 * and is shown in no frame.
 */

/* Status and message of the refusal, as answer_write_as has them in JSON. */
void page_refuse(struct reply *reply, enum answer answer, int status);

/* A page that says one thing; title and words are text, escaped here. */
void page_tell(
    struct reply *reply, int status, struct str title, struct str words);

/*
 * The same refusal where nothing was posted, with a link to where one can log
 * in, if that helps (else absent).
 */
void page_bar(
    struct reply *reply, enum answer answer, int status, struct str login_url);

/* 303 to a path that next_is_local has passed, or that is ours. */
void page_redirect(struct reply *reply, struct str location);

#endif
