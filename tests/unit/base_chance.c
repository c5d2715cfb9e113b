#include "base/chance.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

Test(base_chance, fresh_bytes_differ)
{
	unsigned char a[32] = {0}, b[32] = {0};

	chance_fresh(a, sizeof(a));
	chance_fresh(b, sizeof(b));
	cr_expect(ne(int, memcmp(a, b, sizeof(a)), 0));
}

static uint64_t
draw(uint64_t seed, const char *what, const char *key, uint64_t number, uint64_t salt)
{
	return chance_draw(seed, slice_of(what),
	    (struct bytes){(const unsigned char *)key, strlen(key)}, number, salt);
}

/* Computed by another SipHash-2-4, which has the test vector of its authors right. */
Test(base_chance, a_draw_is_what_the_manual_says)
{
	static const struct {
		uint64_t seed;
		const char *what, *key;
		uint64_t number, salt, want;
	} rows[] = {
	    {1, "flaky", "", 1, 0, UINT64_C(0x20bd25835971412d)},
	    {1, "flaky", "", 2, 0, UINT64_C(0x51d44619b427d899)},
	    {2, "flaky", "", 1, 0, UINT64_C(0x919abc1219e8f5f7)},
	    {1, "flaky", "10.0.0.1", 1, 0, UINT64_C(0x8e48c0a485dceefd)},
	    {1, "flaky", "", 1, 1, UINT64_C(0x73b6495369287232)},
	    {1, "", "flaky", 1, 0, UINT64_C(0x5769d912a6231a10)},
	    {UINT64_MAX, "a-rule-with-a-longer-name", "abc", UINT64_MAX, UINT64_MAX,
	        UINT64_C(0x4ac7aa456c320e00)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect(eq(u64,
		              draw(rows[i].seed, rows[i].what, rows[i].key,
		                  rows[i].number, rows[i].salt),
		              rows[i].want),
		    "row %zu", i);
}

Test(base_chance, a_unit_is_from_0_to_below_1)
{
	cr_expect(eq(dbl, chance_unit(0), 0));
	cr_expect(eq(dbl, chance_unit(UINT64_C(1) << 63), 0.5));
	cr_expect(chance_unit(UINT64_MAX) < 1);
	cr_expect(chance_unit(UINT64_MAX) > 0.999999);
}

Test(base_chance, never_and_always_are_exact)
{
	static const uint64_t draws[] = {0, 1, UINT64_C(1) << 63, UINT64_MAX};

	for (size_t i = 0; i < sizeof(draws) / sizeof(draws[0]); i++) {
		cr_expect(not(chance_hits(draws[i], 0)), "draw %zu", i);
		cr_expect(chance_hits(draws[i], 1000000), "draw %zu", i);
	}
	cr_expect(chance_hits(0, 1));
	cr_expect(not(chance_hits(UINT64_MAX, 999999)));
}

/* 20,000 draws: the bounds are more than six standard deviations away. */
Test(base_chance, hits_come_as_often_as_they_should)
{
	static const struct {
		uint32_t per_million;
		size_t least, most;
	} rows[] = {{5000, 40, 160}, {200000, 3650, 4350}, {500000, 9550, 10450},
	    {900000, 17700, 18300}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t hits = 0;

		for (uint64_t n = 1; n <= 20000; n++)
			hits += chance_hits(
			    draw(7, "rule", "10.0.0.1", n, 0), rows[i].per_million);
		cr_expect(hits >= rows[i].least && hits <= rows[i].most,
		    "row %zu: %zu hits", i, hits);
	}
}
