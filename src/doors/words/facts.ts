import type { ErrorFacts } from '../../ground/errors.ts';
import type { Bilingual, Language } from './language.ts';
import { verdictWords } from './verdicts.ts';

/** Names of facts that accompany an error. A fact without a name is shown under its own key. */
export const factWords: Readonly<Record<string, Bilingual>> = {
  what: { ja: '対象', en: 'what' },
  reason: { ja: '理由', en: 'reason' },
  field: { ja: '項目', en: 'field' },
  fields: { ja: '項目', en: 'fields' },
  group: { ja: '項目群', en: 'field group' },
  groups: { ja: '項目群', en: 'field groups' },
  column: { ja: '列', en: 'column' },
  line: { ja: '行', en: 'line' },
  at: { ja: '場所', en: 'at' },
  where: { ja: '部分', en: 'part' },
  faults: { ja: '誤りの数', en: 'faults' },
  ask: { ja: '求めたもの', en: 'asked for' },
  action: { ja: '操作', en: 'act' },
  path: { ja: '場所', en: 'path' },
  file: { ja: 'ファイル', en: 'file' },
  folder: { ja: 'フォルダ', en: 'folder' },
  key: { ja: '設定名', en: 'setting' },
  option: { ja: 'オプション', en: 'option' },
  purpose: { ja: '目的', en: 'purpose' },
  event: { ja: '異動', en: 'event' },
  kind: { ja: '種類', en: 'kind' },
  outcome: { ja: '結果', en: 'outcome' },
  role: { ja: '役割', en: 'role' },
  operation: { ja: '操作', en: 'operation' },
  status: { ja: '状態', en: 'state' },
  state: { ja: '状態', en: 'state' },
  limit: { ja: '上限', en: 'limit' },
  left: { ja: '残り', en: 'left' },
  count: { ja: '件数', en: 'count' },
  size: { ja: '大きさ', en: 'size' },
  tile: { ja: 'タイル', en: 'tile' },
  index: { ja: '行番号', en: 'line index' },
  until: { ja: '期限', en: 'until' },
  url: { ja: 'アドレス', en: 'address' },
  host: { ja: '相手', en: 'host' },
  scope: { ja: '範囲', en: 'scope' },
  seconds: { ja: '秒', en: 'seconds' },
  process_id: { ja: 'プロセス番号', en: 'process id' },
  retry_after_seconds: { ja: '待ち時間（秒）', en: 'wait (seconds)' },
  missing: { ja: 'ないもの', en: 'missing' },
  have: { ja: 'ある数', en: 'there are' },
  needed: { ja: '必要な数', en: 'needed' },
  minimum: { ja: '最小', en: 'at least' },
  share: { ja: '何番目の分散片', en: 'share number' },
  earlier: { ja: '先に出たもの', en: 'first seen as' },
  room: { ja: '部屋', en: 'room' },
  request_id: { ja: '要求ID', en: 'request id' },
  requestId: { ja: '要求ID', en: 'request id' },
};

