/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log PROFILE: what a distrustful member asks of the two logs: the signed head, a proof of its last entry, the keys that sign, the tree
 * of all leaves, and what the access log has of it; and at the end that every head that was seen is of one history.
 */
#include <lianfang/access.h>

#include <stdio.h>

static void on_event(lf_log_level level, const char *event, const char *detail, void *user)
{
    (void)level;
    (void)user;
    (void)fprintf(stderr, "%s: %s\n", event, detail);
}

static void on_access(const lf_access_entry *entry, void *user)
{
    unsigned *count = user;
    (void)entry;
    (*count)++;
}

/* Who holds the profile's keys alone goes on by these. */
static void on_key(const lf_log_key *key, void *user)
{
    (void)user;
    (void)printf("%s key %s, %s, from %llu entries\n", key->log, key->vkey,
                 key->is_announced ? "announced" : "of the profile",
                 (unsigned long long)key->from_size);
}

static lf_status keys_show(lf_client *client, lf_error *err)
{
    char newest[512];
    lf_status rc = lf_log_keys(client, on_key, NULL, err);
    rc = rc == LF_OK ? lf_client_newest_key(client, newest, sizeof newest, err) : rc;
    if (rc == LF_OK) {
        (void)printf("receipts of today: %s\n", newest);
    }
    return rc;
}

static lf_status logs_check(lf_client *client, lf_error *err)
{
    char note[4096];
    uint64_t size = 0;
    unsigned asked = 0;
    lf_proof proof;
    lf_audit leaves;
    lf_audit access;
    lf_status rc = lf_checkpoint(client, &size, note, sizeof note, err);
    rc = rc == LF_OK ? lf_log_prove(client, size - 1, &proof, err) : rc;
    rc = rc == LF_OK ? lf_log_audit_leaves(client, NULL, NULL, &leaves, err) : rc;
    rc = rc == LF_OK ? lf_access_audit(client, on_access, &asked, &access, err) : rc;
    rc = rc == LF_OK ? keys_show(client, err) : rc;
    rc = rc == LF_OK ? lf_client_settle(client, 0, err) : rc;
    if (rc == LF_OK) {
        (void)printf("%s\n%s\n%s\n", lf_client_ledger_key(client), lf_client_access_key(client),
                     lf_client_witness_key(client));
        (void)printf("entry %llu is in by %zu hashes; %llu leaves; %u entries of the access log\n",
                     (unsigned long long)proof.index, proof.path_count,
                     (unsigned long long)leaves.size, asked);
    }
    return rc;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_client_options options = LF_CLIENT_OPTIONS_INIT;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: log PROFILE\n");
        return 2;
    }
    options.log = on_event;
    options.log_level = LF_LOG_WARN;
    options.timeout_ms = 30000;
    lf_status rc = lf_client_open_with(argv[1], &options, &client, &err);
    rc = rc == LF_OK ? logs_check(client, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
