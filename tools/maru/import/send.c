/* send.c: what was gathered, sent to the catalogue (send.h). */
#include "send.h"

#include <string.h>

#include "patience.h"
#include "shop/catalog.maru.h"

#define OUTCOME(name) CATALOG__MERGE_SIGHTINGS_RESPONSE__OUTCOME__##name

/* What became of a product: of one whose sightings are in several requests, of all its parts, until the next comes. */
struct held {
    const char *name; /* NULL: none yet */
    bool        created, changed, refused;
    size_t      left_out;
    maru_error  why; /* it was refused */
};

struct sending {
    maru_runtime   *runtime;
    maru_client    *catalog;
    struct gather  *gather;
    struct report  *report;
    maru_error     *error;
    struct held     held;
    struct patience patience;
    size_t          requests; /* that were begun */
};

static void count_held(struct sending *s)
{
    struct held *held = &s->held;

    if (held->name == NULL)
        return;
    if (held->refused)
        report_refused(s->report, held->name, gather_lines(held->name), held->why.text);
    else if (held->created)
        s->report->created++;
    else if (held->changed)
        s->report->changed++;
    else
        s->report->unchanged++;
    if (held->left_out > 0)
        report_cut(s->report, held->name, held->left_out);
    held->name = NULL;
}

static struct held *hold(struct sending *s, const char *name)
{
    if (s->held.name != name) { /* interned */
        count_held(s);
        s->held = (struct held){.name = name};
    }
    return &s->held;
}

static void count(struct sending *s, const char *name, Catalog__MergeSightingsResponse__Outcome outcome,
                  int64_t left_out)
{
    struct held *held = hold(s, name);

    held->created |= outcome == OUTCOME(CREATED);
    held->changed |= outcome == OUTCOME(CHANGED);
    held->left_out += (size_t)left_out;
}

/* The catalogue will say the same again, whenever it is asked. */
static bool is_refusal(maru_status status)
{
    return status == MARU_INVALID_ARGUMENT || status == MARU_FAILED_PRECONDITION || status == MARU_OUT_OF_RANGE;
}

static maru_status out_of_memory(struct sending *s)
{
    return maru_error_set(s->error, MARU_RESOURCE_EXHAUSTED, "out of memory");
}

static maru_status take_response(struct sending *s, const Catalog__MergeSightingsRequest *request,
                                 const Catalog__MergeSightingsResponse *response)
{
    if (response->n_outcomes != request->n_products || response->n_left_out != request->n_products)
        return maru_error_set(s->error, MARU_INTERNAL, "catalog: want %zu outcomes, got %zu and %zu",
                              request->n_products, response->n_outcomes, response->n_left_out);
    for (size_t i = 0; i < request->n_products; i++)
        count(s, request->products[i]->name, response->outcomes[i], response->left_out[i]);
    return MARU_OK;
}

static maru_status send_once(struct sending *s, const Catalog__MergeSightingsRequest *request)
{
    Catalog__MergeSightingsResponse *response;
    maru_call                       *call = patience_call(&s->patience, s->runtime, s->requests);
    maru_status                      status;

    if (call == NULL)
        return out_of_memory(s);
    if ((status = catalog_merge_sightings(s->catalog, call, request, &response)) == MARU_OK)
        status = take_response(s, request, response);
    else
        maru_error_set(s->error, status, "%s", maru_status_words(status, maru_call_message(call)));
    maru_call_end(call);
    return status;
}

static maru_status send_one(struct sending *s, const Catalog__MergeSightingsRequest *request)
{
    maru_status status;

    s->requests++;
    patience_begin(&s->patience);
    do
        status = send_once(s, request);
    while (patience_again(&s->patience, status));
    return status;
}

/* One product of a request that was refused as a whole. */
static maru_status send_alone(struct sending *s, Catalog__ProductSightings *product)
{
    Catalog__MergeSightingsRequest request = CATALOG__MERGE_SIGHTINGS_REQUEST__INIT;
    maru_status                    status;

    request.products = &product;
    request.n_products = 1;
    if (is_refusal(status = send_one(s, &request))) {
        struct held *held = hold(s, product->name);

        held->refused = true;
        held->why = *s->error;
        status = MARU_OK;
    }
    return status;
}

/* A request is taken whole or not at all: where it is not, it is seen for which product. */
static maru_status send_request(struct sending *s, const Catalog__MergeSightingsRequest *request)
{
    maru_status status = send_one(s, request);

    if (!is_refusal(status))
        return status;
    status = MARU_OK;
    for (size_t i = 0; i < request->n_products && status == MARU_OK; i++)
        status = send_alone(s, request->products[i]);
    return status;
}

/* The request lives in a call that is never sent: one that is asked again is asked by another. *more is false when all
 * was sent. */
static maru_status send_next(struct sending *s, bool *more)
{
    maru_call                      *holder = maru_call_begin(s->runtime, 0);
    Catalog__MergeSightingsRequest *request = holder == NULL ? NULL : gather_next(s->gather, maru_call_arena(holder));
    maru_status                     status = MARU_OK;

    *more = request != NULL;
    if (request != NULL)
        status = send_request(s, request);
    else if (holder == NULL || s->gather->at < s->gather->count)
        status = out_of_memory(s);
    if (holder != NULL)
        maru_call_end(holder);
    return status;
}

maru_status send_all(maru_runtime *runtime, maru_client *catalog, struct gather *gather, struct report *report,
                     maru_error *error)
{
    struct sending s = {.runtime = runtime, .catalog = catalog, .gather = gather, .report = report, .error = error};
    maru_status    status = patience_open(&s.patience, runtime, error);
    bool           more = true;

    while (more && status == MARU_OK) {
        report_progress(report, "different sightings sent", gather->at);
        status = send_next(&s, &more);
    }
    count_held(&s);
    report_progress_end(report);
    return status;
}
