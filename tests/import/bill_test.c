/* bill_test.c: lines become invoices, invoices become requests, and every line has one fate. */
#include "import/bill.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { THEN = 1291191960 };

static const struct invoice_columns COLUMNS = {
    .invoice = 0, .code = 1, .title = 2, .quantity = 3, .date = 4, .price = 5, .customer = 6, .count = 7};

/* A line of a file: its columns, with | between them. */
static void add(struct bills *bills, const char *text)
{
    static char         copy[300];
    struct csv_record   record = {.count = 0};
    struct invoice_line line;
    enum invoice_reason reason;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *at = copy, *end; at != NULL; at = end) {
        if ((end = strchr(at, '|')) != NULL)
            *end++ = '\0';
        record.fields[record.count++] = at;
    }
    reason = invoice_read(&record, &COLUMNS, false, &line);
    CHECK(bills_add(bills, &record, reason, &line));
}

static void check_tally(const struct bills *bills, enum fate fate, size_t lines, int64_t units, int64_t pence)
{
    CHECK_INT(bills->fates.of[fate].lines, lines);
    CHECK(bills->fates.of[fate].units == units);
    CHECK(bills->fates.of[fate].pence == pence);
}

/* The table; to be freed. */
static char *print(const struct fates *fates, bool *adds_up)
{
    char  *text = NULL;
    size_t size;
    FILE  *out = open_memstream(&text, &size);

    if (!CHECK(out != NULL))
        abort();
    *adds_up = fates_print(fates, out);
    fclose(out);
    return text;
}

static bool adds_up(const struct fates *fates)
{
    bool right;

    free(print(fates, &right));
    return right;
}

static void test_invoice(void)
{
    struct bills                     bills;
    maru_arena                      *arena = maru_arena_new((size_t)1 << 24);
    Checkout__PlacePastOrderRequest *order;

    test_begin(
        "lines of one number are one invoice: of its first customer, at its earliest time, with what is charged");
    CHECK(bills_begin(&bills));
    add(&bills, "536591|85001|SPOON|6|2010-12-01 08:27:00|2.55||UK");
    add(&bills, "536591|85002|TRAY|74215|2010-12-01 08:26:00|1.04|17850.0");
    add(&bills, "536591|POST|POSTAGE|1|2010-12-01 08:28:00|18|17851.0");
    add(&bills, "536591|85001|SPOON|6|2010-12-01 08:27:00|2.55|");
    add(&bills, "536591|D||-2|2010-12-01 08:27:00|0.50|");
    bills_sort(&bills);
    CHECK_INT(bills.count, 1);
    if (CHECK((order = bill_order(bills.all[0], arena)) != NULL)) {
        CHECK_STR(order->invoice, "536591");
        CHECK_STR(order->customer, "customers/17850");
        CHECK_INT(order->time->seconds, THEN);
        CHECK_INT(order->n_lines, 2);
        CHECK_STR(order->lines[0]->product, "products/85002");
        CHECK_INT(order->lines[0]->quantity, 74215);
        CHECK_INT(order->lines[0]->price->minor, 104);
        CHECK_STR(order->lines[1]->title, "SPOON");
        CHECK_INT(order->n_charges, 2);
        CHECK_STR(order->charges[0]->title, "POSTAGE");
        CHECK_INT(order->charges[0]->amount->minor, 1800);
        CHECK_STR(order->charges[1]->title, "charge");
        CHECK_INT(order->charges[1]->amount->minor, -100);
    }
    CHECK(bill_return(bills.all[0], arena) == NULL);
    bills_tally(&bills);
    check_tally(&bills, FATE_SOLD, 2, 74221, 74215 * 104 + 6 * 255);
    check_tally(&bills, FATE_CHARGED, 2, -1, 1700);
    check_tally(&bills, FATE_MALFORMED, 1, 0, 0);
    CHECK(adds_up(&bills.fates));
    bills_free(&bills);
    maru_arena_free(arena);
}

