import type { ReactNode } from 'react';
import { type ErrorKind, errorKinds, SekishoError } from '../../../ground/errors.ts';
import { type ErrorInWords, wordError } from '../../words/index.ts';
import { type Language, useLanguage } from './language.tsx';
import { Notice } from './notice.tsx';

/** The part of an error of the generated clients that words are made of. */
interface Answered {
  kind: string;
  problem: Readonly<Record<string, unknown>>;
}

const isAnswered = (error: unknown): error is Answered =>
  error instanceof Error && 'kind' in error && 'problem' in error && typeof error.kind === 'string';

/** Scalar facts of a problem document; nothing else of it is shown. */
export function factsOf(error: unknown): Record<string, string | number | boolean | null> {
  const given = isAnswered(error) ? error.problem['facts'] : undefined;
  return Object.fromEntries(
    Object.entries(typeof given === 'object' && given !== null ? given : {}).filter(
      ([, value]) => value === null || ['string', 'number', 'boolean'].includes(typeof value),
    ),
  );
}

export const kindOf = (error: unknown): string => (isAnswered(error) ? error.kind : 'internal');

/** Any error in the reader's words, now: a switch of language rewords what stands on the screen. */
export function wordProblem(error: unknown, language: Language): ErrorInWords {
  const kind = kindOf(error);
  const known = Object.hasOwn(errorKinds, kind) ? (kind as ErrorKind) : 'internal';
  return wordError(new SekishoError(known, factsOf(error)), language);
}

/** What happened, what was not lost, what to do next; read out when it comes. */
export function ProblemNotice({ error, children }: { error: unknown; children?: ReactNode }) {
  const { language } = useLanguage();
  if (error === null || error === undefined) return null;
  const { title, happened, kept, next } = wordProblem(error, language);
  return (
    <Notice kind="error" title={title} live>
      <p>{happened}</p>
      <p>{kept}</p>
      <p>{next}</p>
      {children}
    </Notice>
  );
}
