/* facts.c: asking the services for what is known of an order. See facts.h. */
#include "facts.h"

#include <string.h>

#include "audit/atonce.h"
#include "audit/heard.h"
#include "maru/events.maru.h"
#include "running.h"
#include "shop/checkout.maru.h"
#include "shop/payment.maru.h"
#include "shop/provider.maru.h"

enum { ASK_MS = 3000, LETTERS = 1000 };

static maru_status ask_log(maru_client *client, maru_call *call, const char *order, why_service *s)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    maru_status                        status;

    request.aggregate = (char *)order;
    request.max = 1000;
    status = maru_event_log_read_aggregate(client, maru_within(call, ASK_MS), &request, &response);
    if (status == MARU_OK) {
        s->events = response->events;
        s->event_count = response->n_events;
        s->epoch = response->epoch;
    }
    return status;
}

static maru_status ask_inbox(maru_client *client, maru_call *call, why_service *s)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;
    maru_status status = maru_event_inbox_list_consumers(client, maru_within(call, ASK_MS), &request, &response);

    if (status == MARU_OK) {
        s->consumers = response->consumers;
        s->consumer_count = response->n_consumers;
    }
    return status;
}

/* Those of a page that are about the order, behind those that are there. */
static void take_letters(maru_call *call, const char *order, const MaruEvents__ListDeadLettersResponse *page,
                         why_service *s)
{
    MaruEvents__DeadLetter **all = maru_alloc(call, (s->letter_count + page->n_dead_letters) * sizeof *all);

    for (size_t i = 0; i < s->letter_count; i++)
        all[i] = s->letters[i];
    s->letters = all;
    for (size_t i = 0; i < page->n_dead_letters; i++)
        if (why_is_about(page->dead_letters[i]->event->aggregate, order))
            s->letters[s->letter_count++] = page->dead_letters[i];
}

/* Of all producers: the provider's are about the order under another name. */
static maru_status ask_letters(maru_client *client, maru_call *call, const char *order, why_service *s)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *response;
    maru_status                          status;

    request.page_size = LETTERS;
    do {
        status = maru_event_inbox_list_dead_letters(client, maru_within(call, ASK_MS), &request, &response);
        if (status != MARU_OK)
            return status;
        take_letters(call, order, response, s);
        request.page_token = response->next_page_token;
    } while (*request.page_token != '\0');
    return MARU_OK;
}

static void set_down(maru_call *call, why_service *s, maru_status status, const char *words)
{
    s->status = status;
    s->down = maru_strdup(call, words);
}

/* NULL: it does not run, and s says so. */
static maru_client *find_client(maru_runtime *runtime, maru_call *call, const char *data, const char *name,
                                why_service *s)
{
    maru_client *client = NULL;
    maru_error   error;
    char         url[LOCK_WORDS_MAX];
    int64_t      now = 0; /* what does not run is said, not waited for */
    maru_status  status = running_target(data, name, &now, url, &error);

    if (status == MARU_OK)
        status = maru_client_new(runtime, url, NULL, &client, &error);
    if (status != MARU_OK)
        set_down(call, s, status, error.text);
    return client;
}

/* Of an order of which it heard nothing yet there is no payment. */
static void ask_payment(maru_client *client, maru_call *call, why_facts *facts)
{
    Payment__GetPaymentRequest request = PAYMENT__GET_PAYMENT_REQUEST__INIT;
    Payment__Payment          *payment;
    maru_status                status;

    request.order = (char *)facts->order;
    status = payment_get_payment(client, maru_within(call, ASK_MS), &request, &payment);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        set_down(call, &facts->services[BOOK_PAYMENT], status, maru_call_message(call));
    if (status != MARU_OK)
        return;
    facts->detail = payment->detail;
    facts->paying = payment->state;
    facts->settled = payment->settle_time != NULL;
    facts->kept = book_kept_back(payment);
    facts->left = book_minor(payment->captured) - book_minor(payment->refunded);
    facts->currency = facts->left > 0 ? payment->captured->currency : "";
}

/* News may come twice. */
static bool is_again(MaruEvents__Event *const *events, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (events[i]->payload.len == events[at]->payload.len &&
            memcmp(events[i]->payload.data, events[at]->payload.data, events[at]->payload.len) == 0)
            return true;
    return false;
}

/* Whether the key by which payment gives it up was used for something else. */
static void ask_void_key(maru_client *client, maru_call *call, why_facts *facts)
{
    Provider__GetOperationRequest request = PROVIDER__GET_OPERATION_REQUEST__INIT;
    Provider__Operation          *operation;

    request.key = maru_printf(call, "void:%s", facts->order);
    facts->spent = provider_get_operation(client, maru_within(call, ASK_MS), &request, &operation) == MARU_OK &&
                   why_is_spent(operation, facts->order);
}

