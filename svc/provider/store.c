/* store.c: what the provider keeps (store.h). */
#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cards.h"
#include "faults.h"
#include "ledger.h"

enum { NS_PER_S = 1000000000, TOKEN_BYTES = 24, PAGE_TOKEN_BYTES = 21 };

static const maru_table tokens = {.number = 1, .name = "tokens", .record = &provider__token__descriptor};
static const maru_table asked = {.number = 2, .name = "operations", .record = &provider__asked__descriptor};
static const maru_table authorizations = {
    .number = 3, .name = "authorizations", .record = &provider__authorization__descriptor};
static const maru_table ledger = {.number = 4, .name = "ledger", .record = &provider__operation__descriptor};
static const maru_table standings = {.number = 5, .name = "standing", .record = &provider__standing__descriptor};

const maru_table *const provider_tables[] = {&tokens, &asked, &authorizations, &ledger, &standings, NULL};

static const char STANDING[] = "standing"; /* the one record of its table */
static const char NEWS[] = "news";         /* kind of timer */

static int64_t now_ms(const maru_txn *txn)
{
    return maru_txn_wall_clock(txn) / MARU_NS_PER_MS;
}

/* A new store draws from a seed of its own. */
static maru_status load(maru_txn *txn, Provider__Standing **standing)
{
    maru_status status = maru_get(txn, &standings, maru_key_text(STANDING), (ProtobufCMessage **)standing);

    if (status != MARU_NOT_FOUND)
        return status;
    *standing = maru_txn_alloc(txn, sizeof **standing);
    **standing = (Provider__Standing)PROVIDER__STANDING__INIT;
    (*standing)->faults = maru_txn_alloc(txn, sizeof *(*standing)->faults);
    *(*standing)->faults = (Provider__Faults)PROVIDER__FAULTS__INIT;
    (*standing)->faults->seed = provider_mix((uint64_t)maru_txn_wall_clock(txn), 1) | 1;
    return MARU_OK;
}

static maru_status put(maru_txn *txn, const Provider__Standing *standing)
{
    return maru_put(txn, &standings, maru_key_text(STANDING), &standing->base);
}

static maru_status load_up(maru_txn *txn, Provider__Standing **standing)
{
    maru_status status = load(txn, standing);

    if (status == MARU_OK && (*standing)->faults->down)
        return maru_txn_fail(txn, MARU_UNAVAILABLE, "provider: it is down, as SetFaults wanted it");
    return status;
}

maru_status provider_store_faults(maru_txn *txn, void *arg)
{
    struct provider_faults *faults = arg;
    Provider__Standing     *standing;
    uint64_t                seed;
    maru_status             status = load(txn, &standing);

    if (status != MARU_OK)
        return status;
    seed = standing->faults->seed;
    if (faults->wanted != NULL)
        *standing->faults = *faults->wanted;
    if (standing->faults->seed == 0)
        standing->faults->seed = seed;
    *faults->response = *standing->faults;
    return put(txn, standing);
}

maru_status provider_store_read_faults(maru_txn *txn, void *arg)
{
    Provider__Faults   *response = arg;
    Provider__Standing *standing;
    maru_status         status = load(txn, &standing);

    if (status == MARU_OK)
        *response = *standing->faults;
    return status;
}

maru_status provider_store_tokenize(maru_txn *txn, void *arg)
{
    struct provider_tokenize *tokenize = arg;
    Provider__Standing       *standing;
    Provider__Token           token = PROVIDER__TOKEN__INIT;
    maru_status               status = load_up(txn, &standing);

    if (status != MARU_OK)
        return status;
    token.token = maru_txn_alloc(txn, TOKEN_BYTES);
    do { /* another seed may have made the same */
        standing->tokens++;
        snprintf(token.token, TOKEN_BYTES, "tok_%016" PRIx64, provider_mix(standing->faults->seed, standing->tokens));
    } while ((status = maru_has(txn, &tokens, maru_key_text(token.token))) == MARU_OK);
    if (status != MARU_NOT_FOUND)
        return status;
    token.last_four = (char *)tokenize->last_four;
    token.expiry = tokenize->expiry;
    tokenize->slow_ms = standing->faults->slow_ms;
    tokenize->response->token = token.token;
    tokenize->response->last_four = token.last_four;
    if ((status = put(txn, standing)) != MARU_OK)
        return status;
    return maru_put(txn, &tokens, maru_key_text(token.token), &token.base);
}

