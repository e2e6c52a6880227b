/* events.h: what the cart service does about the events of others. */
#ifndef SHOP_CART_EVENTS_H
#define SHOP_CART_EVENTS_H

#include "maru/events.h"

extern const maru_consumer cart_consumers[];

#endif
