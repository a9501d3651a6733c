import type { Spoken } from './ui-ja.ts';

/** What a purpose is for, in plain words, and the article; by the row of the statute table. Japanese is the source. */
export const purposesJa = {
  'bango-7-1': { plain: '個人番号を付けるため', article: '番号法 7条1項' },
  'bango-7-2': { plain: '漏れた個人番号を変えるため', article: '番号法 7条2項' },
  'bango-16': { plain: '個人番号を示した人が本人かを確かめるため', article: '番号法 16条' },
  'jukiho-5': { plain: '住民基本台帳を作り、保つため', article: '住民基本台帳法 5条・6条・7条' },
  'jukiho-8': { plain: '出生や死亡などを住民票に記録するため', article: '住民基本台帳法 8条' },
  'jukiho-12': { plain: '本人や同じ世帯の人に住民票の写しを出すため', article: '住民基本台帳法 12条' },
  'jukiho-12-special': {
    plain: '個人番号や住民票コードの入った住民票の写しを出すため',
    article: '住民基本台帳法 12条5項',
  },
  'jukiho-12-2': { plain: '国や自治体の請求に答えるため', article: '住民基本台帳法 12条の2' },
  'jukiho-12-household': { plain: '自分の世帯の氏名と続柄を確かめるため', article: '住民基本台帳法 12条' },
  'jukiho-14': { plain: '誤った記載を直すため', article: '住民基本台帳法 14条' },
  'jukiho-22': { plain: '転入の届出を記録するため', article: '住民基本台帳法 22条' },
  'jukiho-23': { plain: '市区町村の中での引越しを記録するため', article: '住民基本台帳法 23条' },
  'jukiho-24': { plain: '転出の届出を記録するため', article: '住民基本台帳法 24条' },
  'jukiho-25': { plain: '世帯の変更を記録するため', article: '住民基本台帳法 25条' },
  'jukiho-34': { plain: '記載が事実と合うかを調べるため', article: '住民基本台帳法 34条' },
  'jukiho-order-34': { plain: '保存期間の過ぎた記録を捨てるため', article: '住民基本台帳法施行令 34条' },
  'keiso-197-2': { plain: '捜査機関の照会に答えるため', article: '刑事訴訟法 197条2項' },
  'kojo-76': { plain: '自分の記録を自分で確かめるため', article: '個人情報保護法 76条' },
  'kojo-76-desk': { plain: '本人の求めで、閲覧の記録を示すため', article: '個人情報保護法 76条' },
  'kojo-77-2': { plain: '本人を確かめて、ポータルを使えるようにするため', article: '個人情報保護法 77条2項' },
} as const;

export type PurposeWords = Spoken<typeof purposesJa>;
