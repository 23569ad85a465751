/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lf_generate DIR COUNT SEED: synthetic removals, as one CSV a platform (DIR/platform-01.csv ...
 * platform-09.csv). The same seed always makes the same files. Nothing real is named: all codes are
 * of division 999999, which only a test ledger takes, and each names another merchant.
 *
 * Scale: the Beijing system published in August 2021 that 21 platforms had joined, and that 9 of them
 * had reported about 10,000 merchants, removed for serious violations within one year. So 9 reporters
 * of 21, every row a REMOVAL, decided within the 365 days up to 2026-06-30.
 *
 * Mix: which rule removes for which violation, with what certainty, points, damages and further
 * measures, follows the published rule of a cross-border platform (in force 2022-09-27): R1 counterfeits
 * established by brand or platform, at least 1,000,000 yuan and control of linked shops; R2 suspicion,
 * 10,000 yuan; R3D conformity test in the worst region; R4b a second abnormal inbound appraisal, goods
 * sent back; R5 the rest, at discretion. R5's violations are those for which the system says that it
 * removes: price gouging, false advertising, fake epidemic goods, papers forged or incomplete. The
 * source publishes no shares: those below are ours, with counterfeits and suspected ones, the subject of all
 * sources, more than half. A few platforms report most: the shares of the reporters are ours, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORTERS = 9, CODE = 18, WINDOW_DAYS = 365, YUAN = 100, LINKED_PER_CENT = 30 };

struct mix {
    unsigned share; /* of 100 */
    const char *violation;
    const char *certainty;
    const char *rule;
    const char *measures; /* beside REMOVAL */
    unsigned yuan;        /* damages; R1: at least, ten times the sales if those are more */
};
static const struct mix mixes[] = {
    {28, "COUNTERFEIT", "ESTABLISHED_BY_PLATFORM", "R1", ";LIQUIDATED_DAMAGES", 1000000},
    {12, "COUNTERFEIT", "ESTABLISHED_BY_PLATFORM", "R1", ";LIQUIDATED_DAMAGES", 1000000},
    {14, "SUSPECT_COUNTERFEIT", "SUSPECTED", "R2", ";LIQUIDATED_DAMAGES", 10000},
    {8, "LOW_CONFORMITY", "TEST_ABNORMAL", "R3D", ";LIQUIDATED_DAMAGES", 10000},
    {6, "INBOUND_APPRAISAL_ABNORMAL", "TEST_ABNORMAL", "R4b", ";LIQUIDATED_DAMAGES;RETURN_GOODS",
     10000},
    {8, "FALSE_ADVERTISING", "ESTABLISHED_BY_PLATFORM", "R5", ";ENTRY_BAN", 0},
    {5, "PRICE_GOUGING", "ESTABLISHED_BY_PLATFORM", "R5", ";ENTRY_BAN", 0},
    {4, "FAKE_EPIDEMIC_GOODS", "ESTABLISHED_BY_PLATFORM", "R5", ";ENTRY_BAN", 0},
    {4, "IP_INFRINGEMENT", "ESTABLISHED_BY_PLATFORM", "R5", ";TERMINATE", 0},
    {4, "FORGED_LICENCE", "ESTABLISHED_BY_PLATFORM", "R5", ";TERMINATE", 0},
    {3, "SHODDY", "ESTABLISHED_BY_PLATFORM", "R5", "", 0},
    {2, "QUALIFICATION_DEFECT", "ESTABLISHED_BY_PLATFORM", "R5", "", 0},
    {2, "OTHER_SERIOUS", "ESTABLISHED_BY_PLATFORM", "R5", "", 0},
};
static const unsigned reporter_shares[REPORTERS] = {24, 18, 14, 12, 10, 8, 6, 5, 3};

static unsigned long long state;

/* xorshift64*: small, seeded, the same everywhere. */
static unsigned next(unsigned below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (unsigned)((state * 2685821657736338717ull) >> 33) % below;
}

/* GB 11714 for the inner check, GB 32100 for the outer one. Enterprises, individual businesses (92) and
 * a few cooperatives (93). */
static void code_make(unsigned serial, char out[static CODE + 1])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int inner[] = {3, 7, 9, 10, 5, 8, 4, 2};
    static const int outer[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;
    unsigned n = next(100);
    (void)snprintf(out, CODE + 1, "9%c999999MB%06u",
                   n < 60   ? '1'
                   : n < 98 ? '2'
                            : '3',
                   serial % 1000000);
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

/* A day of the window that ends on 2026-06-30: day 0 is 2025-07-01. */
static void day_make(unsigned day, char out[static 11])
{
    static const unsigned char months[] = {31, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30};
    unsigned month = 0;
    while (day >= months[month]) {
        day -= months[month++];
    }
    (void)snprintf(out, 11, "%u-%02u-%02u", month < 6 ? 2025u : 2026u, (month + 6) % 12 + 1,
                   (day + 1) % 100);
}

static const struct mix *mix_pick(void)
{
    size_t i = 0;
    for (unsigned n = next(100); n >= mixes[i].share; i++) {
        n -= mixes[i].share;
    }
    return &mixes[i];
}

static unsigned reporter_pick(void)
{
    unsigned i = 0;
    for (unsigned n = next(100); n >= reporter_shares[i]; i++) {
        n -= reporter_shares[i];
    }
    return i;
}

static void row_write(FILE *file, unsigned serial)
{
    char code[CODE + 1];
    char day[11];
    const struct mix *mix = mix_pick();
    unsigned yuan = mix->yuan;
    code_make(serial, code);
    day_make(next(WINDOW_DAYS), day);
    if (yuan == 1000000 && next(10) == 0) { /* one in ten sold so much that ten times it is more */
        yuan += next(400) * 10000;
    }
    (void)fprintf(file, "CASE-%06u,%s,shop-%u,%s,%s,REMOVAL%s%s,%s,%s,%llu,%s\n", serial, code,
                  next(900000) + 100000, mix->violation, mix->certainty, mix->measures,
                  next(100) < LINKED_PER_CENT ? ";LINKED_CONTROL" : "", day, mix->rule,
                  (unsigned long long)yuan * YUAN, yuan > 0 ? "100" : "");
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
        (void)fprintf(files[i], "ref,uscc,shop_id,violation,certainty,measures,decided_at,rule,"
                                "amount_fen,points\n");
    }
    for (unsigned serial = 1; serial <= count; serial++) {
        row_write(files[reporter_pick()], serial);
    }
    for (unsigned i = 0; i < REPORTERS; i++) {
        if (fclose(files[i]) != 0) {
            return fail("a file cannot be written");
        }
    }
    return 0;
}
