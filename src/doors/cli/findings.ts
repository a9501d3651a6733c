/** What `register verify` and `restore` say of a row that the journal does not vouch for. */
export const findingWords = {
  changed: { ja: '門を通らず変更', en: 'changed past the gate' },
  inserted: { ja: '門を通らず追加', en: 'inserted past the gate' },
  removed: { ja: '門を通らず削除', en: 'removed past the gate' },
};

/** The line a finding names; with its log's number before it where that is not the present one. */
export const lineOf = ({ line, log }: { line: number; log?: number | undefined }): string =>
  log === undefined ? String(line) : `${log}/${line}`;
