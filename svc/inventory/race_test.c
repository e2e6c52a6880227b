/* race_test.c: many orders race for the last pieces of a few products, among cancels, reservations that run out,
 * parcels that leave, goods that come and are lost. After every step all that must always be so is looked at, by public
 * methods alone. The seed is printed; MARU_SEED takes it back.
 */
#include "random.h"
#include "testing.h"

enum { PRODUCTS = 5, ORDERS = 160, STEPS = 40, NEWS_A_STEP = 24, CALLS_A_STEP = 3, PIECES = 12, RUN_OUT_MS = 15 };

/* What checkout and shipping have said of an order. */
struct told {
    bool  submitted, confirmed, cancelled, dispatched;
    char *goods;
};

struct call {
    struct race *race;
    size_t       product;
    int64_t      delta;
};

struct race {
    struct fixture *f;
    rng             random;
    maru_call      *memory; /* for all of it */
    struct told     orders[ORDERS];
    struct call     calls[STEPS * CALLS_A_STEP];
    size_t          made;
    atomic_size_t   ended;
    _Atomic int64_t adjusted[PRODUCTS]; /* by the answers that came */
};

static char *name_of(struct race *r, size_t order)
{
    return maru_printf(r->memory, "orders/%03zu", order);
}

static char *product_name(struct race *r, size_t product)
{
    return maru_printf(r->memory, "products/p%zu", product);
}

static char *some_goods(struct race *r)
{
    char *goods = maru_strdup(r->memory, "");

    for (uint64_t lines = 1 + rng_below(&r->random, 3); lines > 0; lines--)
        goods = maru_printf(r->memory, "%s%sp%u:%u", goods, goods[0] == '\0' ? "" : " ",
                            (unsigned)rng_below(&r->random, PRODUCTS), 1 + (unsigned)rng_below(&r->random, 3));
    return goods;
}

/* ---- a step ---- */

/* One piece of news of any order, in any order: what fits, what comes early, and what comes twice. */
static void say_something(struct race *r)
{
    size_t       index = rng_below(&r->random, ORDERS);
    struct told *told = &r->orders[index];
    char        *name = name_of(r, index);

    if (told->goods == NULL)
        told->goods = some_goods(r);
    switch (rng_below(&r->random, 10)) {
    case 0:
    case 1:
    case 2:
        submit(r->f, name, told->goods);
        told->submitted = true;
        break;
    case 3:
    case 4:
    case 5:
        if (told->submitted && !told->cancelled)
            confirm(r->f, name, told->goods);
        told->confirmed = told->submitted;
        break;
    case 6:
        cancel(r->f, name);
        told->cancelled = true;
        break;
    default:
        if (told->confirmed && !told->cancelled && reservation(r->f, name) != NULL &&
            reservation(r->f, name)->state == INVENTORY__RESERVATION_STATE__COMMITTED) {
            dispatch(r->f, name);
            told->dispatched = true;
        }
    }
}

static void adjusted(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    struct call *call = arg;

    CHECK(status == MARU_OK || status == MARU_FAILED_PRECONDITION);
    if (status == MARU_OK)
        atomic_fetch_add(&call->race->adjusted[call->product], call->delta);
    atomic_fetch_add(&call->race->ended, 1);
}

/* Found and lost, while the news are on their way. */
static void adjust_something(struct race *r)
{
    Inventory__AdjustStockRequest request = INVENTORY__ADJUST_STOCK_REQUEST__INIT;
    struct call                  *call = &r->calls[r->made++];

    *call = (struct call){
        .race = r, .product = rng_below(&r->random, PRODUCTS), .delta = (int64_t)rng_below(&r->random, 11) - 5};
    if (call->delta == 0)
        call->delta = 3;
    request.product = product_name(r, call->product);
    request.delta = call->delta;
    request.reason = (char *)"counted";
    inventory_adjust_stock_async(r->f->t.s.client, r->memory, &request, adjusted, call);
}

