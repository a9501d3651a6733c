import { uiEn } from '../words/ui-en.ts';
import { type UiWords, uiJa } from '../words/ui-ja.ts';
import { wordsHook } from './language.tsx';

/** Words of the components themselves. */
export const useUiWords = wordsHook<UiWords>({ ja: uiJa, en: uiEn });
