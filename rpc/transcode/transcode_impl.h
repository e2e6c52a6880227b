/* transcode_impl.h: the inside of the room.
 *
 *   template.c   "/v1/{name}:clear" as segments, captures, verb
 *   routes.c     google.api.http of methods as routes; their tree
 *   find.c       paths in that tree
 *   request.c    path, query and body as a message
 *   request_id.c a request's own id, from outside of it
 *   conflict.c   where path, query and body contradict each other
 *   merge.c      what they say of one nested message, as one
 *   escape.c     percent-encoding
 */
#ifndef MARU_TRANSCODE_IMPL_H
#define MARU_TRANSCODE_IMPL_H

#include "maru/transcode.h"
#include "json/wire_in.h"
#include "json/wire_out.h"

typedef enum segment_kind { SEGMENT_LITERAL, SEGMENT_ONE, SEGMENT_MANY } segment_kind;

typedef struct segment {
    segment_kind kind;
    maru_text    literal; /* decoded */
} segment;

/* A variable of a template: it takes the segments first to end of the path; to the path's end where it ends with **. */
typedef struct capture {
    maru_text           name; /* "product.name" */
    const schema_field *path[TRANSCODE_DEPTH_MAX];
    size_t              depth;
    unsigned            first, end;
    bool                many;  /* ends with ** */
    bool                whole; /* one segment: decoded all; else %2F stays */
} capture;

typedef struct template
{
    segment   segments[TRANSCODE_SEGMENTS_MAX];
    size_t    segment_count;
    capture   captures[TRANSCODE_CAPTURES_MAX];
    size_t    capture_count;
    maru_text verb; /* size 0: none */
}
template;

typedef enum body_kind { BODY_NONE, BODY_ALL, BODY_FIELD } body_kind;

struct transcode_route {
    transcode_route     *next; /* of its node */
    const char          *http; /* "GET"; "*": any */
    const schema_method *method;
    void                *owner;
    maru_text            verb;
    const capture       *captures;
    size_t               capture_count;
    body_kind            body;
    const schema_field  *body_field, *reply_field; /* NULL: all */
};

/* A node of the tree: what a path may be so far. */
typedef struct node node;
struct node {
    node            *next;     /* beside it, of literals */
    maru_text        literal;  /* how it is reached */
    node            *literals; /* below it */
    node            *one, *many;
    transcode_route *routes;
};

struct transcode {
    maru_arena *arena;
    node        root;
    size_t      count;
};

/* template_parse reads a template; views of text. Literals are decoded into arena. */
maru_status template_parse(const char *text, maru_arena *arena, template *out, maru_error *error);

/* field_path resolves "a.b.c" from a message; false with the part that is not there. A part before the last is a
 * singular message. */
typedef enum path_result { PATH_FOUND, PATH_UNKNOWN, PATH_NO_MESSAGE, PATH_TOO_DEEP } path_result;
path_result field_path(const schema_message *from, maru_text text, const schema_field *path[TRANSCODE_DEPTH_MAX],
                       size_t *depth, const schema_message **where, maru_text *part);

/* conflict_find looks in the body's part of a request message, as json_to_wire wrote it, for what contradicts the leaf
 * of path, which the path of the request has set to leaf (its tag and value): the leaf itself with another value, or
 * another field of a oneof that it is in, itself or by a message around it. NULL where nothing does. */
const schema_field *conflict_find(wire_bytes body, const schema_field *const *path, size_t depth, wire_bytes leaf);
/* conflict_common is how many fields two paths of a message have in common, from its beginning. */
size_t conflict_common(const schema_field *const *a, size_t a_depth, const schema_field *const *b, size_t b_depth);
/* conflict_oneof is the oneof of which two paths of a message would set two fields; NULL where there is none. */
const schema_oneof *conflict_oneof(const schema_field *const *a, size_t a_depth, const schema_field *const *b,
                                   size_t b_depth);

/* merge_pieces makes a message, of which nested ones may be there in pieces, one with each of those once, as pieces
 * merge: a service takes no message field twice. Where none is, nothing is copied. Else the cost is linear in its size,
 * for each level that is in pieces. false where memory is out. */
bool merge_pieces(const schema_message *type, wire_bytes *message, maru_arena *arena);

/* escape_decode decodes %XX into arena, and + as a space where plus. keep_slash leaves %2F as it is. false where an
 * escape is none, or memory is out (*decoded.at NULL). */
bool escape_decode(maru_text text, bool plus, bool keep_slash, maru_arena *arena, maru_text *decoded);
/* escape_equals: whether an escaped segment is this literal. */
bool escape_equals(maru_text escaped, maru_text literal);

#endif
