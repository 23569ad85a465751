/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grpc.reflection, v1 and v1alpha, which differ in their name alone: answers from the descriptor set
 * that protoc made of the very files the code is made of. Walked field by field (descriptor.proto), as
 * protobuf-c has no descriptors to look at; a few hundred messages need no index.
 */
#include "base/bytes.h"
#include "base/status.h"
#include "base/text.h"
#include "gateway/services/services.h"
#include "protos/codec/wire.h"

extern const unsigned char gw_descriptors[];
extern const size_t gw_descriptors_size;

enum { REFLECTION_WINDOW = 8, FILES_MAX = 64, NAME_MAX_BYTES = 512, SYMBOL_DEPTH = 8 };

/* Fields of the request and of the answer. */
enum {
    ASK_HOST = 1,
    ASK_FILE = 3,
    ASK_SYMBOL = 4,
    ASK_EXTENSION = 5,
    ASK_EXTENSIONS_OF = 6,
    ASK_SERVICES = 7,
    TELL_HOST = 1,
    TELL_REQUEST = 2,
    TELL_FILES = 4,
    TELL_EXTENSIONS = 5,
    TELL_SERVICES = 6,
    TELL_ERROR = 7
};

/* Fields of descriptor.proto. */
enum {
    SET_FILE = 1,
    FILE_NAME = 1,
    FILE_PACKAGE = 2,
    FILE_IMPORT = 3,
    FILE_MESSAGE = 4,
    FILE_ENUM = 5,
    FILE_SERVICE = 6,
    FILE_EXTENSION = 7,
    MESSAGE_FIELD = 2,
    MESSAGE_NESTED = 3,
    MESSAGE_ENUM = 4,
    MESSAGE_EXTENSION = 6,
    MESSAGE_ONEOF = 8,
    MEMBER_OF = 2, /* a method of a service, a value of an enum */
    NAME = 1
};

/* The first length-delimited field of this number, or nothing. */
static lf_bytes field_of(lf_bytes message, uint32_t number)
{
    struct lf__reader r = {message};
    struct px_wire wire;
    while (px_wire_next(&r, &wire)) {
        if (wire.number == number && wire.type == PX_WIRE_BYTES) {
            return wire.value;
        }
    }
    return LF_BYTES_NONE;
}

static bool file_by_name(lf_bytes name, lf_bytes *out)
{
    struct lf__reader r = {{gw_descriptors, gw_descriptors_size}};
    struct px_wire wire;
    while (px_wire_next(&r, &wire)) {
        if (wire.number == SET_FILE && lf__bytes_eq(field_of(wire.value, FILE_NAME), name)) {
            *out = wire.value;
            return true;
        }
    }
    return false;
}

/* If `symbol` begins with `name`, and then ends or goes on after a dot: what is left of it. */
static bool strip(lf_bytes symbol, lf_bytes name, lf_bytes *rest)
{
    if (name.len == 0 || !lf__bytes_eq(lf__bytes_slice(symbol, 0, name.len), name)) {
        return false;
    }
    if (symbol.len > name.len && symbol.ptr[name.len] != '.') {
        return false;
    }
    *rest = lf__bytes_slice(symbol, name.len + 1, symbol.len);
    return true;
}

enum declares { IN_FILE, IN_MESSAGE, IN_ENUM_OR_SERVICE, IN_NOTHING };

/* What kind of scope a field of a scope opens; IN_NOTHING for a leaf that has a name. */
static bool scope_of(enum declares scope, uint32_t number, enum declares *inner)
{
    if (scope == IN_FILE) {
        *inner = number == FILE_MESSAGE                          ? IN_MESSAGE
                 : number == FILE_ENUM || number == FILE_SERVICE ? IN_ENUM_OR_SERVICE
                                                                 : IN_NOTHING;
        return number >= FILE_MESSAGE && number <= FILE_EXTENSION;
    }
    if (scope == IN_MESSAGE) {
        *inner = number == MESSAGE_NESTED ? IN_MESSAGE
                 : number == MESSAGE_ENUM ? IN_ENUM_OR_SERVICE
                                          : IN_NOTHING;
        return number == MESSAGE_FIELD || number == MESSAGE_NESTED || number == MESSAGE_ENUM ||
               number == MESSAGE_EXTENSION || number == MESSAGE_ONEOF;
    }
    *inner = IN_NOTHING;
    return scope == IN_ENUM_OR_SERVICE && number == MEMBER_OF;
}

