/* why_rules.c: holds the table of rules: after which events an order owes which, by which service. */
#include "audit/why_rules.h"

#include <string.h>

const why_rule why_rules[] = {
#define S(service, type)                                                                                               \
    {                                                                                                                  \
        BOOK_##service, type                                                                                           \
    }
#define NONE                                                                                                           \
    {                                                                                                                  \
        BOOK_CHECKOUT, NULL                                                                                            \
    }
    /* It is over, and undone step by step. */
    {{S(CHECKOUT, "OrderCancelled"), S(INVENTORY, "StockReserved"), NONE},
     {S(INVENTORY, "StockReleased"), S(INVENTORY, "StockRejected"), NONE},
     BOOK_INVENTORY,
     "StockReleased",
     "it releases at once",
     false},
    /* A reservation that expired was made again by the confirmation. */
    {{S(CHECKOUT, "OrderCancelled"), S(INVENTORY, "StockCommitted"), NONE},
     {S(INVENTORY, "StockReleased"), NONE, NONE},
     BOOK_INVENTORY,
     "StockReleased",
     "it releases at once",
     false},
    {{S(CHECKOUT, "OrderCancelled"), S(PAYMENT, "PaymentCaptured"), NONE},
     {S(PAYMENT, "RefundSucceeded"), NONE, NONE},
     BOOK_PAYMENT,
     "RefundSucceeded",
     WHY_ASKS,
     false},
    /* What is packed is captured, unless payment hears of the cancel first: which it is, why.c knows better. */
    {{S(CHECKOUT, "OrderCancelled"), S(PAYMENT, "PaymentAuthorized"), S(SHIPPING, "ShipmentPacked")},
     {S(PAYMENT, "PaymentVoided"), S(PAYMENT, "PaymentCaptured"), S(PAYMENT, "PaymentCaptureRefused")},
     BOOK_PAYMENT,
     "PaymentVoided, or PaymentCaptured and then RefundSucceeded",
     WHY_ASKS,
     false},
    {{S(CHECKOUT, "OrderCancelled"), S(PAYMENT, "PaymentAuthorized"), NONE},
     {S(PAYMENT, "PaymentVoided"), S(PAYMENT, "PaymentCaptured"), NONE},
     BOOK_PAYMENT,
     "PaymentVoided",
     WHY_ASKS,
     false},
    /* Shipping was asked before; a checkout that went back to a backup may have cancelled what it had confirmed. */
    {{S(CHECKOUT, "OrderCancelled"), S(INVENTORY, "StockCommitted"), S(INVENTORY, "StockReleased")},
     {S(SHIPPING, "ShipmentCancelled"), S(SHIPPING, "ShipmentDispatched"), NONE},
     BOOK_SHIPPING,
     "ShipmentCancelled",
     "it stops it at once",
     false},
    {{S(CHECKOUT, "OrderCancelled"), NONE, NONE}, {NONE, NONE, NONE}, BOOK_CHECKOUT, NULL, NULL, false},
    /* It shall be stopped. A shipping that went back to a backup may stop what had left, until it hears that. */
    {{S(SHIPPING, "ShipmentCancelled"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelled"), S(SHIPPING, "ShipmentDispatched"), NONE},
     BOOK_CHECKOUT,
     "OrderCancelled",
     "it says so at once",
     false},
    {{S(CHECKOUT, "OrderCancelRequested"), NONE, NONE},
     {S(SHIPPING, "ShipmentCancelled"), S(SHIPPING, "ShipmentCancelRefused"), NONE},
     BOOK_SHIPPING,
     "ShipmentCancelled or ShipmentCancelRefused",
     "it decides at once",
     false},
    /* Something said no. */
    /* What has left is not cancelled for want of stock, which a restored inventory may not know of any more. */
    {{S(INVENTORY, "StockRejected"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelled"), S(SHIPPING, "ShipmentDispatched"), NONE},
     BOOK_CHECKOUT,
     "OrderCancelled or OrderCancelRequested",
     "it says so at once",
     false},
    {{S(PAYMENT, "PaymentDeclined"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelled"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCancelled",
     "it says so at once",
     false},
    /* What was captured after that, by others, is paid. */
    {{S(PAYMENT, "PaymentCaptureRefused"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelRequested"), S(PAYMENT, "PaymentCaptured"), NONE},
     BOOK_CHECKOUT,
     "OrderCancelRequested",
     "it says so at once",
     false},
    {{S(PAYMENT, "PaymentVoided"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelRequested"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCancelRequested",
     "it says so at once",
     false},
    {{S(INVENTORY, "StockReleased"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelled"), S(CHECKOUT, "OrderConfirmed"), NONE},
     BOOK_CHECKOUT,
     "OrderCancelled",
     "it says so at once",
     false},
    /* The way to the end, the last step first. */
    {{S(CHECKOUT, "OrderCompleted"), S(INVENTORY, "StockShipped"), NONE},
     {NONE, NONE, NONE},
     BOOK_CHECKOUT,
     NULL,
     NULL,
     false},
    {{S(SHIPPING, "ShipmentDispatched"), NONE, NONE},
     {S(INVENTORY, "StockShipped"), S(INVENTORY, "StockRejected"), NONE},
     BOOK_INVENTORY,
     "StockShipped",
     "it notes it at once",
     false},
    {{S(SHIPPING, "ShipmentDelivered"), NONE, NONE},
     {S(CHECKOUT, "OrderCompleted"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCompleted",
     "it says so at once",
     false},
    {{S(SHIPPING, "ShipmentDispatched"), NONE, NONE},
     {S(SHIPPING, "ShipmentDelivered"), NONE, NONE},
     BOOK_SHIPPING,
     "ShipmentDelivered",
     "the parcel is on its way; MarkDelivered says that it arrived",
     true},
    {{S(PAYMENT, "PaymentCaptured"), S(SHIPPING, "ShipmentPacked"), NONE},
     {S(SHIPPING, "ShipmentDispatched"), NONE, NONE},
     BOOK_SHIPPING,
     "ShipmentDispatched",
     "it goes out at once",
     true},
    {{S(SHIPPING, "ShipmentPacked"), NONE, NONE},
     {S(PAYMENT, "PaymentCaptured"), S(PAYMENT, "PaymentCaptureRefused"), NONE},
     BOOK_PAYMENT,
     "PaymentCaptured or PaymentCaptureRefused",
     WHY_ASKS,
     false},
    {{S(INVENTORY, "StockCommitted"), NONE, NONE},
     {S(SHIPPING, "ShipmentPacked"), NONE, NONE},
     BOOK_SHIPPING,
     "ShipmentPacked",
     "it is being packed; MarkPacked says that it is",
     true},
    {{S(CHECKOUT, "OrderConfirmed"), NONE, NONE},
     {S(INVENTORY, "StockCommitted"), S(INVENTORY, "StockRejected"), NONE},
     BOOK_INVENTORY,
     "StockCommitted or StockRejected",
     "it says so at once",
     false},
    {{S(PAYMENT, "PaymentAuthorized"), S(INVENTORY, "StockReserved"), NONE},
     {S(CHECKOUT, "OrderConfirmed"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderConfirmed",
     "it says so at once",
     false},
    {{S(INVENTORY, "StockReserved"), S(CHECKOUT, "OrderSubmitted"), NONE},
     {S(PAYMENT, "PaymentAuthorized"), S(PAYMENT, "PaymentDeclined"), NONE},
     BOOK_PAYMENT,
     "PaymentAuthorized or PaymentDeclined",
     WHY_ASKS,
     false},
    {{S(CHECKOUT, "OrderSubmitted"), NONE, NONE},
     {S(INVENTORY, "StockReserved"), S(INVENTORY, "StockRejected"), NONE},
     BOOK_INVENTORY,
     "StockReserved or StockRejected",
     "it answers at once; after 30 s checkout cancels the order",
     false},
    {{S(CHECKOUT, "OrderSubmitted"), NONE, NONE}, {NONE, NONE, NONE}, BOOK_CHECKOUT, NULL, NULL, false},
#undef S
#undef NONE
};

const size_t why_rule_count = sizeof why_rules / sizeof *why_rules;

/* Words of payment's on what it asks (svc/payment/tasks.c). */
static const struct hindrance {
    const char *words, *help;
} hindrances[] = {
    {": it can't write: the file system is read-only",
     "make the file system of the provider's store writable, as docs/store.md says of these words: it is asked again, "
     "and then it goes on by itself; nothing is lost"},
    {": it can't write: ",
     "make room for the provider's store, as docs/store.md says of these words: it is asked again, and then it goes on "
     "by itself; nothing is lost"},
    {": it refused to answer; ",
     "see its words in payment's log, and mend what they say: it is asked again until it answers"},
};

const char *why_help(const char *detail)
{
    for (size_t i = 0; i < sizeof hindrances / sizeof *hindrances; i++)
        if (strncmp(detail, "not known: ", strlen("not known: ")) == 0 && strstr(detail, hindrances[i].words) != NULL)
            return hindrances[i].help;
    return NULL;
}
