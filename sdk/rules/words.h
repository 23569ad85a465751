/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules/words.h - the contract's words for numbers on the wire. "" for a number and 0 for a word that is not known; words are static.
 */
#ifndef LF__RULES_WORDS_H
#define LF__RULES_WORDS_H

#include "rules/rules.h"

const char *lf__word_role(unsigned number);
unsigned lf__number_role(const char *word);
const char *lf__word_level(unsigned number);
unsigned lf__number_level(const char *word);
const char *lf__word_status(unsigned number);
unsigned lf__number_status(const char *word);
const char *lf__word_certainty(unsigned number);
unsigned lf__number_basis(const char *word);
unsigned lf__number_certainty(const char *word);
const char *lf__word_state(unsigned number);
const char *lf__word_advice(unsigned number);
unsigned lf__number_correction(const char *word);
unsigned lf__number_relay(const char *word);
const char *lf__word_correction(unsigned number);
const char *lf__word_relay(unsigned number);
const char *lf__word_kind(unsigned number);
const char *lf__word_class(unsigned number);
unsigned lf__number_class(const char *word);
const char *lf__word_task(unsigned number);
unsigned lf__number_task(const char *word);
const char *lf__word_answer(unsigned number);
const char *lf__word_basis(unsigned number);
const char *lf__word_act(unsigned number);  /* of the access log */
const char *lf__word_step(unsigned number); /* of an appeal */

#endif
