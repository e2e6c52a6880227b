/* soak.c: orders of all kinds through the whole shop, while every process is killed, again and again; at rest
 * everything must agree.
 *
 *   soak --bin DIR [--orders N] [--seed S] [--data DIR] [--no-kills] [--damage order|ledger]
 *
 * A victim is killed at any moment, and started again so that it dies once more, by its own hand, at a step of its
 * store a while later: so nearly half of the kills are at a step (the edge has no store, and nobody writes to the
 * catalogue's). The last line has the counts and the verdict of maru audit; the status is 0 only where that is clean
 * and every acknowledged order is there and over. With --damage something is made wrong at rest, which the audit must
 * find.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "damage.h"
#include "enough.h"
#include "fleet.h"
#include "number.h"
#include "random.h"
#include "shopper.h"
#include "verdict.h"

enum {
    SHOPPERS = 24,
    KILL_LEAST_MS = 60,
    KILL_MOST_MS = 260,
    REST_S = 180,
    TEND_MS = 5,
    ROUNDS = 3,
    ORDERS_MOST = 999999999,
    DRAWS = 16, /* kills for each process after which everyone was drawn, nearly surely (e^-8 that one was not) */
};

typedef struct options {
    const char *bin, *data, *damage;
    long        orders;
    uint64_t    seed;
    bool        kills;
} options;

static int wrong(const char *word)
{
    fprintf(stderr,
            "soak: %s: want --bin DIR [--orders N] [--seed S] [--data DIR] [--no-kills] [--damage order|ledger]\n",
            word);
    return 2;
}

static bool take_number(options *o, const char *flag, const char *value)
{
    bool     orders = strcmp(flag, "--orders") == 0;
    uint64_t number;

    if (!number_read(value, orders, orders ? ORDERS_MOST : UINT64_MAX, &number)) {
        fprintf(stderr, "soak: %s: want %s, got \"%.60s\"\n", flag,
                orders ? "1..999999999" : "a number of at most 64 bits", value);
        return false;
    }
    if (orders)
        o->orders = (long)number;
    else
        o->seed = number;
    return true;
}

static int parse(int argc, char **argv, options *o)
{
    *o = (options){.orders = 300, .seed = 7, .kills = true};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(argv[i], "--no-kills") == 0)
            o->kills = false;
        else if (strcmp(argv[i], "--bin") == 0 && *value)
            o->bin = argv[++i];
        else if (strcmp(argv[i], "--data") == 0 && *value)
            o->data = argv[++i];
        else if (strcmp(argv[i], "--damage") == 0 && *value)
            o->damage = argv[++i];
        else if (strcmp(argv[i], "--orders") != 0 && strcmp(argv[i], "--seed") != 0)
            return wrong(argv[i]);
        else if (!take_number(o, argv[i++], value))
            return 2;
    }
    if (o->damage != NULL && !damage_is_one(o->damage)) {
        fprintf(stderr, "soak: --damage: want " DAMAGES ", got \"%.60s\"\n", o->damage);
        return 2;
    }
    return o->bin == NULL ? wrong("--bin") : -1;
}

/* ---- the killer ---- */

typedef struct killer {
    fleet     *fleet;
    market    *market;
    rng        random;
    unsigned   dooms;
    bool       closing; /* next is closed, and dies at that */
    fleet_ship next;
    unsigned   kills, steps,
        with_none; /* before the last round, which makes calm; with no order in flight when it died */
} killer;

static unsigned count_steps(const fleet *f, fleet_step from, fleet_step to)
{
    unsigned all = 0;

    for (int ship = 0; ship < SHIP_COUNT; ship++)
        for (fleet_step step = from; step <= to; step++)
            all += f->kills[ship][step];
    return all;
}

static unsigned count_kills(const fleet *f)
{
    return count_steps(f, 0, STEP_NONE);
}

/* All steps have their turn. One that waits for its death is left alone. */
static bool doom_one(killer *k, fleet_ship ship)
{
    fleet_step step = (fleet_step)(k->dooms % STEP_COUNT);

    if (k->fleet->doomed[ship])
        return true;
    k->dooms++;
    k->next = ship;
    k->closing = step == STEP_CHECKPOINT;
    return fleet_doom(k->fleet, ship, step, k->closing ? 1 : 1 + (long)rng_below(&k->random, 8));
}

static bool kill_one(killer *k)
{
    fleet_ship ship = (fleet_ship)rng_below(&k->random, SHIP_COUNT);

    if (k->closing) {
        k->closing = false;
        if (k->fleet->doomed[k->next])
            return fleet_fell(k->fleet, k->next);
    }
    if (ship == SHIP_EDGE || ship == SHIP_CATALOG)
        return rng_below(&k->random, 2) == 0 || fleet_kill(k->fleet, ship);
    return doom_one(k, ship);
}

/* Deaths are seen within a few milliseconds, and what was in flight then is counted. */
static bool tend(killer *k)
{
    unsigned before = count_kills(k->fleet);
    bool     none = k->market->in_flight == 0;
    bool     well = fleet_tend(k->fleet);

    if (none)
        k->with_none += count_kills(k->fleet) - before;
    return well;
}

static bool pause_for(killer *k, int64_t ms)
{
    maru_call *call = maru_call_begin(k->market->runtime, 10000);
    bool       well = true;

    for (; ms > 0 && well; ms -= TEND_MS) {
        maru_sleep(call, TEND_MS);
        well = tend(k);
    }
    maru_call_end(call);
    return well;
}

