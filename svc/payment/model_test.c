/* model_test.c: the payment's flow beside a provider, in every order in which events, answers, news and time can come.
 * All states that both can get into together are visited (176,227), and in each it must hold that nothing is charged
 * twice, and that, whatever came before, bringing all to its end leaves both with the same ledger.
 */
#include "flow.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

enum { AMOUNT = 3, SEEN_MAX = 1 << 20, REFUNDS = 6 };

enum {
    AUTHORIZING = PAYMENT__PAYMENT_STATE__AUTHORIZING,
    AUTHORIZED = PAYMENT__PAYMENT_STATE__AUTHORIZED,
    CAPTURING = PAYMENT__PAYMENT_STATE__CAPTURING,
    VOIDING = PAYMENT__PAYMENT_STATE__VOIDING,
    CAPTURE_REFUSED = PAYMENT__PAYMENT_STATE__CAPTURE_REFUSED,
    CAPTURED = PAYMENT__PAYMENT_STATE__CAPTURED,
    REFUNDING = PAYMENT__PAYMENT_STATE__REFUNDING,
    WAITING = PAYMENT__PAYMENT_STATE__WAITING
};

typedef enum outcome { NOT_ASKED, DONE, REFUSED, TOO_LATE /* it was captured before */ } outcome;

/* What the provider did under the one key that each thing has. Refunds: how much the payment asked for, and how much
 * was done: not the same where that was asked before the payment's store was lost. */
typedef struct provider {
    unsigned char authorize, capture, give_up, late; /* late: an authorise is still on its way to it */
    unsigned char captured, voided;                  /* it was, by whomever: by a key of payment's, or of another's */
    unsigned char others;                            /* minor that somebody else gave back */
    unsigned char counted;                           /* the payment took that in */
    unsigned char refunds[REFUNDS];                  /* minor of refund 1 ..., 0: none */
    unsigned char did[REFUNDS];                      /* minor, as it was asked when it was done */
    unsigned char done[REFUNDS];                     /* outcome of each */
    unsigned char settled[REFUNDS];                  /* the payment took it in */
} provider;

/* heard: what others' logs have, a bit an event; restored: the payment went back to a backup of before all of it. */
typedef struct world {
    flow          f;
    provider      p;
    unsigned char heard, restored;
} world;

typedef struct seen {
    world  *worlds;
    size_t  count, next;
    size_t *slots;
} seen;

