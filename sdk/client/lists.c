/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a line of a list. It must never change: the same line would become another record. */
#include "base/bytes.h"
#include "base/buf.h"
#include "base/crypto/hash.h"
#include "base/status.h"
#include "client/client_internal.h"
#include "core/derive.h"

#include <lianfang/lists.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 20, KEY_TEXT_MAX = 65536 };

static size_t character_length(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Without blanks; full-width brackets and commas as ASCII. */
static void text_add(struct lf__buf *out, const char *text)
{
    static const char *const wide[][2] = {{"\xef\xbc\x88", "("},
                                          {"\xef\xbc\x89", ")"},
                                          {"\xef\xbc\x8c", ","},
                                          {"\xe3\x80\x80", ""},
                                          {" ", ""},
                                          {"\t", ""},
                                          {"\r", ""},
                                          {"\n", ""}};
    while (text != NULL && *text != '\0') {
        size_t plain = strcspn(text, "\xef\xe3 \t\r\n"); /* without any of those */
        if (plain > 0) {
            (void)lf__buf_append(out, (lf_bytes){(const uint8_t *)text, plain});
            text += plain;
            continue;
        }
        size_t len = strnlen(text, character_length((unsigned char)*text));
        lf_bytes as = {(const uint8_t *)text, len};
        for (size_t i = 0; i < LF_COUNT(wide); i++) {
            if (lf__bytes_eq_str(as, wide[i][0])) {
                as = lf__bytes_str(wide[i][1]);
                break;
            }
        }
        (void)lf__buf_append(out, as);
        text += len;
    }
    (void)lf__buf_u8(out, 0);
}

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static lf_status missing(lf_error *err, const char *field)
{
    return lf__refuse(err, LF_E_ARG, "FIELD_MISSING", field, "%s: is missing", field);
}

lf_status lf_list_ref(const lf_list_key *given, char out[LF_LIST_REF_SIZE], lf_error *err)
{
    LF_BUF text;
    lf_list_key key;
    char hex[LF_HEX_SIZE(KEY_BYTES)];
    lf__buf_init(&text, KEY_TEXT_MAX);
    lf_status rc = lf__struct_take(&key, sizeof key, given, "list key", err);
    if (rc != LF_OK) {
        return rc;
    }
    if (!is_given(key.list) || !is_given(key.uscc)) {
        return missing(err, is_given(key.list) ? "uscc" : "list");
    }
    if (!is_given(key.list_id) && !is_given(key.listed_on)) {
        return missing(err, "listed_on");
    }
    bool has_id = is_given(key.list_id);
    const char *parts[] = {"lianfang/v1 list line",
                           key.list,
                           key.region,
                           key.uscc,
                           key.list_id,
                           has_id ? "" : key.listed_on,
                           has_id ? "" : key.reason_text,
                           has_id ? "" : key.authority};
    for (size_t i = 0; i < LF_COUNT(parts); i++) {
        text_add(&text, parts[i]);
    }
    rc = lf__buf_status(&text, err);
    if (rc == LF_OK) {
        struct lf__hash hash = lf__sha256(lf__buf_bytes(&text));
        (void)lf__hex((lf_bytes){hash.bytes, KEY_BYTES}, hex, sizeof hex);
        (void)snprintf(out, LF_LIST_REF_SIZE, "list-%s", hex);
    }
    return rc;
}

lf_status lf_list_record_id(const lf_client *client, const char *ref, uint32_t version,
                            char out[33], lf_error *err)
{
    uint8_t id[LF_RECORD_ID_BYTES];
    struct lf__row row = {PX_KIND_CREDIT_LIST_ENTRY, version == 0 ? 1 : version, LF_BYTES_NONE};
    if (!is_given(ref)) {
        return missing(err, "ref");
    }
    row.ref = lf__bytes_str(ref);
    if (row.ref.len > LF_DERIVE_REF_MAX) {
        return lf__refuse(err, LF_E_TOO_BIG, "TOO_BIG", "ref", "ref: more than %d bytes",
                          LF_DERIVE_REF_MAX);
    }
    lf__derive_record_id((lf_bytes){lf__secret_view(client->profile.push), CLIENT_SECRET_BYTES},
                         &row, id);
    (void)lf__hex(LF_BYTES_ARRAY(id), out, LF_HEX_SIZE(LF_RECORD_ID_BYTES));
    return LF_OK;
}
