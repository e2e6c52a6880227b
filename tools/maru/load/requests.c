/* requests.c: makes serialized requests from a template: once, one a row, or anew for each call. */
#include "requests.h"

#include <stdlib.h>

#include "maru/json.h"

enum { KEPT_BUDGET = 1 << 30, SCRATCH_BUDGET = 256 << 20 };

typedef struct request {
    const uint8_t *bytes;
    size_t         size;
} request;

struct requests {
    requests_options options;
    random_state     random;
    maru_arena      *kept, *scratch;
    request         *made; /* NULL: each is made when it is asked for */
    size_t           count;
};

/* Text and bytes in arena. */
static maru_status make(requests *r, uint64_t n, maru_arena *arena, request *made, maru_error *error)
{
    const rows        *table = r->options.rows;
    const struct row  *row = table == NULL ? NULL : &table->at[n % table->count];
    const char *const *fields = row == NULL ? NULL : row->fields;
    const char        *text;
    size_t             size;
    maru_status        status;
    maru_error         words;

    status = template_write(r->options.template, n, fields, &r->random, r->scratch, &text, &size, &words);
    if (status == MARU_OK)
        status = json_to_wire(r->options.type, text, size, NULL, arena, &made->bytes, &made->size, &words);
    if (status == MARU_OK)
        return status;
    if (row != NULL && template_has_rows(r->options.template))
        return maru_error_set(error, status, "the request of %s, line %zu: %s", table->file, row->line, words.text);
    return maru_error_set(error, status, "the request: %s", words.text);
}

static maru_status make_all(requests *r, maru_error *error)
{
    maru_status status = MARU_OK;

    r->count = template_has_rows(r->options.template) ? r->options.rows->count : 1;
    if ((r->made = calloc(r->count, sizeof *r->made)) == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory for %zu requests", r->count);
    for (size_t i = 0; i < r->count && status == MARU_OK; i++) {
        status = make(r, i, r->kept, &r->made[i], error);
        maru_arena_reset(r->scratch);
    }
    return status;
}

/* What a value may become can't all be tried; the rows can. */
static maru_status try_all(requests *r, maru_error *error)
{
    size_t      count = template_has_rows(r->options.template) ? r->options.rows->count : 1;
    maru_status status = MARU_OK;
    request     made;

    for (size_t i = 0; i < count && status == MARU_OK; i++) {
        status = make(r, i, r->scratch, &made, error);
        maru_arena_reset(r->scratch);
    }
    r->random = random_of(r->options.seed, RANDOM_VALUES);
    return status;
}

static requests *empty(void)
{
    requests *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->kept = maru_arena_new(KEPT_BUDGET);
    r->scratch = maru_arena_new(SCRATCH_BUDGET);
    if (r->kept != NULL && r->scratch != NULL)
        return r;
    requests_free(r);
    return NULL;
}

maru_status requests_new(const requests_options *options, requests **out, maru_error *error)
{
    requests   *r = empty();
    maru_status status;

    *out = NULL;
    if (r == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory for requests");
    r->options = *options;
    r->random = random_of(options->seed, RANDOM_VALUES);
    status = template_varies(options->template) ? try_all(r, error) : make_all(r, error);
    if (status == MARU_OK)
        *out = r;
    else
        requests_free(r);
    return status;
}

requests *requests_of_bytes(const void *bytes, size_t size)
{
    requests *r = empty();

    if (r == NULL || (r->made = calloc(1, sizeof *r->made)) == NULL ||
        (r->made->bytes = maru_arena_memdup(r->kept, bytes, size)) == NULL) {
        requests_free(r);
        return NULL;
    }
    r->made->size = size;
    r->count = 1;
    return r;
}

void requests_free(requests *r)
{
    if (r == NULL)
        return;
    if (r->kept != NULL)
        maru_arena_free(r->kept);
    if (r->scratch != NULL)
        maru_arena_free(r->scratch);
    free(r->made);
    free(r);
}

bool requests_made(const requests *r)
{
    return r->made != NULL;
}

maru_status requests_get(requests *r, uint64_t n, const uint8_t **bytes, size_t *size, maru_error *error)
{
    const request *found = r->made;
    request        one;
    maru_status    status = MARU_OK;

    if (r->made == NULL) {
        maru_arena_reset(r->scratch);
        status = make(r, n, r->scratch, &one, error);
        found = &one;
    } else if (r->count > 1) {
        found = &r->made[n % r->count];
    }
    if (status == MARU_OK) {
        *bytes = found->bytes;
        *size = found->size;
    }
    return status;
}
