/* news.c: what an event of another service means to an order (news.h). */
#include "news.h"

#include <inttypes.h>
#include <string.h>

#include "price.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/shipping.pb-c.h"

enum { SHORTAGES_SHOWN = 5 };

typedef enum happening (*reader)(maru_arena *arena, const ProtobufCMessage *payload, const char **detail);

/* ---- those whose payload says more ---- */

static const char *goods_text(maru_arena *arena, Inventory__Goods *const *goods, size_t count)
{
    int64_t pieces = 0;

    for (size_t i = 0; i < count; i++)
        pieces += goods[i]->quantity;
    return maru_arena_printf(arena, "%" PRId64 " piece%s of %zu product%s", pieces, pieces == 1 ? "" : "s", count,
                             count == 1 ? "" : "s");
}

static enum happening reserved(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    const Inventory__StockReserved *event = (const Inventory__StockReserved *)payload;

    *detail = goods_text(arena, event->goods, event->n_goods);
    return HAPPENED_STOCK_RESERVED;
}

static enum happening rejected(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    const Inventory__StockRejected *event = (const Inventory__StockRejected *)payload;
    const char                     *text = "";

    for (size_t i = 0; i < event->n_shortages && i < SHORTAGES_SHOWN && text != NULL; i++)
        text = maru_arena_printf(arena, "%s%s%s: %" PRId64 " wanted, %" PRId64 " there", text, i == 0 ? "" : "; ",
                                 event->shortages[i]->product, event->shortages[i]->wanted,
                                 event->shortages[i]->available);
    if (text != NULL && event->n_shortages > SHORTAGES_SHOWN)
        text = maru_arena_printf(arena, "%s; and %zu more", text, event->n_shortages - SHORTAGES_SHOWN);
    *detail = text;
    return HAPPENED_STOCK_REJECTED;
}

static enum happening released(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    const Inventory__StockReleased *event = (const Inventory__StockReleased *)payload;

    if (event->expired) {
        *detail = "the reservation expired before the payment was there";
        return HAPPENED_STOCK_EXPIRED;
    }
    *detail = goods_text(arena, event->goods, event->n_goods);
    return HAPPENED_UNDONE;
}

static enum happening returned(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    const Inventory__StockReturned *event = (const Inventory__StockReturned *)payload;

    *detail = goods_text(arena, event->goods, event->n_goods);
    return HAPPENED_NEWS;
}

static enum happening authorized(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    *detail = price_text(arena, ((const Payment__PaymentAuthorized *)payload)->amount);
    return HAPPENED_PAYMENT_AUTHORIZED;
}

static enum happening declined(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    *detail = ((const Payment__PaymentDeclined *)payload)->reason;
    return HAPPENED_PAYMENT_DECLINED;
}

static enum happening captured(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    *detail = price_text(arena, ((const Payment__PaymentCaptured *)payload)->amount);
    return HAPPENED_NEWS;
}

static enum happening capture_refused(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    *detail = ((const Payment__PaymentCaptureRefused *)payload)->reason;
    return HAPPENED_CAPTURE_REFUSED;
}

static enum happening voided(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    const Payment__PaymentVoided *event = (const Payment__PaymentVoided *)payload;

    if (event->by_others) { /* it can't be captured any more */
        *detail = "the payment was given up at the payment provider";
        return HAPPENED_CAPTURE_REFUSED;
    }
    if (!event->expired)
        return HAPPENED_UNDONE;
    *detail = "the authorisation was not captured in time";
    return HAPPENED_AUTHORIZATION_EXPIRED;
}

static enum happening refunded(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    const Payment__RefundSucceeded *event = (const Payment__RefundSucceeded *)payload;

    *detail =
        maru_arena_printf(arena, "%s; %s in all", price_text(arena, event->amount), price_text(arena, event->refunded));
    return HAPPENED_NEWS;
}

static enum happening dispatched(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    *detail = maru_arena_printf(arena, "tracking %s", ((const Shipping__ShipmentDispatched *)payload)->tracking);
    return HAPPENED_DISPATCHED;
}

/* ---- the table ---- */

struct news {
    const ProtobufCMessageDescriptor *type;
    enum happening                    what; /* where read is NULL */
    const char                       *words;
    reader                            read;
};

static const struct news rows[] = {
    {.type = &inventory__stock_reserved__descriptor, .read = reserved},
    {.type = &inventory__stock_rejected__descriptor, .read = rejected},
    {&inventory__stock_committed__descriptor, HAPPENED_NEWS, "the reservation stands for good", NULL},
    {.type = &inventory__stock_released__descriptor, .read = released},
    {&inventory__stock_shipped__descriptor, HAPPENED_DISPATCHED, "the goods left the house", NULL},
    {.type = &inventory__stock_returned__descriptor, .read = returned},
    {.type = &payment__payment_authorized__descriptor, .read = authorized},
    {.type = &payment__payment_declined__descriptor, .read = declined},
    {.type = &payment__payment_captured__descriptor, .read = captured},
    {.type = &payment__payment_capture_refused__descriptor, .read = capture_refused},
    {.type = &payment__payment_voided__descriptor, .read = voided},
    {.type = &payment__refund_succeeded__descriptor, .read = refunded},
    {&shipping__shipment_packed__descriptor, HAPPENED_NEWS, "packed", NULL},
    {.type = &shipping__shipment_dispatched__descriptor, .read = dispatched},
    {&shipping__shipment_delivered__descriptor, HAPPENED_DELIVERED, "delivered", NULL},
    {&shipping__shipment_cancelled__descriptor, HAPPENED_STOPPED, "it will not leave", NULL},
    {&shipping__shipment_cancel_refused__descriptor, HAPPENED_NOT_STOPPED, "it left already: too late to cancel", NULL},
};

enum happening news_of(maru_arena *arena, const ProtobufCMessage *payload, const char **detail)
{
    enum happening what;

    *detail = "";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].type != payload->descriptor)
            continue;
        if (rows[i].read == NULL) {
            *detail = rows[i].words;
            return rows[i].what;
        }
        what = rows[i].read(arena, payload, detail);
        if (*detail == NULL) /* no memory for words */
            *detail = "";
        return what;
    }
    return HAPPENED_NEWS;
}