static void test_order_of_time(void)
{
    struct bills bills;

    test_begin("invoices go in order of time, those of one time as they came; one of another file is another");
    CHECK(bills_begin(&bills));
    add(&bills, "3|85001|SPOON|1|2010-12-03 00:00:00|1|");
    add(&bills, "1|85001|SPOON|1|2010-12-01 00:00:00|1|");
    add(&bills, "2b|85001|SPOON|1|2010-12-02 00:00:00|1|");
    add(&bills, "2a|85001|SPOON|1|2010-12-02 00:00:00|1|");
    CHECK(bills_file(&bills));
    add(&bills, "1|85001|SPOON|1|2010-12-01 00:00:00|1|");
    bills_sort(&bills);
    if (CHECK_INT(bills.count, 5)) {
        CHECK_STR(bills.all[0]->number, "1");
        CHECK_STR(bills.all[1]->number, "1");
        CHECK_STR(bills.all[2]->number, "2B");
        CHECK_STR(bills.all[3]->number, "2A");
        CHECK_STR(bills.all[4]->number, "3");
    }
    CHECK_INT(bills.repeated, 1);
    bills_free(&bills);
}

static void test_cancel(void)
{
    struct bills                      bills;
    maru_arena                       *arena = maru_arena_new((size_t)1 << 24);
    Checkout__ReturnPastGoodsRequest *back;
    char                             *orders[] = {(char *)"orders/1", (char *)"", (char *)""};
    protobuf_c_boolean                often[] = {false, false, true};
    Checkout__ReturnPastGoodsResponse found = CHECKOUT__RETURN_PAST_GOODS_RESPONSE__INIT;

    found.orders = orders;
    found.too_often = often;
    found.n_orders = found.n_too_often = 3;
    test_begin("a cancellation asks for its goods, and its lines are what was found of them");
    CHECK(bills_begin(&bills));
    add(&bills, "C1|85001|SPOON|-6|2010-12-01 08:26:00|2.55|17850.0");
    add(&bills, "C1|85002|TRAY|-1|2010-12-01 08:26:00|1.00|17850.0");
    add(&bills, "C1|D|Discount|-1|2010-12-01 08:26:00|27.50|17850.0");
    add(&bills, "C1|85003|CUP|1|2010-12-01 08:26:00|1.00|17850.0");
    add(&bills, "C1|85004|JUG|-3|2010-12-01 08:26:00|1.00|17850.0");
    add(&bills, "C1|85005|LID|-4|2010-12-01 08:26:00|1.00|17850.0");
    add(&bills, "C1|85006|PIN|-100|2010-12-01 08:26:00|0.012|17850.0");
    add(&bills, "C1|85007|MUG|0|2010-12-01 08:26:00|1.00|17850.0");
    add(&bills, "C1|85008|PAN|-1|2010-12-01 08:26:00|0|17850.0");
    bills_sort(&bills);
    CHECK(bill_order(bills.all[0], arena) == NULL);
    if (CHECK((back = bill_return(bills.all[0], arena)) != NULL)) {
        CHECK_INT(back->n_lines, 4);
        CHECK_INT(back->lines[0]->quantity, 6);
        CHECK_INT(back->lines[0]->price->minor, 255);
        CHECK_STR(back->customer, "customers/17850");
    }
    bill_returned(bills.all[0], &found);
    CHECK_INT(bill_count(bills.all[0], FATE_RETURNED), 1);
    bills_tally(&bills);
    check_tally(&bills, FATE_RETURNED, 1, -6, -6 * 255);
    check_tally(&bills, FATE_UNMATCHED, 2, -5, -500); /* the last is not in the answer */
    check_tally(&bills, FATE_TOO_OFTEN, 1, -3, -300);
    check_tally(&bills, FATE_FINE_PRICE, 1, -100, -100);
    check_tally(&bills, FATE_NOTHING_BACK, 4, -1, -2650);
    bills_free(&bills);
    maru_arena_free(arena);
}

static void test_whole(void)
{
    struct bills bills;
    maru_arena  *arena = maru_arena_new((size_t)1 << 24);
    char         text[100];

    test_begin("an invoice of charges alone, or of too many lines, is none, with all its lines");
    CHECK(bills_begin(&bills));
    add(&bills, "1|POST|POSTAGE|1|2010-12-01 00:00:00|8|");
    for (int i = 0; i <= BILL_LINES_MAX; i++) {
        snprintf(text, sizeof text, "2|85001|SPOON|%d|2010-12-02 00:00:00|1|", i + 1);
        add(&bills, text);
        snprintf(text, sizeof text, "C3|85001|SPOON|-%d|2010-12-03 00:00:00|1|", i + 1);
        add(&bills, text);
        if (i < BILL_LINES_MAX)
            add(&bills, "C4|85001|SPOON|-1|2010-12-04 00:00:00|1|");
    }
    bills_sort(&bills);
    CHECK(bill_order(bills.all[0], arena) == NULL);
    CHECK(bill_order(bills.all[1], arena) == NULL);
    CHECK(bill_return(bills.all[2], arena) == NULL);
    CHECK(bill_return(bills.all[3], arena) != NULL);
    bills_tally(&bills);
    check_tally(&bills, FATE_NO_GOODS, 1, 1, 800);
    check_tally(&bills, FATE_TOO_LONG, 2002, 0, 0);
    check_tally(&bills, FATE_RETURNED, 1000, -1000, -100000);
    bills_free(&bills);
    maru_arena_free(arena);
}