/* Does this scope declare `symbol`, a name relative to it? A loop: each round goes one name deeper. */
static bool scope_declares(lf_bytes scope, enum declares kind, lf_bytes symbol)
{
    for (int depth = 0; depth < SYMBOL_DEPTH; depth++) {
        struct lf__reader r = {scope};
        struct px_wire wire;
        enum declares inner = IN_NOTHING;
        lf_bytes rest = LF_BYTES_NONE;
        bool found = false;
        while (!found && px_wire_next(&r, &wire)) {
            found = scope_of(kind, wire.number, &inner) && wire.type == PX_WIRE_BYTES &&
                    strip(symbol, field_of(wire.value, NAME), &rest);
        }
        if (!found || rest.len == 0) {
            return found;
        }
        scope = wire.value;
        kind = inner;
        symbol = rest;
    }
    return false;
}

static bool file_by_symbol(lf_bytes symbol, lf_bytes *out)
{
    struct lf__reader r = {{gw_descriptors, gw_descriptors_size}};
    struct px_wire wire;
    lf_bytes rest = LF_BYTES_NONE;
    while (px_wire_next(&r, &wire)) {
        if (wire.number == SET_FILE && strip(symbol, field_of(wire.value, FILE_PACKAGE), &rest) &&
            scope_declares(wire.value, IN_FILE, rest)) {
            *out = wire.value;
            return true;
        }
    }
    return false;
}

/* The file and all that it imports, each once: a client can link them with nothing of its own. */
static size_t files_collect(lf_bytes file, lf_bytes files[static FILES_MAX])
{
    size_t count = 1;
    files[0] = file;
    for (size_t i = 0; i < count; i++) {
        struct lf__reader r = {files[i]};
        struct px_wire wire;
        lf_bytes import = LF_BYTES_NONE;
        while (px_wire_next(&r, &wire)) {
            bool is_new = wire.number == FILE_IMPORT && file_by_name(wire.value, &import);
            for (size_t k = 0; is_new && k < count; k++) {
                is_new = files[k].ptr != import.ptr;
            }
            if (is_new && count < FILES_MAX) {
                files[count++] = import;
            }
        }
    }
    return count;
}

static void tell_error(lf_status status, const char *text, struct lf__buf *answer)
{
    LF_BUF inner;
    lf__buf_init(&inner, 256);
    (void)px_wire_u64(&inner, 1, (uint64_t)gw_grpc_code(status));
    (void)px_wire_bytes(&inner, 2, lf__bytes_str(text));
    (void)px_wire_bytes(answer, TELL_ERROR, lf__buf_bytes(&inner));
}

static void tell_files(lf_bytes file, struct lf__buf *answer)
{
    lf_bytes files[FILES_MAX];
    LF_BUF inner;
    lf__buf_init(&inner, PX_MESSAGE_MAX / 2);
    size_t count = files_collect(file, files);
    for (size_t i = 0; i < count; i++) {
        (void)px_wire_bytes(&inner, 1, files[i]);
    }
    (void)px_wire_bytes(answer, TELL_FILES, lf__buf_bytes(&inner));
}

static void tell_services(struct lf__buf *answer)
{
    lf_bytes names[GW_METHODS_MAX];
    LF_BUF inner;
    LF_BUF one;
    lf__buf_init(&inner, 65536);
    lf__buf_init(&one, 1024);
    size_t count = gw_services_names(names);
    for (size_t i = 0; i < count; i++) {
        lf__buf_clear(&one);
        (void)px_wire_bytes(&one, 1, names[i]);
        (void)px_wire_bytes(&inner, 1, lf__buf_bytes(&one));
    }
    (void)px_wire_bytes(answer, TELL_SERVICES, lf__buf_bytes(&inner));
}

