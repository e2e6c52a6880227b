/* siphash.c: SipHash-2-4 of 128 bits (siphash.h). */
#include "siphash.h"

enum { ROUNDS = 2, LAST_ROUNDS = 4, WORD = 8 };

static uint64_t load(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;

    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static uint64_t turn(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[1] = turn(v[1], 13) ^ v[0];
        v[0] = turn(v[0], 32);
        v[2] += v[3];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = turn(v[1], 17) ^ v[2];
        v[2] = turn(v[2], 32);
    }
}

static void take(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v, ROUNDS);
    v[0] ^= word;
}

static uint64_t give(uint64_t v[4], int word, uint64_t bits)
{
    v[word] ^= bits;
    mix(v, LAST_ROUNDS);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

siphash siphash_of(const uint8_t key[static SIPHASH_KEY_BYTES], const uint8_t *bytes, size_t size)
{
    uint64_t low = load(key, WORD), high = load(key + WORD, WORD);
    uint64_t v[4] = {0x736f6d6570736575 ^ low, 0x646f72616e646f6d ^ high ^ 0xee, 0x6c7967656e657261 ^ low,
                     0x7465646279746573 ^ high};
    size_t   whole = size - size % WORD;
    siphash  sum;

    for (size_t i = 0; i < whole; i += WORD)
        take(v, load(bytes + i, WORD));
    take(v, (uint64_t)size << 56 | load(bytes + whole, size - whole));
    sum.low = give(v, 2, 0xee);
    sum.high = give(v, 1, 0xdd);
    return sum;
}
