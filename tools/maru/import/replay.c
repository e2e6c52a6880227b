/* replay.c: invoices, replayed through checkout (replay.h). */
#include "replay.h"

#include <stdio.h>
#include <string.h>

#include "patience.h"
#include "shop/checkout.maru.h"

enum { TOLD_MAX = 5 };

struct replay {
    maru_runtime   *runtime;
    maru_client    *checkout;
    struct bills   *bills;
    struct report  *report;
    maru_error     *error;
    size_t          told; /* refusals */
    struct patience patience;
};

static maru_status out_of_memory(struct replay *r)
{
    return maru_error_set(r->error, MARU_RESOURCE_EXHAUSTED, "out of memory");
}

/* ---- what checkout says ---- */

/* It will say the same again, whenever it is asked. */
static bool is_refusal(maru_status status)
{
    return status == MARU_ALREADY_EXISTS || status == MARU_FAILED_PRECONDITION || status == MARU_OUT_OF_RANGE ||
           status == MARU_INVALID_ARGUMENT;
}

static void tell(struct replay *r, const struct bill *bill, enum fate fate, const char *words)
{
    if (++r->told <= TOLD_MAX) {
        report_progress_end(r->report);
        fprintf(stderr, "invoice %s: %s: %s%s\n", bill->number, fate_word(fate),
                words[0] == '\0' ? fate_rule(fate) : words,
                r->told == TOLD_MAX ? " (further ones are only counted)" : "");
    }
}

static void refuse(struct replay *r, struct bill *bill, enum fate fate, const char *words)
{
    tell(r, bill, fate, words);
    bill_refuse(bill, fate);
    if (bill->cancels)
        r->report->cancels_refused++;
    else
        r->report->orders_refused++;
}

static void refused(struct replay *r, struct bill *bill, maru_status status, const char *words)
{
    enum fate fate = fate_of_refusal(status);

    refuse(r, bill, fate, fate == FATE_OTHER ? "" : words);
}

static maru_status take_order(struct replay *r, struct bill *bill, const Checkout__Order *order)
{
    struct report *report = r->report;

    if (order->made_by_request)
        report->orders_new++;
    else
        report->orders_there++;
    report->guests += bill->customer[0] == '\0';
    bill->order = maru_arena_strdup(r->bills->arena, order->name);
    return bill->order == NULL ? out_of_memory(r) : MARU_OK;
}

static maru_status place(struct replay *r, maru_call *call, struct bill *bill)
{
    Checkout__PlacePastOrderRequest *request = bill_order(bill, maru_call_arena(call));
    Checkout__Order                 *order;
    maru_status                      status;

    if (request == NULL)
        return bill->goods == 0 ? MARU_OK : out_of_memory(r);
    status = checkout_place_past_order(r->checkout, call, request, &order);
    return status == MARU_OK ? take_order(r, bill, order) : status;
}

static void count_cancel(struct replay *r, const struct bill *bill, size_t lines)
{
    size_t found = bill_count(bill, FATE_RETURNED), often = bill_count(bill, FATE_TOO_OFTEN);

    if (often > 0)
        tell(r, bill, FATE_TOO_OFTEN, "");
    if (found == lines)
        r->report->cancels_found++;
    else if (found > 0)
        r->report->cancels_partly++;
    else if (often > 0)
        r->report->cancels_refused++;
    else
        r->report->cancels_unmatched++;
}

static maru_status give_back(struct replay *r, maru_call *call, struct bill *bill)
{
    Checkout__ReturnPastGoodsRequest  *request = bill_return(bill, maru_call_arena(call));
    Checkout__ReturnPastGoodsResponse *response;
    maru_status                        status;

    if (request == NULL)
        return out_of_memory(r);
    if ((status = checkout_return_past_goods(r->checkout, call, request, &response)) != MARU_OK)
        return status;
    bill_returned(bill, response);
    count_cancel(r, bill, request->n_lines);
    return MARU_OK;
}

