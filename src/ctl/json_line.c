/* Prints the objects of --json. */
#include "config.h"

#include <stdio.h>

#include "ctl/json_line.h"

struct json_writer *
json_line_begin(struct arena *arena)
{
	struct json_writer *line = arena_alloc(arena, sizeof(*line));
	struct buf *buf = arena_alloc(arena, sizeof(*buf));

	*buf = buf_open(arena, SIZE_MAX / 4);
	*line = (struct json_writer){ .buf = buf };
	json_write_object(line);
	return line;
}

void
json_line_print(struct json_writer *line)
{
	json_write_object_end(line);
	buf_add_char(line->buf, '\n');
	fwrite(line->buf->ptr, 1, line->buf->len, stdout);
}

void
json_line_print_int(struct arena *arena, struct str name, int64_t value)
{
	struct json_writer *line = json_line_begin(arena);

	json_write_int(line, name, value);
	json_line_print(line);
}

void
json_line_print_bool(struct arena *arena, struct str name, bool value)
{
	struct json_writer *line = json_line_begin(arena);

	json_write_bool(line, name, value);
	json_line_print(line);
}