/* ---- operations ---- */

static void big_endian(uint64_t number, uint8_t key[static 8])
{
    for (int i = 0; i < 8; i++)
        key[i] = (uint8_t)(number >> (56 - 8 * i));
}

/* Of a key of the ledger, which has 8 bytes. */
static uint64_t number_of(maru_key key)
{
    const uint8_t *bytes = key.data;
    uint64_t       number = 0;

    for (size_t i = 0; i < key.size; i++)
        number = number << 8 | bytes[i];
    return number;
}

static Google__Protobuf__Timestamp *time_of(maru_txn *txn)
{
    Google__Protobuf__Timestamp *time = maru_txn_alloc(txn, sizeof *time);
    int64_t                      now = maru_txn_wall_clock(txn);

    *time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time->seconds = now / NS_PER_S;
    time->nanos = (int32_t)(now % NS_PER_S);
    return time;
}

/* The month that the transaction is in, counted as Provider__Token's expiry: days to civil date (Hinnant, "chrono-
 * compatible low-level date algorithms"), of which only year and month are wanted. */
static int32_t month_of(const maru_txn *txn)
{
    int64_t days = maru_txn_wall_clock(txn) / NS_PER_S / 86400 + 719468;
    int64_t era = days / 146097, day = days % 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t month = (5 * (day - (365 * year + year / 4 - year / 100)) + 2) / 153; /* 0: March */

    return (int32_t)((era * 400 + year) * 12 + month + 2);
}

/* What is being done: all that it concerns, loaded. */
struct work {
    struct provider_operate    *operate;
    Provider__Standing         *standing;
    Provider__Authorization    *authorization; /* NULL: there is none */
    const Provider__Token      *token;         /* AUTHORIZE; NULL: there is none */
    const struct provider_card *card;
    struct provider_fate        fate;
};

static maru_status optional(maru_status status)
{
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status load_work(maru_txn *txn, struct work *work)
{
    struct provider_operate *operate = work->operate;
    ProtobufCMessage        *found = NULL;
    const char              *last_four = "";
    maru_status              status;

    if (operate->kind == PROVIDER__OPERATION_KIND__AUTHORIZE) {
        status = optional(maru_get(txn, &tokens, maru_key_text(operate->token), &found));
        work->token = (Provider__Token *)found;
        last_four = found != NULL ? work->token->last_four : "";
    } else {
        status = optional(maru_get(txn, &authorizations, maru_key_text(operate->authorization), &found));
        work->authorization = (Provider__Authorization *)found;
        last_four = found != NULL ? work->authorization->last_four : "";
    }
    work->card = provider_card_of(last_four);
    work->fate = provider_fate_of(work->standing->faults, work->card, operate->kind, operate->key);
    return status;
}

static const char *authorize(maru_txn *txn, struct work *work)
{
    struct provider_operate *operate = work->operate;
    Provider__Authorization *made;

    if (work->token == NULL)
        return "no_such_token";
    if (work->fate.declined != NULL)
        return work->fate.declined;
    if (month_of(txn) > work->token->expiry)
        return "card_expired";
    made = maru_txn_alloc(txn, sizeof *made);
    *made = (Provider__Authorization)PROVIDER__AUTHORIZATION__INIT;
    made->key = (char *)operate->key;
    made->last_four = work->token->last_four;
    made->reference = (char *)operate->reference;
    made->amount = (Shop__Money *)operate->amount;
    made->expire_ms = now_ms(txn) + PROVIDER_AUTHORIZATION_MS;
    work->authorization = made;
    return NULL;
}

static const char *follow_up(maru_txn *txn, struct work *work)
{
    if (work->authorization != NULL && work->fate.declined != NULL)
        return work->fate.declined;
    return provider_follow_up(work->authorization, work->operate->kind, work->operate->amount, now_ms(txn));
}

static maru_status tell(maru_txn *txn, const Provider__Operation *operation, unsigned copies)
{
    Provider__OperationSettled news = PROVIDER__OPERATION_SETTLED__INIT;
    maru_status                status = MARU_OK;

    news.operation = (Provider__Operation *)operation;
    for (unsigned i = 0; i < copies && status == MARU_OK; i++)
        status = maru_emit(txn, operation->authorization, &news.base);
    return status;
}

/* Late news needs a name of its own for each copy. */
static maru_status tell_later(maru_txn *txn, const Provider__Operation *operation, const struct provider_fate *fate)
{
    int64_t     at = maru_txn_wall_clock(txn) + fate->news_late_ms * (int64_t)MARU_NS_PER_MS;
    maru_status status = MARU_OK;

    for (unsigned i = 1; i <= fate->copies && status == MARU_OK; i++) {
        char *name = maru_arena_printf(maru_txn_arena(txn), "%u/%s", i, operation->key);

        status = name == NULL ? maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED, "news of %s: memory", operation->key)
                              : maru_timer_set(txn, NEWS, name, at, &operation->base);
    }
    return status;
}

