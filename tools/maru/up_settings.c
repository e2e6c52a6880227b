/* up_settings.c: reads the settings of maru up from file, environment and flags, and checks the file's sections. */
#include "up_settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/sections.h"
#include "app/settings.h"
#include "duration.h"
#include "edge.h"
#include "environment.h"

static const char *check_time(const char *text)
{
    return duration_parse(text) < 0 ? DURATION_TIME : NULL;
}

/* Name, what it takes, check, default, bits. Help is the command's own. */
static const struct row {
    const char  *name, *value;
    config_check check;
    const char  *fallback;
    unsigned     bits;
} rows[] = {
    {"data", "DIR", config_check_path, NULL, 0},
    {"edge", "HOST:PORT", edge_check_address, EDGE_DEFAULT, 0},
    {"tcp", NULL, config_check_truth, "false", 0},
    {"bin", "DIR", config_check_path, NULL, 0},
    {"ready-timeout", "TIME", check_time, UP_READY_DEFAULT, 0},
    {"config", "FILE", config_check_path, NULL, CONFIG_NO_FILE},
    {"print-config", NULL, config_check_truth, NULL, CONFIG_FLAG_ONLY},
};

enum { ROWS = sizeof rows / sizeof *rows };

maru_status up_settings_open(up_settings *s, maru_error *error)
{
    maru_status status = config_open_bare(&s->config, error);

    s->config.section = UP_SECTION;
    s->config.shares = true;
    for (int i = 0; i < ROWS && status == MARU_OK; i++) {
        status = config_add(&s->config, rows[i].name, rows[i].value, "", rows[i].check, error);
        s->config.bits[i] = rows[i].bits;
    }
    return status;
}

void up_settings_close(up_settings *s)
{
    config_close(&s->config);
}

maru_status up_settings_flag(up_settings *s, const char *name, const char *value, maru_error *error)
{
    char where[CONFIG_NAME_MAX + 2];

    snprintf(where, sizeof where, "--%s", name);
    return config_put(&s->config, config_find(&s->config, name), CONFIG_FLAG, where, value != NULL ? value : "true",
                      error);
}

maru_status up_settings_read(up_settings *s, maru_error *error)
{
    maru_status status = config_take_environment(&s->config, environ, error);
    const char *file = up_settings_get(s, "config");

    return status == MARU_OK && file != NULL ? settings_put_file(&s->config, file, error) : status;
}

static maru_status check_section(const config_section *section, const found_service *all, size_t count,
                                 maru_error *error)
{
    char words[DISCOVER_WORDS];

    if (strcmp(section->name, UP_SECTION) == 0)
        return MARU_OK;
    for (size_t i = 0; i < count; i++)
        if (strcmp(section->name, all[i].name) == 0)
            return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: [%s]: %s", section->where, section->name,
                          discover_unknown(all, count, UP_SECTION, section->name, words));
}

static maru_status check_environment(const up_settings *s, const found_service *all, size_t count, maru_error *error)
{
    char      **environment = environment_for(all, count, NULL);
    maru_status status;

    if (environment == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    status = config_check_environment(&s->config, environment, error);
    free(environment);
    return status;
}

maru_status up_settings_check(const up_settings *s, const found_service *all, size_t count, maru_error *error)
{
    maru_status status = check_environment(s, all, count, error);

    for (const config_section *section = s->config.sections; section != NULL && status == MARU_OK;
         section = section->next)
        status = check_section(section, all, count, error);
    return status;
}

const char *up_settings_get(const up_settings *s, const char *name)
{
    return config_get(&s->config, config_find(&s->config, name));
}

bool up_settings_on(const up_settings *s, const char *name)
{
    return config_is_set(&s->config, config_find(&s->config, name));
}

int64_t up_settings_ready_ms(const up_settings *s)
{
    const char *text = up_settings_get(s, "ready-timeout");

    return duration_parse(text != NULL ? text : UP_READY_DEFAULT);
}

const char *up_settings_where(const up_settings *s, const char *name)
{
    const config_value *value = s->config.values[config_find(&s->config, name)];

    return value != NULL ? value->where : "";
}

maru_status up_settings_print(up_settings *s, const char *data, FILE *out, maru_error *error)
{
    maru_status status = MARU_OK;

    for (int i = 0; i < ROWS && status == MARU_OK; i++) {
        const char *fallback = i == 0 ? data : rows[i].fallback;

        if (s->config.values[i] == NULL && fallback != NULL)
            status = config_put(&s->config, (config_key)i, CONFIG_DEFAULT, "default", fallback, error);
        if (i == 1)
            fprintf(out, "\n[%s]\n", UP_SECTION);
        if (status == MARU_OK)
            config_print_key(&s->config, (config_key)i, out);
    }
    return status;
}
