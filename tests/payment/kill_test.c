/* kill_test.c: payment and its provider as processes of their own, killed with -9 at every moment between the intent,
 * the provider's commit, its answer, and payment's commit: whatever is lost, it is charged once and both ledgers agree.
 */
#include <signal.h>
#include <stdatomic.h>

#include "cli/proc.h"
#include "kit.h"
#include "ledger.h"

/* ---- processes ---- */

static proc start(const struct shop *shop, const char *name, const struct node *node)
{
    char        program[256], data[80], listen[160], peers[PEERS][200];
    const char *words[32] = {program, "--data", data, "--listen", listen};
    size_t      count = 5;
    proc        p;

    snprintf(program, sizeof program, "%s/%s", getenv("MARU_BIN"), name);
    snprintf(data, sizeof data, "%s/data", node->folder);
    snprintf(listen, sizeof listen, "%s", node->url);
    for (int i = 0; i < PEERS && strcmp(name, "payment") == 0; i++) {
        snprintf(peers[i], sizeof peers[i], "%s=%s", kit_names[i], url_of(shop, i));
        words[count++] = "--peer";
        words[count++] = peers[i];
    }
    setenv("XDG_RUNTIME_DIR", node->folder, 1); /* locks are left there, and go with it */
    p = proc_start(words, NULL);
    CHECK(proc_expect(&p, PROC_OUT, 0, "ready "));
    return p;
}

static void kill_9(proc *p)
{
    kill(p->pid, SIGKILL);
    CHECK_INT(proc_end(p), 128 + SIGKILL);
    proc_free(p);
}

/* ---- the provider is killed; payment is ours ---- */

static Provider__Faults silent(void)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT;

    faults.lose_answer = 1000;
    faults.news_late_ms = 3600000;
    return faults;
}

static Provider__Faults none(void)
{
    return (Provider__Faults)PROVIDER__FAULTS__INIT;
}

/* What is asked next of an order, by which key, and where it leads. */
struct leg {
    const char *ask;
    bool (*begin)(struct shop *shop, const char *order);
    int under_way, end;
};

static bool begin_authorize(struct shop *shop, const char *order)
{
    return shop_say(shop, order, SAY_RESERVED);
}

static bool begin_capture(struct shop *shop, const char *order)
{
    return shop_say(shop, order, SAY_PACKED);
}

static bool begin_cancel(struct shop *shop, const char *order)
{
    return shop_say(shop, order, SAY_CANCELLED);
}

static const struct leg legs[] = {
    {"authorize", begin_authorize, AUTHORIZING, AUTHORIZED},
    {"capture", begin_capture, CAPTURING, CAPTURED},
    {"refund", begin_cancel, REFUNDING, REFUNDED},
};
static const struct leg void_leg = {"void", begin_cancel, VOIDING, VOIDED};

/* Until the provider has it in its books. */
static bool is_booked(struct shop *shop, const char *order, const char *ask)
{
    Provider__GetOperationRequest request = PROVIDER__GET_OPERATION_REQUEST__INIT;
    Provider__Operation          *operation;
    maru_status                   status;

    request.key = maru_printf(shop->call, "%s:%s%s", ask, order, strcmp(ask, "refund") == 0 ? ":1" : "");
    do
        status = provider_get_operation(shop_provider(shop), maru_within(shop->call, 2000), &request, &operation);
    while (status != MARU_OK && maru_sleep(shop->call, 2) == MARU_OK);
    return CHECK_INT(status, MARU_OK);
}

/* Gone before it is asked: only the intent is there. */
static void gone_before(struct shop *shop, proc *provider, const char *order, const struct leg *leg)
{
    Payment__Payment *payment;

    kill_9(provider);
    CHECK(leg->begin(shop, order));
    while ((payment = shop_wait(shop, order, leg->under_way)) != NULL && payment->detail[0] == '\0')
        ;
    *provider = start(shop, "provider", &shop->provider);
    CHECK(shop_wait(shop, order, leg->end) != NULL);
}

/* Gone after its commit, before anyone heard of it. Payment waits for the answer until the provider is gone: were that
 * sooner over than the look, it would have asked what came of it, and known. */
