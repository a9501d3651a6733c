export type { ErrorWords } from './error-words.ts';
export { errorsEn } from './errors-en.ts';
export { errorsJa } from './errors-ja.ts';
export { type FactInWords, factValueWords, factWords, wordFacts } from './facts.ts';
export {
  type Bilingual,
  type Language,
  languageOfEnvironment,
  languageOfHeader,
  languages,
  parseLanguage,
} from './language.ts';
export { coarseRuleWords, contestStateWords, groupWords, lineKindWords } from './terms.ts';
export { verdictWords } from './verdicts.ts';
export { type ErrorInWords, wordError, wordsOf } from './word-error.ts';
