/* order.c: names of orders, and their keys at the provider (order.h). */
#include "order.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char PREFIX[] = "orders/";
static const char CHARS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

static const char *const words[] = {[ORDER_AUTHORIZE] = ":authorize",
                                    [ORDER_CAPTURE] = ":capture",
                                    [ORDER_VOID] = ":void",
                                    [ORDER_REFUND] = ":refund:"};

/* How much of text is a name; 0: it does not begin with one. */
static size_t name_size(const char *text)
{
    size_t prefix = sizeof PREFIX - 1, size;

    if (strncmp(text, PREFIX, prefix) != 0)
        return 0;
    size = prefix + strspn(text + prefix, CHARS);
    return size > prefix && size <= ORDER_NAME_MAX ? size : 0;
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
        snprintf(key, ORDER_KEY_MAX + 1, "%s%s%u", order, words[ask], number);
    else
        snprintf(key, ORDER_KEY_MAX + 1, "%s%s", order, words[ask]);
}

/* Written again from what was read, a key must be the same: "01" is no number of ours. */
bool order_of_key(const char *key, char order[static ORDER_NAME_MAX + 1], order_ask *ask, unsigned *number)
{
    size_t size = name_size(key);
    char   again[ORDER_KEY_MAX + 1];

    if (size == 0)
        return false;
    memcpy(order, key, size);
    order[size] = '\0';
    for (int i = ORDER_AUTHORIZE; i <= ORDER_REFUND; i++) {
        size_t word = strlen(words[i]);

        if (strncmp(key + size, words[i], word) != 0)
            continue;
        *ask = (order_ask)i;
        *number = i == ORDER_REFUND ? (unsigned)strtoul(key + size + word, NULL, 10) : 0;
        order_key(order, *ask, *number, again);
        return strcmp(again, key) == 0;
    }
    return false;
}
