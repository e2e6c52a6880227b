/* store.h: what the catalogue keeps: products and the evidence of them, both by the product's name.
 *
 * The functions of reads and writes (maru_txn_fn); their argument has the checked request and the handler's response,
 * whose fields they set in memory of the call. All errors have words.
 */
#ifndef SHOP_CATALOG_STORE_H
#define SHOP_CATALOG_STORE_H

#include "maru/store.h"

#include "shop/catalog.pb-c.h"

enum { STORE_VERSION = 1 };
extern const maru_table *const catalog_tables[];

enum {
    PRODUCT_BYTES_MAX = 256 << 10, /* more than what a product of all limits of check.h takes */
    PAGE_BYTES_MAX = 1 << 20,      /* a page ends when it has that many */
    BATCH_BYTES_MAX = 3 << 20,     /* the products of a batch together */
};

struct store_get {
    const Catalog__GetProductRequest *request;
    Catalog__Product                 *response;
};
maru_status store_get(maru_txn *txn, void *arg); /* replies with the stored bytes where they can be sent. NOT_FOUND */

struct store_batch {
    const Catalog__BatchGetProductsRequest *request;
    Catalog__BatchGetProductsResponse      *response;
};
maru_status store_batch(maru_txn *txn, void *arg); /* RESOURCE_EXHAUSTED above BATCH_BYTES_MAX */

struct store_page {
    const char                    *after; /* the name after which it starts; "" is the first page */
    size_t                         size;
    Catalog__ListProductsResponse *response;
};
maru_status store_page(maru_txn *txn, void *arg);

struct store_create {
    const Catalog__Product *wanted;
    unsigned                fields;
    Catalog__Product       *response;
};
maru_status store_create(maru_txn *txn, void *arg); /* ALREADY_EXISTS */

struct store_update {
    const Catalog__Product *wanted;
    unsigned                fields;
    Catalog__Product       *response;
};
maru_status store_update(maru_txn *txn, void *arg); /* NOT_FOUND; ABORTED: another etag */

maru_status store_delete(maru_txn *txn, void *arg); /* arg: const Catalog__DeleteProductRequest; as store_update */

struct store_merge {
    const Catalog__MergeSightingsRequest *request;
    Catalog__MergeSightingsResponse      *response;
};
maru_status store_merge(maru_txn *txn, void *arg);

#endif
