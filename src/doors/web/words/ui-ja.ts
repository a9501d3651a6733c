/** Words of the components that both sites use. Japanese is the source; `ui-en.ts` satisfies its shape. */
export const uiJa = {
  skip: '本文へ移動',
  language: '言語',
  languages: { ja: '日本語', en: 'English' },
  loading: '読み込んでいます…',
  required: '必須',
  optional: '任意',
  close: '閉じる',
  cancel: 'やめる',
  details: '詳しく',
  again: 'もう一度試す',
  menu: 'メニュー',
  notice: { info: 'お知らせ', success: '完了', warning: '注意', error: 'エラー' },
  pages: {
    label: 'ページ',
    next: '次へ',
    previous: '前へ',
    current: (page: number) => `${page}ページ目`,
  },
  date: {
    era: '元号',
    eras: { 令和: '令和', 平成: '平成', 昭和: '昭和', 大正: '大正', 明治: '明治', 西暦: '西暦' },
    year: '年',
    month: '月',
    day: '日',
    first: '元年は 1 と入力します',
    reads: (text: string) => `${text} として扱います`,
    faults: {
      empty: '日付を入力してください',
      format: '日付の形ではありません。年・月・日を数字で入力してください',
      era: '元号が分かりません',
      'era-range': 'その元号にない日付です。元号と年を確かめてください',
      month: '月は 1 から 12 です',
      day: 'その月にない日です',
      'unknown-part': '年・月・日をすべて入力してください',
      'too-early': '古すぎる日付です',
      future: '未来の日付です',
    },
  },
  broken: {
    title: '画面を表示できませんでした',
    text: '画面のプログラムの誤りです。記録は何も変わっていません。読み直しても同じときは、役所に知らせてください。',
    reload: '読み直す',
  },
  seconds: (n: number) => `${n}秒`,
  left: (n: number) => `あと${n}秒`,
} as const satisfies Record<string, unknown>;

/** Literal texts become `string`: any language may say it its own way, but must say it. */
export type Spoken<T> = T extends string
  ? string
  : T extends (...given: infer A) => string
    ? (...given: A) => string
    : { readonly [K in keyof T]: Spoken<T[K]> };

export type UiWords = Spoken<typeof uiJa>;