/* What it did about the order's authorisation, by whoever's word. Where it does not say, that is not known. */
static void ask_provider(maru_client *client, maru_call *call, why_facts *facts)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    maru_status                        status;

    request.aggregate = maru_printf(call, "authorize:%s", facts->order);
    request.max = 1000;
    status = maru_event_log_read_aggregate(client, maru_within(call, ASK_MS), &request, &response);
    if (status != MARU_OK) {
        set_down(call, &facts->services[BOOK_PROVIDER], status, maru_call_message(call));
        return;
    }
    for (size_t i = 0; i < response->n_events; i++) {
        const ProtobufCBinaryData   payload = response->events[i]->payload;
        Provider__OperationSettled *news =
            is_again(response->events, i) ? NULL : provider__operation_settled__unpack(NULL, payload.len, payload.data);

        if (news != NULL && news->operation != NULL)
            why_take(facts, news->operation,
                     news->operation->amount == NULL ? "" : maru_strdup(call, news->operation->amount->currency));
        provider__operation_settled__free_unpacked(news, NULL);
    }
}

static void ask_service(void *arg, size_t index)
{
    order_facts *f = arg;
    maru_call   *call = f->calls[index];
    book_service which = (book_service)index;
    why_facts   *facts = &f->facts;
    why_service *s = &facts->services[which];
    maru_client *client = find_client(f->runtime, call, f->data, book_service_name(which), s);
    maru_status  status;

    s->blind = client == NULL || (status = ask_log(client, call, facts->order, s)) != MARU_OK;
    if (client == NULL)
        return;
    if (s->blind || (status = ask_inbox(client, call, s)) != MARU_OK ||
        (status = ask_letters(client, call, facts->order, s)) != MARU_OK)
        set_down(call, s, status, maru_call_message(call));
    if (which == BOOK_PAYMENT && s->down == NULL)
        ask_payment(client, call, facts);
    if (which == BOOK_PROVIDER && s->down == NULL) {
        ask_provider(client, call, facts);
        ask_void_key(client, call, facts);
    }
    maru_client_free(client);
}

/* What checkout heard of those whose log could not be read. Where it can't be asked either, that stays unknown. */
static void ask_timeline(order_facts *f)
{
    why_service                 *s = &f->facts.services[BOOK_CHECKOUT];
    Checkout__GetTimelineRequest request = CHECKOUT__GET_TIMELINE_REQUEST__INIT;
    Checkout__Timeline          *timeline;
    maru_client                 *client;
    bool                         blind = false;

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        blind = blind || f->facts.services[i].blind;
    if (!blind || s->blind || (client = find_client(f->runtime, f->call, f->data, "checkout", s)) == NULL)
        return;
    request.name = (char *)f->facts.order;
    if (checkout_get_timeline(client, maru_within(f->call, ASK_MS), &request, &timeline) == MARU_OK)
        heard_fill(&f->facts, timeline, maru_alloc(f->call, (timeline->n_entries + 1) * sizeof(MaruEvents__Event)),
                   maru_alloc(f->call, (timeline->n_entries + 1) * sizeof(MaruEvents__Event *)));
    maru_client_free(client);
}

void facts_ask_letters(const order_facts *f, maru_call *call, const char *name, why_service *s)
{
    maru_client *client = find_client(f->runtime, call, f->data, name, s);
    maru_status  status;

    if (client == NULL)
        return;
    status = ask_letters(client, call, f->facts.order, s);
    if (status != MARU_OK && status != MARU_UNIMPLEMENTED)
        set_down(call, s, status, maru_call_message(call));
    maru_client_free(client);
}

bool facts_ask(order_facts *f, maru_runtime *runtime, const char *data, const char *order)
{
    bool memory;

    *f = (order_facts){.runtime = runtime,
                       .data = data,
                       .facts = {.order = order, .detail = "", .currency = "", .taken_in = ""},
                       .call = maru_call_begin(runtime, 0)};
    memory = f->call != NULL;
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        memory = (f->calls[i] = maru_call_begin(runtime, 0)) != NULL && memory;
    if (!memory)
        return false;
    at_once(BOOK_SERVICE_COUNT, ask_service, f);
    ask_timeline(f);
    return true;
}

void facts_close(order_facts *f)
{
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (f->calls[i] != NULL)
            maru_call_end(f->calls[i]);
    if (f->call != NULL)
        maru_call_end(f->call);
}
