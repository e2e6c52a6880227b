/* log.c: records in logfmt and JSON (contract: log.h). */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

static const char *const level_names[] = {
#define X(name, text) #text,
    MARU_LOG_LEVEL_TABLE(X)
#undef X
};

static const struct {
    const char *name, *tells;
} modules[] = {
#define X(name, text, tells) {#text, tells},
    LOG_MODULE_TABLE(X)
#undef X
};

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

/* A line under construction; what does not fit is left out, and noted. */
typedef struct line {
    char   text[LOG_LINE_MAX];
    size_t size;
    bool   cut, json;
} line;

const char *log_module_name(log_module module)
{
    return modules[module].name;
}

const char *log_module_tells(log_module module)
{
    return modules[module].tells;
}

const char *log_level_name(maru_log_level level)
{
    return level_names[level];
}

void log_open(maru_log *log, int fd, maru_log_level level, int64_t (*wall)(void *self), void *self)
{
    struct stat about;

    log->fd = fd;
    log->file = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    log->torn = false;
    pthread_mutex_init(&log->writes, NULL);
    log->json = false;
    log->service[0] = '\0';
    log->wall = wall;
    log->self = self;
    atomic_init(&log->lost, 0);
    for (int i = 0; i < LOG_MODULES; i++)
        atomic_init(&log->levels[i], (unsigned char)level);
}

/* What ends a line that was cut, for which room is kept, with a quote before it. */
static const char logfmt_cut[] = "...\n", json_cut[] = ",\"cut\":true}\n";

enum { LINE_END = 1 + sizeof json_cut };

static bool fits(line *l, size_t size)
{
    l->cut |= size > sizeof l->text - LINE_END - l->size;
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

static void put_key(line *l, const char *key)
{
    if (l->json) {
        put_text(l, l->size == 0 ? "{\"" : ",\"");
        put_text(l, key);
        put_text(l, "\":");
    } else {
        put_text(l, l->size == 0 ? "" : " ");
        put_text(l, key);
        put_text(l, "=");
    }
}

/* Of a key whose value has no room nothing stays: half a pair would be no JSON. */
static void put_pair(line *l, const char *key, const char *text, bool quoted)
{
    size_t before = l->size, value;

    put_key(l, key);
    value = l->size;
    if (quoted)
        put_quoted(l, text);
    else
        put_text(l, text);
    if (l->cut && (l->size == value || !quoted))
        l->size = before;
}

static void put_string(line *l, const char *key, const char *text)
{
    put_pair(l, key, text, l->json || !is_bare(text));
}

static void put_time(line *l, int64_t wall_ns)
{
    time_t    seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm utc;
    char      text[48];
    size_t    size;

    gmtime_r(&seconds, &utc);
    size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + size, sizeof text - size, ".%03dZ", (int)(wall_ns % NS_PER_S / NS_PER_MS));
    put_string(l, "time", text);
}

static void put_field(line *l, const log_field *field)
{
    char number[24];

    if (field->text != NULL) {
        put_string(l, field->key, field->text);
        return;
    }
    snprintf(number, sizeof number, "%lld", (long long)field->number);
    put_pair(l, field->key, number, false);
}

/* Into the room that was kept. */
static void put_end(line *l)
{
    const char *whole = l->json ? "}\n" : "\n", *end = l->cut ? (l->json ? json_cut : logfmt_cut) : whole;
    size_t      size = strlen(end);

    memcpy(l->text + l->size, end, size);
    l->size += size;
}

/* Nothing that goes wrong keeps it from being tried. A pipe with any room has some for a whole line. */
static bool has_room(maru_log *log)
{
    struct pollfd out = {.fd = log->fd, .events = POLLOUT};

    return poll(&out, 1, atomic_load(&log->lost) > 0 ? 0 : LOG_PATIENCE_MS) != 0;
}

static void put_lost(line *l, unsigned long long lost)
{
    if (lost > 0)
        put_field(l, &(log_field){"lost", NULL, (int64_t)lost});
}

/* True where the record is there, be it without its end of line. The one before may be torn: its line ends first. */
static bool write_line(maru_log *log, const line *l)
{
    size_t        before = log->torn ? 1 : 0;
    struct iovec  parts[] = {{.iov_base = "\n", .iov_len = before}, {.iov_base = (char *)l->text, .iov_len = l->size}};
    const ssize_t written = writev(log->fd, parts, 2);

    if (written <= 0)
        return false;
    log->torn = (size_t)written > before && (size_t)written < before + l->size;
    return (size_t)written >= before + l->size - 1;
}

/* Only a file takes a part of a record, where its disk is full; and it takes one write at a time anyway. On a pipe
 * nobody waits for another's write. */
static bool write_record(maru_log *log, const line *l)
{
    bool there;

    if (!log->file)
        return write(log->fd, l->text, l->size) > 0;
    pthread_mutex_lock(&log->writes);
    there = write_line(log, l);
    pthread_mutex_unlock(&log->writes);
    return there;
}

void log_write(maru_log *log, log_module module, maru_log_level level, const log_field *fields, const char *format, ...)
{
    int                saved;
    unsigned long long lost;
    line               l;
    char               message[LOG_LINE_MAX];
    va_list            args;

    if (log->fd < 0 || !log_wants(log, module, level))
        return;
    saved = errno;
    if (!has_room(log)) {
        atomic_fetch_add(&log->lost, 1);
        errno = saved;
        return;
    }
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    l.size = 0;
    l.cut = false;
    l.json = log->json;
    put_time(&l, log->wall(log->self));
    put_string(&l, "level", level_names[level]);
    if (log->service[0] != '\0')
        put_string(&l, "service", log->service);
    put_string(&l, "module", modules[module].name);
    lost = atomic_exchange(&log->lost, 0);
    put_lost(&l, lost);
    put_pair(&l, "msg", message, true);
    for (; fields && fields->key && !l.cut; fields++)
        put_field(&l, fields);
    put_end(&l);
    if (!write_record(log, &l))
        atomic_fetch_add(&log->lost, lost + 1); /* what it would have said is said by the next */
    errno = saved;
}
