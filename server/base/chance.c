#include "base/chance.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

void
chance_fresh(void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno != EINTR)
			abort(); /* no Linux that this program runs on is without it */
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
}

/* SipHash-2-4: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012. */
struct siphash {
	uint64_t v[4];
	uint64_t word; /* bytes that are no whole word yet, the first one lowest */
	size_t len;
};

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void
siphash_rounds(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
siphash_init(struct siphash *hash, uint64_t k0, uint64_t k1)
{
	*hash = (struct siphash){
	    .v =
	        {
	            k0 ^ UINT64_C(0x736f6d6570736575),
	            k1 ^ UINT64_C(0x646f72616e646f6d),
	            k0 ^ UINT64_C(0x6c7967656e657261),
	            k1 ^ UINT64_C(0x7465646279746573),
	        },
	};
}

static void
siphash_word(struct siphash *hash, uint64_t word)
{
	hash->v[3] ^= word;
	siphash_rounds(hash->v, 2);
	hash->v[0] ^= word;
}

static void
siphash_add(struct siphash *hash, const void *data, size_t len)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < len; i++) {
		hash->word |= (uint64_t)at[i] << (hash->len % 8 * 8);
		if (++hash->len % 8 == 0) {
			siphash_word(hash, hash->word);
			hash->word = 0;
		}
	}
}

/* As siphash_add of its 8 bytes, the lowest first. */
static void
siphash_add_number(struct siphash *hash, uint64_t number)
{
	const unsigned bits = hash->len % 8 * 8;

	siphash_word(hash, hash->word | number << bits);
	hash->word = bits > 0 ? number >> (64 - bits) : 0;
	hash->len += 8;
}

static uint64_t
siphash_end(struct siphash *hash)
{
	siphash_word(hash, hash->word | (uint64_t)hash->len << 56);
	hash->v[2] ^= 0xff;
	siphash_rounds(hash->v, 4);
	return hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}

uint64_t
chance_draw(
    uint64_t seed, struct slice what, struct bytes key, uint64_t number, uint64_t salt)
{
	struct siphash hash;

	siphash_init(&hash, seed, CHANCE_DRAW_KEY);
	siphash_add_number(&hash, what.len);
	siphash_add(&hash, what.text, what.len);
	siphash_add_number(&hash, key.len);
	siphash_add(&hash, key.data, key.len);
	siphash_add_number(&hash, number);
	siphash_add_number(&hash, salt);
	return siphash_end(&hash);
}

/* A double has 53 bits: the upper ones are taken. */
double
chance_unit(uint64_t draw)
{
	return (double)(draw >> 11) / (double)(UINT64_C(1) << 53);
}

bool
chance_hits(uint64_t draw, uint32_t per_million)
{
	return (draw >> 32) * 1000000 >> 32 < per_million;
}
