/* events.h: what checkout does about the events of others, and when a time is up. */
#ifndef SHOP_CHECKOUT_EVENTS_H
#define SHOP_CHECKOUT_EVENTS_H

#include "maru/events.h"

extern const maru_consumer checkout_consumers[];
extern const maru_timer    checkout_timers[];

#endif
