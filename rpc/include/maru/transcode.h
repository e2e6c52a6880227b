/* maru/transcode.h: HTTP and JSON to unary calls and back, by the options google.api.http of methods that are known by
 * their descriptors only. docs/edge.md has the mapping.
 *
 * A table of routes is filled from linked pools (maru/schema.h), then only read: by any number of threads. It and all
 * that it hands out live as long as its arena and the pools. Pure: no message is built, nothing blocks.
 */
#ifndef MARU_TRANSCODE_H
#define MARU_TRANSCODE_H

#include "maru/decls.h"
#include "maru/http.h"
#include "maru/schema.h"

MARU_BEGIN_DECLS

typedef struct transcode       transcode;
typedef struct transcode_route transcode_route;

enum {
    TRANSCODE_CAPTURES_MAX = 16, /* of a template */
    TRANSCODE_SEGMENTS_MAX = 32, /* of a template, and of a path, but for what ** takes */
    TRANSCODE_PARAMS_MAX = 100,  /* of a query */
    TRANSCODE_DEPTH_MAX = 8,     /* of a field path, as in a.b=1 */
};

/* transcode_new makes an empty table in arena. NULL where memory is out. */
transcode *transcode_new(maru_arena *arena);

/* What cannot be a route, in one line that names the methods. */
typedef void (*transcode_trouble)(void *arg, const char *words);

/* transcode_add makes the routes of a service's public unary methods; owner is handed out with them. A binding that is
 * wrong, or whose path another method has, makes no route and is told to trouble. RESOURCE_EXHAUSTED where memory is
 * out.
 */
maru_status transcode_add(transcode *t, const schema_service *service, void *owner, transcode_trouble trouble,
                          void *arg, maru_error *error);
size_t      transcode_count(const transcode *t); /* routes */

/* A route with what its template took from the path; views of the path. */
typedef struct transcode_match {
    const transcode_route *route;
    const schema_method   *method;
    void                  *owner;
    maru_text              captures[TRANSCODE_CAPTURES_MAX];
} transcode_match;

/* transcode_find looks for the route of a path, as it came: without its query. Where several fit: a literal goes before
 * *, and that before **, from the left; one with a verb before one without. false where there is none of that method.
 */
bool transcode_find(const transcode *t, const char *method, maru_text path, transcode_match *match);

/* transcode_methods lists the methods that a path can be asked with, as "GET, HEAD, PATCH, OPTIONS", in arena; NULL
 * where it is nobody's path, or memory is out. */
const char *transcode_methods(const transcode *t, maru_text path, maru_arena *arena);

/* transcode_takes_body is whether the route has a body: where it has none, one that comes is refused by the caller. */
bool transcode_takes_body(const transcode_match *match);

/* transcode_request makes the request message of path, query and body. INVALID_ARGUMENT names the parameter or the
 * place in the JSON; RESOURCE_EXHAUSTED where a limit is passed or the arena is out. */
maru_status transcode_request(const transcode_match *match, maru_text query, maru_text body, maru_arena *arena,
                              const uint8_t **bytes, size_t *size, maru_error *error);

/* transcode_takes_request_id is whether the request has a field of its own that says which request it is, and the
 * method may have effects: "string request_id" (as AIP-155 has it). transcode_put_request_id sets it in a request that
 * transcode_request made, where nothing else did; INVALID_ARGUMENT where it says something else. */
bool        transcode_takes_request_id(const transcode_match *match);
maru_status transcode_put_request_id(const transcode_match *match, maru_text id, maru_arena *arena,
                                     const uint8_t **bytes, size_t *size, maru_error *error);

/* transcode_reply makes JSON of the response message, or of the field that response_body names. */
maru_status transcode_reply(const transcode_match *match, const void *bytes, size_t size, maru_arena *arena,
                            maru_text *json, maru_error *error);

MARU_END_DECLS

#endif
