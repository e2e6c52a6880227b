/* once.c: the stored replies of exactly-once calls, written and found (contracts: once_impl.h, server/once.h). */
#include "server/once.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "runtime/call_impl.h"
#include "runtime/request_id.h"
#include "runtime/rt.h"
#include "store/once_impl.h"
#include "store/store_impl.h"
#include "wire/unpack.h"

static const char name[] = "stored replies"; /* of the table, in errors */

static bool said(const char *text)
{
    return text != NULL && *text != '\0';
}

bool once_applies(const maru_call *base)
{
    return base->method && (base->method->flags & MARU_METHOD_EXACTLY_ONCE) && said(base->request_id);
}

static const char *who(const maru_call *base)
{
    if (said(base->subject))
        return base->subject;
    return base->caller ? base->caller : "";
}

/* ---- ids ---- */

static maru_status check_age(const maru_store *store, const char *id, int64_t made_ms, char words[static TXN_WORDS])
{
    int64_t now_ms = rt_wall(store->rt) / MARU_NS_PER_MS;

    if (made_ms > now_ms + ONCE_AHEAD_MS) {
        snprintf(words, TXN_WORDS,
                 "request id %s was made %" PRId64
                 " s in the future; at most %d are allowed: look at the caller's clock",
                 id, (made_ms - now_ms) / 1000, ONCE_AHEAD_MS / 1000);
        return MARU_INVALID_ARGUMENT;
    }
    if (made_ms < now_ms - store->once_keep_ms) {
        snprintf(words, TXN_WORDS,
                 "request id %s was made %" PRId64 " s ago; replies are kept for %" PRId64
                 " s, so whether this was done can't be told any more",
                 id, (now_ms - made_ms) / 1000, store->once_keep_ms / 1000);
        return MARU_INVALID_ARGUMENT;
    }
    return MARU_OK;
}

maru_status once_check(const maru_store *store, const maru_call *base, char words[static TXN_WORDS])
{
    int64_t made_ms;
    size_t  size = strlen(who(base));

    if (size > ONCE_WHO_MAX) {
        snprintf(words, TXN_WORDS, "who asks: want at most %d bytes in an exactly-once call, got %zu", ONCE_WHO_MAX,
                 size);
        return MARU_INVALID_ARGUMENT;
    }
    switch (request_id_parse(base->request_id, &made_ms)) {
    case REQUEST_ID_OURS:
        return check_age(store, base->request_id, made_ms, words);
    case REQUEST_ID_FOREIGN:
        return MARU_OK;
    case REQUEST_ID_BAD:
        break;
    }
    snprintf(words, TXN_WORDS,
             "request id: want 1 to %d printable ASCII characters, and \"m1-\" only in front of the library's own",
             REQUEST_ID_MAX);
    return MARU_INVALID_ARGUMENT;
}

/* ---- keys and values ---- */

/* TABLE_ONCE, 's' or 'c' (a caller can't pass for a subject), who, NUL, id. */
static void make_key(const maru_call *base, record_key *key)
{
    char   both[1 + ONCE_WHO_MAX + 1 + REQUEST_ID_MAX + 1];
    size_t size = (size_t)snprintf(both, sizeof both, "%c%s%c%s", said(base->subject) ? 's' : 'c', who(base), 0,
                                   base->request_id);

    record_key_make(key, TABLE_ONCE, (maru_key){.data = both, .size = size});
}

static void make_time_key(uint8_t table, int64_t at_ms, const record_key *once, record_key *key)
{
    key->bytes[0] = table;
    record_put64_ordered(key->bytes + 1, (uint64_t)at_ms);
    memcpy(key->bytes + 9, once->bytes + 1, once->size - 1);
    key->size = 9 + once->size - 1;
}

/* What was asked: the method and the request. Who packs as protobuf-c does has the same hash of bytes and of message.
 */
static uint64_t hash_method(const maru_method *method)
{
    uint8_t id[8];

    record_put64(id, method->id);
    return fnv1a64(id, sizeof id);
}

void once_note(maru_call *call, const ProtobufCMessage *request)
{
    call->asked = pack_hash(request, hash_method(call->method));
}

static uint64_t asked(const maru_call *base)
{
    if (base->asked != 0)
        return base->asked;
    return fnv1a64_more(hash_method(base->method), base->request, base->request ? base->request_size : 0);
}