/* proto3 without extensions: every message that we know has none. */
static void tell_extensions(lf_bytes type, struct lf__buf *answer)
{
    LF_BUF inner;
    lf_bytes file;
    lf__buf_init(&inner, 1024);
    if (!file_by_symbol(type, &file)) {
        tell_error(LF_E_NOT_FOUND, "no such message", answer);
        return;
    }
    (void)px_wire_bytes(&inner, 1, type);
    (void)px_wire_bytes(answer, TELL_EXTENSIONS, lf__buf_bytes(&inner));
}

static void tell(const struct px_wire *question, struct lf__buf *answer)
{
    lf_bytes file;
    switch (question->number) {
    case ASK_FILE:
        if (file_by_name(question->value, &file)) {
            tell_files(file, answer);
        } else {
            tell_error(LF_E_NOT_FOUND, "no such file", answer);
        }
        break;
    case ASK_SYMBOL:
        if (file_by_symbol(question->value, &file)) {
            tell_files(file, answer);
        } else {
            tell_error(LF_E_NOT_FOUND, "no such symbol", answer);
        }
        break;
    case ASK_EXTENSION:
        tell_error(LF_E_NOT_FOUND, "no such extension", answer);
        break;
    case ASK_EXTENSIONS_OF:
        tell_extensions(question->value, answer);
        break;
    case ASK_SERVICES:
        tell_services(answer);
        break;
    default:
        tell_error(LF_E_ARG, "nothing was asked", answer);
    }
}

/* The last field of the oneof counts, as proto3 has it. */
static bool question_decode(lf_bytes message, lf_bytes *host, struct px_wire *question)
{
    struct lf__reader r = {message};
    struct px_wire wire;
    while (px_wire_next(&r, &wire)) {
        bool is_ours =
            wire.number == ASK_HOST || (wire.number >= ASK_FILE && wire.number <= ASK_SERVICES);
        bool is_text = wire.number != ASK_EXTENSION;
        if (is_ours && (wire.type != PX_WIRE_BYTES || wire.value.len > NAME_MAX_BYTES ||
                        (is_text && !lf__text_is_utf8(wire.value)))) {
            return false;
        }
        *host = wire.number == ASK_HOST ? wire.value : *host;
        *question = is_ours && wire.number != ASK_HOST ? wire : *question;
    }
    return lf__read_finished(&r);
}

lf_status gw_reflection_answer(lf_bytes message, struct lf__buf *answer, lf_error *err)
{
    lf_bytes host = LF_BYTES_NONE;
    struct px_wire question = {.number = 0};
    if (!question_decode(message, &host, &question)) {
        return lf__refuse(err, LF_E_FORMAT, "WIRE_MALFORMED", "",
                          "request: not a ServerReflectionRequest");
    }
    if (host.len > 0) {
        (void)px_wire_bytes(answer, TELL_HOST, host);
    }
    (void)px_wire_bytes(answer, TELL_REQUEST, message);
    tell(&question, answer);
    return lf__buf_status(answer, err);
}

static void reflection_message(void *user, struct gw_call *call, lf_bytes message)
{
    (void)user;
    LF_BUF answer;
    lf_error err = LF_ERROR_INIT;
    lf__buf_init(&answer, PX_MESSAGE_MAX);
    if (gw_reflection_answer(message, &answer, &err) != LF_OK) {
        gw_stream_end(call, &err);
        return;
    }
    (void)gw_stream_send(call, lf__buf_bytes(&answer), &err); /* ended: nobody wants it */
}

const struct gw_stream_handler gw_stream_reflection = {.window = REFLECTION_WINDOW,
                                                       .message = reflection_message};