static void gone_after(struct shop *shop, proc *provider, const char *order, const struct leg *leg)
{
    Payment__Payment *payment;

    CHECK(shop_faults(shop, silent()));
    CHECK(leg->begin(shop, order) && is_booked(shop, order, leg->ask));
    if (CHECK((payment = shop_look(shop, order)) != NULL))
        CHECK_INT(payment->state, leg->under_way);
    kill_9(provider);
    *provider = start(shop, "provider", &shop->provider);
    CHECK(shop_faults(shop, none()));
    CHECK(shop_wait(shop, order, leg->end) != NULL);
}

/* Gone at some moment of it: some milliseconds after it began, another number for each leg. */
static void gone_meanwhile(struct shop *shop, proc *provider, const char *order, const struct leg *leg)
{
    CHECK(leg->begin(shop, order));
    CHECK_INT(maru_sleep(shop->call, leg->under_way % 4), MARU_OK);
    kill_9(provider);
    *provider = start(shop, "provider", &shop->provider);
    CHECK(shop_wait(shop, order, leg->end) != NULL);
}

/* ms: how long payment waits for the provider. */
static void test_provider(const char *sentence, int64_t ms,
                          void (*gone)(struct shop *shop, proc *provider, const char *order, const struct leg *leg))
{
    struct shop shop = {.payment_svc.provider_ms = ms, .provider_far = true};
    proc        provider;

    if (!CHECK(shop_open(&shop, NULL)))
        return;
    provider = start(&shop, "provider", &shop.provider);
    for (size_t round = 0; round < 2; round++) {
        const char *order = round == 0 ? "orders/shipped" : "orders/cancelled";

        shop_begin(&shop, sentence);
        CHECK(shop_submit(&shop, order, 4500, shop_token(&shop, CARD_WORKS)));
        for (size_t i = 0; i < (round == 0 ? 3 : 1); i++)
            gone(&shop, &provider, order, &legs[i]);
        if (round == 1)
            gone(&shop, &provider, order, &void_leg);
        CHECK_STR(shop_said(&shop, order), round == 0 ? "PaymentAuthorized PaymentCaptured RefundSucceeded "
                                                      : "PaymentAuthorized PaymentVoided ");
        CHECK(ledger_agrees(&shop));
    }
    kill_9(&provider);
    shop_close(&shop);
}

/* ---- payment is killed; the provider is ours, and does it at a moment of its own ---- */

typedef enum moment { ON_QUESTION, BEFORE_COMMIT, AFTER_COMMIT, AFTER_ANSWER, MOMENTS } moment;

static const char *const moments[MOMENTS] = {
    "payment is killed when it asks what came of its key, with only the intent on its disk",
    "payment is killed when it asks for it, before the provider's commit",
    "payment is killed between the provider's commit and its answer",
    "payment is killed when the answer is on its way",
};

/* A provider that kills who asks. svc is first: handlers get it. */
struct killer {
    struct provider_service svc;
    atomic_int              victim; /* its pid; 0: nobody is to be killed */
    atomic_int              hits;
    moment                  at;
};

static void strike(struct provider_service *svc, moment at)
{
    struct killer *k = (struct killer *)svc;
    int            pid = k->at == at ? atomic_exchange(&k->victim, 0) : 0;

    if (pid == 0)
        return;
    if (at != AFTER_ANSWER) /* that is for the test's thread to do: the answer leaves when the handler has returned */
        kill(pid, SIGKILL);
    atomic_fetch_add(&k->hits, 1);
}

static maru_status done(struct provider_service *svc, maru_status status)
{
    strike(svc, AFTER_COMMIT);
    strike(svc, AFTER_ANSWER);
    return status;
}

static maru_status killing_look(struct provider_service *svc, maru_call *call,
                                const Provider__GetOperationRequest *request, Provider__Operation *response)
{
    strike(svc, ON_QUESTION);
    return provider_methods.get_operation(svc, call, request, response);
}

static maru_status killing_authorize(struct provider_service *svc, maru_call *call,
                                     const Provider__AuthorizeRequest *request, Provider__Operation *response)
{
    strike(svc, BEFORE_COMMIT);
    return done(svc, provider_methods.authorize(svc, call, request, response));
}

static maru_status killing_capture(struct provider_service *svc, maru_call *call,
                                   const Provider__FollowUpRequest *request, Provider__Operation *response)
{
    strike(svc, BEFORE_COMMIT);
    return done(svc, provider_methods.capture(svc, call, request, response));
}

