/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence PROFILE INDEX FILE TRUST: makes a file that proves a record, and verifies it as somebody would who has only TRUST. A TRUST that is
 * not there is written first; who relies on it compares it with what the operator publishes.
 */
#include <lianfang/evidence.h>

#include <stdio.h>
#include <stdlib.h>

enum { TRUST_MAX = 1 << 16 };

static lf_bytes load(const char *path, uint8_t *room, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t len = file == NULL ? 0 : fread(room, 1, size, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    return (lf_bytes){room, len};
}

static void show(const lf_evidence *evidence)
{
    for (size_t i = 0; i < evidence->record_count; i++) {
        const lf_evidence_record *record = &evidence->records[i];
        (void)printf("entry %llu: %s of %s, %zu fields shown\n", (unsigned long long)record->index,
                     record->kind, record->issuer, record->field_count);
    }
    for (size_t i = 0; i < evidence->unproven_count; i++) {
        (void)printf("not proven: %s\n", evidence->unproven[i]);
    }
}

static lf_status file_make(const char *profile, const char *index, const char *path,
                           const char *trust, lf_error *err)
{
    lf_client *client = NULL;
    lf_evidence_made made;
    lf_evidence_options options = LF_EVIDENCE_OPTIONS_INIT;
    uint64_t indexes[] = {strtoull(index, NULL, 10)};
    options.indexes = indexes;
    options.index_count = 1;
    lf_status rc = lf_client_open(profile, &client, err);
    rc = rc == LF_OK ? lf_evidence_trust(client, (lf_bytes){NULL, 0}, trust, err) : rc;
    rc = rc == LF_E_EXISTS ? LF_OK : rc;
    rc = rc == LF_OK ? lf_evidence_export(client, &options, path, &made, err) : rc;
    lf_client_close(client);
    return rc;
}

static lf_status verify(const char *path, const char *trust_path, lf_error *err)
{
    static uint8_t trust[TRUST_MAX];
    const lf_evidence *evidence = NULL;
    uint8_t *room = malloc(LF_EVIDENCE_MAX);
    lf_status rc = room == NULL ? LF_E_NOMEM
                                : lf_evidence_verify(load(path, room, LF_EVIDENCE_MAX),
                                                     load(trust_path, trust, sizeof trust), NULL, 0,
                                                     &evidence, err);
    if (rc == LF_OK) {
        show(evidence);
    }
    lf_evidence_free(evidence);
    free(room);
    return rc;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    if (argc != 5) {
        (void)fprintf(stderr, "usage: evidence PROFILE INDEX FILE TRUST\n");
        return 2;
    }
    lf_status rc = file_make(argv[1], argv[2], argv[3], argv[4], &err);
    rc = rc == LF_OK ? verify(argv[3], argv[4], &err) : rc;
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
