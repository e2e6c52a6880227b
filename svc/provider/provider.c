/* provider.c: what the payment provider does. A card's number is looked at here, and goes no further: its last four
 * digits are kept, and no error shows more of it than how long it is. */
#include "provider.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "maru/message.h"
#include "maru/shown.h"

#include "faults.h"
#include "store.h"

enum {
    KEY_MAX = 200,
    REFERENCE_MAX = 200,
    NUMBER_MIN = 12,
    NUMBER_MAX = 19,
    PAGE_SIZE = 50,
    PAGE_SIZE_MAX = 1000,
    LOST_MS = 60000, /* how long an answer that never comes is not coming, for a caller without a deadline */
};

/* Printable ASCII without blanks, of 1 to max characters. */
static maru_status check_word(maru_call *call, const char *field, const char *word, size_t max)
{
    size_t size = 0;

    while (word[size] > ' ' && word[size] < 0x7f)
        size++;
    if (size >= 1 && size <= max && word[size] == '\0')
        return MARU_OK;
    return maru_fail(call, MARU_INVALID_ARGUMENT, "%s: want 1..%zu printable ASCII characters without blanks", field,
                     max);
}

static maru_status check_amount(maru_call *call, const Shop__Money *amount)
{
    if (amount == NULL || amount->minor < 1)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "amount: want more than 0, got %lld",
                         amount == NULL ? 0LL : (long long)amount->minor);
    if (strlen(amount->currency) != 3 || strspn(amount->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "amount.currency: want three letters as GBP, got \"%s\"",
                         maru_shown(amount->currency).text);
    return MARU_OK;
}

static maru_status answer_late(maru_call *call, uint32_t ms)
{
    maru_status status = ms > 0 ? maru_sleep(call, ms) : MARU_OK;

    return status == MARU_OK ? status : maru_fail(call, status, "provider: the answer was too slow");
}

/* ---- tokens ---- */

static maru_status last_four_of(maru_call *call, const char *number, char last_four[static 5])
{
    size_t digits = 0;

    for (const char *at = number; *at != '\0'; at++) {
        if (*at == ' ')
            continue;
        if (*at < '0' || *at > '9')
            return maru_fail(call, MARU_INVALID_ARGUMENT, "number: want digits, got something else among them");
        memmove(last_four, last_four + 1, 3);
        last_four[3] = *at;
        digits++;
    }
    if (digits >= NUMBER_MIN && digits <= NUMBER_MAX)
        return MARU_OK;
    return maru_fail(call, MARU_INVALID_ARGUMENT, "number: want %d..%d digits, got %zu", NUMBER_MIN, NUMBER_MAX,
                     digits);
}

/* "MM/YY" of this century. */
static maru_status parse_expiry(maru_call *call, const char *text, int32_t *expiry)
{
    int month = 0, year = 0;

    if (strlen(text) == 5 && strspn(text, "0123456789") == 2 && text[2] == '/' && strspn(text + 3, "0123456789") == 2) {
        month = (text[0] - '0') * 10 + text[1] - '0';
        year = 2000 + (text[3] - '0') * 10 + text[4] - '0';
    }
    *expiry = year * 12 + month - 1;
    if (month >= 1 && month <= 12)
        return MARU_OK;
    return maru_fail(call, MARU_INVALID_ARGUMENT, "expiry: want MM/YY, as 09/29");
}

static maru_status tokenize(struct provider_service *svc, maru_call *call, const Provider__TokenizeRequest *request,
                            Provider__TokenizeResponse *response)
{
    char                    *last_four = maru_strdup(call, "0000");
    struct provider_tokenize arg = {.last_four = last_four, .response = response};
    maru_status              status = last_four_of(call, request->number, last_four);

    if (status != MARU_OK || (status = parse_expiry(call, request->expiry, &arg.expiry)) != MARU_OK)
        return status;
    status = maru_store_write(svc->store, call, provider_store_tokenize, &arg);
    return status == MARU_OK ? answer_late(call, arg.slow_ms) : status;
}

/* ---- operations ---- */

/* What is kept of a request: it, and its amount. */
static ProtobufCBinaryData packed(maru_call *call, ProtobufCMessage *request)
{
    ProtobufCBinaryData bytes;

    maru_drop_unknown(request);
    bytes.len = protobuf_c_message_get_packed_size(request);
    bytes.data = maru_alloc(call, bytes.len + 1);
    protobuf_c_message_pack(request, bytes.data);
    return bytes;
}

/* It is done and on disk; now the answer goes its way, or is lost on it. */
static maru_status operate(struct provider_service *svc, maru_call *call, struct provider_operate *arg)
{
    maru_status status = maru_store_write(svc->store, call, provider_store_operate, arg);

    if (status != MARU_OK)
        return status;
    if (!arg->lose_answer)
        return answer_late(call, arg->slow_ms);
    maru_sleep(call, LOST_MS);
    return maru_fail(call, MARU_UNAVAILABLE, "provider: the answer was lost");
}

static maru_status authorize(struct provider_service *svc, maru_call *call, const Provider__AuthorizeRequest *request,
                             Provider__Operation *response)
{
    struct provider_operate arg = {.kind = PROVIDER__OPERATION_KIND__AUTHORIZE,
                                   .key = request->key,
                                   .token = request->token,
                                   .reference = request->reference,
                                   .amount = request->amount,
                                   .response = response};
    maru_status             status = check_word(call, "key", request->key, KEY_MAX);

    if (status != MARU_OK || (status = check_word(call, "reference", request->reference, REFERENCE_MAX)) != MARU_OK ||
        (status = check_amount(call, request->amount)) != MARU_OK)
        return status;
    if (strlen(request->token) > KEY_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "token: want at most %d bytes, got %zu", KEY_MAX,
                         strlen(request->token));
    arg.request = packed(call, (ProtobufCMessage *)&request->base);
    return operate(svc, call, &arg);
}