static maru_status killing_void(struct provider_service *svc, maru_call *call, const Provider__FollowUpRequest *request,
                                Provider__Operation *response)
{
    strike(svc, BEFORE_COMMIT);
    return done(svc, provider_methods.void_(svc, call, request, response));
}

static maru_status killing_refund(struct provider_service *svc, maru_call *call,
                                  const Provider__FollowUpRequest *request, Provider__Operation *response)
{
    strike(svc, BEFORE_COMMIT);
    return done(svc, provider_methods.refund(svc, call, request, response));
}

static maru_status killing_tokenize(struct provider_service *svc, maru_call *call,
                                    const Provider__TokenizeRequest *request, Provider__TokenizeResponse *response)
{
    return provider_methods.tokenize(svc, call, request, response);
}

static maru_status killing_list(struct provider_service *svc, maru_call *call,
                                const Provider__ListOperationsRequest *request,
                                Provider__ListOperationsResponse      *response)
{
    return provider_methods.list_operations(svc, call, request, response);
}

static const provider_handlers killing = {
    .tokenize = killing_tokenize,
    .authorize = killing_authorize,
    .capture = killing_capture,
    .void_ = killing_void,
    .refund = killing_refund,
    .get_operation = killing_look,
    .list_operations = killing_list,
};

/* Clients of the test's own to both, on the runtime of its calls. */
static bool connect_far(struct shop *shop)
{
    maru_runtime *runtime = shop->producers[0].runtime;

    return maru_client_new(runtime, shop->payment.url, &node_client, &shop->payment.client, &shop->payment.error) ==
               MARU_OK &&
           maru_client_new(runtime, shop->provider.url, &node_client, &shop->peers[PRODUCERS], &shop->payment.error) ==
               MARU_OK;
}

static void kill_once(struct shop *shop, struct killer *k, proc *payment, const char *order, const struct leg *leg)
{
    int before = atomic_load(&k->hits);

    atomic_store(&k->victim, (int)payment->pid);
    CHECK(leg->begin(shop, order));
    while (atomic_load(&k->hits) == before)
        if (!CHECK_INT(maru_sleep(shop->call, 1), MARU_OK))
            return;
    kill_9(payment);
    *payment = start(shop, "payment", &shop->payment);
    CHECK(shop_wait(shop, order, leg->end) != NULL);
}

static void test_payment(void)
{
    struct killer k = {.at = ON_QUESTION};
    struct shop   shop = {.handlers = &killing, .handlers_svc = &k.svc, .payment_far = true};
    proc          payment;

    if (!CHECK(shop_open(&shop, NULL) && connect_far(&shop)))
        return;
    payment = start(&shop, "payment", &shop.payment);
    for (k.at = ON_QUESTION; k.at < MOMENTS; k.at++) {
        char shipped[32], cancelled[32];

        snprintf(shipped, sizeof shipped, "orders/shipped%d", (int)k.at);
        snprintf(cancelled, sizeof cancelled, "orders/cancelled%d", (int)k.at);
        shop_begin(&shop, moments[k.at]);
        CHECK(shop_submit(&shop, shipped, 4500, shop_token(&shop, CARD_WORKS)));
        for (size_t i = 0; i < 3; i++)
            kill_once(&shop, &k, &payment, shipped, &legs[i]);
        CHECK(shop_submit(&shop, cancelled, 4500, shop_token(&shop, CARD_WORKS)));
        kill_once(&shop, &k, &payment, cancelled, &legs[0]);
        kill_once(&shop, &k, &payment, cancelled, &void_leg);
        CHECK_STR(shop_said(&shop, shipped), "PaymentAuthorized PaymentCaptured RefundSucceeded ");
        CHECK_STR(shop_said(&shop, cancelled), "PaymentAuthorized PaymentVoided ");
        CHECK(shop_heard(&shop, "provider"));
        CHECK(ledger_agrees(&shop));
    }
    CHECK_INT(atomic_load(&k.hits), 5 * MOMENTS);
    kill_9(&payment);
    shop_close(&shop);
}

int main(void)
{
    test_provider("the provider is killed before it is asked, with only the intent on our disk", 1000, gone_before);
    test_provider("the provider is killed after its commit, before anyone heard of it", PAYMENT_PROVIDER_MS,
                  gone_after);
    test_provider("the provider is killed at some moment of it", 1000, gone_meanwhile);
    test_payment();
    return test_end();
}
