/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl behind http_post.h. No redirects, no proxies, no other schemes: a witness is where its policy says. */
#include "gateway/federation/http_post.h"

#include "base/bytes.h"
#include "base/status.h"

#include <curl/curl.h>

static size_t on_answer(char *bytes, size_t size, size_t count, void *user)
{
    struct lf__buf *answer = user;
    return lf__buf_append(answer, (lf_bytes){(const uint8_t *)bytes, size * count}) ? size * count
                                                                                    : 0;
}

static CURL *post_new(struct gw_http_post *post, unsigned timeout_ms)
{
    CURL *easy = curl_easy_init();
    if (easy == NULL) {
        return NULL;
    }
    lf__buf_init(&post->answer, post->answer_max != 0 ? post->answer_max : GW_POST_ANSWER_MAX);
    post->status = 0;
    (void)curl_easy_setopt(easy, CURLOPT_URL, post->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (post->body.len > 0) {
        (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post->body.ptr);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)post->body.len);
    }
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, &post->answer);
    return easy;
}

static void multi_run(CURLM *multi)
{
    int running = 0;
    CURLMcode code = curl_multi_perform(multi, &running);
    while (code == CURLM_OK && running > 0) {
        code = curl_multi_poll(multi, NULL, 0, 1000, NULL);
        code = code == CURLM_OK ? curl_multi_perform(multi, &running) : code;
    }
}

/* An answer cut short by the clock is no answer. */
static void statuses_take(CURLM *multi, struct gw_http_post *posts, CURL *const *easy, size_t count)
{
    int left = 0;
    for (CURLMsg *told = curl_multi_info_read(multi, &left); told != NULL;
         told = curl_multi_info_read(multi, &left)) {
        for (size_t i = 0; i < count; i++) {
            long status = 0;
            if (easy[i] == told->easy_handle && told->data.result == CURLE_OK) {
                (void)curl_easy_getinfo(easy[i], CURLINFO_RESPONSE_CODE, &status);
                posts[i].status = (unsigned)status;
            }
        }
    }
}

lf_status gw_http_post_all(struct gw_http_post *posts, size_t count, unsigned timeout_ms,
                           lf_error *err)
{
    CURL *easy[GW_POST_MAX] = {NULL};
    CURLM *multi = curl_multi_init();
    bool good = multi != NULL && count <= GW_POST_MAX;
    for (size_t i = 0; good && i < count; i++) {
        easy[i] = post_new(&posts[i], timeout_ms);
        good = easy[i] != NULL && curl_multi_add_handle(multi, easy[i]) == CURLM_OK;
    }
    if (good) {
        multi_run(multi);
        statuses_take(multi, posts, easy, count);
    }
    for (size_t i = 0; i < count && i < GW_POST_MAX && easy[i] != NULL; i++) {
        (void)curl_multi_remove_handle(multi, easy[i]);
        curl_easy_cleanup(easy[i]);
    }
    (void)curl_multi_cleanup(multi);
    return good ? LF_OK : lf__fail(err, LF_E_NOMEM, "http: a request cannot be made");
}
