/* template.c: a template of google.api.http, read. The grammar is that of google/api/http.proto:
 *
 *   Template = "/" Segments [ ":" LITERAL ]        Segment  = "*" | "**" | LITERAL | Variable
 *   Segments = Segment { "/" Segment }             Variable = "{" FieldPath [ "=" Segments ] "}"
 */
#include <string.h>

#include "transcode/transcode_impl.h"

typedef struct reading {
    const char *text, *at;
    template   *out;
    maru_arena *arena;
    maru_error *error;
} reading;

static bool wrong(reading *r, const char *what)
{
    maru_error_set(r->error, MARU_INVALID_ARGUMENT, "template \"%.200s\": at column %zu: %s", r->text,
                   (size_t)(r->at - r->text) + 1, what);
    return false;
}

static bool take(reading *r, char c)
{
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static bool add_segment(reading *r, segment_kind kind, maru_text literal)
{
    template *t = r->out;

    if (t->segment_count == TRANSCODE_SEGMENTS_MAX)
        return wrong(r, "too many segments");
    if (t->segment_count > 0 && t->segments[t->segment_count - 1].kind == SEGMENT_MANY)
        return wrong(r, "nothing may follow a **");
    t->segments[t->segment_count++] = (segment){.kind = kind, .literal = literal};
    return true;
}

static bool read_literal(reading *r)
{
    maru_text raw = {.at = r->at, .size = strcspn(r->at, "/:{}*=")}, literal;

    if (raw.size == 0)
        return wrong(r, "want a segment: a literal, *, ** or {variable}");
    if (!escape_decode(raw, false, false, r->arena, &literal))
        return wrong(r, "want %XX after a %, in a segment that memory is there for");
    r->at += raw.size;
    return add_segment(r, SEGMENT_LITERAL, literal);
}

static bool read_segment(reading *r)
{
    if (take(r, '*'))
        return take(r, '*') ? add_segment(r, SEGMENT_MANY, (maru_text){0})
                            : add_segment(r, SEGMENT_ONE, (maru_text){0});
    return read_literal(r);
}

static bool read_variable(reading *r)
{
    template *t = r->out;
    capture  *c = &t->captures[t->capture_count];

    if (t->capture_count == TRANSCODE_CAPTURES_MAX)
        return wrong(r, "too many variables");
    *c = (capture){.name = {.at = r->at, .size = strcspn(r->at, "=}/{*:")}, .first = (unsigned)t->segment_count};
    r->at += c->name.size;
    if (c->name.size == 0)
        return wrong(r, "want the name of a field");
    if (!take(r, '=')) {
        if (!add_segment(r, SEGMENT_ONE, (maru_text){0}))
            return false;
    } else {
        do
            if (!read_segment(r))
                return false;
        while (take(r, '/'));
    }
    if (!take(r, '}'))
        return wrong(r, "want } at the end of the variable");
    c->end = (unsigned)t->segment_count;
    c->many = t->segments[c->end - 1].kind == SEGMENT_MANY;
    c->whole = c->end - c->first == 1 && !c->many;
    t->capture_count++;
    return true;
}

static bool read_all(reading *r)
{
    if (!take(r, '/'))
        return wrong(r, "want / at the beginning");
    do
        if (take(r, '{') ? !read_variable(r) : !read_segment(r))
            return false;
    while (take(r, '/'));
    if (take(r, ':')) {
        r->out->verb = (maru_text){.at = r->at, .size = strcspn(r->at, "/:{}*=")};
        if (r->out->verb.size == 0)
            return wrong(r, "want a verb after the :");
        r->at += r->out->verb.size;
    }
    return *r->at == 0 || wrong(r, "want the end, or /");
}

maru_status template_parse(const char *text, maru_arena *arena, template *out, maru_error *error)
{
    reading r = {.text = text, .at = text, .out = out, .arena = arena, .error = error};

    out->segment_count = out->capture_count = 0;
    out->verb = (maru_text){.at = ""};
    return read_all(&r) ? MARU_OK : MARU_INVALID_ARGUMENT;
}
