/* past_breaks.c: see past_breaks.h. */
#include "past_breaks.h"

#include "breaks.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"

maru_status past_returns_more(maru_txn *txn, void *arg)
{
    const breaks_orders    *o = arg;
    maru_key                key = maru_key_text(o->past);
    Inventory__Reservation *reservation;
    maru_status             status = maru_get(txn, breaks_reservations, key, (ProtobufCMessage **)&reservation);

    if (status != MARU_OK)
        return status;
    reservation->returned[0]->quantity++;
    return maru_put(txn, breaks_reservations, key, &reservation->base);
}

/* What change makes of the payment of an order. */
static maru_status change_payment(maru_txn *txn, const char *order, void (*change)(maru_txn *, Payment__Payment *))
{
    maru_key                key = maru_key_text(order);
    Payment__PaymentRecord *record;
    maru_status             status = maru_get(txn, breaks_payments, key, (ProtobufCMessage **)&record);

    if (status != MARU_OK)
        return status;
    change(txn, record->payment);
    return maru_put(txn, breaks_payments, key, &record->base);
}

static void settle(maru_txn *txn, Payment__Payment *payment)
{
    payment->settle_time = payment->authorize_time;
}

static void charge(maru_txn *txn, Payment__Payment *payment)
{
    payment->settle_time = NULL;
}

static void keep_one(maru_txn *txn, Payment__Payment *payment)
{
    payment->refunded->minor--;
}

maru_status past_settles_today(maru_txn *txn, void *arg)
{
    return change_payment(txn, ((const breaks_orders *)arg)->completed, settle);
}

maru_status past_is_charged(maru_txn *txn, void *arg)
{
    return change_payment(txn, ((const breaks_orders *)arg)->past, charge);
}

maru_status past_is_not_paid_back(maru_txn *txn, void *arg)
{
    return change_payment(txn, ((const breaks_orders *)arg)->past, keep_one);
}
