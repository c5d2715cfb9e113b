#include "base/slots.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(slots, an_id_finds_its_thing_until_it_is_removed)
{
	struct slots slots = SLOTS_INIT;
	int a, b;
	uint64_t id_a = slots_put(&slots, &a);
	uint64_t id_b = slots_put(&slots, &b);

	cr_assert(ne(u64, id_a, 0));
	cr_assert(eq(ptr, slots_get(&slots, id_a), &a));
	cr_assert(eq(ptr, slots_get(&slots, id_b), &b));
	slots_remove(&slots, id_a);
	cr_assert(eq(ptr, slots_get(&slots, id_a), NULL));
	cr_assert(eq(ptr, slots_get(&slots, id_b), &b));
	cr_assert(eq(sz, slots.count, 1));
	slots_clear(&slots);
}

Test(slots, an_id_is_never_used_twice)
{
	struct slots slots = SLOTS_INIT;
	int thing;
	uint64_t first = slots_put(&slots, &thing);

	slots_remove(&slots, first);
	slots_remove(&slots, first); /* twice does no harm */
	uint64_t second = slots_put(&slots, &thing);
	cr_assert(ne(u64, first, second));
	cr_assert(eq(ptr, slots_get(&slots, first), NULL));
	cr_assert(eq(sz, slots.size, 1), "the slot is used again");
	slots_clear(&slots);
}

Test(slots, ids_that_were_never_given_out_find_nothing)
{
	struct slots slots = SLOTS_INIT;
	int thing;

	cr_expect(eq(ptr, slots_get(&slots, 0), NULL));
	cr_expect(eq(ptr, slots_get(&slots, 1), NULL));
	uint64_t id = slots_put(&slots, &thing);
	cr_expect(eq(ptr, slots_get(&slots, id + 1), NULL));
	cr_expect(eq(ptr, slots_get(&slots, id + (1ULL << 32)), NULL));
	slots_clear(&slots);
}

Test(slots, a_thousand_things_come_and_go)
{
	struct slots slots = SLOTS_INIT;
	static int things[1000];
	uint64_t ids[1000];

	for (size_t i = 0; i < 1000; i++)
		ids[i] = slots_put(&slots, &things[i]);
	for (size_t i = 0; i < 1000; i += 2)
		slots_remove(&slots, ids[i]);
	for (size_t i = 0; i < 1000; i++)
		cr_expect(slots_get(&slots, ids[i]) == (i % 2 == 0 ? NULL : &things[i]));
	cr_assert(eq(sz, slots.count, 500));
	slots_clear(&slots);
}
