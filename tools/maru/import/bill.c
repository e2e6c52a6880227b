/* bill.c: invoices, each with its lines (bill.h). */
#include "bill.h"

#include <stdlib.h>
#include <string.h>

#include "maru/hash.h"

#define ARENA_BUDGET ((size_t)4 << 30)
enum { ROOM_FIRST = 4096 };

bool bills_begin(struct bills *bills)
{
    *bills = (struct bills){.arena = maru_arena_new(ARENA_BUDGET), .seen_room = ROOM_FIRST};
    bills->seen = calloc(bills->seen_room, sizeof *bills->seen);
    return bills->arena != NULL && bills->seen != NULL && bills_file(bills);
}

void bills_free(struct bills *bills)
{
    if (bills->arena != NULL)
        maru_arena_free(bills->arena);
    free(bills->all);
    free(bills->slots);
    free(bills->seen);
}

bool bills_file(struct bills *bills)
{
    free(bills->slots);
    bills->slot_count = 0;
    bills->slot_room = ROOM_FIRST;
    bills->slots = calloc(bills->slot_room, sizeof(struct bill *));
    return bills->slots != NULL;
}

/* ---- the invoice of a line ---- */

static size_t find_slot(struct bill *const *slots, size_t room, const char *number)
{
    uint64_t hash = maru_hash64(number, strlen(number));

    for (hash &= room - 1; slots[hash] != NULL && strcmp(slots[hash]->number, number) != 0;)
        hash = (hash + 1) & (room - 1);
    return hash;
}

static bool grow_slots(struct bills *bills)
{
    size_t        room = bills->slot_room * 2;
    struct bill **slots = calloc(room, sizeof(struct bill *));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < bills->slot_room; i++)
        if (bills->slots[i] != NULL)
            slots[find_slot(slots, room, bills->slots[i]->number)] = bills->slots[i];
    free(bills->slots);
    bills->slots = slots;
    bills->slot_room = room;
    return true;
}

static bool grow_all(struct bills *bills)
{
    size_t        room = bills->room == 0 ? ROOM_FIRST : bills->room * 2;
    struct bill **all = realloc(bills->all, room * sizeof(struct bill *));

    if (all == NULL)
        return false;
    bills->all = all;
    bills->room = room;
    return true;
}

static struct bill *make(struct bills *bills, const struct invoice_line *line)
{
    struct bill *bill = maru_arena_zalloc(bills->arena, sizeof *bill);

    if (bill == NULL || (bill->number = maru_arena_strdup(bills->arena, line->number)) == NULL)
        return NULL;
    bill->customer = "";
    bill->time = line->time;
    bill->cancels = line->cancels;
    bill->place = bills->count;
    bill->last = &bill->first;
    return bill;
}

static struct bill *bill_of(struct bills *bills, const struct invoice_line *line)
{
    size_t slot;

    if ((bills->slot_count * 2 >= bills->slot_room && !grow_slots(bills)) ||
        (bills->count == bills->room && !grow_all(bills)))
        return NULL;
    slot = find_slot(bills->slots, bills->slot_room, line->number);
    if (bills->slots[slot] != NULL)
        return bills->slots[slot];
    if ((bills->slots[slot] = bills->all[bills->count] = make(bills, line)) == NULL)
        return NULL;
    bills->slot_count++;
    return bills->all[bills->count++];
}

static bool put(struct bills *bills, struct bill *bill, const struct invoice_line *line, enum fate fate)
{
    struct bill_line *new = maru_arena_zalloc(bills->arena, sizeof *new);

    if (new == NULL)
        return false;
    *new = (struct bill_line){.quantity = line->quantity, .pence = line->pence, .fate = fate};
    new->product = maru_arena_strdup(bills->arena, line->product);
    new->title = maru_arena_strdup(bills->arena, line->title);
    if (bill->customer[0] == '\0' && line->customer[0] != '\0')
        bill->customer = maru_arena_strdup(bills->arena, line->customer);
    bill->time = line->time < bill->time ? line->time : bill->time;
    bill->goods += fate == FATE_SOLD;
    bill->charges += fate == FATE_CHARGED;
    bill->returns += fate == FATE_RETURNED;
    *bill->last = new;
    bill->last = &new->next;
    return new->product != NULL &&new->title != NULL && bill->customer != NULL;
}

/* ---- repetitions ---- */

