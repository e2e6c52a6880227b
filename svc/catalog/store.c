/* store.c: what the catalogue keeps (store.h). */
#include "store.h"

#include <string.h>

#include "change.h"
#include "check.h"
#include "evidence.h"
#include "maru/message.h"
#include "maru/shown.h"
#include "token.h"

static const maru_table products = {.number = 1, .name = "products", .record = &catalog__product__descriptor};
static const maru_table evidence = {.number = 2, .name = "evidence", .record = &catalog__evidence__descriptor};

const maru_table *const catalog_tables[] = {&products, &evidence, NULL};

static maru_status no_such(maru_txn *txn, const char *field, const char *name)
{
    return maru_txn_fail(txn, MARU_NOT_FOUND, "%s: no product %s", field, name);
}

static maru_status no_memory(maru_txn *txn, const char *name)
{
    return maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED,
                         "%s: the change does not fit into the call's memory of %zu bytes", name,
                         maru_arena_budget(maru_txn_arena(txn)));
}

/* What can be served of a product that is too large: versions that kept what they did not know stored products of any
 * size. Returns how many bytes are stored. */
static size_t bound_product(Catalog__Product *product)
{
    size_t size = protobuf_c_message_get_packed_size(&product->base);

    if (size > PRODUCT_BYTES_MAX)
        maru_drop_unknown(&product->base);
    return size;
}

static maru_status get_product(maru_txn *txn, const char *name, Catalog__Product **product)
{
    maru_status status = maru_get(txn, &products, maru_key_text(name), (ProtobufCMessage **)product);

    if (status == MARU_OK)
        bound_product(*product);
    return status;
}

maru_status store_get(maru_txn *txn, void *arg)
{
    struct store_get *get = arg;
    const char       *name = get->request->name;
    Catalog__Product *product;
    maru_status       status = maru_reply_with(txn, &products, maru_key_text(name));

    if (status == MARU_RESOURCE_EXHAUSTED && (status = get_product(txn, name, &product)) == MARU_OK)
        *get->response = *product;
    return status == MARU_NOT_FOUND ? no_such(txn, "name", name) : status;
}

maru_status store_batch(maru_txn *txn, void *arg)
{
    struct store_batch                     *batch = arg;
    const Catalog__BatchGetProductsRequest *request = batch->request;
    Catalog__BatchGetProductsResponse      *response = batch->response;
    size_t                                  bytes = 0;

    response->products = maru_txn_alloc(txn, (request->n_names + 1) * sizeof response->products[0]);
    response->missing = maru_txn_alloc(txn, (request->n_names + 1) * sizeof response->missing[0]);
    for (size_t i = 0; i < request->n_names; i++) {
        Catalog__Product *product;
        maru_status       status = get_product(txn, request->names[i], &product);

        if (status == MARU_NOT_FOUND) {
            response->missing[response->n_missing++] = request->names[i];
            continue;
        }
        if (status != MARU_OK)
            return status;
        if ((bytes += protobuf_c_message_get_packed_size(&product->base)) > BATCH_BYTES_MAX)
            return maru_txn_fail(txn, MARU_RESOURCE_EXHAUSTED,
                                 "names: want products of at most %d bytes together, got more by the %zuth of %zu",
                                 BATCH_BYTES_MAX, i + 1, request->n_names);
        response->products[response->n_products++] = product;
    }
    return MARU_OK;
}

/* The first key after name, if name is a key: the same with a NUL. */
static maru_key key_after(const char *name)
{
    return (maru_key){.data = name, .size = name[0] == '\0' ? 0 : strlen(name) + 1};
}

static void end_page(maru_txn *txn, Catalog__ListProductsResponse *response)
{
    response->next_page_token = maru_txn_alloc(txn, TOKEN_MAX);
    token_of(response->products[response->n_products - 1]->name, response->next_page_token);
}

