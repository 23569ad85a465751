/* SPDX-License-Identifier: Apache-2.0 */
#include "web.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WEB_MAX = 1 << 20 };

static int web_connect(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static void write_all(int fd, lf_bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        bytes = lf__bytes_slice(bytes, (size_t)n, bytes.len);
    }
}

static void head_split(struct lf__buf *whole, struct web_answer *out)
{
    (void)lf__buf_u8(whole, 0);
    const char *text = (const char *)whole->ptr;
    const char *end = strstr(text, "\r\n\r\n");
    if (end == NULL) {
        return;
    }
    size_t len = (size_t)(end - text) + 4;
    (void)lf__copy_str(out->head, sizeof out->head, lf__bytes_slice(lf__buf_bytes(whole), 0, len));
    (void)sscanf(out->head, "HTTP/1.1 %u", &out->status);
    (void)lf__buf_append(&out->body,
                         lf__bytes_slice(lf__buf_bytes(whole), len, whole->len - len - 1));
}

void web_ask(int port, const char *request, lf_bytes body, struct web_answer *out)
{
    LF_BUF text;
    LF_BUF whole;
    uint8_t chunk[4096];
    ssize_t n = 0;
    int fd = web_connect(port);
    *out = (struct web_answer){.status = 0};
    lf__buf_init(&out->body, WEB_MAX);
    lf__buf_init(&text, WEB_MAX);
    lf__buf_init(&whole, WEB_MAX);
    (void)lf__buf_printf(
        &text, "%s HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
        request, body.len);
    (void)lf__buf_append(&text, body);
    if (fd < 0) {
        return;
    }
    write_all(fd, lf__buf_bytes(&text));
    while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0) {
        (void)lf__buf_append(&whole, (lf_bytes){chunk, (size_t)n});
    }
    (void)close(fd);
    head_split(&whole, out);
}
