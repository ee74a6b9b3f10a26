/* The configuration as text: the values in force. */
#include "config.h"

#include <inttypes.h>

#include "config/conf.h"
#include "config/setting.h"
#include "config/value.h"

static void
print_setting(const struct conf *conf, const struct setting *setting, FILE *out)
{
	if (setting->type == SETTING_SECRET &&
	    conf->is_set[setting_option(setting)]) {
		fprintf(out, "#%s = (set, not shown)\n", setting->key);
		return;
	}
	fprintf(out, "%s = ", setting->key);
	value_print(setting, setting_value(setting, conf), out);
	fputc('\n', out);
}

/* What an option that stands for "auto" comes to, as a comment below it. */
static void
print_in_force(const struct conf *conf, enum conf_option option, FILE *out)
{
	const struct conf_in_force *in_force = &conf->in_force;

	if (option == CONF_OPTION_server_leaders)
		fprintf(out, "# in force: %d\n", in_force->leaders);
	else if (option == CONF_OPTION_login_hash_threads)
		fprintf(out, "# in force: %d\n", in_force->hash_threads);
	else if (option == CONF_OPTION_redis_connect_timeout)
		fprintf(out, "# in force: %" PRId64 "ms\n",
		    in_force->redis_connect_ms);
	else if (option == CONF_OPTION_redis_command_timeout)
		fprintf(out, "# in force: %" PRId64 "ms\n",
		    in_force->redis_command_ms);
	else if (option == CONF_OPTION_login_limit_account &&
		 conf->secrets.count == 0)
		fputs("# in force: 0, without [session] secret_file\n", out);
	else if (option == CONF_OPTION_cookie_name)
		fprintf(out, "# in force: %s\n", in_force->cookie_name);
	else if (option == CONF_OPTION_cookie_compat)
		fprintf(out, "# in force: %s%s\n",
		    in_force->cookie_other != NULL ? "also reads "
						   : "reads no other name",
		    in_force->cookie_other != NULL ? in_force->cookie_other
						   : "");
}

void
conf_print(const struct conf *conf, FILE *out)
{
	const char *section = NULL;

	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];

		if (!str_eq(str_from(section), str_from(setting->section))) {
			fprintf(out, "%s[%s]\n", section != NULL ? "\n" : "",
			    setting->section);
			section = setting->section;
		}
		print_setting(conf, setting, out);
		print_in_force(conf, (enum conf_option)i, out);
	}
}
