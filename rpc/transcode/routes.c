/* routes.c: the options google.api.http of methods, as a tree of routes (contract: maru/transcode.h). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "google/api/http.pb-c.h"
#include "transcode/transcode_impl.h"
#include "wire/unpack.h"

enum { HTTP_OPTION = 72295728, WORDS_MAX = 640 };

/* What is being added. */
typedef struct adding {
    transcode           *t;
    const schema_method *method;
    void                *owner;
    transcode_trouble    trouble;
    void                *arg;
    maru_error          *error;
    bool                 no_memory;
} adding;

transcode *transcode_new(maru_arena *arena)
{
    transcode *t = maru_arena_zalloc(arena, sizeof *t);

    if (t != NULL)
        t->arena = arena;
    return t;
}

size_t transcode_count(const transcode *t)
{
    return t->count;
}

static void tell(const adding *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(const adding *a, const char *format, ...)
{
    char    words[WORDS_MAX];
    int     used = snprintf(words, sizeof words, "%.200s: ", a->method->path + 1);
    va_list args;

    va_start(args, format);
    vsnprintf(words + used, sizeof words - (size_t)used, format, args);
    va_end(args);
    a->trouble(a->arg, words);
}

/* Fields. */

static const schema_field *find_field_n(const schema_message *message, maru_text name)
{
    return schema_field_by_text(message, name.at, name.size);
}

path_result field_path(const schema_message *from, maru_text words, const schema_field *path[TRANSCODE_DEPTH_MAX],
                       size_t *depth, const schema_message **where, maru_text *part)
{
    *depth = 0;
    for (;;) {
        const char *dot = memchr(words.at, '.', words.size);

        *part = (maru_text){.at = words.at, .size = dot != NULL ? (size_t)(dot - words.at) : words.size};
        *where = from;
        if (*depth == TRANSCODE_DEPTH_MAX)
            return PATH_TOO_DEEP;
        if ((path[*depth] = find_field_n(from, *part)) == NULL)
            return PATH_UNKNOWN;
        ++*depth;
        if (dot == NULL)
            return PATH_FOUND;
        if (path[*depth - 1]->message == NULL || path[*depth - 1]->repeated)
            return PATH_NO_MESSAGE;
        from = path[*depth - 1]->message;
        words = (maru_text){.at = dot + 1, .size = words.size - part->size - 1};
    }
}

/* A variable stands for a singular field that is no message. */
static bool bind_capture(const adding *a, const char *template_text, capture *c)
{
    const schema_message *where;
    const schema_field   *leaf;
    maru_text             part;

    if (field_path(a->method->request, c->name, c->path, &c->depth, &where, &part) != PATH_FOUND) {
        tell(a, "template \"%.200s\": {%.*s}: %.120s has no field \"%.*s\" that it could go to", template_text,
             (int)c->name.size, c->name.at, where->full_name, (int)part.size, part.at);
        return false;
    }
    leaf = c->path[c->depth - 1];
    if (!leaf->repeated && leaf->message == NULL)
        return true;
    tell(a, "template \"%.200s\": {%.*s}: want a field that is one scalar", template_text, (int)c->name.size,
         c->name.at);
    return false;
}

/* Whether a request can have both. */
static bool check_beside(const adding *a, const char *template_text, const capture *c, const capture *other)
{
    const schema_oneof *oneof = conflict_oneof(c->path, c->depth, other->path, other->depth);

    if (conflict_common(c->path, c->depth, other->path, other->depth) == c->depth) {
        tell(a, "template \"%.200s\": {%.*s} stands there twice", template_text, (int)c->name.size, c->name.at);
        return false;
    }
    if (oneof != NULL)
        tell(a, "template \"%.200s\": {%.*s}: it and {%.*s} are of oneof %.80s, of which only one can be set",
             template_text, (int)c->name.size, c->name.at, (int)other->name.size, other->name.at, oneof->name);
    return oneof == NULL;
}

static bool bind_captures(const adding *a, const char *template_text, template *t)
{
    for (size_t i = 0; i < t->capture_count; i++) {
        if (!bind_capture(a, template_text, &t->captures[i]))
            return false;
        for (size_t k = 0; k < i; k++)
            if (!check_beside(a, template_text, &t->captures[i], &t->captures[k]))
                return false;
    }
    return true;
}

/* The tree. */

static node *node_new(adding *a)
{
    node *n = maru_arena_zalloc(a->t->arena, sizeof *n);

    a->no_memory |= n == NULL;
    return n;
}

static node *literal_below(adding *a, node *from, maru_text literal)
{
    node **at = &from->literals;

    while (*at != NULL &&
           ((*at)->literal.size != literal.size || memcmp((*at)->literal.at, literal.at, literal.size) != 0))
        at = &(*at)->next;
    if (*at == NULL && (*at = node_new(a)) != NULL)
        (*at)->literal = literal;
    return *at;
}

static node *below(adding *a, node *from, const segment *s)
{
    node **at = s->kind == SEGMENT_ONE ? &from->one : &from->many;

    if (s->kind == SEGMENT_LITERAL)
        return literal_below(a, from, s->literal);
    if (*at == NULL)
        *at = node_new(a);
    return *at;
}

static bool same_text(maru_text a, maru_text b)
{
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

static bool hang(adding *a, node *n, transcode_route *route, const char *template_text)
{
    transcode_route **at = &n->routes;

    for (; *at != NULL; at = &(*at)->next)
        if (strcmp((*at)->http, route->http) == 0 && same_text((*at)->verb, route->verb)) {
            tell(a, "%s %.200s is a path of %.200s already", route->http, template_text, (*at)->method->path + 1);
            return false;
        }
    *at = route;
    a->t->count++;
    return true;
}

static void place(adding *a, const template *t, transcode_route *route, const char *template_text)
{
    node *n = &a->t->root;

    for (size_t i = 0; i < t->segment_count && n != NULL; i++)
        n = below(a, n, &t->segments[i]);
    if (n != NULL)
        hang(a, n, route, template_text);
}

/* Bindings. */

static bool bind_body(const adding *a, const Google__Api__HttpRule *rule, transcode_route *route)
{
    maru_text body = {.at = rule->body, .size = strlen(rule->body)},
              reply = {.at = rule->response_body, .size = strlen(rule->response_body)};

    route->body = body.size == 0 ? BODY_NONE : strcmp(rule->body, "*") == 0 ? BODY_ALL : BODY_FIELD;
    if (route->body == BODY_FIELD && (route->body_field = find_field_n(a->method->request, body)) == NULL) {
        tell(a, "body: %.120s has no field \"%.100s\"", a->method->request->full_name, rule->body);
        return false;
    }
    if (reply.size > 0 && (route->reply_field = find_field_n(a->method->response, reply)) == NULL) {
        tell(a, "response_body: %.120s has no field \"%.100s\"", a->method->response->full_name, rule->response_body);
        return false;
    }
    return true;
}

static const char *pattern_of(const Google__Api__HttpRule *rule, const char **http)
{
    switch (rule->pattern_case) {
    case GOOGLE__API__HTTP_RULE__PATTERN_GET:
        *http = "GET";
        return rule->get;
    case GOOGLE__API__HTTP_RULE__PATTERN_PUT:
        *http = "PUT";
        return rule->put;
    case GOOGLE__API__HTTP_RULE__PATTERN_POST:
        *http = "POST";
        return rule->post;
    case GOOGLE__API__HTTP_RULE__PATTERN_DELETE:
        *http = "DELETE";
        return rule->delete_;
    case GOOGLE__API__HTTP_RULE__PATTERN_PATCH:
        *http = "PATCH";
        return rule->patch;
    case GOOGLE__API__HTTP_RULE__PATTERN_CUSTOM:
        *http = rule->custom->kind;
        return rule->custom->path;
    default:
        return NULL;
    }
}

static transcode_route *route_new(adding *a, const char *http, const template *t)
{
    transcode_route *route = maru_arena_zalloc(a->t->arena, sizeof *route);
    capture         *captures = maru_arena_memdup(a->t->arena, t->captures, sizeof t->captures);

    a->no_memory |= route == NULL || captures == NULL;
    if (a->no_memory)
        return NULL;
    *route = (transcode_route){.http = http,
                               .method = a->method,
                               .owner = a->owner,
                               .verb = t->verb,
                               .captures = captures,
                               .capture_count = t->capture_count};
    return route;
}

static void add_binding(adding *a, const Google__Api__HttpRule *rule, bool additional)
{
    const char      *http = "", *pattern = pattern_of(rule, &http);
    template        *t = maru_arena_zalloc(a->t->arena, sizeof *t);
    transcode_route *route;
    maru_error       error;

    if ((a->no_memory |= t == NULL))
        return;
    if (pattern == NULL || *http == 0)
        tell(a, "google.api.http: want get, put, post, delete, patch or custom");
    else if (additional && rule->n_additional_bindings > 0)
        tell(a, "%s %.200s: additional_bindings of additional_bindings", http, pattern);
    else if (template_parse(pattern, a->t->arena, t, &error) != MARU_OK)
        tell(a, "%s", error.text);
    else if (bind_captures(a, pattern, t) && (route = route_new(a, http, t)) != NULL && bind_body(a, rule, route))
        place(a, t, route, pattern);
}

static void add_method(adding *a)
{
    const schema_option         *option = schema_method_option(a->method, HTTP_OPTION);
    const Google__Api__HttpRule *rule;
    ProtobufCMessage            *message;
    maru_error                   error;

    if (option == NULL || option->wire != SCHEMA_WIRE_LEN || (a->method->flags & MARU_METHOD_OPERATOR) != 0)
        return;
    if ((a->method->flags & (MARU_METHOD_CLIENT_STREAM | MARU_METHOD_SERVER_STREAM)) != 0) {
        tell(a, "google.api.http: streams have no route yet");
        return;
    }
    if (unpack_message(&google__api__http_rule__descriptor, option->bytes, option->size, a->t->arena, &message,
                       &error) != MARU_OK) {
        tell(a, "google.api.http: %s", error.text);
        return;
    }
    rule = (const Google__Api__HttpRule *)message;
    add_binding(a, rule, false);
    for (size_t i = 0; i < rule->n_additional_bindings; i++)
        add_binding(a, rule->additional_bindings[i], true);
}

maru_status transcode_add(transcode *t, const schema_service *service, void *owner, transcode_trouble trouble,
                          void *arg, maru_error *error)
{
    adding a = {.t = t, .owner = owner, .trouble = trouble, .arg = arg};

    for (size_t i = 0; i < service->method_count && !a.no_memory; i++) {
        a.method = &service->methods[i];
        add_method(&a);
    }
    return a.no_memory
               ? maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "routes of %.200s: out of memory", service->full_name)
               : MARU_OK;
}
