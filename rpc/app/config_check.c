/* config_check.c: checks the text of settings by kind: names, addresses, URLs, log levels, process ids. */
#include "app/config_check.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "app/config.h"
#include "base/log.h"
#include "base/url.h"
#include "base/utf8.h"
#include "maru/http.h"

_Static_assert(PATH_MAX == 4096, "the words of config_check_path");

static bool is_number(const char *text, int64_t min, int64_t max)
{
    int64_t value = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || value > max)
            return false;
        value = value * 10 + (*text - '0');
    }
    return value >= min && value <= max;
}

/* All of text, which is not empty, is a-z, 0-9 or of extra. */
static bool is_made_of(const char *text, const char *extra, size_t max)
{
    size_t size = strlen(text);

    for (size_t i = 0; i < size; i++)
        if ((text[i] < 'a' || text[i] > 'z') && (text[i] < '0' || text[i] > '9') && strchr(extra, text[i]) == NULL)
            return false;
    return size > 0 && size <= max;
}

bool config_is_name(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' && is_made_of(text, "-", CONFIG_NAME_MAX);
}

bool config_is_instance(const char *text)
{
    return text[0] != '-' && text[0] != '_' && is_made_of(text, "-_ABCDEFGHIJKLMNOPQRSTUVWXYZ", CONFIG_INSTANCE_MAX);
}

const char *config_check_address(const char *text)
{
    return maru_http_check_address(text);
}

const char *config_check_levels(const char *text)
{
    log_levels levels;
    char       words[LOG_LEVELS_TEXT];

    return log_levels_parse(text, &levels, words) ? NULL
                                                  : "LEVEL or MODULE=LEVEL, with commas between: debug, info, warn, "
                                                    "error, off; of app, call, http, server, "
                                                    "client, store, events, service";
}

const char *config_check_format(const char *text)
{
    return strcmp(text, "logfmt") == 0 || strcmp(text, "json") == 0 ? NULL : "logfmt or json";
}

const char *config_check_url(const char *text)
{
    return url_check_listen(text);
}

const char *config_check_call_url(const char *text)
{
    return url_check_call(text);
}

const char *config_check_peer(const char *text)
{
    const char *equals = strchr(text, '=');
    char        name[CONFIG_NAME_MAX + 1] = "";

    if (equals != NULL && (size_t)(equals - text) < sizeof name)
        memcpy(name, text, (size_t)(equals - text));
    return config_is_name(name) ? config_check_call_url(equals + 1) : "NAME=URL";
}

const char *config_check_path(const char *text)
{
    /* One that ends a line would make two of --print-config's. */
    if (utf8_has_control(text))
        return "a path without control characters";
    if (text[0] == '\0')
        return "a path";
    return strlen(text) < PATH_MAX ? NULL : "a path of at most 4095 bytes";
}

const char *config_check_text(const char *text)
{
    bool valid = utf8_valid((const uint8_t *)text, strlen(text));

    return valid && !utf8_has_control(text) ? NULL : "UTF-8 without control characters";
}

const char *config_check_instance(const char *text)
{
    return config_is_instance(text) ? NULL : "1..32 of A-Z a-z 0-9 _ -, beginning with a letter or digit";
}

const char *config_check_truth(const char *text)
{
    return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ? NULL : "true or false";
}

const char *config_check_pid(const char *text)
{
    return is_number(text, 1, INT32_MAX) ? NULL : "a process id";
}
