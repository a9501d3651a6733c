import { type ErrorKind, errorKinds } from '../../../ground/errors.ts';
import { groupWords, lineKindWords, wordsOf } from '../../words/index.ts';
import type { LineContent } from './verify/index.ts';
import type { PortalWords } from './words.ts';
import { wordOf } from './words.ts';

type Language = 'ja' | 'en';

/** A line as a person reads it. Everything in it comes from the line's own payload. */
export interface LineInWords {
  /** Who did what, in one sentence. */
  sentence: string;
  office: string;
  staff: string;
  fields: string;
  /** Row of the statute table; '' where the line has none. */
  basis: string;
  /** Why it was refused; '' where it was not. */
  refusal: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** Whether a line tells of the resident's own doing. */
export const isOwn = ({ body }: LineContent): boolean => body['role'] === 'resident';

export const isRefused = ({ kind, body }: LineContent): boolean =>
  kind.endsWith('.refused') || body['outcome'] === 'refused';

const seen: readonly string[] = ['field.opened', 'search.made', 'history.read', 'contest.read'];

export const isSeen = (content: LineContent): boolean =>
  seen.includes(content.kind) && !isOwn(content) && !isRefused(content);

export const isChanged = ({ kind }: LineContent): boolean =>
  /^(?:record\.|number\.changed$|person\.erased$)/.test(kind);

export function kindInWords(kind: string, language: Language): string {
  return Object.hasOwn(lineKindWords, kind)
    ? lineKindWords[kind as keyof typeof lineKindWords][language]
    : kind;
}

function refusalInWords(body: LineContent['body'], language: Language): string {
  const reason = text(body['reason']);
  return Object.hasOwn(errorKinds, reason) ? wordsOf(reason as ErrorKind, language).title : '';
}

/** A line in plain words. */
export function lineInWords(content: LineContent, t: PortalWords, language: Language): LineInWords {
  const { kind, body } = content;
  const office = wordOf(t.offices, text(body['office']));
  const role = text(body['role']);
  const who = whoOf(content, t, office, role);
  const groups = texts(body['fields']).map((group) =>
    Object.hasOwn(groupWords, group) ? groupWords[group as keyof typeof groupWords][language] : group,
  );
  const fields = groups.join(t.joined);
  const said = kind.replace('.', '-');
  const says = Object.hasOwn(t.says, said) ? t.says[said as keyof typeof t.says] : undefined;
  const sentence =
    says === undefined
      ? t.saysOther(who, kindInWords(kind, language))
      : says(who, fields === '' ? t.things : fields);
  return {
    sentence: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
    office,
    staff: isOwn(content) ? '' : text(body['actor']),
    fields,
    basis: text(body['basis']),
    refusal: isRefused(content) ? refusalInWords(body, language) : '',
  };
}

function whoOf(content: LineContent, t: PortalWords, office: string, role: string): string {
  if (isOwn(content)) return t.looked.you;
  const named = wordOf(t.roles, role);
  if (office === '' && named === '')
    return content.body['caller'] === 'portal' ? t.offices.portal : t.someone;
  if (office === '') return named;
  return named === '' ? office : t.whoOf(office, named);
}