maru_status once_lookup(maru_txn *txn, const maru_call *base)
{
    record_key     key;
    const uint8_t *payload;
    size_t         size;
    maru_status    status;

    make_key(base, &key);
    status = txn_value(txn, &key, name, &payload, &size);
    if (status != MARU_OK)
        return status;
    if (size < ONCE_FIXED && size != ONCE_LEFT)
        return txn_damaged(txn, name, &key, "it is too short");
    if (record_get64(payload + (size == ONCE_LEFT ? 0 : 8)) != asked(base))
        return maru_txn_fail(txn, MARU_ALREADY_EXISTS,
                             "request id %s was used before for another request; make a new one for each",
                             base->request_id);
    if (size == ONCE_LEFT)
        return maru_txn_fail(
            txn, MARU_FAILED_PRECONDITION,
            "request id %s: this was done, and is not done again; but its reply of %u bytes is not kept "
            "any more (docs/store.md, exactly once): read what it made",
            base->request_id, (unsigned)record_get32(payload + 8));
    size -= ONCE_FIXED;
    txn->reply = memcpy(maru_txn_alloc(txn, size + 1), payload + ONCE_FIXED, size);
    txn->reply_size = size;
    return MARU_OK;
}

static maru_status put_index(maru_txn *txn, uint8_t table, const record_key *once, const uint8_t *bytes, size_t size)
{
    record_key  key;
    uint8_t    *payload;
    maru_status status;

    make_time_key(table, txn->wall / MARU_NS_PER_MS, once, &key);
    if ((status = txn_room(txn, &key, name, size, &payload)) == MARU_OK) {
        if (size > 0)
            memcpy(payload, bytes, size);
        txn_seal(txn, &key, payload, size);
    }
    return status;
}

/* Into the index of those that can lose their bytes, and into the sum of it. */
static maru_status count(maru_txn *txn, const record_key *once, size_t size)
{
    uint8_t        number[8];
    record_key     key;
    const uint8_t *sum;
    uint8_t       *payload;
    uint64_t       before;
    size_t         sum_size;
    maru_status    status;

    once_sum_key(&key);
    status = txn_value(txn, &key, name, &sum, &sum_size);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    before = status == MARU_OK && sum_size == 8 ? record_get64(sum) : 0;
    if ((status = txn_room(txn, &key, name, 8, &payload)) != MARU_OK)
        return status;
    record_put64(payload, before + size);
    txn_seal(txn, &key, payload, 8);
    record_put64(number, size);
    return put_index(txn, TABLE_ONCE_LARGE, once, number, sizeof number);
}

maru_status once_keep(maru_txn *txn, const maru_call *base)
{
    record_key  key;
    uint8_t    *payload, *reply;
    size_t      size;
    maru_status status;

    if (!base->response)
        return maru_txn_fail(txn, MARU_INTERNAL, "%s: there is no response to store", base->method->path);
    size = pack_size(base->response);
    if ((status = txn_may_answer(txn, base, size)) != MARU_OK)
        return status;
    reply = maru_txn_alloc(txn, size + 1);
    pack_into(base->response, reply);
    make_key(base, &key);
    if ((status = txn_room(txn, &key, name, ONCE_FIXED + size, &payload)) != MARU_OK)
        return status;
    record_put64(payload, (uint64_t)(txn->wall / MARU_NS_PER_MS));
    record_put64(payload + 8, asked(base));
    memcpy(payload + ONCE_FIXED, reply, size);
    txn_seal(txn, &key, payload, ONCE_FIXED + size);
    txn->reply = reply;
    txn->reply_size = size;
    status = put_index(txn, TABLE_ONCE_TIME, &key, NULL, 0);
    return status == MARU_OK && size > ONCE_SMALL ? count(txn, &key, size) : status;
}

/* ---- the server's look ---- */

static maru_status find(maru_txn *txn, void *arg)
{
    return once_lookup(txn, arg);
}

maru_status once_find(maru_store *store, maru_call *call)
{
    maru_call  *base = call->base;
    char        words[TXN_WORDS];
    maru_status status;

    if (!once_applies(base))
        return MARU_NOT_FOUND;
    if ((status = once_check(store, base, words)) != MARU_OK)
        return maru_fail(call, status, "%s", words);
    if ((status = maru_store_read(store, call, find, base)) == MARU_OK)
        base->once_done = true;
    return status;
}
