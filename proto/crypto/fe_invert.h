/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * 1 / a, and 0 for 0, on whichever field has defined FE() and FE_T: not a header of its
 * own but a part of fe51.h and of fe64.h, so without a guard.
 *
 * Fermat: a^(p - 2), with p - 2 = 2^255 - 21 = (2^250 - 1) 2^5 + 11. The runs of ones are
 * doubled: if x = a^(2^n - 1) then x^(2^n) x = a^(2^(2 n) - 1). Below, ones_n is that x.
 * 254 squarings and 11 products.
 */

static inline void FE(square_times)(struct FE_T *out, const struct FE_T *a, int n)
{
	FE(square)(out, a);
	while (--n)
		FE(square)(out, out);
}

static __attribute__((unused)) void FE(invert)(struct FE_T *out, const struct FE_T *a)
{
	struct FE_T a11, ones_5, ones_10, ones_20, ones_50, ones_100, t;
	struct FE_T a2, a9;

	FE(square)(&a2, a);
	FE(square_times)(&t, &a2, 2);
	FE(mul)(&a9, &t, a);
	FE(mul)(&a11, &a9, &a2);
	FE(square)(&t, &a11);
	FE(mul)(&ones_5, &t, &a9); /* 22 + 9 = 31 */
	FE(square_times)(&t, &ones_5, 5);
	FE(mul)(&ones_10, &t, &ones_5);
	FE(square_times)(&t, &ones_10, 10);
	FE(mul)(&ones_20, &t, &ones_10);
	FE(square_times)(&t, &ones_20, 20);
	FE(mul)(&t, &t, &ones_20); /* ones_40 */
	FE(square_times)(&t, &t, 10);
	FE(mul)(&ones_50, &t, &ones_10);
	FE(square_times)(&t, &ones_50, 50);
	FE(mul)(&ones_100, &t, &ones_50);
	FE(square_times)(&t, &ones_100, 100);
	FE(mul)(&t, &t, &ones_100); /* ones_200 */
	FE(square_times)(&t, &t, 50);
	FE(mul)(&t, &t, &ones_50); /* ones_250 */
	FE(square_times)(&t, &t, 5);
	FE(mul)(out, &t, &a11);
	wipe(&a11, sizeof(a11));
	wipe(&ones_5, sizeof(ones_5));
}
