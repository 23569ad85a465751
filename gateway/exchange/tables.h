/* SPDX-License-Identifier: Apache-2.0 */
/* gateway/exchange/tables.h - who uses which table of the engine. */
#ifndef GW_TABLES_H
#define GW_TABLES_H

enum {
    GW_TABLE_LEDGER = 0, /* ST_LEDGER_TABLES of them */
    GW_TABLE_ACCESS = 5, /* the same again */
    /* SHA-256(identity) -> the order about a record that is not here; operational */
    GW_TABLE_FORBIDDEN = 31,
    GW_TABLE_MEMBERS = 10,  /* member id -> u64be index of the record in force */
    GW_TABLE_SUBJECTS = 11, /* index of codes to positions (projections/standing) */
    GW_TABLE_CODES = 20,    /* index of codes in their order (projections/codes) */
    GW_TABLE_KNOWN = 12,    /* u64be index -> what is known of a subject by that entry */
    GW_TABLE_POLICY = 13,   /* "relay" -> u64be index of the Policy in force */
    GW_TABLE_HISTORY = 14,  /* u64be index of every Member record -> member id */
    GW_TABLE_KEYS = 15, /* id of every key that a member ever had -> member id, and 00 if revoked */
    GW_TABLE_PROPOSALS = 16, /* digest -> u64be expiry || envelope; operational, not derived */
    GW_TABLE_METER = 17,     /* gateway/access/meter.c; operational */
    GW_TABLE_WITNESS = 18,   /* gateway/federation/witness.c; operational */
    GW_TABLE_LINKS = 30,     /* index of tokens and codes to identities (projections/links) */
    GW_TABLE_TASKS = 26,     /* projections/tasks, as the next */
    GW_TABLE_ANSWERS = 27,
    GW_TABLE_CURSORS = 19, /* member id -> u64be cursor of the feed; operational */
    GW_TABLE_CAMPAIGNS =
        29, /* name || 00 || u64be index of a Campaign record -> 01 if it needs no relay */
    GW_TABLE_CHANGES = 25,  /* how rows of KNOWN stood before (projections/standing) */
    GW_TABLE_LOG_KEYS = 28, /* u64be index of a LogKey record -> u8 log || key || u64be from_size */
    GW_TABLE_LOG_HEADS =
        23, /* u64be index of a LogKey record -> the head after it, by the key before; operational */
    GW_TABLE_BURSTS = 21,    /* what each member sends, by windows (projections/bursts) */
    GW_TABLE_RESTRICTED = 24 /* u64be index -> u64be index of the Redaction that restricts it */
};

#endif