/* One that is sent again is the same request, since its answer may have been lost; another invoice of the same number,
 * of another file or of another import, is another one. So each order was made by one of them. */
static maru_status send_once(struct replay *r, struct bill *bill)
{
    maru_call  *call = patience_call(&r->patience, r->runtime, bill->place);
    maru_status status;

    if (call == NULL)
        return out_of_memory(r);
    r->error->text[0] = '\0';
    status = bill->cancels ? give_back(r, call, bill) : place(r, call, bill);
    if (is_refusal(status)) {
        refused(r, bill, status, maru_call_message(call));
        status = MARU_OK;
    } else if (status != MARU_OK && r->error->text[0] == '\0') {
        maru_error_set(r->error, status, "%s", maru_status_words(status, maru_call_message(call)));
    }
    maru_call_end(call);
    return status;
}

static maru_status send(struct replay *r, struct bill *bill)
{
    maru_status status;

    if (bill->first->fate == FATE_TOO_LONG) { /* all of it is refused already: half of it would be told untruly */
        refuse(r, bill, FATE_TOO_LONG, "");
        return MARU_OK;
    }
    patience_begin(&r->patience);
    do
        status = send_once(r, bill);
    while (patience_again(&r->patience, status));
    return status;
}

/* ---- until all of it is over ---- */

static maru_status ask(struct replay *r, const struct bill *bill, bool *over, maru_error *error)
{
    Checkout__GetOrderRequest request = CHECKOUT__GET_ORDER_REQUEST__INIT;
    Checkout__Order          *order;
    maru_call                *call = maru_call_begin(r->runtime, PATIENCE_MS);
    maru_status               status;

    if (call == NULL)
        return out_of_memory(r);
    request.name = (char *)bill->order;
    if ((status = checkout_get_order(r->checkout, call, &request, &order)) != MARU_OK)
        maru_error_set(error, status, "%s", maru_status_words(status, maru_call_message(call)));
    *over = status == MARU_OK &&
            (order->state == CHECKOUT__ORDER_STATE__COMPLETED || order->state == CHECKOUT__ORDER_STATE__CANCELLED);
    maru_call_end(call);
    return status;
}

/* The events of an order need nothing but services that run: where nothing comes for a minute, one does not. */
static maru_status wait_for(struct replay *r, const struct bill *bill)
{
    bool        over = false;
    maru_status status;

    patience_begin(&r->patience);
    while (patience_again(&r->patience, status = ask(r, bill, &over, r->error)) || (status == MARU_OK && !over))
        if (!patience_wait(&r->patience))
            return maru_error_set(r->error, MARU_DEADLINE_EXCEEDED,
                                  "invoice %s: its order is not over after %d s: maru order why %s says why",
                                  bill->number, PATIENCE_MS / 1000, bill->order);
    return status;
}

/* ---- all of it ---- */

maru_status replay_all(maru_runtime *runtime, maru_client *checkout, struct bills *bills, struct report *report,
                       maru_error *error)
{
    struct replay r = {.runtime = runtime, .checkout = checkout, .bills = bills, .report = report, .error = error};
    maru_status   status = patience_open(&r.patience, runtime, error);

    for (size_t i = 0; i < bills->count && status == MARU_OK; i++) {
        if (i % 64 == 0)
            report_progress(report, "invoices replayed", i);
        status = send(&r, bills->all[i]);
    }
    report_progress_end(report);
    return status;
}

maru_status replay_wait(maru_runtime *runtime, maru_client *checkout, struct bills *bills, struct report *report,
                        maru_error *error)
{
    struct replay r = {.runtime = runtime, .checkout = checkout, .bills = bills, .report = report, .error = error};
    maru_status   status = MARU_OK;

    for (size_t i = 0; i < bills->count && status == MARU_OK; i++) {
        if (bills->all[i]->order == NULL)
            continue;
        if (i % 64 == 0)
            report_progress(report, "invoices are over", i);
        status = wait_for(&r, bills->all[i]);
    }
    report_progress_end(report);
    return status;
}