static void step(struct race *r)
{
    for (int i = 0; i < CALLS_A_STEP; i++)
        adjust_something(r);
    for (int i = 0; i < NEWS_A_STEP; i++)
        say_something(r);
    while (atomic_load(&r->ended) < r->made && maru_call_check(r->f->t.call) == MARU_OK)
        get(r->f, "products/p0");
    CHECK_INT(atomic_load(&r->ended), r->made);
    CHECK(teller_settle(&r->f->t));
}

/* ---- what must always be so ---- */

static const Inventory__ListStockResponse *all_stock(struct race *r)
{
    Inventory__ListStockRequest   request = INVENTORY__LIST_STOCK_REQUEST__INIT;
    Inventory__ListStockResponse *response;

    CHECK_INT(inventory_list_stock(r->f->t.s.client, r->f->t.call, &request, &response), MARU_OK);
    CHECK_INT(response->n_stock, PRODUCTS);
    return response;
}

/* Adds up what is live, product by product. */
static void add_live(struct race *r, int64_t live[static PRODUCTS])
{
    Inventory__ListReservationsRequest   request = INVENTORY__LIST_RESERVATIONS_REQUEST__INIT;
    Inventory__ListReservationsResponse *page;

    memset(live, 0, PRODUCTS * sizeof *live);
    request.live_only = true;
    request.page_size = 7;
    do {
        if (!CHECK_INT(inventory_list_reservations(r->f->t.s.client, r->f->t.call, &request, &page), MARU_OK))
            return;
        for (size_t i = 0; i < page->n_reservations; i++)
            for (size_t j = 0; j < page->reservations[i]->n_goods; j++)
                live[page->reservations[i]->goods[j]->product[strlen("products/p")] - '0'] +=
                    page->reservations[i]->goods[j]->quantity;
        request.page_token = page->next_page_token;
    } while (request.page_token[0] != '\0');
}

static bool same_stock(const Inventory__ListStockResponse *a, const Inventory__ListStockResponse *b)
{
    for (size_t i = 0; i < PRODUCTS; i++)
        if (a->stock[i]->movements != b->stock[i]->movements || a->stock[i]->reserved != b->stock[i]->reserved)
            return false;
    return true;
}

/* The reservations between two equal looks at the stock are those of that stock: what runs out meanwhile only takes
 * off. */
static const Inventory__ListStockResponse *look(struct race *r, int64_t live[static PRODUCTS])
{
    const Inventory__ListStockResponse *before, *after = all_stock(r);

    do {
        before = after;
        add_live(r, live);
        after = all_stock(r);
    } while (!same_stock(before, after) && maru_call_check(r->f->t.call) == MARU_OK);
    return after;
}

/* The ledger of a product, folded: each movement goes on from the one before. */
static void check_ledger(struct race *r, const Inventory__Stock *stock)
{
    Inventory__ListMovementsRequest   request = INVENTORY__LIST_MOVEMENTS_REQUEST__INIT;
    Inventory__ListMovementsResponse *page;
    int64_t                           sums[5] = {0}, on_hand = 0;
    uint64_t                          number = 0;

    request.product = stock->product;
    do {
        if (!CHECK_INT(inventory_list_movements(r->f->t.s.client, r->f->t.call, &request, &page), MARU_OK))
            return;
        for (size_t i = 0; i < page->n_movements; i++) {
            CHECK_INT(page->movements[i]->number, ++number);
            CHECK_INT(page->movements[i]->on_hand, on_hand += page->movements[i]->delta);
            CHECK(on_hand >= 0);
            sums[page->movements[i]->kind] += page->movements[i]->delta;
        }
        request.page_token = page->next_page_token;
    } while (request.page_token[0] != '\0');
    CHECK_INT(number, stock->movements);
    CHECK_INT(on_hand, stock->on_hand);
    CHECK_INT(sums[INVENTORY__MOVEMENT_KIND__RECEIVED], stock->received);
    CHECK_INT(sums[INVENTORY__MOVEMENT_KIND__ADJUSTED], stock->adjusted);
    CHECK_INT(sums[INVENTORY__MOVEMENT_KIND__SHIPPED], -stock->shipped);
}

