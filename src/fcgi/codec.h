#ifndef CODEC_H
#define CODEC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "fcgi/conn.h"
#include "http/request.h"

/*
 * libfcgi, behind a memfd: it decodes requests that fcgi/stream.c has proven.
 * It never sees a socket.  One a worker.
 */
struct codec;

/* Once, before the first codec and before signals are set up. */
bool codec_init(void);

/* NULL with errno. */
struct codec *codec_open(void);
void codec_close(struct codec *codec);

/*
 * Decodes the whole request of conn into request, whose bytes are libfcgi's
 * and the arena's.  Every read is followed by codec_done.  False: a defect;
 * nothing is left to discard.
 */
bool codec_read(struct codec *codec, struct conn *conn, struct arena *arena,
    struct request *request);

/* Forgets the decoded request; its bytes still lie in conn. */
void codec_done(struct codec *codec);

#endif
