/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join DIR: offline, both sides of a member's joining. The applicant makes its keys and a request that its own key signs; the
 * authority reads the request, makes the Member record that grants it, and signs that.
 */
#include <lianfang/members.h>

#include <stdio.h>

struct paths {
    char member[512];
    char request[512];
    char authority[512];
    char record[512];
};

static lf_status apply(const struct paths *paths, lf_error *err)
{
    lf_keygen keys = {.size = sizeof keys, .dir = paths->member, .member = "platform-new"};
    lf_applicant applicant = {.size = sizeof applicant,
                              .dir = paths->member,
                              .member = "platform-new",
                              .name = "示例平台",
                              .role = "PLATFORM"};
    lf_paper *request = NULL;
    lf_status rc = lf_keys_make(&keys, err);
    rc = rc == LF_OK ? lf_paper_request(&applicant, &request, err) : rc;
    rc = rc == LF_OK ? lf_paper_write(request, paths->request, false, err) : rc;
    lf_paper_free(request);
    return rc;
}

static void on_field(const char *name, const char *value, void *user)
{
    (void)user;
    (void)printf("  %s: %.64s\n", name, value);
}

/* What the authority has to look at: who asks, as what, and with which key. */
static void request_show(const lf_paper *request)
{
    lf_member who;
    lf_error err = LF_ERROR_INIT;
    if (lf_paper_member(request, &who, &err) == LF_OK) {
        (void)printf("%s of %s (%s), role %s, key %.16s...\n", lf_paper_kind(request), who.member,
                     who.name, who.role, who.key_ids[0]);
    }
}

static lf_status grant(const struct paths *paths, lf_error *err)
{
    char public_hex[65];
    lf_paper *request = NULL;
    lf_paper *record = NULL;
    lf_status rc = lf_authority_key_make(paths->authority, public_hex, err);
    rc = rc == LF_OK ? lf_paper_read(paths->request, &request, err) : rc;
    if (rc == LF_OK) {
        request_show(request);
        rc = lf_paper_enrol(request, &record, err);
    }
    rc = rc == LF_OK ? lf_paper_fields(record, on_field, NULL, err) : rc; /* all that it signs */
    rc = rc == LF_OK ? lf_paper_sign(record, paths->authority, err) : rc;
    rc = rc == LF_OK ? lf_paper_write(record, paths->record, false, err) : rc;
    if (rc == LF_OK) {
        (void)printf("%s record with %zu signature\n", lf_paper_kind(record),
                     lf_paper_signatures(record));
    }
    lf_paper_free(record);
    lf_paper_free(request);
    return rc;
}

int main(int argc, char **argv)
{
    struct paths paths;
    lf_error err = LF_ERROR_INIT;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: join DIR\n");
        return 2;
    }
    (void)snprintf(paths.member, sizeof paths.member, "%s/platform-new", argv[1]);
    (void)snprintf(paths.request, sizeof paths.request, "%s/platform-new.request", argv[1]);
    (void)snprintf(paths.authority, sizeof paths.authority, "%s/authority", argv[1]);
    (void)snprintf(paths.record, sizeof paths.record, "%s/platform-new.record", argv[1]);
    lf_status rc = apply(&paths, &err);
    rc = rc == LF_OK ? grant(&paths, &err) : rc;
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