static maru_status late_news(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return tell(txn, (const Provider__Operation *)payload, 1);
}

const maru_timer provider_timers[] = {
    {.kind = NEWS, .payload = &provider__operation__descriptor, .fn = late_news},
    {.kind = NULL},
};

/* The first of the ledger from number on. NOT_FOUND where there is none. */
static maru_status first_from(maru_txn *txn, uint64_t number, uint64_t *found)
{
    uint8_t     from[8];
    maru_key    key;
    maru_status status;

    big_endian(number, from);
    status = maru_next(maru_walk(txn, &ledger, (maru_key){NULL, 0}, (maru_key){from, sizeof from}), &key, NULL);
    if (status == MARU_OK)
        *found = number_of(key);
    return status;
}

/* Where how many there were is gone, as a repair of the store puts a damaged record aside, the next is behind the last:
 * none is written over, and a number whose record is gone too is not given again. That last is found by halving: from a
 * number on there is one, or there is none. */
static maru_status next_number(maru_txn *txn, uint64_t *number)
{
    uint64_t    none = UINT64_MAX; /* from here on */
    maru_status status = first_from(txn, *number + 1, number);

    while (status == MARU_OK && none - *number > 1) {
        uint64_t middle = *number + (none - *number) / 2;

        if ((status = first_from(txn, middle, number)) == MARU_NOT_FOUND) {
            none = middle;
            status = MARU_OK;
        }
    }
    ++*number;
    return optional(status);
}

/* The ledger and the authorisation, of what succeeded. */
static maru_status keep_success(maru_txn *txn, struct work *work, Provider__Operation *operation)
{
    uint8_t     key[8];
    maru_status status = next_number(txn, &work->standing->operations);

    big_endian(work->standing->operations, key);
    operation->number = work->standing->operations;
    if (status == MARU_OK)
        status = maru_put(txn, &ledger, (maru_key){key, sizeof key}, &operation->base);
    if (status == MARU_OK)
        status = maru_put(txn, &authorizations, maru_key_text(work->authorization->key), &work->authorization->base);
    return status;
}

static maru_status keep(maru_txn *txn, struct work *work, Provider__Operation *operation)
{
    Provider__Asked record = PROVIDER__ASKED__INIT;
    maru_status     status = operation->succeeded ? keep_success(txn, work, operation) : MARU_OK;

    record.operation = operation;
    record.request = work->operate->request;
    if (status == MARU_OK)
        status = maru_put(txn, &asked, maru_key_text(operation->key), &record.base);
    if (status == MARU_OK)
        status = put(txn, work->standing);
    if (status != MARU_OK)
        return status;
    return work->fate.news_late_ms > 0 ? tell_later(txn, operation, &work->fate)
                                       : tell(txn, operation, work->fate.copies);
}

