/* The writer of JSON; http/json.h is the reader. */
#include "config.h"

#include "http/json_write.h"

/* Writes the comma before a value, if one is needed. */
static void
separate(struct json_writer *writer)
{
	if (writer->has_value && !writer->has_name)
		buf_add_char(writer->buf, ',');
	writer->has_value = true;
	writer->has_name = false;
}

static void
begin(struct json_writer *writer, char bracket)
{
	separate(writer);
	buf_add_char(writer->buf, bracket);
	writer->has_value = false;
}

static void
end(struct json_writer *writer, char bracket)
{
	buf_add_char(writer->buf, bracket);
	writer->has_value = true;
	writer->has_name = false;
}

void
json_write_object(struct json_writer *writer)
{
	begin(writer, '{');
}

void
json_write_array(struct json_writer *writer)
{
	begin(writer, '[');
}

void
json_write_object_end(struct json_writer *writer)
{
	end(writer, '}');
}

void
json_write_array_end(struct json_writer *writer)
{
	end(writer, ']');
}

void
json_write_string(struct json_writer *writer, struct str value)
{
	separate(writer);
	buf_add_json(writer->buf, value);
}

void
json_write_text(struct json_writer *writer, struct str name, struct str value)
{
	if (str_is_none(value))
		return;
	json_write_name(writer, name);
	json_write_string(writer, value);
}

void
json_write_time(struct json_writer *writer, struct str name, int64_t time_ms)
{
	if (time_ms >= 0)
		json_write_int(writer, name, time_ms);
}

void
json_write_int(struct json_writer *writer, struct str name, int64_t value)
{
	json_write_name(writer, name);
	buf_add_int(writer->buf, value);
}

void
json_write_bool(struct json_writer *writer, struct str name, bool value)
{
	json_write_name(writer, name);
	buf_add(writer->buf, value ? STR("true") : STR("false"));
}
