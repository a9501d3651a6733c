import { asSekishoError, type ErrorClass, type ErrorFacts, type ErrorKind } from '../../ground/errors.ts';
import type { ErrorWords } from './error-words.ts';
import { errorsEn } from './errors-en.ts';
import { errorsJa } from './errors-ja.ts';
import { type FactInWords, wordFacts } from './facts.ts';
import type { Language } from './language.ts';

const tables: Readonly<Record<Language, Readonly<Record<ErrorKind, ErrorWords>>>> = {
  ja: errorsJa,
  en: errorsEn,
};

/** An error as a person reads it. */
export interface ErrorInWords extends ErrorWords {
  readonly kind: ErrorKind;
  readonly class: ErrorClass;
  readonly details: readonly FactInWords[];
}

/** The words of one kind. */
export function wordsOf(kind: ErrorKind, language: Language): ErrorWords {
  return tables[language][kind];
}

/**
 * Words for anything thrown. What is not a SekishoError becomes `internal`: its own message is never shown, for
 * nobody knows what it carries.
 */
export function wordError(error: unknown, language: Language): ErrorInWords {
  const { kind, facts, class: errorClass } = asSekishoError(error);
  return wordKind(kind, errorClass, facts, language);
}

function wordKind(
  kind: ErrorKind,
  errorClass: ErrorClass,
  facts: ErrorFacts,
  language: Language,
): ErrorInWords {
  return { kind, class: errorClass, ...wordsOf(kind, language), details: wordFacts(facts, language) };
}
