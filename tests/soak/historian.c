/* historian.c: see historian.h. */
#include "historian.h"

#include <stdio.h>
#include <string.h>

#include "shop/checkout.maru.h"

enum { THEN = 1291191960, PIECES = 12, BACK = 5, PENCE = 255 };

/* One line, of goods that the shop has or not: they come in for the order. */
struct sheet {
    Google__Protobuf__Timestamp time;
    Checkout__Line              line, *lines[1];
    Shop__Money                 price;
};

static void fill(struct sheet *sheet, int64_t quantity)
{
    *sheet = (struct sheet){.time = GOOGLE__PROTOBUF__TIMESTAMP__INIT,
                            .line = CHECKOUT__LINE__INIT,
                            .price = SHOP__MONEY__INIT,
                            .lines = {&sheet->line}};
    sheet->time.seconds = THEN;
    sheet->price.currency = (char *)"GBP";
    sheet->price.minor = PENCE;
    sheet->line.product = (char *)"products/soak-past";
    sheet->line.title = (char *)"A THING OF THE PAST";
    sheet->line.quantity = quantity;
    sheet->line.price = &sheet->price;
}

static outcome place(market *m, const char *invoice, char name[static ORDER_NAME])
{
    Checkout__PlacePastOrderRequest request = CHECKOUT__PLACE_PAST_ORDER_REQUEST__INIT;
    struct sheet                    sheet;
    Checkout__Order                *order;
    attempt                         a = attempt_begin(m, "PlacePastOrder", NULL);
    maru_call                      *call;

    fill(&sheet, PIECES);
    request.invoice = (char *)invoice;
    request.customer = (char *)"customers/soak";
    request.time = &sheet.time;
    request.lines = sheet.lines;
    request.n_lines = 1;
    while ((call = attempt_next(&a)) != NULL)
        if ((a.status = checkout_place_past_order(m->checkout, call, &request, &order)) == MARU_OK)
            snprintf(name, ORDER_NAME, "%s", order->name);
    if (a.outcome == REFUSED)
        fprintf(stderr, "soak: an order of the past was refused: %s\n", maru_call_message(a.call));
    attempt_end(&a);
    return a.outcome == DONE ? DONE : FAILED;
}

/* All historians are one customer: which of his orders it is does not matter, as long as it is the same again. */
static outcome give_back(market *m, const char *invoice, char name[static ORDER_NAME])
{
    Checkout__ReturnPastGoodsRequest   request = CHECKOUT__RETURN_PAST_GOODS_REQUEST__INIT;
    struct sheet                       sheet;
    Checkout__ReturnPastGoodsResponse *found;
    attempt                            a = attempt_begin(m, "ReturnPastGoods", NULL);
    maru_call                         *call;
    char                               number[ORDER_NAME + 8];

    fill(&sheet, BACK);
    snprintf(number, sizeof number, "C-%.60s", invoice);
    request.invoice = number;
    request.customer = (char *)"customers/soak";
    request.time = &sheet.time;
    request.lines = sheet.lines;
    request.n_lines = 1;
    name[0] = '\0';
    while ((call = attempt_next(&a)) != NULL)
        if ((a.status = checkout_return_past_goods(m->checkout, call, &request, &found)) == MARU_OK)
            snprintf(name, ORDER_NAME, "%s", found->orders[0]);
    if (a.outcome == DONE && name[0] == '\0')
        fprintf(stderr, "soak: %s found nothing to give back\n", number);
    attempt_end(&a);
    return a.outcome == DONE && name[0] != '\0' ? DONE : FAILED;
}

static outcome twice(market *m, const char *invoice, char name[static ORDER_NAME],
                     outcome (*fn)(market *m, const char *invoice, char name[static ORDER_NAME]))
{
    char again[ORDER_NAME] = "";

    if (fn(m, invoice, name) != DONE || fn(m, invoice, again) != DONE)
        return FAILED;
    if (strcmp(name, again) == 0)
        return DONE;
    fprintf(stderr, "soak: invoice %s did two things: %s and %s\n", invoice, name, again);
    return FAILED;
}

outcome historian_bring(market *m, const char *invoice, char name[static ORDER_NAME])
{
    char back[ORDER_NAME];

    return twice(m, invoice, name, place) == DONE ? twice(m, invoice, back, give_back) : FAILED;
}
