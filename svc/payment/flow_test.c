/* flow_test.c: the payment's flow: every pair of a state and an event. That it holds in every order of events, beside a
 * provider, is model_test.c's to show. */
#include "flow.h"

#include <stdio.h>

#include "test.h"

enum {
    NONE = PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED,
    WAITING = PAYMENT__PAYMENT_STATE__WAITING,
    AUTHORIZING = PAYMENT__PAYMENT_STATE__AUTHORIZING,
    AUTHORIZED = PAYMENT__PAYMENT_STATE__AUTHORIZED,
    DECLINED = PAYMENT__PAYMENT_STATE__DECLINED,
    CAPTURING = PAYMENT__PAYMENT_STATE__CAPTURING,
    CAPTURED = PAYMENT__PAYMENT_STATE__CAPTURED,
    VOIDING = PAYMENT__PAYMENT_STATE__VOIDING,
    VOIDED = PAYMENT__PAYMENT_STATE__VOIDED,
    REFUNDING = PAYMENT__PAYMENT_STATE__REFUNDING,
    REFUNDED = PAYMENT__PAYMENT_STATE__REFUNDED,
    NOT_NEEDED = PAYMENT__PAYMENT_STATE__NOT_NEEDED,
    CAPTURE_REFUSED = PAYMENT__PAYMENT_STATE__CAPTURE_REFUSED,
    STATES
};

static const char *state_name(int state)
{
    return protobuf_c_enum_descriptor_get_value(&payment__payment_state__descriptor, state)->name;
}

/* A payment of 1000 as it is in a state on the straight way there. */
static flow at(int state)
{
    flow f = {.state = state, .amount = 1000, .submitted = true, .reserved = true};

    if (state == NONE)
        return (flow){.state = NONE};
    f.reserved = state != WAITING;
    f.cancelled = state == NOT_NEEDED || state == REFUNDED || state == VOIDING || state == VOIDED;
    if (state != WAITING && state != AUTHORIZING && state != DECLINED && state != NOT_NEEDED)
        f.authorized = 1000;
    f.capture_refused = state == CAPTURE_REFUSED;
    f.packed =
        state == CAPTURING || state == CAPTURED || state == REFUNDING || state == REFUNDED || state == CAPTURE_REFUSED;
    if (state == CAPTURED || state == REFUNDING || state == REFUNDED)
        f.captured = 1000;
    if (state == REFUNDING)
        f.pending = 300;
    if (state == REFUNDED)
        f.refunded = 1000;
    return f;
}

/* The pairs that lead on, with an event of minor 300 where it is a refund's and 1000 else. */
struct pair {
    int      from;
    int      event;
    int      to;
    unsigned acts;
    int64_t  refund;
};