static void note_seen(uint64_t *seen, size_t room, uint64_t sum, bool *there)
{
    size_t at = sum & (room - 1);

    while (seen[at] != 0 && seen[at] != sum)
        at = (at + 1) & (room - 1);
    *there = seen[at] == sum;
    seen[at] = sum;
}

static bool grow_seen(struct bills *bills)
{
    size_t    room = bills->seen_room * 2;
    uint64_t *seen = calloc(room, sizeof *seen);
    bool      there;

    if (seen == NULL)
        return false;
    for (size_t i = 0; i < bills->seen_room; i++)
        if (bills->seen[i] != 0)
            note_seen(seen, room, bills->seen[i], &there);
    free(bills->seen);
    bills->seen = seen;
    bills->seen_room = room;
    return true;
}

/* By a sum of 64 bits: of a million lines two differ and have the same with a chance of 1 to 30 million. */
static bool count_repeated(struct bills *bills, const struct csv_record *record)
{
    uint64_t sums[CSV_FIELDS_MAX], sum;
    bool     there;

    if (bills->seen_count * 2 >= bills->seen_room && !grow_seen(bills))
        return false;
    for (size_t i = 0; i < record->count; i++)
        sums[i] = maru_hash64(record->fields[i], strlen(record->fields[i]));
    sum = maru_hash64(sums, record->count * sizeof sums[0]);
    note_seen(bills->seen, bills->seen_room, sum == 0 ? 1 : sum, &there);
    bills->seen_count += !there;
    bills->repeated += there;
    return true;
}

bool bills_add(struct bills *bills, const struct csv_record *record, enum invoice_reason reason,
               const struct invoice_line *line)
{
    enum fate    fate = fate_of(reason, line);
    struct bill *bill;

    fates_read(&bills->fates, line);
    if (record != NULL && !count_repeated(bills, record))
        return false;
    if (fate == FATE_SOLD || fate == FATE_CHARGED || fate == FATE_RETURNED)
        return (bill = bill_of(bills, line)) != NULL && put(bills, bill, line, fate);
    fates_add(&bills->fates.of[fate], line->quantity, line->pence);
    return true;
}

/* ---- all of them ---- */