static void test_edges(void)
{
    struct bills bills;

    test_begin("what has no number, too many pieces, or is worth more than 64 bits hold, counts all the same");
    CHECK(bills_begin(&bills));
    add(&bills, "|85001|SPOON|1|2010-12-01 00:00:00|1|");
    add(&bills, "1|85001|SPOON|999999999999|2010-12-01 00:00:00|9999999999.00|");
    add(&bills, "1|POST|POSTAGE|-999999999999|2010-12-01 00:00:00|9999999999.00|");
    bills_sort(&bills);
    bills_tally(&bills);
    check_tally(&bills, FATE_NO_NUMBER, 1, 1, 100);
    CHECK_INT(bills.fates.of[FATE_TOO_MANY].lines, 2);
    CHECK(bills.fates.of[FATE_TOO_MANY].pence == 0);
    CHECK_INT(bills.count, 0);
    CHECK(adds_up(&bills.fates));
    test_begin("where a line were lost, the table says that it does not add up");
    bills.fates.of[FATE_NO_NUMBER].pence--;
    CHECK(!adds_up(&bills.fates));
    bills_free(&bills);
}

static void test_table(void)
{
    struct bills bills;
    bool         right;
    char        *table;

    test_begin("columns are separated, however wide what is in them is");
    CHECK(bills_begin(&bills));
    add(&bills, "1|85001|SPOON|1000000|2010-12-01 00:00:00|9000000000|");
    add(&bills, "2|85001|SPOON|-999999999999|2010-12-01 00:00:00|10000000000|");
    bills_sort(&bills);
    bills_tally(&bills);
    table = print(&bills.fates, &right);
    CHECK(right);
    CHECK_CONTAINS(table, "\n  sold                     1     1000000 900000000000000000   a line");
    CHECK_CONTAINS(table, "\n  no quantity              1 -999999999999 -999999999999000000000000\n");
    CHECK_CONTAINS(table, "\ntogether                   2 -999998999999 -999999099999000000000000   all of");
    bills.fates.all.lines = (size_t)-1;
    free(table);
    table = print(&bills.fates, &right);
    CHECK(!right);
    CHECK_CONTAINS(table, "\nread                18446744073709551615 -999998999999 ");
    free(table);
    bills_free(&bills);
}

/* What the word for it says is true of each reason that checkout has. */
static void test_refusals(void)
{
    test_begin("what checkout refuses counts under the reason that its status tells");
    CHECK_STR(fate_word(fate_of_refusal(MARU_ALREADY_EXISTS)), "differs");
    CHECK_CONTAINS(fate_rule(fate_of_refusal(MARU_ALREADY_EXISTS)), "was imported before with other");
    CHECK_STR(fate_word(fate_of_refusal(MARU_FAILED_PRECONDITION)), "below zero");
    CHECK_CONTAINS(fate_rule(fate_of_refusal(MARU_FAILED_PRECONDITION)), "less than nothing");
    CHECK_STR(fate_word(fate_of_refusal(MARU_OUT_OF_RANGE)), "too much");
    CHECK_CONTAINS(fate_rule(fate_of_refusal(MARU_OUT_OF_RANGE)), "more pence than 64 bits hold");
    CHECK_STR(fate_word(fate_of_refusal(MARU_INVALID_ARGUMENT)), "refused");
    CHECK_CONTAINS(fate_rule(fate_of_refusal(MARU_INVALID_ARGUMENT)), "a reason of its own");
}

int main(void)
{
    test_invoice();
    test_order_of_time();
    test_cancel();
    test_whole();
    test_edges();
    test_table();
    test_refusals();
    return test_end();
}
