/* send.c: what was gathered, sent to the catalogue (send.h). */
#include "send.h"

#include <string.h>

#include "shop/catalog.maru.h"

#define OUTCOME(name) CATALOG__MERGE_SIGHTINGS_RESPONSE__OUTCOME__##name

/* Counts products, not parts: one whose sightings are in several requests is held back until the next product comes. */
struct counting {
    struct report *report;
    char           name[128]; /* of the product held back, "" for none */
    bool           created;
    bool           changed;
};

static void count_held(struct counting *counting)
{
    if (counting->name[0] == '\0')
        return;
    counting->report->created += counting->created;
    counting->report->changed += counting->changed && !counting->created;
    counting->report->unchanged += !counting->changed && !counting->created;
    counting->name[0] = '\0';
}

static void count(struct counting *counting, const char *name, Catalog__MergeSightingsResponse__Outcome outcome)
{
    if (strcmp(counting->name, name) != 0) {
        count_held(counting);
        counting->created = counting->changed = false;
        snprintf(counting->name, sizeof counting->name, "%s", name);
    }
    counting->created |= outcome == OUTCOME(CREATED);
    counting->changed |= outcome == OUTCOME(CHANGED);
}

static maru_status send_one(maru_client *catalog, maru_call *call, const Catalog__MergeSightingsRequest *request,
                            struct counting *counting, maru_error *error)
{
    Catalog__MergeSightingsResponse *response;
    maru_status                      status = catalog_merge_sightings(catalog, call, request, &response);

    if (status != MARU_OK)
        return maru_error_set(error, status, "%s", maru_call_message(call));
    if (response->n_outcomes != request->n_products)
        return maru_error_set(error, MARU_INTERNAL, "catalog: want %zu outcomes, got %zu", request->n_products,
                              response->n_outcomes);
    for (size_t i = 0; i < request->n_products; i++)
        count(counting, request->products[i]->name, response->outcomes[i]);
    return MARU_OK;
}

/* One call a request. *more is false when all was sent. */
static maru_status send_next(maru_runtime *runtime, maru_client *catalog, struct gather *gather,
                             struct counting *counting, bool *more, maru_error *error)
{
    maru_call                      *call = maru_call_begin(runtime, SEND_TIMEOUT_MS);
    Catalog__MergeSightingsRequest *request = call == NULL ? NULL : gather_next(gather, maru_call_arena(call));
    maru_status                     status = MARU_OK;

    *more = request != NULL;
    if (request != NULL)
        status = send_one(catalog, call, request, counting, error);
    else if (call == NULL || gather->at < gather->count)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    if (call != NULL)
        maru_call_end(call);
    return status;
}

maru_status send_all(maru_runtime *runtime, maru_client *catalog, struct gather *gather, struct report *report,
                     maru_error *error)
{
    struct counting counting = {.report = report};
    maru_status     status = MARU_OK;
    bool            more = true;

    while (more && status == MARU_OK) {
        report_progress(report, "different sightings sent", gather->at);
        status = send_next(runtime, catalog, gather, &counting, &more, error);
    }
    count_held(&counting);
    report_progress_end(report);
    return status;
}