static const struct pair pairs[] = {
    {NONE, FLOW_SUBMITTED, WAITING, 0, 0},
    {NONE, FLOW_RESERVED, WAITING, 0, 0},
    {NONE, FLOW_PACKED, WAITING, 0, 0},
    {NONE, FLOW_CANCELLED, NOT_NEEDED, 0, 0},
    {NONE, FLOW_AUTHORIZE_OK, AUTHORIZED, FLOW_SAY_AUTHORIZED | FLOW_WATCH, 0},
    {NONE, FLOW_AUTHORIZE_REFUSED, DECLINED, FLOW_SAY_DECLINED, 0},
    {WAITING, FLOW_RESERVED, AUTHORIZING, FLOW_DO_AUTHORIZE, 0},
    {WAITING, FLOW_CANCELLED, NOT_NEEDED, 0, 0},
    {WAITING, FLOW_AUTHORIZE_OK, AUTHORIZED, FLOW_SAY_AUTHORIZED | FLOW_WATCH, 0},
    {WAITING, FLOW_AUTHORIZE_REFUSED, DECLINED, FLOW_SAY_DECLINED, 0},
    {AUTHORIZING, FLOW_AUTHORIZE_OK, AUTHORIZED, FLOW_SAY_AUTHORIZED | FLOW_WATCH, 0},
    {AUTHORIZING, FLOW_AUTHORIZE_REFUSED, DECLINED, FLOW_SAY_DECLINED, 0},
    {AUTHORIZED, FLOW_PACKED, CAPTURING, FLOW_DO_CAPTURE, 0},
    {AUTHORIZED, FLOW_CANCELLED, VOIDING, FLOW_DO_VOID | FLOW_UNWATCH, 0},
    {AUTHORIZED, FLOW_EXPIRED, VOIDING, FLOW_DO_VOID | FLOW_UNWATCH, 0},
    {AUTHORIZED, FLOW_CAPTURE_OK, CAPTURED, FLOW_SAY_CAPTURED | FLOW_UNWATCH, 0},
    {AUTHORIZED, FLOW_CAPTURE_REFUSED, CAPTURE_REFUSED, FLOW_SAY_CAPTURE_REFUSED, 0},
    {AUTHORIZED, FLOW_VOID_OK, VOIDED, FLOW_SAY_VOIDED | FLOW_UNWATCH, 0},
    {CAPTURING, FLOW_CAPTURE_OK, CAPTURED, FLOW_SAY_CAPTURED | FLOW_UNWATCH, 0},
    {CAPTURING, FLOW_CAPTURE_REFUSED, CAPTURE_REFUSED, FLOW_SAY_CAPTURE_REFUSED, 0},
    {CAPTURE_REFUSED, FLOW_CANCELLED, VOIDING, FLOW_DO_VOID | FLOW_UNWATCH, 0},
    {CAPTURE_REFUSED, FLOW_EXPIRED, VOIDING, FLOW_DO_VOID | FLOW_UNWATCH, 0},
    {CAPTURE_REFUSED, FLOW_CAPTURE_OK, CAPTURED, FLOW_SAY_CAPTURED | FLOW_UNWATCH, 0},
    {CAPTURE_REFUSED, FLOW_VOID_OK, VOIDED, FLOW_SAY_VOIDED | FLOW_UNWATCH, 0},
    {CAPTURED, FLOW_CANCELLED, REFUNDING, FLOW_DO_REFUND, 1000},
    {CAPTURED, FLOW_REFUND_ASKED, REFUNDING, FLOW_DO_REFUND, 300},
    {VOIDING, FLOW_VOID_OK, VOIDED, FLOW_SAY_VOIDED | FLOW_UNWATCH, 0},
    {VOIDING, FLOW_CAPTURE_REFUSED, VOIDING, FLOW_SAY_CAPTURE_REFUSED, 0},
    {VOIDING, FLOW_CAPTURE_OK, REFUNDING, FLOW_SAY_CAPTURED | FLOW_UNWATCH | FLOW_DO_REFUND, 1000},
    {REFUNDING, FLOW_CANCELLED, REFUNDING, FLOW_DO_REFUND, 700},
    {REFUNDING, FLOW_REFUND_ASKED, REFUNDING, FLOW_DO_REFUND, 300},
    {REFUNDING, FLOW_REFUND_OK, CAPTURED, FLOW_SAY_REFUNDED, 0},
    {REFUNDING, FLOW_REFUND_REFUSED, CAPTURED, 0, 0},
    {REFUNDING, FLOW_REFUND_FOUND, REFUNDING, FLOW_SAY_REFUNDED, 0},
    {CAPTURED, FLOW_REFUND_FOUND, CAPTURED, FLOW_SAY_REFUNDED, 0},
    {NOT_NEEDED, FLOW_AUTHORIZE_OK, VOIDING, FLOW_DO_VOID | FLOW_UNWATCH | FLOW_SAY_AUTHORIZED, 0},
    {NOT_NEEDED, FLOW_AUTHORIZE_REFUSED, DECLINED, FLOW_SAY_DECLINED, 0},
};

static const struct pair *find_pair(int from, int event)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].from == from && pairs[i].event == event)
            return &pairs[i];
    return NULL;
}

static int64_t minor_of(int event)
{
    return event >= FLOW_REFUND_ASKED ? 300 : 1000;
}

static void check_pair(int from, int event)
{
    const struct pair *want = find_pair(from, event);
    flow               f = at(from);
    int64_t            refund;
    unsigned           acts = flow_apply(&f, event, minor_of(event), &refund);

    if (!CHECK_STR(state_name(f.state), state_name(want != NULL ? want->to : from)) ||
        !CHECK_INT(acts & ~(unsigned)FLOW_CHANGED, want != NULL ? want->acts : 0) ||
        !CHECK_INT(refund, want != NULL ? want->refund : 0))
        fprintf(stderr, "in %s with event %d\n", state_name(from), event);
}

