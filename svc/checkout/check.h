/* check.h: what requests may say. Pure: OK, or INVALID_ARGUMENT with one line that opens with the field's name. */
#ifndef SHOP_CHECKOUT_CHECK_H
#define SHOP_CHECKOUT_CHECK_H

#include "maru/status.h"

#include "shop/checkout.pb-c.h"

enum {
    NAME_MAX_CHARS = 64, /* after the collection: "orders/" and so on */
    REQUEST_ID_MAX_CHARS = 128,
    PAYMENT_TOKEN_MAX_CHARS = 200,
    LINES_MAX = 1000,
    QUANTITY_MAX = 1000000,
    TITLE_MAX_BYTES = 300,
    INVOICE_MAX_CHARS = 64,
    PAGE_SIZE_DEFAULT = 50,
    PAGE_SIZE_MAX = 1000,
};

/* check_name wants collection ("orders/") and 1 to NAME_MAX_CHARS of A-Z a-z 0-9 . _ - */
maru_status check_name(const char *field, const char *collection, const char *name, maru_error *error);

maru_status check_place(const Checkout__PlaceOrderRequest *request, maru_error *error);
maru_status check_past(const Checkout__PlacePastOrderRequest *request, maru_error *error);
maru_status check_return(const Checkout__ReturnPastGoodsRequest *request, maru_error *error);
maru_status check_list(const Checkout__ListOrdersRequest *request, maru_error *error); /* but for the token */

#endif
