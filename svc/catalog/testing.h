/* testing.h: what the tests of the catalogue have in common: a served catalogue on a store of its own, and its calls.
 * Header only; included by tests alone.
 */
#ifndef SHOP_CATALOG_TESTING_H
#define SHOP_CATALOG_TESTING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "serving.h"
#include "store.h"
#include "test.h"
#include "unknown.h"

struct fixture {
    struct serving         s;
    struct catalog_service svc;
    maru_call             *call; /* of the running case */
};

static inline bool serve(struct fixture *f)
{
    f->svc = (struct catalog_service){.store = f->s.store};
    return catalog_serve(f->s.server, &catalog_methods, &f->svc, &f->s.error) == MARU_OK && serving_listen(&f->s);
}

static inline void begin(struct fixture *f, const char *sentence)
{
    if (f->call != NULL)
        maru_call_end(f->call);
    f->call = serving_call(&f->s);
    test_begin(sentence);
}

static inline Shop__Money *money(struct fixture *f, const char *currency, int64_t minor)
{
    Shop__Money *money = maru_alloc(f->call, sizeof *money);

    *money = (Shop__Money)SHOP__MONEY__INIT;
    money->currency = (char *)currency;
    money->minor = minor;
    return money;
}

static inline Catalog__Price *price_at(struct fixture *f, const char *currency, int64_t minor, int64_t seconds)
{
    Catalog__Price *price = maru_alloc(f->call, sizeof *price);

    *price = (Catalog__Price)CATALOG__PRICE__INIT;
    price->price = money(f, currency, minor);
    price->since = maru_alloc(f->call, sizeof *price->since);
    *price->since = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    price->since->seconds = seconds;
    return price;
}

static inline Catalog__Product__AttributesEntry *attribute(struct fixture *f, const char *key, const char *value)
{
    Catalog__Product__AttributesEntry *entry = maru_alloc(f->call, sizeof *entry);

    *entry = (Catalog__Product__AttributesEntry)CATALOG__PRODUCT__ATTRIBUTES_ENTRY__INIT;
    entry->key = (char *)key;
    entry->value = (char *)value;
    return entry;
}

static inline Catalog__Product *product(struct fixture *f, const char *name, const char *title, Shop__Money *price)
{
    Catalog__Product *product = maru_alloc(f->call, sizeof *product);

    *product = (Catalog__Product)CATALOG__PRODUCT__INIT;
    product->name = (char *)name;
    product->title = (char *)title;
    product->price = price;
    return product;
}

static inline maru_status create(struct fixture *f, Catalog__Product *wanted, Catalog__Product **made)
{
    Catalog__CreateProductRequest request = CATALOG__CREATE_PRODUCT_REQUEST__INIT;

    request.product = wanted;
    return catalog_create_product(f->s.client, f->call, &request, made);
}

static inline Catalog__Product *create_simple(struct fixture *f, const char *name, const char *title, int64_t pence)
{
    Catalog__Product *made = NULL;

    if (!CHECK_INT(create(f, product(f, name, title, money(f, "GBP", pence)), &made), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(f->call));
    return made;
}

static inline maru_status get(struct fixture *f, const char *name, Catalog__Product **found)
{
    Catalog__GetProductRequest request = CATALOG__GET_PRODUCT_REQUEST__INIT;

    request.name = (char *)name;
    return catalog_get_product(f->s.client, f->call, &request, found);
}

static inline maru_status update(struct fixture *f, Catalog__Product *wanted, const char *mask, Catalog__Product **made)
{
    Catalog__UpdateProductRequest request = CATALOG__UPDATE_PRODUCT_REQUEST__INIT;
    Google__Protobuf__FieldMask   paths = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char                         *all[8];
    char                         *rest = maru_strdup(f->call, mask);

    while (rest != NULL && *rest != '\0')
        all[paths.n_paths++] = strsep(&rest, ",");
    paths.paths = all;
    request.product = wanted;
    request.update_mask = mask[0] == '\0' ? NULL : &paths;
    return catalog_update_product(f->s.client, f->call, &request, made);
}

static inline maru_status delete (struct fixture *f, const char *name, const char *etag)
{
    Catalog__DeleteProductRequest request = CATALOG__DELETE_PRODUCT_REQUEST__INIT;
    Google__Protobuf__Empty      *empty;

    request.name = (char *)name;
    request.etag = (char *)etag;
    return catalog_delete_product(f->s.client, f->call, &request, &empty);
}

static inline void refused(struct fixture *f, maru_status got, maru_status want, const char *words)
{
    CHECK_STR(maru_status_name(got), maru_status_name(want));
    CHECK_CONTAINS(maru_call_message(f->call), words);
}

/* All fields of two products, as bytes. */
static inline void check_same(const Catalog__Product *a, const Catalog__Product *b)
{
    uint8_t left[8192], right[8192];

    CHECK_MEM(left, protobuf_c_message_pack(&a->base, left), right, protobuf_c_message_pack(&b->base, right));
}

/* Each suite on a store of its own. */
static inline void run(void (*suite)(struct fixture *f))
{
    struct fixture f = {.call = NULL};

    if (CHECK(serving_open(&f.s, "catalog", catalog_tables, STORE_VERSION) && serve(&f)))
        suite(&f);
    if (f.call != NULL)
        maru_call_end(f.call);
    serving_close(&f.s);
}

#endif