/* What is noted has been noted by the second time, and what is done is done. */
static void check_again(int from, int event)
{
    flow    f = at(from), before;
    int64_t refund;

    flow_apply(&f, event, minor_of(event), &refund);
    before = f;
    if (event == FLOW_REFUND_ASKED || event == FLOW_REFUND_OK || event == FLOW_REFUND_REFUSED ||
        event == FLOW_REFUND_FOUND)
        return; /* each of these is another one's: the store tells them apart by their numbers */
    if (!CHECK_INT(flow_apply(&f, event, minor_of(event), &refund), 0) || !CHECK_MEM(&f, sizeof f, &before, sizeof f))
        fprintf(stderr, "in %s with event %d, twice\n", state_name(from), event);
}

static void test_pairs(void)
{
    test_begin("every pair of a state and an event leads where the table says, or changes nothing but notes");
    for (int state = NONE; state < STATES; state++)
        for (int event = 0; event < FLOW_EVENTS; event++)
            check_pair(state, event);
    test_begin("an event that comes twice does nothing the second time, in every state");
    for (int state = NONE; state < STATES; state++)
        for (int event = 0; event < FLOW_EVENTS; event++)
            check_again(state, event);
}

static int run(flow *f, const flow_event *events, size_t count)
{
    int64_t refund;

    for (size_t i = 0; i < count; i++)
        flow_apply(f, events[i], 1000, &refund);
    return f->state;
}

#define RUN(f, ...) run(f, (const flow_event[]){__VA_ARGS__}, sizeof((flow_event[]){__VA_ARGS__}) / sizeof(flow_event))

static void test_notes(void)
{
    flow    f = {0};
    int64_t refund;

    test_begin("stock and order are waited for in any order, and asked for once");
    CHECK_INT(RUN(&f, FLOW_RESERVED), WAITING);
    CHECK_INT(flow_apply(&f, FLOW_SUBMITTED, 1000, &refund), FLOW_CHANGED | FLOW_DO_AUTHORIZE);
    CHECK_INT(flow_apply(&f, FLOW_RESERVED, 0, &refund), 0);
    test_begin("a cancel that comes first stays, and so does one before the answer is known");
    f = (flow){0};
    CHECK_INT(RUN(&f, FLOW_CANCELLED, FLOW_SUBMITTED, FLOW_RESERVED), NOT_NEEDED);
    f = at(AUTHORIZING);
    CHECK_INT(RUN(&f, FLOW_CANCELLED), AUTHORIZING);
    CHECK_INT(RUN(&f, FLOW_AUTHORIZE_OK), VOIDING);
    f = at(AUTHORIZING);
    CHECK_INT(RUN(&f, FLOW_CANCELLED, FLOW_AUTHORIZE_REFUSED), DECLINED);
    f = at(AUTHORIZING);
    CHECK_INT(RUN(&f, FLOW_AUTHORIZE_NEVER), AUTHORIZING);
    CHECK_INT(RUN(&f, FLOW_CANCELLED, FLOW_AUTHORIZE_NEVER), NOT_NEEDED);
    test_begin("a cancel while it is captured is a refund once it is, and a void where it is refused");
    f = at(CAPTURING);
    CHECK_INT(RUN(&f, FLOW_CANCELLED), CAPTURING);
    CHECK_INT(RUN(&f, FLOW_CAPTURE_OK), REFUNDING);
    CHECK_INT(f.pending, 1000);
    f = at(CAPTURING);
    CHECK_INT(RUN(&f, FLOW_CANCELLED, FLOW_CAPTURE_REFUSED), VOIDING);
    test_begin("what was packed before it was authorised is captured then");
    f = at(AUTHORIZING);
    CHECK_INT(RUN(&f, FLOW_PACKED, FLOW_AUTHORIZE_OK), CAPTURING);
    test_begin("an order that costs less than nothing is declined");
    f = (flow){0};
    flow_apply(&f, FLOW_SUBMITTED, -1, &refund);
    CHECK_INT(flow_apply(&f, FLOW_RESERVED, 0, &refund), FLOW_CHANGED | FLOW_SAY_DECLINED);
    test_begin("only one that expired says so");
    f = at(AUTHORIZED);
    CHECK_INT(RUN(&f, FLOW_EXPIRED), VOIDING);
    CHECK(f.expired);
    f = at(CAPTURING);
    CHECK_INT(RUN(&f, FLOW_EXPIRED), CAPTURING);
    CHECK(!f.expired);
    test_begin("what is voided after its time, and not because its capture was refused, has expired");
    for (int state = 0; state < STATES; state++) {
        f = at(state);
        flow_overdue(&f);
        CHECK_INT(f.expired, state == AUTHORIZED || state == VOIDING);
        CHECK_INT(f.state, state);
    }
    f = at(VOIDING);
    f.capture_refused = true;
    flow_overdue(&f);
    CHECK(!f.expired);
}