static uint64_t hash_of(const world *w)
{
    const uint8_t *bytes = (const uint8_t *)w;
    uint64_t       sum = 0xcbf29ce484222325;

    for (size_t i = 0; i < sizeof *w; i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3;
    return sum ^ sum >> 29;
}

static void visit(seen *s, const world *w)
{
    size_t slot = hash_of(w) % (2 * SEEN_MAX);

    for (; s->slots[slot] != 0; slot = (slot + 1) % (2 * SEEN_MAX))
        if (memcmp(&s->worlds[s->slots[slot] - 1], w, sizeof *w) == 0)
            return;
    if (!CHECK(s->count < SEEN_MAX))
        exit(test_end());
    s->worlds[s->count++] = *w;
    s->slots[slot] = s->count;
}

static bool apply(world *w, flow_event event, int64_t minor)
{
    int64_t  refund;
    unsigned acts = flow_apply(&w->f, event, minor, &refund);

    for (int i = 0; refund > 0 && i < REFUNDS; i++)
        if (w->p.refunds[i] == 0) {
            w->p.refunds[i] = (unsigned char)refund;
            refund = 0;
        }
    return CHECK_INT(refund, 0) && acts != 0;
}

/* ---- the provider ---- */

static void do_authorize(world *w, bool refuse)
{
    if (w->p.authorize == NOT_ASKED)
        w->p.authorize = refuse ? REFUSED : DONE;
}

static bool is_held(const provider *p)
{
    return p->authorize == DONE && !p->captured && !p->voided;
}

static void do_capture(world *w, bool refuse)
{
    if (w->p.capture != NOT_ASKED)
        return;
    w->p.capture = !is_held(&w->p) || (refuse && !w->p.captured) ? REFUSED : DONE;
    if (w->p.capture == DONE)
        w->p.captured = 1;
    else if (w->p.captured)
        w->p.capture = TOO_LATE;
}

static void do_void(world *w)
{
    if (w->p.give_up != NOT_ASKED)
        return;
    w->p.give_up = is_held(&w->p) ? DONE : w->p.captured ? TOO_LATE : REFUSED;
    if (w->p.give_up == DONE)
        w->p.voided = 1;
}

/* Somebody who has the provider's key, by one of his own. */
static bool do_beside(world *w, unsigned char *what)
{
    if (!is_held(&w->p))
        return false;
    *what = 1;
    return true;
}

static int refunded(const provider *p)
{
    int sum = p->others;

    for (int i = 0; i < REFUNDS; i++)
        sum += p->done[i] == DONE ? p->did[i] : 0;
    return sum;
}

static void do_refund(world *w, int i, bool refuse)
{
    bool over = refunded(&w->p) + w->p.refunds[i] > AMOUNT || !w->p.captured;

    if (w->p.done[i] != NOT_ASKED)
        return;
    CHECK(!over || w->restored ||
          w->p.others); /* the payment never asks for more than there is, as far as it can know */
    w->p.done[i] = refuse || over ? REFUSED : DONE;
    w->p.did[i] = w->p.refunds[i];
}

/* Once, and not all of it. */
static bool do_refund_beside(world *w)
{
    if (!w->p.captured || w->p.others || refunded(&w->p) == AMOUNT)
        return false;
    w->p.others = 1;
    return true;
}

/* ---- the news of what it did, which may come at any time and again ---- */

static void hear_authorize(world *w)
{
    if (w->p.authorize == DONE)
        apply(w, FLOW_AUTHORIZE_OK, AMOUNT);
    else if (w->p.authorize == REFUSED)
        apply(w, FLOW_AUTHORIZE_REFUSED, AMOUNT);
    else if (w->f.state == AUTHORIZING) /* before it was asked, perhaps */
        apply(w, FLOW_AUTHORIZE_NEVER, 0);
}

/* That it was captured before, by whomever, says how much: all that was authorised (news.c). */
static void hear_capture(world *w)
{
    if (w->p.capture == TOO_LATE)
        apply(w, FLOW_CAPTURE_OK, w->f.authorized);
    else if (w->p.capture != NOT_ASKED)
        apply(w, w->p.capture == DONE ? FLOW_CAPTURE_OK : FLOW_CAPTURE_REFUSED, AMOUNT);
}

static void hear_void(world *w)
{
    if (w->p.give_up == TOO_LATE)
        apply(w, FLOW_CAPTURE_OK, w->f.authorized);
    else if (w->p.give_up != NOT_ASKED)
        apply(w, FLOW_VOID_OK, AMOUNT);
}

/* Only where payment had it authorised: else it is nobody's, as far as it knows, and heard of by what it asks. */
static void hear_beside(world *w)
{
    if (w->f.authorized == 0)
        return;
    if (w->p.captured)
        apply(w, FLOW_CAPTURE_OK, AMOUNT);
    else if (w->p.voided)
        apply(w, FLOW_VOID_OK, AMOUNT);
}

/* One that is not known here takes the next number, once payment knows of a capture; so does one that was refused. What
 * is asked for after it has the number after that, as in record_find. */
static void find_refund(world *w, int i)
{
    if ((i > 0 && w->p.refunds[i - 1] == 0) || w->f.captured == 0)
        return;
    w->p.refunds[i] = w->p.did[i];
    w->p.settled[i] = 1;
    if (w->p.done[i] == DONE && !apply(w, FLOW_REFUND_FOUND, w->p.did[i]))
        w->p.refunds[i] = w->p.settled[i] = 0;
}

/* Of another amount than was asked for now: that is asked for again, as far as it is left (store.c). */
static void hear_refund(world *w, int i)
{
    int asked = w->p.refunds[i], did = w->p.did[i];

    if (w->p.done[i] == NOT_ASKED || w->p.settled[i])
        return;
    if (asked == 0) {
        find_refund(w, i);
        return;
    }
    w->p.settled[i] = 1;
    w->p.refunds[i] = w->p.did[i];
    w->f.pending += did - asked;
    CHECK(apply(w, w->p.done[i] == DONE ? FLOW_REFUND_OK : FLOW_REFUND_REFUSED, did));
    if (did != asked)
        apply(w, FLOW_REFUND_ASKED, asked < flow_left(&w->f) ? asked : flow_left(&w->f));
}

/* What was given back was captured before (refunds.c). */
static void hear_refund_beside(world *w)
{
    if (w->f.authorized == 0 || !w->p.others || w->p.counted)
        return;
    apply(w, FLOW_CAPTURE_OK, w->f.authorized);
    w->p.counted = apply(w, FLOW_REFUND_FOUND, w->p.others);
}

/* ---- every step that is possible ---- */

static int first_open(const world *w)
{
    for (int i = 0; i < REFUNDS; i++)
        if (w->p.refunds[i] != 0 && !w->p.settled[i])
            return i;
    return -1;
}

/* What a task does at the provider, answer not heard. false: refuses. */
static void ask(world *w, bool refuse)
{
    switch (w->f.state) {
    case AUTHORIZING:
        if (w->f.cancelled)
            return; /* it asks what came of it, and no more */
        do_authorize(w, refuse);
        return;
    case CAPTURING:
        do_capture(w, refuse);
        return;
    case VOIDING:
        do_void(w);
        return;
    case REFUNDING:
        if (first_open(w) >= 0)
            do_refund(w, first_open(w), refuse);
    }
}

/* Refunds by hand come by no event: what the store had of them is lost with it, but for what the provider did. */
static bool restore(world *w)
{
    if (w->restored)
        return false;
    w->restored = 1;
    memset(&w->f, 0, sizeof w->f);
    memset(w->p.refunds, 0, sizeof w->p.refunds);
    memset(w->p.settled, 0, sizeof w->p.settled);
    w->p.counted = 0;
    return true;
}

static bool step(world *w, int which)
{
    switch (which) {
    case 0:
    case 1:
    case 2:
    case 3:
        w->heard |= (unsigned char)(1 << which);
        return apply(w, (flow_event)which, AMOUNT) || w->restored;
    case 4: /* submitted, reserved, packed, cancelled; expired */
        return apply(w, (flow_event)which, AMOUNT);
    case 5:
        ask(w, false);
        return true;
    case 6:
        if (w->f.state != REFUNDING) /* a refund that is refused is for a person, and has an end of its own */
            ask(w, true);
        return true;
    case 7:
        hear_authorize(w);
        return true;
    case 8:
        hear_capture(w);
        return true;
    case 9:
        hear_void(w);
        return true;
    case 10:
        for (int i = 0; i < REFUNDS; i++)
            hear_refund(w, i);
        return true;
    case 11: /* a request leaves, and gets lost on its way until step 12 */
        if (w->f.state == AUTHORIZING && !w->f.cancelled)
            w->p.late = 1;
        return true;
    case 12:
        if (w->p.late)
            do_authorize(w, false);
        w->p.late = 0;
        return true;
    case 13:
        return w->p.refunds[1] == 0 && apply(w, FLOW_REFUND_ASKED, 1);
    case 14:
        return restore(w);
    case 15:
        return do_beside(w, &w->p.captured);
    case 16:
        return do_beside(w, &w->p.voided);
    case 17:
        hear_beside(w);
        return true;
    case 18:
        return do_refund_beside(w);
    case 19:
        hear_refund_beside(w);
        return true;
    }
    return false;
}

enum { STEPS = 20 };

/* ---- what must hold ---- */

static bool holds(const world *w)
{
    const flow *f = &w->f;

    return CHECK(f->captured <= f->authorized &&
                 f->refunded + (w->restored || w->p.others ? 0 : f->pending) <= f->captured) &&
           CHECK(f->captured == 0 || w->p.captured) && CHECK(f->authorized == 0 || w->p.authorize == DONE) &&
           CHECK(f->refunded <= refunded(&w->p)) && CHECK(refunded(&w->p) <= AMOUNT) &&
           CHECK(!(w->p.captured && w->p.voided));
}

/* Everything under way ends: what is late arrives, tasks run until they are done, all news is heard. */
static void drain(world *w)
{
    step(w, 12);
    for (int event = 0; event < 4; event++) /* FLOW_SUBMITTED and on: a restored payment reads all logs again */
        if (w->heard & 1 << event)
            apply(w, (flow_event)event, AMOUNT);
    for (int i = 0; i < 12; i++) {
        ask(w, false);
        hear_authorize(w);
        hear_capture(w);
        hear_void(w);
        hear_beside(w);
        hear_refund_beside(w);
        for (int j = 0; j < REFUNDS; j++)
            hear_refund(w, j);
    }
}

static bool same_ledger(const world *w)
{
    const flow *f = &w->f;
    bool        over = w->p.voided || w->p.captured;

    if (!CHECK(f->state != AUTHORIZING && f->state != CAPTURING && f->state != VOIDING && f->state != REFUNDING) ||
        !CHECK_INT(f->authorized, w->p.authorize == DONE ? AMOUNT : 0) ||
        !CHECK_INT(f->captured, w->p.captured ? AMOUNT : 0) || !CHECK_INT(f->refunded, refunded(&w->p)) ||
        !CHECK_INT(f->state == PAYMENT__PAYMENT_STATE__VOIDED, w->p.voided))
        return false;
    if (f->cancelled)
        return CHECK_INT(f->captured, f->refunded) && CHECK(w->p.authorize != DONE || over);
    return CHECK(f->state != AUTHORIZED || !f->packed) && CHECK(f->state != PAYMENT__PAYMENT_STATE__NOT_NEEDED);
}

static void show(const world *w)
{
    fprintf(stderr,
            "state %d submitted %d reserved %d packed %d cancelled %d expired %d authorized %d captured %d refunded %d "
            "pending %d; provider: authorize %d capture %d void %d late %d captured %d voided %d others %d\n",
            w->f.state, w->f.submitted, w->f.reserved, w->f.packed, w->f.cancelled, w->f.expired, (int)w->f.authorized,
            (int)w->f.captured, (int)w->f.refunded, (int)w->f.pending, w->p.authorize, w->p.capture, w->p.give_up,
            w->p.late, w->p.captured, w->p.voided, w->p.others);
}

int main(void)
{
    seen  s = {.worlds = malloc(SEEN_MAX * sizeof *s.worlds), .slots = calloc(2 * SEEN_MAX, sizeof *s.slots)};
    world first;
    bool  held = true;

    test_begin("in every order of events, answers and news, nothing is charged twice, and both end with one ledger");
    memset(&first, 0, sizeof first); /* padding too: worlds are compared as bytes */
    visit(&s, &first);
    for (; held && s.next < s.count; s.next++) {
        for (int which = 0; which < STEPS; which++) {
            world next = s.worlds[s.next];

            if (step(&next, which))
                visit(&s, &next);
        }
        world end = s.worlds[s.next];

        held = holds(&end);
        drain(&end);
        held = held && holds(&end) && same_ledger(&end);
        if (!held) {
            show(&s.worlds[s.next]);
            show(&end);
        }
    }
    printf("# %zu states\n", s.count);
    CHECK(s.count > 100);
    free(s.worlds);
    free(s.slots);
    return test_end();
}
