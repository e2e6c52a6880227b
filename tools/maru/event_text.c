/* event_text.c: prints the parts of an event: time, short type, and payload as JSON without its secrets. */
#include "event_text.h"

#include <string.h>
#include <time.h>

#include "maru/json.h"

void event_print_time(const Google__Protobuf__Timestamp *time, FILE *out)
{
    time_t    seconds = time == NULL ? 0 : (time_t)time->seconds;
    struct tm utc;
    char      text[32];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    fprintf(out, "%s.%03dZ", text, time == NULL ? 0 : time->nanos / 1000000);
}

const char *event_short_type(const char *type)
{
    const char *dot = strrchr(type, '.');

    return dot == NULL ? type : dot + 1;
}

void event_print_payload(maru_arena *arena, const schema_pool *pool, const MaruEvents__Event *event, unsigned indent,
                         FILE *out)
{
    const schema_message *type = pool == NULL ? NULL : schema_find_message(pool, event->type);
    maru_arena_mark       mark = maru_arena_now(arena);
    json_write_options    options = {.indent = indent, .hide_secrets = true};
    const char           *text;
    size_t                size;
    maru_error            error;

    if (type != NULL &&
        wire_to_json(type, event->payload.data, event->payload.len, &options, arena, &text, &size, &error) == MARU_OK)
        fprintf(out, "%s\n", text);
    else
        fprintf(out, "(%zu bytes)\n", event->payload.len);
    maru_arena_rewind(arena, mark);
}
