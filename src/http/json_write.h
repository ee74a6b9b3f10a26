#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Writes JSON (RFC 8259) into a buf, without white space.  The writer adds the
 * commas and escapes texts.  The caller writes a name before each value in an
 * object, and ends each object and array.  A writer that is zeroed except for
 * buf is at the start of a text.  Functions that every answer calls are inline.
 */
struct json_writer {
	struct buf *buf;
	bool has_value; /* the next name or value needs a comma before it */
	bool has_name;	/* a name was written; its value needs no comma */
};

/* Begin an object and an array; end the innermost one. */
void json_write_object(struct json_writer *writer);
void json_write_array(struct json_writer *writer);
void json_write_object_end(struct json_writer *writer);
void json_write_array_end(struct json_writer *writer);

/*
 * Writes the name of a member, a constant that needs no escape.  The value
 * follows, written with these functions or by the caller into buf.
 */
static inline void
json_write_name(struct json_writer *writer, struct str name)
{
	buf_add(writer->buf, writer->has_value ? STR(",\"") : STR("\""));
	buf_add(writer->buf, name);
	buf_add(writer->buf, STR("\":"));
	writer->has_value = writer->has_name = true;
}

/* Writes a value that is a text; STR_NONE is null. */
void json_write_string(struct json_writer *writer, struct str value);

/* Writes a member whose value is a constant text that needs no escape. */
static inline void
json_write_constant(
    struct json_writer *writer, struct str name, struct str value)
{
	json_write_name(writer, name);
	buf_add(writer->buf, STR("\""));
	buf_add(writer->buf, value);
	buf_add(writer->buf, STR("\""));
}

/*
 * Write a member, name and value.  An absent text and a negative time are left
 * out.
 */
void json_write_text(
    struct json_writer *writer, struct str name, struct str value);
void json_write_time(
    struct json_writer *writer, struct str name, int64_t time_ms);
void json_write_int(struct json_writer *writer, struct str name, int64_t value);
void json_write_bool(struct json_writer *writer, struct str name, bool value);

#endif