static int by_time(const void *left, const void *right)
{
    const struct bill *a = *(struct bill *const *)left, *b = *(struct bill *const *)right;

    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

void bill_refuse(struct bill *bill, enum fate fate)
{
    for (struct bill_line *line = bill->first; line != NULL; line = line->next)
        line->fate = fate;
    bill->goods = bill->charges = bill->returns = 0;
}

/* What is known of an invoice as a whole. */
static void judge(struct bill *bill)
{
    if (bill->goods > BILL_LINES_MAX || bill->charges > BILL_LINES_MAX || bill->returns > BILL_LINES_MAX)
        bill_refuse(bill, FATE_TOO_LONG);
    else if (!bill->cancels && bill->goods == 0)
        bill_refuse(bill, FATE_NO_GOODS);
}

void bills_sort(struct bills *bills)
{
    if (bills->count > 0)
        qsort(bills->all, bills->count, sizeof(struct bill *), by_time);
    for (size_t i = 0; i < bills->count; i++)
        judge(bills->all[i]);
}

void bills_tally(struct bills *bills)
{
    for (size_t i = 0; i < bills->count; i++)
        for (const struct bill_line *line = bills->all[i]->first; line != NULL; line = line->next)
            fates_add(&bills->fates.of[line->fate], line->quantity, line->pence);
}

/* ---- as checkout takes them ---- */

static Shop__Money *money(maru_arena *arena, int64_t pence)
{
    Shop__Money *money = maru_arena_alloc(arena, sizeof *money);

    if (money == NULL)
        return NULL;
    *money = (Shop__Money)SHOP__MONEY__INIT;
    money->currency = (char *)"GBP";
    money->minor = pence;
    return money;
}

static Google__Protobuf__Timestamp *time_of(maru_arena *arena, int64_t seconds)
{
    Google__Protobuf__Timestamp *time = maru_arena_alloc(arena, sizeof *time);

    if (time == NULL)
        return NULL;
    *time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time->seconds = seconds;
    return time;
}

static Checkout__Line *line_of(const struct bill_line *from, maru_arena *arena)
{
    Checkout__Line *line = maru_arena_alloc(arena, sizeof *line);

    if (line == NULL)
        return NULL;
    *line = (Checkout__Line)CHECKOUT__LINE__INIT;
    line->product = (char *)from->product;
    line->quantity = from->quantity < 0 ? -from->quantity : from->quantity;
    line->title = (char *)from->title;
    line->price = money(arena, from->pence);
    return line->price == NULL ? NULL : line;
}

static Checkout__Charge *charge_of(const struct bill_line *from, maru_arena *arena)
{
    Checkout__Charge *charge = maru_arena_alloc(arena, sizeof *charge);

    if (charge == NULL)
        return NULL;
    *charge = (Checkout__Charge)CHECKOUT__CHARGE__INIT;
    charge->title = from->title[0] == '\0' ? (char *)"charge" : (char *)from->title;
    charge->amount = money(arena, from->quantity * from->pence);
    return charge->amount == NULL ? NULL : charge;
}

/* The lines of a fate; their number in *count, at most BILL_LINES_MAX. NULL where arena is out. */
static Checkout__Line **lines_of(const struct bill *bill, enum fate fate, maru_arena *arena, size_t *count)
{
    Checkout__Line **lines = maru_arena_alloc(arena, BILL_LINES_MAX * sizeof *lines);

    *count = 0;
    for (const struct bill_line *line = bill->first; lines != NULL && line != NULL; line = line->next)
        if (line->fate == fate && *count < BILL_LINES_MAX && (lines[(*count)++] = line_of(line, arena)) == NULL)
            return NULL;
    return lines;
}

static bool add_charges(const struct bill *bill, maru_arena *arena, Checkout__PlacePastOrderRequest *request)
{
    if ((request->charges = maru_arena_alloc(arena, (bill->charges + 1) * sizeof *request->charges)) == NULL)
        return false;
    for (const struct bill_line *line = bill->first; line != NULL; line = line->next)
        if (line->fate == FATE_CHARGED && (request->charges[request->n_charges++] = charge_of(line, arena)) == NULL)
            return false;
    return true;
}

Checkout__PlacePastOrderRequest *bill_order(const struct bill *bill, maru_arena *arena)
{
    Checkout__PlacePastOrderRequest *request = maru_arena_alloc(arena, sizeof *request);

    if (bill->goods == 0 || request == NULL)
        return NULL;
    *request = (Checkout__PlacePastOrderRequest)CHECKOUT__PLACE_PAST_ORDER_REQUEST__INIT;
    request->invoice = (char *)bill->number;
    request->customer = (char *)bill->customer;
    request->time = time_of(arena, bill->time);
    request->lines = lines_of(bill, FATE_SOLD, arena, &request->n_lines);
    return request->time != NULL && request->lines != NULL && add_charges(bill, arena, request) ? request : NULL;
}

Checkout__ReturnPastGoodsRequest *bill_return(const struct bill *bill, maru_arena *arena)
{
    Checkout__ReturnPastGoodsRequest *request = maru_arena_alloc(arena, sizeof *request);

    if (bill->returns == 0 || request == NULL)
        return NULL;
    *request = (Checkout__ReturnPastGoodsRequest)CHECKOUT__RETURN_PAST_GOODS_REQUEST__INIT;
    request->invoice = (char *)bill->number;
    request->customer = (char *)bill->customer;
    request->time = time_of(arena, bill->time);
    request->lines = lines_of(bill, FATE_RETURNED, arena, &request->n_lines);
    return request->time != NULL && request->lines != NULL ? request : NULL;
}

/* An answer is a peer's: what it does not say was not found. */
static enum fate fate_of_line(const Checkout__ReturnPastGoodsResponse *response, size_t at)
{
    if (at < response->n_orders && response->orders[at][0] != '\0')
        return FATE_RETURNED;
    return at < response->n_too_often && response->too_often[at] ? FATE_TOO_OFTEN : FATE_UNMATCHED;
}

void bill_returned(struct bill *bill, const Checkout__ReturnPastGoodsResponse *response)
{
    size_t at = 0;

    for (struct bill_line *line = bill->first; line != NULL; line = line->next)
        if (line->fate == FATE_RETURNED)
            line->fate = fate_of_line(response, at++);
}

size_t bill_count(const struct bill *bill, enum fate fate)
{
    size_t count = 0;

    for (const struct bill_line *line = bill->first; line != NULL; line = line->next)
        count += line->fate == fate;
    return count;
}