/* Until all customers have been served. The pause is the point: kills come apart. */
static bool kill_on(killer *k, bool kills)
{
    while (k->market->next < k->market->orders + SHOPPERS && !k->market->failed) {
        if (!pause_for(k, KILL_LEAST_MS + (int64_t)rng_below(&k->random, KILL_MOST_MS - KILL_LEAST_MS)))
            return false;
        if (kills && k->market->in_flight > 0 && !kill_one(k)) /* one that hits nobody would show nothing */
            return false;
    }
    return true;
}

/* ---- the verdict ---- */

static void print_kills(const fleet *f)
{
    for (int step = 0; step <= STEP_COUNT; step++) {
        printf("killed at %-10s:", fleet_step_name((fleet_step)step));
        for (int ship = 0; ship < SHIP_COUNT; ship++)
            printf(" %s %u", fleet_ship_name((fleet_ship)ship), f->kills[ship][step]);
        printf("\n");
    }
}

static bool shop(const options *o, fleet *f, market *m, killer *k)
{
    pthread_t threads[SHOPPERS];
    int       started = 0;
    bool      killed;

    if (!market_stock(m))
        return false;
    while (started < SHOPPERS && pthread_create(&threads[started], NULL, market_shop, m) == 0)
        started++;
    killed = kill_on(k, o->kills);
    k->kills = count_kills(k->fleet);
    k->steps = count_steps(k->fleet, 0, STEP_COUNT - 1);
    if (!killed)
        m->failed = true;
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return killed && !m->failed && (!o->kills || fleet_calm(f));
}

static bool say_missing(const char *format, const char *what)
{
    fprintf(stderr, format, what);
    return false;
}

/* Enough of them for all to have had their turn. */
static bool hit_all_steps(const killer *k)
{
    bool all = true;

    for (int step = 0; step < STEP_COUNT && k->dooms >= ROUNDS * STEP_COUNT; step++)
        if (count_steps(k->fleet, (fleet_step)step, (fleet_step)step) == 0)
            all = say_missing("soak: nobody died at %s\n", fleet_step_name((fleet_step)step));
    return all;
}

static unsigned kills_of(const fleet *f, fleet_ship ship)
{
    unsigned all = 0;

    for (int step = 0; step <= STEP_COUNT; step++)
        all += f->kills[ship][step];
    return all;
}

/* Victims are drawn: once there were so many for each, one who was never drawn is no accident. */
static bool hit_all_ships(const killer *k)
{
    bool all = true;

    for (int ship = 0; ship < SHIP_COUNT && k->kills >= SHIP_COUNT * DRAWS; ship++)
        if (kills_of(k->fleet, (fleet_ship)ship) == 0)
            all = say_missing("soak: %s was never killed\n", fleet_ship_name((fleet_ship)ship));
    return all;
}

static bool was_a_soak(const options *o, const market *m, const killer *k)
{
    const soak_counts counts = {.orders = o->orders,
                                .placed = (long)m->placed,
                                .killing = o->kills,
                                .kills = k->kills,
                                .steps = k->steps,
                                .with_none = k->with_none};
    char              words[ENOUGH_WORDS];

    if (!soak_is_enough(&counts, words))
        return say_missing("soak: %s\n", words);
    return !o->kills || (hit_all_ships(k) && hit_all_steps(k));
}

/* Of a shop that agreed until then. */
static bool make_wrong(const options *o, fleet *f, char verdict[static VERDICT])
{
    printf("soak: at rest: %s\n", verdict);
    return damage_do(f, o->damage) && verdict_ask(f, REST_S, verdict);
}

/* Kills are all that the table has; those of the last round, and what died meanwhile, hit a shop that was done. */
static void print_counts(const options *o, const market *m, const killer *k)
{
    unsigned kills = count_kills(k->fleet), steps = count_steps(k->fleet, 0, STEP_COUNT - 1);

    printf("soak: seed %" PRIu64 ": orders %ld = placed %ld + refused %ld; %ld by the edge; cancels %ld; kills %u, "
           "%u of them at a step, %u once all were served, %u before with no order in flight; ",
           o->seed, o->orders, m->placed, m->refused, m->by_http, m->cancels, kills, steps, kills - k->kills,
           k->with_none);
}

static int soak(const options *o, const char *data)
{
    fleet  f = {.bin = o->bin};
    market m = {.orders = 0};
    killer k = {.fleet = &f, .market = &m, .random = {o->seed}};
    char   verdict[VERDICT] = "audit: was not run";
    bool   good = fleet_start(&f, o->bin, data) && market_open(&m, &f, o->orders, o->seed) && shop(o, &f, &m, &k);

    good = good && verdict_ask(&f, REST_S, verdict) && market_recall(&m); /* whatever size it was of */
    good = good && was_a_soak(o, &m, &k);
    good = good && (o->damage == NULL || make_wrong(o, &f, verdict));
    if (m.runtime != NULL)
        market_close(&m);
    good = fleet_stop(&f) && good;
    print_kills(&f);
    print_counts(o, &m, &k);
    printf("%s%s\n", verdict, good ? "" : "; FAILED");
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    options        o;
    verdict_folder folder;
    int            result = parse(argc, argv, &o);

    if (result >= 0)
        return result;
    if (!verdict_folder_make(&folder, "soak", o.data))
        return 1;
    result = soak(&o, folder.path);
    verdict_folder_leave(&folder, result == 0);
    return result;
}
