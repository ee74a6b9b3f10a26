#ifndef CODEC_H
#define CODEC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "fcgi/conn.h"
#include "http/request.h"

/*
 * Decodes requests that fcgi/stream.c has checked.  libfcgi decodes those with
 * a body: it reads them from a memfd and never has a socket.  Each worker has
 * one codec.
 */
struct codec;

/* Initializes libfcgi.  Call once, before the first codec_open. */
bool codec_init(void);

/* Makes a codec, with its memfd.  NULL: failed, errno is set. */
struct codec *codec_open(void);
/* Closes the memfd and frees the codec, which may be NULL. */
void codec_close(struct codec *codec);

/*
 * Decodes the whole request of conn.  The texts in request belong to conn, to
 * libfcgi and to the arena; they are valid until the request of conn is over
 * (fcgi/conn.h) or codec_done, which must follow every call that returned true.
 * False: libfcgi refused a checked request, a defect; there is nothing to free.
 */
bool codec_read(struct codec *codec, struct conn *conn, struct arena *arena,
    struct request *request);

/* Frees the decoded request.  Its bytes are still in conn. */
void codec_done(struct codec *codec);

#endif
