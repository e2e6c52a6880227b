/* find.c: the route of a path (contract: maru/transcode.h). The path is split while it is escaped; then its segments
 * are compared. */
#include <string.h>

#include "schema/text.h"
#include "transcode/transcode_impl.h"

enum { METHODS_MAX = 512 };

typedef struct finding {
    const char            *http; /* NULL: of all methods, each is given to seen */
    maru_text              segments[TRANSCODE_SEGMENTS_MAX];
    size_t                 count;
    const char            *end;  /* of the path, without its verb */
    maru_text              verb; /* that was cut; size 0: none was */
    const transcode_route *found;
    text                  *seen;
} finding;

/* The path in segments; false where it is none. Where there are more than SEGMENTS_MAX, the last holds the rest: only a
 * ** can take it. */
static bool split(maru_text path, finding *f)
{
    const char *at = path.at, *end = path.at + path.size;

    if (path.size == 0 || *at != '/')
        return false;
    f->end = end;
    f->count = 0;
    while (at < end) {
        const char *slash = f->count + 1 == TRANSCODE_SEGMENTS_MAX ? NULL : memchr(at + 1, '/', (size_t)(end - at - 1));
        const char *next = slash != NULL ? slash : end;

        f->segments[f->count++] = (maru_text){.at = at + 1, .size = (size_t)(next - at - 1)};
        at = next;
    }
    return true;
}

static bool has_word(const text *list, const char *word)
{
    size_t size = strlen(word);

    for (size_t at = 0; at + size <= list->size; at++)
        if (memcmp(list->data + at, word, size) == 0 && (at == 0 || list->data[at - 1] == ' ') &&
            (at + size == list->size || list->data[at + size] == ','))
            return true;
    return false;
}

static void add_word(text *list, const char *word)
{
    if (has_word(list, word))
        return;
    if (list->size > 0)
        text_string(list, ", ");
    text_string(list, word);
}

/* Whether a route of the node is what is looked for. */
static bool take(finding *f, const node *n)
{
    for (const transcode_route *r = n->routes; r != NULL; r = r->next) {
        if (r->verb.size != f->verb.size || memcmp(r->verb.at, f->verb.at, f->verb.size) != 0)
            continue;
        if (f->http == NULL)
            add_word(f->seen, r->http);
        else if (strcmp(r->http, f->http) == 0 || strcmp(r->http, "*") == 0) {
            f->found = r;
            return true;
        }
    }
    return false;
}

/* A literal goes before *, and that before **. Each node is visited once at most: its depth is its segment. */
static bool walk(finding *f, const node *n, size_t at)
{
    if (at == f->count) {
        if (take(f, n))
            return true;
    } else {
        for (const node *below = n->literals; below != NULL; below = below->next)
            if (escape_equals(f->segments[at], below->literal) && walk(f, below, at + 1))
                return true;
        if (n->one != NULL && f->segments[at].size > 0 && walk(f, n->one, at + 1))
            return true;
    }
    return n->many != NULL && take(f, n->many);
}

/* Cuts a final ":verb"; false where there is none. */
static bool cut_verb(finding *f)
{
    maru_text  *last = &f->segments[f->count - 1];
    const char *colon = memrchr(last->at, ':', last->size);

    if (colon == NULL || colon + 1 == f->end || memchr(colon, '/', (size_t)(f->end - colon)) != NULL)
        return false;
    f->verb = (maru_text){.at = colon + 1, .size = (size_t)(f->end - colon - 1)};
    f->end = colon;
    last->size = (size_t)(colon - last->at);
    return true;
}

static bool find_with_verb(finding *f, const node *root)
{
    maru_text   last = f->segments[f->count - 1];
    const char *end = f->end;
    bool        found = cut_verb(f) && walk(f, root, 0);

    if (!found) {
        f->segments[f->count - 1] = last;
        f->end = end;
        f->verb = (maru_text){.at = ""};
    }
    return found;
}

/* A capture of ** may be of no segments. */
static maru_text captured(const finding *f, const capture *c)
{
    const maru_text *first = &f->segments[c->first];
    const char      *end;

    if (c->first >= f->count)
        return (maru_text){.at = ""};
    end = c->many ? f->end : f->segments[c->end - 1].at + f->segments[c->end - 1].size;
    return (maru_text){.at = first->at, .size = (size_t)(end - first->at)};
}

bool transcode_find(const transcode *t, const char *method, maru_text path, transcode_match *match)
{
    finding f = {.http = method, .verb = {.at = ""}};

    if (!split(path, &f) || (!find_with_verb(&f, &t->root) && !walk(&f, &t->root, 0)))
        return false;
    match->route = f.found;
    match->method = f.found->method;
    match->owner = f.found->owner;
    for (size_t i = 0; i < f.found->capture_count; i++)
        match->captures[i] = captured(&f, &f.found->captures[i]);
    return true;
}

const char *transcode_methods(const transcode *t, maru_text path, maru_arena *arena)
{
    text    seen = text_in(arena, METHODS_MAX);
    finding f = {.verb = {.at = ""}, .seen = &seen};

    if (!split(path, &f))
        return NULL;
    find_with_verb(&f, &t->root);
    walk(&f, &t->root, 0);
    if (seen.size == 0)
        return NULL;
    if (has_word(&seen, "GET"))
        add_word(&seen, "HEAD");
    add_word(&seen, "OPTIONS");
    return text_end(&seen);
}

bool transcode_takes_body(const transcode_match *match)
{
    return match->route->body != BODY_NONE;
}