static maru_status follow_up(struct provider_service *svc, maru_call *call, Provider__OperationKind kind,
                             const Provider__FollowUpRequest *request, Provider__Operation *response)
{
    struct provider_operate arg = {.kind = kind,
                                   .key = request->key,
                                   .authorization = request->authorization,
                                   .amount = request->amount,
                                   .response = response};
    maru_status             status = check_word(call, "key", request->key, KEY_MAX);

    if (status != MARU_OK || (status = check_word(call, "authorization", request->authorization, KEY_MAX)) != MARU_OK)
        return status;
    if (kind != PROVIDER__OPERATION_KIND__VOID && (status = check_amount(call, request->amount)) != MARU_OK)
        return status;
    if (kind == PROVIDER__OPERATION_KIND__VOID && request->amount != NULL)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "amount: want none, a void gives all of it up");
    arg.request = packed(call, (ProtobufCMessage *)&request->base);
    return operate(svc, call, &arg);
}

static maru_status capture(struct provider_service *svc, maru_call *call, const Provider__FollowUpRequest *request,
                           Provider__Operation *response)
{
    return follow_up(svc, call, PROVIDER__OPERATION_KIND__CAPTURE, request, response);
}

static maru_status give_up(struct provider_service *svc, maru_call *call, const Provider__FollowUpRequest *request,
                           Provider__Operation *response)
{
    return follow_up(svc, call, PROVIDER__OPERATION_KIND__VOID, request, response);
}

static maru_status refund(struct provider_service *svc, maru_call *call, const Provider__FollowUpRequest *request,
                          Provider__Operation *response)
{
    return follow_up(svc, call, PROVIDER__OPERATION_KIND__REFUND, request, response);
}

static maru_status get_operation(struct provider_service *svc, maru_call *call,
                                 const Provider__GetOperationRequest *request, Provider__Operation *response)
{
    struct provider_find arg = {.key = request->key, .response = response};
    maru_status          status = check_word(call, "key", request->key, KEY_MAX);

    if (status == MARU_OK)
        status = maru_store_read(svc->store, call, provider_store_find, &arg);
    return status == MARU_OK || status == MARU_NOT_FOUND
               ? (answer_late(call, arg.slow_ms) == MARU_OK ? status : MARU_DEADLINE_EXCEEDED)
               : status;
}

/* ---- the ledger ---- */

static maru_status parse_page_token(maru_call *call, const char *token, uint64_t *after)
{
    char *end = NULL;

    *after = 0;
    if (token[0] == '\0')
        return MARU_OK;
    errno = 0;
    *after = strtoull(token, &end, 10);
    if (token[0] >= '1' && token[0] <= '9' && *end == '\0' && errno == 0 && *after < UINT64_MAX)
        return MARU_OK;
    return maru_fail(call, MARU_INVALID_ARGUMENT, "page_token: want the next_page_token of the page before");
}

static maru_status list_operations(struct provider_service *svc, maru_call *call,
                                   const Provider__ListOperationsRequest *request,
                                   Provider__ListOperationsResponse      *response)
{
    struct provider_page arg = {.response = response};
    maru_status          status = parse_page_token(call, request->page_token, &arg.after);

    if (status != MARU_OK)
        return status;
    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %d", PAGE_SIZE_MAX,
                         request->page_size);
    arg.size = request->page_size == 0 ? PAGE_SIZE : (size_t)request->page_size;
    status = maru_store_read(svc->store, call, provider_store_page, &arg);
    return status == MARU_OK ? answer_late(call, arg.slow_ms) : status;
}

/* ---- faults ---- */

static maru_status set_faults(struct provider_service *svc, maru_call *call, const Provider__Faults *request,
                              Provider__Faults *response)
{
    struct provider_faults arg = {.wanted = request, .response = response};
    maru_error             error;

    if (provider_faults_check(request, &error) != MARU_OK)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "%s", error.text);
    maru_drop_unknown((ProtobufCMessage *)&request->base); /* they are kept as they are */
    return maru_store_write(svc->store, call, provider_store_faults, &arg);
}

static maru_status get_faults(struct provider_service *svc, maru_call *call, const Provider__GetFaultsRequest *request,
                              Provider__Faults *response)
{
    return maru_store_read(svc->store, call, provider_store_read_faults, response);
}

maru_status provider_begin(struct provider_service *svc, maru_runtime *runtime, uint64_t *seed, maru_error *error)
{
    Provider__Faults       faults = PROVIDER__FAULTS__INIT;
    struct provider_faults arg = {.response = &faults};
    maru_call             *call = maru_call_begin(runtime, 0);
    maru_status            status;

    if (call == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the provider's faults: out of memory");
    status = maru_store_write(svc->store, call, provider_store_faults, &arg);
    *seed = faults.seed;
    if (status != MARU_OK)
        maru_error_set(error, status, "the provider's faults: %s", maru_status_words(status, maru_call_message(call)));
    maru_call_end(call);
    return status;
}

const provider_handlers provider_methods = {
    .tokenize = tokenize,
    .authorize = authorize,
    .capture = capture,
    .void_ = give_up,
    .refund = refund,
    .get_operation = get_operation,
    .list_operations = list_operations,
    .set_faults = set_faults,
    .get_faults = get_faults,
};
