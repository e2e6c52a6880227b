/* siphash.h: SipHash-2-4 of 128 bits (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): who does not have the
 * key can't tell what it makes of bytes, nor from what it made of some what it makes of others. Pure.
 */
#ifndef SHOP_CHECKOUT_SIPHASH_H
#define SHOP_CHECKOUT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY_BYTES = 16 };

typedef struct siphash {
    uint64_t low, high; /* as the reference implementation writes them: low first, each little-endian */
} siphash;

siphash siphash_of(const uint8_t key[static SIPHASH_KEY_BYTES], const uint8_t *bytes, size_t size);

#endif
