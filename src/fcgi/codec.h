#ifndef CODEC_H
#define CODEC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "fcgi/conn.h"
#include "http/reply.h"
#include "http/request.h"

/*
 * libfcgi, behind a memfd: it decodes requests that fcgi/stream.c has proven,
 * and frames the answers.  It never accepts, waits for, or closes a socket.
 * One a worker.
 */
struct codec;

/* Once, before the first codec and before signals are set up. */
bool codec_init(void);

/* NULL with errno. */
struct codec *codec_open(void);
void codec_close(struct codec *codec);

/*
 * Decodes the whole request of conn into request, whose bytes are libfcgi's
 * and the arena's.  Every read is followed by codec_write or codec_discard,
 * which end it.  False: a defect; nothing is left to discard.
 */
bool codec_read(struct codec *codec, struct conn *conn, struct arena *arena,
    struct request *request);

/* Writes the answer to conn; false: the peer did not take it all. */
bool codec_write(
    struct codec *codec, struct conn *conn, const struct reply_text *text);

/* Forgets the decoded request unanswered; its bytes still lie in conn. */
void codec_discard(struct codec *codec);

#endif