static void test_refunds(void)
{
    flow    f = at(CAPTURED);
    int64_t refund;

    test_begin("refunds that are asked and not settled count: together never above what is captured");
    CHECK(flow_apply(&f, FLOW_REFUND_ASKED, 600, &refund) & FLOW_DO_REFUND);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_ASKED, 401, &refund), 0);
    CHECK_INT(flow_left(&f), 400);
    CHECK(flow_apply(&f, FLOW_REFUND_ASKED, 400, &refund) & FLOW_DO_REFUND);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_ASKED, 1, &refund), 0);
    flow_apply(&f, FLOW_REFUND_OK, 600, &refund);
    CHECK_INT(f.state, REFUNDING);
    flow_apply(&f, FLOW_REFUND_OK, 400, &refund);
    CHECK_INT(f.state, REFUNDED);
    CHECK_INT(f.refunded, 1000);
    test_begin("one that the provider refused can be asked again");
    f = at(CAPTURED);
    flow_apply(&f, FLOW_REFUND_ASKED, 1000, &refund);
    flow_apply(&f, FLOW_REFUND_REFUSED, 1000, &refund);
    CHECK_INT(f.state, CAPTURED);
    CHECK_INT(flow_left(&f), 1000);
    test_begin("a cancel gives back what is left, and not what is on its way");
    f = at(REFUNDING);
    flow_apply(&f, FLOW_CANCELLED, 0, &refund);
    CHECK_INT(refund, 700);
    CHECK_INT(f.pending, 1000);
    test_begin("what others gave back is not asked for again: what is left is, once what was asked for is refused");
    f = at(CAPTURED);
    flow_apply(&f, FLOW_CANCELLED, 0, &refund);
    CHECK_INT(refund, 1000);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_FOUND, 300, &refund), FLOW_CHANGED | FLOW_SAY_REFUNDED);
    CHECK_INT(flow_left(&f), 0);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_REFUSED, 1000, &refund), FLOW_CHANGED | FLOW_DO_REFUND);
    CHECK_INT(refund, 700);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_FOUND, 701, &refund), 0);
    flow_apply(&f, FLOW_REFUND_OK, 700, &refund);
    CHECK_INT(f.state, REFUNDED);
    test_begin("nor is it where what was asked for was refused before that is heard");
    f = at(CAPTURED);
    flow_apply(&f, FLOW_CANCELLED, 0, &refund);
    flow_apply(&f, FLOW_REFUND_REFUSED, 1000, &refund);
    CHECK_INT(f.state, CAPTURED);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_FOUND, 300, &refund), FLOW_CHANGED | FLOW_SAY_REFUNDED | FLOW_DO_REFUND);
    CHECK_INT(refund, 700);
    CHECK_INT(f.state, REFUNDING);
}

static flow elsewhere(void)
{
    return (flow){.settled = true};
}

static void test_settled(void)
{
    flow    f = elsewhere();
    int64_t refund;

    test_begin(
        "what was paid elsewhere is authorised and captured when it is its turn, and the provider asked for nothing");
    CHECK_INT(RUN(&f, FLOW_RESERVED), WAITING);
    CHECK_INT(flow_apply(&f, FLOW_SUBMITTED, 1000, &refund), FLOW_CHANGED | FLOW_SAY_AUTHORIZED);
    CHECK_INT(f.state, AUTHORIZED);
    CHECK_INT(f.authorized, 1000);
    CHECK_INT(flow_apply(&f, FLOW_PACKED, 0, &refund), FLOW_CHANGED | FLOW_SAY_CAPTURED);
    CHECK_INT(f.state, CAPTURED);
    CHECK_INT(f.captured, 1000);
    test_begin("what is given back of it was given back");
    CHECK_INT(flow_apply(&f, FLOW_REFUND_ASKED, 400, &refund), FLOW_CHANGED | FLOW_SAY_REFUNDED);
    CHECK_INT(refund, 400);
    CHECK_INT(f.state, CAPTURED);
    CHECK_INT(f.refunded, 400);
    CHECK_INT(f.pending, 0);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_ASKED, 601, &refund), 0);
    CHECK_INT(flow_apply(&f, FLOW_CANCELLED, 0, &refund), FLOW_CHANGED | FLOW_SAY_REFUNDED);
    CHECK_INT(refund, 600);
    CHECK_INT(f.state, REFUNDED);
    test_begin("in any order of what is told, and where it is cancelled before it was packed");
    f = elsewhere();
    CHECK_INT(RUN(&f, FLOW_PACKED, FLOW_SUBMITTED, FLOW_RESERVED), CAPTURED);
    f = elsewhere();
    CHECK_INT(RUN(&f, FLOW_SUBMITTED, FLOW_RESERVED, FLOW_CANCELLED), VOIDED);
    f = elsewhere();
    CHECK_INT(RUN(&f, FLOW_CANCELLED, FLOW_SUBMITTED, FLOW_RESERVED), NOT_NEEDED);
    test_begin("in no state is the provider asked, nor a time watched");
    for (int state = NONE; state < STATES; state++)
        for (int event = 0; event < FLOW_EVENTS; event++) {
            f = at(state);
            f.settled = true;
            CHECK_INT(flow_apply(&f, event, minor_of(event), &refund) &
                          (FLOW_DO_AUTHORIZE | FLOW_DO_CAPTURE | FLOW_DO_VOID | FLOW_DO_REFUND | FLOW_WATCH),
                      0);
        }
}

