/* order.c: names of orders, and their keys at the provider (order.h). */
#include "order.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maru/name.h"

static const char PREFIX[] = "orders/";

static const char *const words[] = {
    [ORDER_AUTHORIZE] = "authorize", [ORDER_CAPTURE] = "capture", [ORDER_VOID] = "void", [ORDER_REFUND] = "refund"};

/* How much of text is a name; 0: it does not begin with one. */
static size_t name_size(const char *text)
{
    return maru_name_size(text, PREFIX, ORDER_NAME_MAX - (sizeof PREFIX - 1));
}

bool order_is_name(const char *name)
{
    size_t size = name_size(name);

    return size > 0 && name[size] == '\0';
}

void order_key(const char *order, order_ask ask, unsigned number, char key[static ORDER_KEY_MAX + 1])
{
    assert(order_is_name(order));
    if (ask == ORDER_REFUND)
        snprintf(key, ORDER_KEY_MAX + 1, "%s:%s:%u", words[ask], order, number);
    else
        snprintf(key, ORDER_KEY_MAX + 1, "%s:%s", words[ask], order);
}

static bool begins_with(const char *key, const char *word, const char **rest)
{
    size_t size = strlen(word);

    *rest = key + size + 1;
    return strncmp(key, word, size) == 0 && key[size] == ':';
}

/* Written again from what was read, a key must be the same: "01" is no number of ours. */
bool order_of_key(const char *key, char order[static ORDER_NAME_MAX + 1], order_ask *ask, unsigned *number)
{
    char        again[ORDER_KEY_MAX + 1];
    const char *rest;
    size_t      size;
    int         i = ORDER_AUTHORIZE;

    while (i <= ORDER_REFUND && !begins_with(key, words[i], &rest))
        i++;
    if (i > ORDER_REFUND || (size = name_size(rest)) == 0)
        return false;
    memcpy(order, rest, size);
    order[size] = '\0';
    *ask = (order_ask)i;
    *number = i == ORDER_REFUND && rest[size] == ':' ? (unsigned)strtoul(rest + size + 1, NULL, 10) : 0;
    order_key(order, *ask, *number, again);
    return strcmp(again, key) == 0;
}
