/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_generate DIR COUNT SEED: synthetic removals on the reserved division 999999, as one CSV a platform
 * (DIR/platform-01.csv ... platform-09.csv): 9 of 21 platforms report, the published scale of the real
 * system being about 10,000 a year. The same seed always makes the same files. Nothing real is named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORTERS = 9, CODE = 18 };

static unsigned long long state;

/* xorshift64*: small, seeded, the same everywhere. */
static unsigned next(unsigned below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (unsigned)((state * 2685821657736338717ull) >> 33) % below;
}

/* GB 11714 for the inner check, GB 32100 for the outer one. */
static void code_make(unsigned serial, char out[static CODE + 1])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int inner[] = {3, 7, 9, 10, 5, 8, 4, 2};
    static const int outer[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;
    (void)snprintf(out, CODE + 1, "91999999MB%06u", serial % 1000000);
    for (int i = 0; i < 8; i++) {
        char c = out[8 + i];
        sum += inner[i] * (c >= 'A' ? c - 'A' + 10 : c - '0');
    }
    int r = 11 - sum % 11;
    out[16] = r == 10 ? 'X' : r == 11 ? '0' : (char)('0' + r);
    sum = 0;
    for (int i = 0; i < 17; i++) {
        sum += outer[i] * (int)(strchr(alphabet, out[i]) - alphabet);
    }
    out[17] = alphabet[(31 - sum % 31) % 31];
    out[18] = '\0';
}

/* The mix follows the rules of platforms: mostly counterfeits, some suspicion, some defects of papers. */
static const char *pick_violation(void)
{
    unsigned n = next(100);
    return n < 55 ? "COUNTERFEIT" : n < 70 ? "SUSPECT_COUNTERFEIT" : n < 80 ? "FALSE_ADVERTISING" : n < 86 ? "PRICE_GOUGING" : n < 92 ? "QUALIFICATION_DEFECT" : n < 96 ? "FORGED_LICENCE" : "OTHER_SERIOUS";
}

static void row_write(FILE *file, unsigned serial)
{
    char code[CODE + 1];
    code_make(serial, code);
    const char *violation = pick_violation();
    const char *certainty = strcmp(violation, "SUSPECT_COUNTERFEIT") == 0 ? "SUSPECTED" : next(10) == 0 ? "ESTABLISHED_BY_BRAND" : "ESTABLISHED_BY_PLATFORM";
    const char *extra = next(3) == 0 ? ";LIQUIDATED_DAMAGES" : next(2) == 0 ? ";ENTRY_BAN" : "";
    (void)fprintf(file, "CASE-%06u,%s,shop-%u,%s,%s,REMOVAL%s,2026-%02u-%02u,R%u,%u,100\n", serial, code, next(900000) + 100000, violation, certainty, extra, next(10) + 1, next(28) + 1, next(5) + 1, (next(100) + 1) * 100000);
}

static int fail(const char *what)
{
    (void)fprintf(stderr, "lf_generate: %s\n", what);
    return 1;
}

int main(int argc, char **argv)
{
    FILE *files[REPORTERS];
    if (argc != 4) {
        return fail("usage: lf_generate DIR COUNT SEED");
    }
    unsigned count = (unsigned)strtoul(argv[2], NULL, 10);
    state = strtoull(argv[3], NULL, 10) + 88172645463325252ull;
    for (unsigned i = 0; i < REPORTERS; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/platform-%02u.csv", argv[1], i + 1);
        files[i] = fopen(path, "w");
        if (files[i] == NULL) {
            return fail("a file cannot be made");
        }
        (void)fprintf(files[i], "ref,uscc,shop_id,violation,certainty,measures,decided_at,rule,amount_fen,points\n");
    }
    for (unsigned serial = 1; serial <= count; serial++) {
        row_write(files[next(REPORTERS)], serial);
    }
    for (unsigned i = 0; i < REPORTERS; i++) {
        if (fclose(files[i]) != 0) {
            return fail("a file cannot be written");
        }
    }
    return 0;
}