/* One order in which the news of a free order can come, each twice. What is said, in all. */
static unsigned run_free(flow *f, const flow_event *order, size_t count)
{
    unsigned said = 0;

    *f = (flow){0};
    for (size_t i = 0; i < 2 * count; i++) {
        int64_t  refund;
        unsigned acts = flow_apply(f, order[i / 2], 0, &refund);

        CHECK_INT(acts & (FLOW_DO_AUTHORIZE | FLOW_DO_CAPTURE | FLOW_DO_VOID | FLOW_DO_REFUND | FLOW_WATCH), 0);
        CHECK_INT(acts & said & ~(unsigned)FLOW_CHANGED, 0);
        CHECK_INT(refund, 0);
        CHECK_INT(f->authorized + f->captured + f->refunded + f->pending, 0);
        said |= acts;
    }
    return said & ~(unsigned)FLOW_CHANGED;
}

static void check_free_end(const flow *f, unsigned said)
{
    static const struct {
        int      state;
        unsigned said;
    } ends[] = {{NOT_NEEDED, 0},
                {VOIDED, FLOW_SAY_AUTHORIZED | FLOW_SAY_VOIDED},
                {REFUNDED, FLOW_SAY_AUTHORIZED | FLOW_SAY_CAPTURED | FLOW_SAY_REFUNDED}};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (f->state == ends[i].state) {
            CHECK_INT(said, ends[i].said);
            return;
        }
    CHECK_STR(state_name(f->state), "NOT_NEEDED, VOIDED or REFUNDED");
}

static void test_free(void)
{
    flow    f;
    int64_t refund;

    test_begin("an order that costs nothing is authorised and captured without the provider");
    CHECK_INT(run_free(&f, (flow_event[]){FLOW_SUBMITTED, FLOW_RESERVED}, 2), FLOW_SAY_AUTHORIZED);
    CHECK_INT(f.state, AUTHORIZED);
    CHECK_INT(flow_apply(&f, FLOW_EXPIRED, 0, &refund), 0);
    CHECK_INT(run_free(&f, (flow_event[]){FLOW_SUBMITTED, FLOW_RESERVED, FLOW_PACKED}, 3),
              FLOW_SAY_AUTHORIZED | FLOW_SAY_CAPTURED);
    CHECK_INT(f.state, CAPTURED);
    CHECK_INT(flow_apply(&f, FLOW_REFUND_ASKED, 1, &refund), 0);
    CHECK_INT(run_free(&f, (flow_event[]){FLOW_PACKED, FLOW_RESERVED, FLOW_SUBMITTED}, 3),
              FLOW_SAY_AUTHORIZED | FLOW_SAY_CAPTURED);
    CHECK_INT(f.state, CAPTURED);

    test_begin("and cancelled without it, in whatever order the news come");
    for (int i = 0; i < 4 * 4 * 4 * 4; i++) {
        const flow_event order[] = {i % 4, i / 4 % 4, i / 16 % 4, i / 64};
        unsigned         all = 0;

        for (int k = 0; k < 4; k++)
            all |= 1u << order[k];
        if (all == (1u << FLOW_SUBMITTED | 1u << FLOW_RESERVED | 1u << FLOW_PACKED | 1u << FLOW_CANCELLED)) {
            unsigned said = run_free(&f, order, 4);

            check_free_end(&f, said);
        }
    }
}

int main(void)
{
    test_settled();
    test_free();
    test_pairs();
    test_notes();
    test_refunds();
    return test_end();
}
