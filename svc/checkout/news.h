/* news.h: what an event of another service means to an order, and its words for a person. Pure. */
#ifndef SHOP_CHECKOUT_NEWS_H
#define SHOP_CHECKOUT_NEWS_H

#include "machine.h"
#include "maru/arena.h"

/* news_of reads an event's payload. Of a type that no row of news.c has it is HAPPENED_NEWS, without words. *detail is
 * in arena or constant, at most some hundred bytes. */
enum happening news_of(maru_arena *arena, const ProtobufCMessage *payload, const char **detail);

#endif
