/* log.c: logfmt records (contract: log.h). */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

static const char *const level_names[] = {
#define X(name, text) #text,
    LOG_LEVEL_TABLE(X)
#undef X
};

enum { LEVELS = sizeof level_names / sizeof *level_names, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

/* A line under construction; what does not fit is left out, and noted. */
typedef struct line {
    char   text[LOG_LINE_MAX];
    size_t size;
    bool   cut;
} line;

int log_level_parse(const char *name)
{
    for (int i = 0; i < LEVELS; i++)
        if (strcmp(level_names[i], name) == 0)
            return i;
    return -1;
}

/* Room is kept for the mark of a cut, a quote and the newline. */
static bool fits(line *l, size_t size)
{
    l->cut |= size > sizeof l->text - sizeof "...\"\n" - l->size;
    return !l->cut;
}

static void put_raw(line *l, const char *text, size_t size)
{
    if (!fits(l, size))
        return;
    memcpy(l->text + l->size, text, size);
    l->size += size;
}

static void put_text(line *l, const char *text)
{
    put_raw(l, text, strlen(text));
}

static bool is_bare(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at == '"' || *at == '=' || *at == '\\' || *at >= 0x7f)
            return false;
    return *text != '\0';
}

/* Puts one character of any length, or a '?' for what is not UTF-8; returns how many bytes it was. */
static size_t put_character(line *l, const char *at)
{
    size_t size = 1;

    while (size < 4 && ((unsigned char)at[size] & 0xc0) == 0x80)
        size++;
    if (!utf8_valid((const uint8_t *)at, size)) {
        put_raw(l, "?", 1);
        return 1;
    }
    put_raw(l, at, size);
    return size;
}

/* One character inside quotes: what could end the line or the quotes is escaped. */
static size_t put_quoted_character(line *l, const char *at)
{
    if (*at == '"' || *at == '\\')
        put_raw(l, (char[]){'\\', *at}, 2);
    else if (*at == '\n')
        put_raw(l, "\\n", 2);
    else if ((unsigned char)*at < ' ' || *at == 0x7f)
        put_raw(l, " ", 1);
    else
        return put_character(l, at);
    return 1;
}

static void put_quoted(line *l, const char *text)
{
    put_text(l, "\"");
    if (l->cut)
        return;
    while (*text && !l->cut)
        text += put_quoted_character(l, text);
    l->text[l->size++] = '"';
}

static void put_value(line *l, const char *text)
{
    if (is_bare(text))
        put_text(l, text);
    else
        put_quoted(l, text);
}

static void put_time(line *l, int64_t wall_ns)
{
    time_t    seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm utc;
    char      text[40];

    gmtime_r(&seconds, &utc);
    put_raw(l, text, strftime(text, sizeof text, "time=%Y-%m-%dT%H:%M:%S", &utc));
    put_raw(l, text, (size_t)snprintf(text, sizeof text, ".%03dZ", (int)(wall_ns % NS_PER_S / NS_PER_MS)));
}

static void put_field(line *l, const log_field *field)
{
    char number[24];

    put_text(l, " ");
    put_text(l, field->key);
    put_text(l, "=");
    snprintf(number, sizeof number, "%lld", (long long)field->number);
    put_value(l, field->text ? field->text : number);
}

/* Into the room that was kept. */
static void put_end(line *l)
{
    const char *end = l->cut ? "...\n" : "\n";
    size_t      size = strlen(end);

    memcpy(l->text + l->size, end, size);
    l->size += size;
}

void log_write(const maru_log *log, log_level level, const char *module, const log_field *fields, const char *format,
               ...)
{
    int     saved;
    ssize_t written;
    line    l;
    char    message[LOG_LINE_MAX];
    va_list args;

    if (log->fd < 0 || level < log->level)
        return;
    saved = errno;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    l.size = 0;
    l.cut = false;
    put_time(&l, log->wall(log->self));
    put_field(&l, &(log_field){"level", level_names[level], 0});
    put_field(&l, &(log_field){"module", module, 0});
    put_text(&l, " msg=");
    put_quoted(&l, message);
    for (; fields && fields->key && !l.cut; fields++)
        put_field(&l, fields);
    put_end(&l);
    written = write(log->fd, l.text, l.size);
    (void)written; /* there is nowhere to say it */
    errno = saved;
}