static void check_all(struct race *r)
{
    int64_t                             live[PRODUCTS];
    const Inventory__ListStockResponse *now = look(r, live);

    for (size_t i = 0; i < PRODUCTS; i++) {
        const Inventory__Stock *s = now->stock[i];

        CHECK_INT(s->on_hand, s->received + s->returned + s->adjusted - s->shipped);
        CHECK(s->reserved >= 0 && s->reserved <= s->on_hand);
        CHECK_INT(s->available, s->on_hand - s->reserved);
        CHECK_INT(s->reserved, live[i]);
        CHECK_INT(s->adjusted, atomic_load(&r->adjusted[i]));
        check_ledger(r, s);
    }
}

/* ---- the end ---- */

/* What an order's events come to: each is told as often as it is true, in an order that can be. */
static void check_story(struct race *r, size_t order, int counts[static 6])
{
    static const char *const           types[] = {"StockReserved", "StockRejected", "StockCommitted", "StockReleased",
                                                  "StockShipped"};
    MaruEvents__ReadAggregateResponse *about = teller_about(&r->f->t, name_of(r, order));
    bool                               live = false;

    for (size_t i = 0; about != NULL && i < about->n_events; i++) {
        const char *type = strrchr(about->events[i]->type, '.') + 1;

        for (size_t k = 0; k < 5; k++)
            counts[k] += strcmp(type, types[k]) == 0;
        counts[5] += strcmp(type, "StockCommitted") == 0 && !live; /* reserved again */
        if (strcmp(type, "StockReserved") == 0 || strcmp(type, "StockRejected") == 0)
            CHECK(!live);
        if (strcmp(type, "StockReleased") == 0 || strcmp(type, "StockShipped") == 0)
            CHECK(live);
        live = strcmp(type, "StockReserved") == 0 || strcmp(type, "StockCommitted") == 0;
    }
    CHECK(!live);
}

static void end(struct race *r)
{
    int counts[6] = {0};

    teller_case(&r->f->t, "once every order is over, nothing is reserved, and their stories add up");
    for (size_t i = 0; i < ORDERS; i++)
        if (!r->orders[i].dispatched)
            cancel(r->f, name_of(r, i));
    CHECK(teller_settle(&r->f->t));
    check_all(r);
    for (size_t i = 0; i < PRODUCTS; i++)
        CHECK_INT(get(r->f, product_name(r, i))->reserved, 0);
    for (size_t i = 0; i < ORDERS; i++)
        check_story(r, i, counts);
    printf("# %d reserved, %d rejected, %d committed (%d of them reserved again), %d released, %d shipped\n", counts[0],
           counts[1], counts[2], counts[5], counts[3], counts[4]);
    for (size_t i = 0; i < 6; i++)
        CHECK(counts[i] > 0);
    CHECK(r->f->fired > 0);
}

static void test_race(struct fixture *f)
{
    struct race *r = calloc(1, sizeof *r);

    r->f = f;
    r->random = rng_seeded("race");
    r->memory = maru_call_begin(f->t.s.runtime, 0);
    teller_case(&f->t, "whatever races for the last pieces, stock, ledger and reservations agree after each step");
    for (size_t i = 0; i < PRODUCTS; i++)
        have(f, maru_printf(r->memory, "p%zu:%d", i, PIECES));
    for (int i = 0; i < STEPS; i++) {
        maru_call_end(f->t.call);
        f->t.call = serving_call(&f->t.s);
        step(r);
        check_all(r);
    }
    end(r);
    maru_call_end(r->memory);
    free(r);
}

int main(void)
{
    run_with(test_race, RUN_OUT_MS);
    return test_end();
}