/** Values that facts take, where a bare code would not tell a person enough. Others are shown as they are. */
export const factValueWords: Readonly<Record<string, Bilingual>> = {
  ...verdictWords,
  length: { ja: '桁数が違います', en: 'wrong number of digits' },
  character: { ja: '使えない文字があります', en: 'a character that cannot be in it' },
  'check-digit': { ja: '検査用数字が合いません', en: 'the check digit does not fit' },
  missing: { ja: 'ありません', en: 'missing' },
  unknown: { ja: '知られていません', en: 'not known' },
  format: { ja: '書式が違います', en: 'wrong format' },
  range: { ja: '範囲外です', en: 'out of range' },
  expired: { ja: '期限切れです', en: 'expired' },
  'not-waiting': {
    ja: '待っていません。確認済みか取り下げ済みです',
    en: 'not waiting: confirmed already, or withdrawn',
  },
  'asker-gone': { ja: '申請した人は今は管理者ではありません', en: 'who asked is no administrator any more' },
  enrolment: { ja: '職員登録', en: 'enrolment' },
  revoked: { ja: '取り消されています', en: 'revoked' },
  'self-approval': { ja: '申請者本人は承認できません', en: 'who asked cannot approve' },
  'not-active': { ja: 'まだ承認されていないか、終わっています', en: 'not approved, or over' },
  exhausted: { ja: '使い切りました', en: 'used up' },
  pin: { ja: '暗証番号', en: 'PIN' },
  'pin-length': { ja: '暗証番号が短すぎるか長すぎます', en: 'a PIN too short or too long' },
  'not-the-same': { ja: '二度の入力が違います', en: 'the two entries differ' },
  unchanged: { ja: '今と同じです', en: 'the same as now' },
  'not-the-first': {
    ja: 'この団体には既に職員が登録されています',
    en: 'this municipality has enrolled staff already',
  },
  house: { ja: '一式（sekisho init で作ります）', en: 'the house (`sekisho init` makes it)' },
  passphrase: { ja: '合言葉', en: 'passphrase' },
  shares: { ja: '分散片', en: 'shares' },
  'keystore-file': { ja: '鍵の保管庫のファイル', en: 'the keystore file' },
  'not-found': { ja: '見つかりません', en: 'not found' },
  'too-few-shares': { ja: '分散片が足りません', en: 'too few shares' },
  'shares-only': { ja: '分散片だけで開きます', en: 'only shares open it' },
  'not-split': { ja: '分散片に分けられていません', en: 'it was never split into shares' },
  'share-damaged': {
    ja: '分散片に書き誤りか欠けがあります',
    en: 'a character of the share is wrong or missing',
  },
  'share-twice': { ja: '同じ分散片が二度あります', en: 'the same share twice' },
  'share-of-another-store': { ja: '別の鍵の保管庫の分散片です', en: 'a share of another keystore' },
  'share-of-another-splitting': {
    ja: '別の回に分けた分散片です',
    en: 'a share of another splitting',
  },
  'readable-by-others': { ja: 'ほかの人が読めます', en: 'others may read it' },
  'demo-keystore': { ja: '実演用の鍵です', en: 'keys of a demonstration' },
  'demo-passphrase': { ja: '実演用の合言葉です', en: 'the passphrase of a demonstration' },
  'passphrase-short': { ja: '合言葉が短すぎます', en: 'the passphrase is too short' },
  pending: { ja: 'まだ適用されていない更新があります', en: 'an update has still to be applied' },
  'role-missing': { ja: '役割がありません', en: 'a role is missing' },
  'role-sign-in': {
    ja: '役割がこの一式の合言葉でサインインできません',
    en: 'the role does not sign in with the password of this house',
  },
  'no-database': { ja: 'まだ作られていません', en: 'it has not been made yet' },
  'production-house': {
    ja: '本番用です。sekisho up では動かしません（docs/operator.md）',
    en: 'a production house: `sekisho up` does not run it (docs/operator.md)',
  },
  'running-house': {
    ja: 'このデータフォルダの関所は既に動いています',
    en: 'a house already runs on this data folder',
  },
  'keystore-of-another-house': {
    ja: '別の関所の鍵です',
    en: 'the keystore belongs to another house',
  },
  'port-taken': {
    ja: 'ほかのプログラムがこのポートを使っています',
    en: 'another program listens on this port',
  },
  'port-not-allowed': { ja: 'このポートを使う権限がありません', en: 'not allowed to listen on this port' },
  'resident-status': { ja: '住民の状態', en: 'state of the resident' },
  'individual-number': { ja: '個人番号', en: 'individual number' },
  'resident-record-code': { ja: '住民票コード', en: 'resident record code' },
  'corporate-number': { ja: '法人番号', en: 'corporate number' },
  'basic-pension-number': { ja: '基礎年金番号', en: 'basic pension number' },
  'insurer-number': { ja: '保険者番号', en: 'insurer number' },
  'local-government-code': { ja: '全国地方公共団体コード', en: 'local government code' },
};

/** One fact in words. */
export interface FactInWords {
  label: string;
  value: string;
}

/** Facts of an error as label and value, in the order they came; nulls are left out. */
export function wordFacts(facts: ErrorFacts, language: Language): FactInWords[] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ({
      label: Object.hasOwn(factWords, key) ? factWords[key]![language] : key,
      value:
        typeof value === 'string' && Object.hasOwn(factValueWords, value)
          ? factValueWords[value]![language]
          : String(value),
    }));
}
