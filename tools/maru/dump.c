/* dump.c: reads a service's tables and schema, and prints records as JSON lines. */
#include "dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/oserror.h"
#include "base/utf8.h"
#include "events/tables.h"
#include "maru/events.maru.h"
#include "maru/json.h"
#include "json/base64.h"

enum { LINE_MAX_BYTES = 512, PROGRAM_MAX = 64 };

/* ---- types ---- */

static void set_type(dump *d, const schema_pool *pool, unsigned number, const char *name, const char *type)
{
    if (number >= DUMP_TABLES)
        return;
    snprintf(d->names[number], DUMP_NAME_MAX, "%.*s", DUMP_NAME_MAX - 1, name);
    d->types[number] = schema_find_message(pool, type);
}

static void set_own_types(dump *d, const schema_pool *pool)
{
    static const maru_table *const own[] = {&events_later, &events_later_due,  &events_pending, &events_applied,
                                            &events_inbox, &events_aggregates, &events_log};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        set_type(d, pool, own[i]->number, care_table(own[i]->number), own[i]->record->name);
    d->types[events_later_due.number] = NULL; /* an index: its records are empty */
}

/* "table 1 shop.guestbook.v1.Guest guests" */
static void read_table(dump *d, const schema_pool *pool, const char *line)
{
    char     name[DUMP_NAME_MAX], type[LINE_MAX_BYTES];
    unsigned number;

    if (sscanf(line, "table %u %511s %63[^\n]", &number, type, name) == 3)
        set_type(d, pool, number, name, type);
}

static maru_status ask_tables(dump *d, const schema_pool *pool, int program, const char *path, maru_error *error)
{
    char  command[PROGRAM_MAX], line[LINE_MAX_BYTES];
    FILE *said;

    snprintf(command, sizeof command, "/proc/self/fd/%d --probe </dev/null", program);
    if ((said = popen(command, "re")) == NULL)
        return os_error(error, path);
    while (fgets(line, sizeof line, said) != NULL)
        read_table(d, pool, line);
    return pclose(said) == 0
               ? MARU_OK
               : maru_error_set(error, MARU_FAILED_PRECONDITION, "%s --probe: want the service's tables", path);
}

/* The program that runs as pid says which tables it has: the shell has it open too, and need not find one that ends. */
static maru_status read_tables(dump *d, const schema_pool *pool, int64_t pid, maru_error *error)
{
    char        path[PROGRAM_MAX];
    maru_status status;
    int         program;

    snprintf(path, sizeof path, "/proc/%lld/exe", (long long)pid);
    if ((program = open(path, O_PATH)) < 0)
        return os_error(error, path);
    status = ask_tables(d, pool, program, path, error);
    close(program);
    return status;
}

/* Of a service that does not run: what libmaru keeps is known here. */
static maru_status own_pool(dump *d, schema_pool **pool, maru_error *error)
{
    maru_status status;

    if ((d->session.arena = maru_arena_new(SESSION_ARENA)) == NULL ||
        (*pool = schema_pool_new(d->session.arena)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    status = schema_pool_add_file(*pool, &maru_events_proto_maru_file, error);
    return status == MARU_OK ? schema_pool_link(*pool, error) : status;
}

maru_status dump_open(dump *d, FILE *out, const char *data, const char *service, int64_t pid, maru_error *error)
{
    schema_pool *pool = NULL;
    maru_status  status;

    *d = (dump){.out = out};
    if (pid == 0)
        status = own_pool(d, &pool, error);
    else if ((status = session_open(&d->session, data, service, SESSION_TIMEOUT_MS, error)) == MARU_OK &&
             (status = session_schema(&d->session, "", &pool, error)) == MARU_OK)
        status = read_tables(d, pool, pid, error);
    if (status == MARU_OK)
        set_own_types(d, pool);
    return status;
}

void dump_close(dump *d)
{
    session_close(&d->session);
}

/* ---- records ---- */

static void put_text(const char *text, size_t size, FILE *out)
{
    fputc('"', out);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void put_bytes(const void *bytes, size_t size, FILE *out)
{
    char *text = malloc(base64_size(size) + 1);

    if (text == NULL) {
        fputs("null", out);
        return;
    }
    base64_encode(bytes, size, text);
    fprintf(out, "\"%.*s\"", (int)base64_size(size), text);
    free(text);
}

static void put_place(const dump *d, const care_record *record, FILE *out)
{
    const char *name = d->names[record->table];

    if (*name == '\0' && care_table(record->table) != NULL)
        name = care_table(record->table);
    fputs("{\"table\":", out);
    if (*name != '\0')
        put_text(name, strlen(name), out);
    else
        fprintf(out, "%u", record->table);
    if (utf8_valid(record->key, record->key_size)) {
        fputs(",\"key\":", out);
        put_text(record->key, record->key_size, out);
    } else {
        fputs(",\"keyBytes\":", out);
        put_bytes(record->key, record->key_size, out);
    }
}

/* The message as JSON; NULL where its type is not known, or the bytes are none of it. */
static const char *message_of(const dump *d, const care_record *record, maru_arena *arena)
{
    const schema_message *type = d->types[record->table];
    const char           *text = NULL;
    maru_error            error;

    if (type == NULL || wire_to_json(type, record->payload, record->payload_size, NULL, arena, &text, NULL, &error))
        return NULL;
    return text;
}

bool dump_record(void *arg, const care_record *record)
{
    dump       *d = arg;
    maru_arena *arena = maru_arena_new(SESSION_ARENA);
    const char *text = NULL;

    d->printed++;
    put_place(d, record, d->out);
    if (record->fault != NULL) {
        d->damaged++;
        fputs(",\"damaged\":", d->out);
        put_text(record->fault, strlen(record->fault), d->out);
    } else if (arena != NULL && (text = message_of(d, record, arena)) != NULL) {
        fprintf(d->out, ",\"record\":%s", text);
    } else {
        d->bare += d->types[record->table] != NULL || care_table(record->table) == NULL;
        fputs(",\"bytes\":", d->out);
        put_bytes(record->payload, record->payload_size, d->out);
    }
    if (fputs("}\n", d->out) < 0 || ferror(d->out))
        d->failed = errno;
    if (arena != NULL)
        maru_arena_free(arena);
    return d->failed == 0;
}