maru_status store_page(maru_txn *txn, void *arg)
{
    struct store_page             *page = arg;
    Catalog__ListProductsResponse *response = page->response;
    maru_cursor      *cursor = maru_walk(txn, &products, maru_key_text("products/"), key_after(page->after));
    Catalog__Product *product;
    maru_key          key;
    maru_status       status;
    size_t            bytes = 0;

    response->products = maru_txn_alloc(txn, page->size * sizeof response->products[0]);
    while ((status = maru_next(cursor, &key, (ProtobufCMessage **)&product)) == MARU_OK) {
        if (response->n_products == page->size || bytes >= PAGE_BYTES_MAX) {
            end_page(txn, response);
            return MARU_OK;
        }
        bytes += bound_product(product); /* as stored: so much of the call's memory it takes */
        response->products[response->n_products++] = product;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status put_stamped(maru_txn *txn, Catalog__Product *product)
{
    if (!change_stamp(maru_txn_arena(txn), product, maru_txn_wall_clock(txn)))
        return no_memory(txn, product->name);
    return maru_put(txn, &products, maru_key_text(product->name), &product->base);
}

maru_status store_create(maru_txn *txn, void *arg)
{
    struct store_create *create = arg;
    Catalog__Product    *product = create->response;
    int64_t              now = maru_txn_wall_clock(txn);
    maru_status          status = maru_has(txn, &products, maru_key_text(create->wanted->name));

    if (status == MARU_OK)
        return maru_txn_fail(txn, MARU_ALREADY_EXISTS, "product.name: there is a product %s already",
                             create->wanted->name);
    if (status != MARU_NOT_FOUND)
        return status;
    product->name = create->wanted->name;
    product->create_time = change_time(maru_txn_arena(txn), now);
    if (product->create_time == NULL ||
        !change_fields(maru_txn_arena(txn), product, create->wanted, create->fields, now))
        return no_memory(txn, product->name);
    return put_stamped(txn, product);
}

/* field is where the request has the name. */
static maru_status get_for_change(maru_txn *txn, const char *field, const char *name, const char *etag,
                                  Catalog__Product **product)
{
    maru_status status = get_product(txn, name, product);

    if (status == MARU_NOT_FOUND)
        return no_such(txn, field, name);
    if (status == MARU_OK && etag[0] != '\0' && strcmp(etag, (*product)->etag) != 0)
        return maru_txn_fail(txn, MARU_ABORTED, "%s: etag: want the stored one, \"%s\", got \"%s\"; read it again",
                             name, (*product)->etag, maru_shown(etag).text);
    return status;
}

/* What an operator sets, a merge leaves alone from then on. A product without evidence needs no mark: see
 * merge_product. */
static maru_status mark_by_hand(maru_txn *txn, const char *name, unsigned fields)
{
    Catalog__Evidence *found;
    bool               changed;
    maru_status        status = maru_get(txn, &evidence, maru_key_text(name), (ProtobufCMessage **)&found);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    if (!change_by_hand(maru_txn_arena(txn), found, fields, &changed))
        return no_memory(txn, name);
    return changed ? maru_put(txn, &evidence, maru_key_text(name), &found->base) : MARU_OK;
}

/* An update that changes nothing leaves the etag and the time as they are. */
static maru_status put_changed(maru_txn *txn, Catalog__Product *product, struct change_bytes before, bool *changed)
{
    struct change_bytes after = change_pack(maru_txn_arena(txn), product);

    if (before.data == NULL || after.data == NULL)
        return no_memory(txn, product->name);
    *changed = change_differs(before, after);
    return *changed ? put_stamped(txn, product) : MARU_OK;
}

static maru_status check_currency(maru_txn *txn, const struct store_update *update, const Catalog__Product *product)
{
    maru_error error;

    if (!(update->fields & FIELD_PRICE) || update->fields & FIELD_PRICES ||
        check_same_currency("product.price", product->price, update->wanted->price, &error) == MARU_OK)
        return MARU_OK;
    return maru_txn_fail(txn, error.code, "%s", error.text);
}

maru_status store_update(maru_txn *txn, void *arg)
{
    struct store_update *update = arg;
    maru_arena          *arena = maru_txn_arena(txn);
    const char          *name = update->wanted->name;
    Catalog__Product    *product;
    struct change_bytes  before;
    bool                 changed;
    maru_status          status = get_for_change(txn, "product.name", name, update->wanted->etag, &product);

    if (status == MARU_OK)
        status = check_currency(txn, update, product);
    if (status != MARU_OK)
        return status;
    before = change_pack(arena, product);
    if (!change_fields(arena, product, update->wanted, update->fields, maru_txn_wall_clock(txn)))
        return no_memory(txn, name);
    if ((status = put_changed(txn, product, before, &changed)) != MARU_OK)
        return status;
    *update->response = *product;
    return mark_by_hand(txn, name, update->fields);
}

maru_status store_delete(maru_txn *txn, void *arg)
{
    const Catalog__DeleteProductRequest *request = arg;
    Catalog__Product                    *product;
    maru_status                          status = get_for_change(txn, "name", request->name, request->etag, &product);

    if (status != MARU_OK || (status = maru_delete(txn, &products, maru_key_text(request->name))) != MARU_OK)
        return status;
    status = maru_delete(txn, &evidence, maru_key_text(request->name));
    return status == MARU_NOT_FOUND ? MARU_OK : status; /* made by hand, and never seen */
}

/* One product of a merge, on its way. */
struct merging {
    const Catalog__ProductSightings *sightings;
    Catalog__Product                *product;
    Catalog__Evidence               *evidence;
    bool                             is_new;
};

/* What is stored of it, or empty messages. A product that an operator made has no evidence: all of it is by hand. */
static maru_status merge_load(maru_txn *txn, struct merging *m)
{
    maru_arena *arena = maru_txn_arena(txn);
    maru_key    key = maru_key_text(m->sightings->name);
    maru_status status = get_product(txn, m->sightings->name, &m->product);
    maru_error  error;
    bool        changed;

    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    if ((m->is_new = status == MARU_NOT_FOUND)) {
        if ((status = check_new_name("products: name", m->sightings->name, &error)) != MARU_OK)
            return maru_txn_fail(txn, status, "%s", error.text);
        m->product = maru_txn_alloc(txn, sizeof *m->product);
        *m->product = (Catalog__Product)CATALOG__PRODUCT__INIT;
        m->product->name = m->sightings->name;
        if ((m->product->create_time = change_time(arena, maru_txn_wall_clock(txn))) == NULL)
            return no_memory(txn, m->sightings->name);
    }
    status = maru_get(txn, &evidence, key, (ProtobufCMessage **)&m->evidence);
    if (status != MARU_NOT_FOUND)
        return status;
    m->evidence = maru_txn_alloc(txn, sizeof *m->evidence);
    *m->evidence = (Catalog__Evidence)CATALOG__EVIDENCE__INIT;
    if (!m->is_new && !change_by_hand(arena, m->evidence, ~0u, &changed))
        return no_memory(txn, m->sightings->name);
    return MARU_OK;
}

static bool merge_derive(maru_arena *arena, const struct merging *m)
{
    Catalog__Product titled = CATALOG__PRODUCT__INIT;

    if (!evidence_titles(arena, m->evidence, &titled))
        return false;
    if (!change_is_by_hand(m->evidence, "title"))
        m->product->title = titled.title;
    if (!change_is_by_hand(m->evidence, "other_titles")) {
        m->product->other_titles = titled.other_titles;
        m->product->n_other_titles = titled.n_other_titles;
    }
    return change_is_by_hand(m->evidence, "prices") || evidence_prices(arena, m->evidence, m->product);
}

static maru_status merge_product(maru_txn *txn, const Catalog__ProductSightings *sightings,
                                 Catalog__MergeSightingsResponse__Outcome *outcome, int64_t *left_out)
{
    struct merging         m = {.sightings = sightings};
    struct evidence_merged merged;
    maru_arena            *arena = maru_txn_arena(txn);
    maru_error             error;
    struct change_bytes    before;
    bool                   changed;
    maru_status            status = merge_load(txn, &m);

    if (status != MARU_OK)
        return status;
    if ((status = evidence_merge(arena, m.evidence, sightings, &merged, &error)) != MARU_OK)
        return maru_txn_fail(txn, status, "%s", error.text);
    *outcome = CATALOG__MERGE_SIGHTINGS_RESPONSE__OUTCOME__UNCHANGED;
    *left_out = (int64_t)merged.left_out;
    if (!merged.changed)
        return MARU_OK;
    m.evidence = merged.evidence;
    before = change_pack(arena, m.product);
    if (!merge_derive(arena, &m))
        return no_memory(txn, sightings->name);
    if ((status = maru_put(txn, &evidence, maru_key_text(sightings->name), &m.evidence->base)) != MARU_OK ||
        (status = put_changed(txn, m.product, before, &changed)) != MARU_OK)
        return status;
    if (changed)
        *outcome = m.is_new ? CATALOG__MERGE_SIGHTINGS_RESPONSE__OUTCOME__CREATED
                            : CATALOG__MERGE_SIGHTINGS_RESPONSE__OUTCOME__CHANGED;
    return MARU_OK;
}

maru_status store_merge(maru_txn *txn, void *arg)
{
    struct store_merge                   *merge = arg;
    const Catalog__MergeSightingsRequest *request = merge->request;
    Catalog__MergeSightingsResponse      *response = merge->response;
    maru_status                           status = MARU_OK;

    response->outcomes = maru_txn_alloc(txn, (request->n_products + 1) * sizeof response->outcomes[0]);
    response->n_outcomes = request->n_products;
    response->left_out = maru_txn_alloc(txn, (request->n_products + 1) * sizeof response->left_out[0]);
    response->n_left_out = request->n_products;
    for (size_t i = 0; i < request->n_products && status == MARU_OK; i++) {
        maru_arena_mark mark =
            maru_arena_now(maru_txn_arena(txn)); /* a thousand products' evidence at once may be too much */

        status = merge_product(txn, request->products[i], &response->outcomes[i], &response->left_out[i]);
        if (status == MARU_OK)
            maru_arena_rewind(maru_txn_arena(txn), mark);
    }
    return status;
}
