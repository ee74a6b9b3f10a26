/* doctor: checks Redis, MySQL and this host, and gives advice. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/doctor.h"
#include "ctl/json_line.h"
#include "ctl/screen.h"
#include "server/check.h"

enum { SENTENCE_SIZE = 1024 };

static const char *const level_names[] = {
	[DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_BAD] = "BAD"
};

static void
print_finding_json(struct arena *arena, enum doctor_level level,
    const char *area, const char *sentence, const char *todo)
{
	struct json_writer *line = json_line_begin(arena);

	json_write_text(line, STR("level"), str_from(level_names[level]));
	json_write_text(line, STR("area"), str_from(area));
	json_write_name(line, STR("finding"));
	screen_add_json(line->buf, str_from(sentence));
	json_write_text(line, STR("todo"), str_from(todo));
	json_line_print(line);
}

static void
print_finding(struct arena *arena, enum doctor_level level, const char *area,
    const char *sentence, const char *todo)
{
	struct str safe = screen_text(arena, str_from(sentence), SENTENCE_SIZE);

	printf("%-4s  %-5s  %.*s%s%s\n", level_names[level], area,
	    STR_ARG(safe), todo != NULL ? ": " : "", todo != NULL ? todo : "");
}

void
doctor_report(struct doctor *doctor, enum doctor_level level, const char *area,
    const char *todo, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list list;

	doctor->found[level]++;
	if (level == DOCTOR_OK && !doctor->is_verbose)
		return;
	va_start(list, format);
	vsnprintf(sentence, sizeof(sentence), format, list);
	va_end(list);
	if (doctor->ctl->is_json)
		print_finding_json(
		    doctor->ctl->arena, level, area, sentence, todo);
	else
		print_finding(doctor->ctl->arena, level, area, sentence, todo);
}

/* Turns a result of server/check.h into a finding. */
static void
report_result(void *arg, enum check_level level, const char *site,
    const char *what, const char *text)
{
	static const enum doctor_level levels[] = { [CHECK_WORKS] = DOCTOR_OK,
		[CHECK_WARNING] = DOCTOR_WARN,
		[CHECK_FAILED] = DOCTOR_BAD };
	struct doctor *doctor = arg;
	const char *area = "conf";

	if (what != NULL)
		area = strstr(what, "mysql") != NULL ? "sql" : "redis";
	doctor_report(doctor, levels[level], area, NULL, "%s%s%s%s%s%s",
	    site != NULL ? "site " : "", site != NULL ? site : "",
	    site != NULL ? ": " : "", what != NULL ? what : "",
	    what != NULL ? ": " : "", level == CHECK_WORKS ? "works" : text);
}

static void
check_everything(struct doctor *doctor)
{
	const struct check_report report = { report_result, doctor };
	struct ctl *ctl = doctor->ctl;

	(void)check_files(&ctl->all, &ctl->source, &report);
	if (check_redis(&ctl->all, &report))
		doctor_redis(doctor);
	for (int i = 0; i < conf_count(&ctl->all); i++)
		if (check_mysql(conf_at(&ctl->all, i), &ctl->source, &report))
			doctor_sql(doctor, conf_at(&ctl->all, i));
	doctor_host(doctor);
}

int
cmd_doctor(struct ctl *ctl, const struct args *args)
{
	struct doctor doctor = { .ctl = ctl,
		.is_quick = args_has(args, OPTION_QUICK),
		.is_verbose = args_has(args, OPTION_VERBOSE),
		.socket = args->values[OPTION_SOCKET] };

	check_everything(&doctor);
	return doctor.found[DOCTOR_BAD] > 0 ? CTL_NO : CTL_DONE;
}