static maru_status do_first(maru_txn *txn, struct work *work)
{
    struct provider_operate *operate = work->operate;
    Provider__Operation     *operation = operate->response;
    bool                     authorizes = operate->kind == PROVIDER__OPERATION_KIND__AUTHORIZE;
    const char              *reason = authorizes ? authorize(txn, work) : follow_up(txn, work);
    const char              *reference = operate->reference;

    if (!authorizes)
        reference = work->authorization != NULL ? work->authorization->reference : "";
    operation->key = (char *)operate->key;
    operation->kind = operate->kind;
    operation->succeeded = reason == NULL;
    operation->reason = (char *)(reason != NULL ? reason : "");
    operation->authorization = (char *)(authorizes ? operate->key : operate->authorization);
    operation->reference = (char *)reference;
    operation->amount = (Shop__Money *)operate->amount;
    if (operate->kind == PROVIDER__OPERATION_KIND__VOID && work->authorization != NULL)
        operation->amount = work->authorization->amount;
    operation->time = time_of(txn);
    operate->slow_ms = work->fate.slow_ms;
    operate->lose_answer = work->fate.lose_answer;
    return keep(txn, work, operation);
}

static maru_status repeat(maru_txn *txn, struct provider_operate *operate, const Provider__Asked *before)
{
    if (before->request.len != operate->request.len ||
        memcmp(before->request.data, operate->request.data, operate->request.len) != 0 ||
        before->operation->kind != operate->kind)
        return maru_txn_fail(txn, MARU_ALREADY_EXISTS, "key: \"%s\" was used for something else", operate->key);
    *operate->response = *before->operation;
    return MARU_OK;
}

maru_status provider_store_operate(maru_txn *txn, void *arg)
{
    struct work       work = {.operate = arg};
    ProtobufCMessage *before;
    maru_status       status = load_up(txn, &work.standing);

    if (status != MARU_OK)
        return status;
    work.operate->slow_ms = work.standing->faults->slow_ms;
    work.operate->lose_answer = false;
    status = maru_get(txn, &asked, maru_key_text(work.operate->key), &before);
    if (status == MARU_OK)
        return repeat(txn, work.operate, (Provider__Asked *)before);
    if (status != MARU_NOT_FOUND || (status = load_work(txn, &work)) != MARU_OK)
        return status;
    return do_first(txn, &work);
}

maru_status provider_store_find(maru_txn *txn, void *arg)
{
    struct provider_find *find = arg;
    Provider__Standing   *standing;
    ProtobufCMessage     *found;
    maru_status           status = load_up(txn, &standing);

    if (status != MARU_OK)
        return status;
    find->slow_ms = standing->faults->slow_ms;
    status = maru_get(txn, &asked, maru_key_text(find->key), &found);
    if (status == MARU_NOT_FOUND)
        return maru_txn_fail(txn, status, "key: nothing was ever asked by \"%s\"", find->key);
    if (status == MARU_OK)
        *find->response = *((Provider__Asked *)found)->operation;
    return status;
}

static maru_status fill_page(maru_txn *txn, struct provider_page *page)
{
    Provider__ListOperationsResponse *response = page->response;
    uint8_t                           from[8];
    maru_cursor                      *cursor;
    maru_key                          key;
    maru_status                       status;

    big_endian(page->after + 1, from);
    cursor = maru_walk(txn, &ledger, (maru_key){NULL, 0}, (maru_key){from, sizeof from});
    response->operations = maru_txn_alloc(txn, page->size * sizeof response->operations[0]);
    for (;;) {
        Provider__Operation *operation;

        if ((status = maru_next(cursor, &key, (ProtobufCMessage **)&operation)) != MARU_OK)
            return optional(status);
        if (response->n_operations == page->size)
            break;
        response->operations[response->n_operations++] = operation;
    }
    response->next_page_token = maru_txn_alloc(txn, PAGE_TOKEN_BYTES);
    snprintf(response->next_page_token, PAGE_TOKEN_BYTES, "%" PRIu64,
             response->operations[response->n_operations - 1]->number);
    return MARU_OK;
}

maru_status provider_store_page(maru_txn *txn, void *arg)
{
    struct provider_page *page = arg;
    Provider__Standing   *standing;
    maru_status           status = load_up(txn, &standing);

    if (status != MARU_OK)
        return status;
    page->slow_ms = standing->faults->slow_ms;
    return fill_page(txn, page);
}
