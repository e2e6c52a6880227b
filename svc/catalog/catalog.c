/* catalog.c: what the catalogue does: requests are checked here, then handed to the store. */
#include "catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "maru/message.h"
#include "normal.h"
#include "store.h"
#include "token.h"

enum { PAGE_SIZE_DEFAULT = 50, PAGE_SIZE_MAX = 1000 };

static maru_status refuse(maru_call *call, const maru_error *error)
{
    return maru_fail(call, error->code, "%s", error->text);
}

static maru_status get_product(struct catalog_service *svc, maru_call *call, const Catalog__GetProductRequest *request,
                               Catalog__Product *response)
{
    maru_error error;

    if (check_name("name", request->name, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_read(svc->store, call, store_get, &(struct store_get){.request = request, .response = response});
}

static maru_status check_names(char *const *names, size_t count, maru_error *error)
{
    maru_status status = MARU_OK;
    char        field[32];

    if (count > BATCH_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "names: want at most %d, got %zu", BATCH_MAX, count);
    for (size_t i = 0; i < count && status == MARU_OK; i++) {
        snprintf(field, sizeof field, "names[%zu]", i);
        status = check_name(field, names[i], error);
    }
    return status;
}

static maru_status batch_get_products(struct catalog_service *svc, maru_call *call,
                                      const Catalog__BatchGetProductsRequest *request,
                                      Catalog__BatchGetProductsResponse      *response)
{
    maru_error error;

    if (check_names(request->names, request->n_names, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_read(svc->store, call, store_batch,
                           &(struct store_batch){.request = request, .response = response});
}

static maru_status list_products(struct catalog_service *svc, maru_call *call,
                                 const Catalog__ListProductsRequest *request, Catalog__ListProductsResponse *response)
{
    char       after[TOKEN_NAME_MAX + 1] = "";
    maru_error error;

    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %d", PAGE_SIZE_MAX,
                         request->page_size);
    if (request->page_token[0] != '\0' && token_parse(request->page_token, after, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_read(
        svc->store, call, store_page,
        &(struct store_page){.after = after,
                             .size = request->page_size == 0 ? PAGE_SIZE_DEFAULT : (size_t)request->page_size,
                             .response = response});
}

/* A new product needs a title and a price, alone or with its history. */
static maru_status check_new(maru_call *call, Catalog__Product *product, unsigned *fields, maru_error *error)
{
    maru_status status = check_new_name("product.name", product->name, error);

    if (status != MARU_OK)
        return status;
    *fields = mask_set(product) | FIELD_TITLE;
    *fields |= *fields & FIELD_PRICES ? 0 : FIELD_PRICE;
    status = normal_product(call, product, *fields, error);
    return status != MARU_OK ? status : check_fields(product, *fields, error);
}

static maru_status create_product(struct catalog_service *svc, maru_call *call,
                                  const Catalog__CreateProductRequest *request, Catalog__Product *response)
{
    struct store_create create = {.wanted = request->product, .response = response};
    maru_error          error;

    if (request->product == NULL)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "product: want one, got none");
    maru_drop_unknown(&request->product->base);
    if (check_new(call, request->product, &create.fields, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_write(svc->store, call, store_create, &create);
}

static maru_status check_update(maru_call *call, const Catalog__UpdateProductRequest *request, unsigned *fields,
                                maru_error *error)
{
    maru_status status = check_name("product.name", request->product->name, error);

    if (status != MARU_OK || (status = mask_of(request, fields, error)) != MARU_OK ||
        (status = normal_product(call, request->product, *fields, error)) != MARU_OK)
        return status;
    return check_fields(request->product, *fields, error);
}

static maru_status update_product(struct catalog_service *svc, maru_call *call,
                                  const Catalog__UpdateProductRequest *request, Catalog__Product *response)
{
    struct store_update update = {.wanted = request->product, .response = response};
    maru_error          error;

    if (request->product == NULL)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "product: want one, got none");
    maru_drop_unknown(&request->product->base);
    if (check_update(call, request, &update.fields, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_write(svc->store, call, store_update, &update);
}

static maru_status delete_product(struct catalog_service *svc, maru_call *call,
                                  const Catalog__DeleteProductRequest *request, Google__Protobuf__Empty *response)
{
    maru_error error;

    if (check_name("name", request->name, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_write(svc->store, call, store_delete, (void *)request);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* names is room for one a product. */
static maru_status check_merge(maru_call *call, const Catalog__MergeSightingsRequest *request, char **names,
                               maru_error *error)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < request->n_products && status == MARU_OK; i++) {
        names[i] = request->products[i]->name;
        maru_drop_unknown(&request->products[i]->base);
        if ((status = normal_sightings(call, request->products[i], error)) == MARU_OK)
            status = check_sightings(request->products[i], i, error);
    }
    if (status != MARU_OK)
        return status;
    qsort(names, request->n_products, sizeof *names, compare_names);
    for (size_t i = 1; i < request->n_products; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "products: want each once, got %s twice", names[i]);
    return MARU_OK;
}

static maru_status merge_sightings(struct catalog_service *svc, maru_call *call,
                                   const Catalog__MergeSightingsRequest *request,
                                   Catalog__MergeSightingsResponse      *response)
{
    maru_error error;
    char     **names;

    if (request->n_products > BATCH_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "products: want at most %d, got %zu", BATCH_MAX,
                         request->n_products);
    names = maru_alloc(call, (request->n_products + 1) * sizeof *names);
    if (check_merge(call, request, names, &error) != MARU_OK)
        return refuse(call, &error);
    return maru_store_write(svc->store, call, store_merge,
                            &(struct store_merge){.request = request, .response = response});
}

const catalog_handlers catalog_methods = {
    .get_product = get_product,
    .batch_get_products = batch_get_products,
    .list_products = list_products,
    .create_product = create_product,
    .update_product = update_product,
    .delete_product = delete_product,
    .merge_sightings = merge_sightings,
};
