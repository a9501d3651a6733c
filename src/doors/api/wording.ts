import { SekishoError } from '../../ground/errors.ts';
import type { Wording } from '../../ground/http/index.ts';
import { languageOfHeader, wordError } from '../words/index.ts';

/** Words of a problem document (RFC 9457): a title, and in `detail` what happened, what was kept, what to do. */
export const wording: Wording = (kind, facts, acceptLanguage) => {
  const language = languageOfHeader(acceptLanguage);
  const { title, happened, kept, next } = wordError(new SekishoError(kind, facts), language);
  return { title, detail: [happened, kept, next].join(language === 'ja' ? '' : ' ') };
};
