// Generated from the API's OpenAPI document (0.1.0) by generate-client.ts. Do not edit.

/** What a file is sent as: text, bytes, a browser's File, or a stream. */
export type Upload = string | Uint8Array | Blob | ReadableStream<Uint8Array>;

export interface OfficeClientOptions {
  /** Address of the office without a slash at the end; '' in a page it served itself. */
  url: string;
  /** Bearer of the session; may be set later. */
  session?: string;
  /** `ja` or `en`: the language of error words. */
  language?: string;
  /** Default: the global fetch. */
  fetch?: typeof globalThis.fetch;
}

/** An error the office answered with (RFC 9457), or `unreachable` when there was no answer. */
export class OfficeError extends Error {
  override readonly name = 'OfficeError';
  readonly status: number;
  readonly kind: string;
  readonly problem: Readonly<Record<string, unknown>>;
  constructor(status: number, kind: string, problem: Readonly<Record<string, unknown>>, cause?: unknown) {
    super(`${status} ${kind}`, { cause });
    this.status = status;
    this.kind = kind;
    this.problem = problem;
  }
}

/** One request as the generated methods describe it. */
export interface OfficeRequest {
  method: string;
  path: string;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
  /** Media type of a body that is sent as it is. */
  upload?: string;
}

/** Sends requests; the generated client extends it with one method per operation. */
export class Sender {
  readonly #url: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #language: string | undefined;
  session: string | undefined;

  constructor(options: OfficeClientOptions) {
    this.#url = options.url;
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#language = options.language;
    this.session = options.session;
  }

  protected async send<Answer>(request: OfficeRequest, signal?: AbortSignal): Promise<Answer> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) query.set(name, String(value));
    }
    const address = `${this.#url}${request.path}${query.size > 0 ? `?${query}` : ''}`;
    const response = await this.#reach(address, request, signal);
    const type = response.headers.get('content-type') ?? '';
    const answer: unknown = type.includes('json') ? await response.json().catch(() => undefined) : undefined;
    if (response.ok && answer !== undefined) return answer as Answer;
    const problem = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
    throw new OfficeError(response.status, kindOf(problem, response.status), problem);
  }

  async #reach(address: string, request: OfficeRequest, signal: AbortSignal | undefined): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
    if (this.session !== undefined) headers['authorization'] = `Bearer ${this.session}`;
    if (this.#language !== undefined) headers['accept-language'] = this.#language;
    if (request.body !== undefined) headers['content-type'] = request.upload ?? 'application/json';
    const body =
      request.upload === undefined
        ? jsonOf(request.body)
        : (request.body as NonNullable<RequestInit['body']>);
    const init = {
      method: request.method,
      headers,
      redirect: 'error',
      duplex: 'half',
    } satisfies RequestInit & {
      duplex: 'half';
    };
    try {
      return await this.#fetch(address, {
        ...init,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new OfficeError(0, 'unreachable', {}, cause);
    }
  }
}

function jsonOf(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

function kindOf(problem: Readonly<Record<string, unknown>>, status: number): string {
  if (typeof problem['kind'] === 'string') return problem['kind'];
  return status === 404 ? 'not-found' : 'internal';
}

/** what may still be opened and searched for; `freesAt` where nothing is left */
export type Budget = { open: BudgetLeft; search: BudgetLeft; limits: { open: BudgetLeft; search: BudgetLeft }; windowMinutes: number; freesAt: number | null };

/** people that may still be opened in this window */
export type BudgetLeft = { session: number; terminal: number; purpose: number; office: number };

/** a case of one’s own or of one’s office; the note of one’s own alone */
export type Case = { caseId: string; purpose: string; basis: string; openedAt: number; closed: boolean; staff: string; mine: boolean; note?: string };

/** a line that tells of another person too: that it stands is proven, what it says is kept back */
export type CoarseLine = { tree: number; index: number; leaf: number; path: number[]; at: number; kind: string; rule: string };

/** what a resident says was not right */
export type Contest = { contest: string; person: string; about: ContestAbout; openedAt: number; state: ContestState; takenBy?: string };

/** a line of the journal, or what a field group says */
export type ContestAbout = { line: { municipality: string; index: number } } | { group: string };

/** how far the desk has got */
export type ContestState = 'open' | 'taken' | 'accepted' | 'rejected';

export type Done = { done: true };

/** nulls: he may sign in. Else a second person must confirm this enrolment before then */
export type Enrolled = { enrolment: string | null; expiresAt: number | null };

/** field values by group and field */
export type Fields = Record<string, Record<string, string>>;

/** a record that was changed past the gate */
export type Finding = { finding: 'changed' | 'inserted' | 'removed'; municipality: string; person: string | null; line: number; log?: number; history?: true };

/** a bulk grant: two different people sign it */
export type Grant = { grant: string; state: string; purpose: string; groups: string[]; count: number; left: number; endsAt: number; askedBy: string; approvedBy: string | null };

/** lines that a law hides for now, and when they open */
export type HiddenLines = { count: number; opensAt: number };

/** lines about one resident, newest first */
export type History = { trees: HistoryTree[]; lines: HistoryLine[]; coarse: CoarseLine[]; hidden: HiddenLines[]; older: ({ municipality: string; before: number })[] };

/** `expandHistory` of the checker gives each its whole proof */
export type HistoryLine = { tree: number; index: number; leaf: number; path: number[]; payload: string; salt: string };

/** what the proofs of the lines of one journal have in common */
export type HistoryTree = { municipality: string; size: number; checkpoint: string; nodes: string };

/** a resident found, masked */
export type Hit = { person: string; masked: Record<string, string>; status: string };

/** what one hour saw */
export type Hour = { opened: number; searched: number; written: number; refused: number; at: number };

export type ImportState = { importId: string; state: 'running' | 'refused' | 'finished' | 'failed'; phase: 'checking' | 'writing'; rows: number; rowsTotal: number | null; bytes: number; bytesTotal: number; rowsRead: number; rowsRefused: number; rowsCreated: number; rowsChanged: number; rowsUnchanged: number; encoding: string | null; startedAt: number; finishedAt: number | null; kind: string | null; facts: Record<string, string | number | boolean | null> };

/** a one-time code: shown this once */
export type Invited = { code: string; url: string; expiresAt: number };

export type JournalHead = { municipality: string; origin: string; size: number; checkpoint: string };

export type LifeEvent = { requestId: string; caseId: string; eventDate: string; event: 'move-in'; newcomer: Newcomer } | { requestId: string; caseId: string; eventDate: string; event: 'birth'; newcomer: Newcomer } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'move-out' } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'move-within'; to: { postcode: string; address: string }; household?: { householdNumber: string; relation: string } } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'death' } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'name-change'; name: { name: string; reading: string; formerName?: string; alias?: string } } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'correction'; fields: Fields; reason: string } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'removal'; reason: string } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'household-change'; household: { householdNumber: string; relation: string } } | { requestId: string; caseId: string; eventDate: string; person: string; expect?: string; event: 'number-change'; cause: NumberChangeCause };

/** what is left out does not matter */
export type LineFilter = { from?: number; to?: number; person?: string; staff?: string; office?: string; terminal?: string; purpose?: string; kinds?: string[]; outcome?: 'done' | 'refused'; limit: number; before?: number };

export type LineProof = { index: number; leafHash: string; proof: string };

/** the entries of Basic Resident Registration Act art. 7 */
export type Newcomer = { addressNumber: string; householdNumber: string; relation: string; name: string; reading: string; formerName?: string; alias?: string; birthDate: string; birthDateStated?: string; sex: 'male' | 'female' | 'unknown'; postcode: string; address: string; residentCode: string };

/** Individual Number Act art. 7(2) */
export type NumberChangeCause = { by: 'request' | 'ex-officio'; circumstance: 'leak' | 'theft' | 'loss' | 'seen-by-others'; leaked: boolean; misuseFeared: boolean; evidenceSeen: boolean };

/** AuthenticationResponseJSON of Web Authentication, as far as it is looked at */
export type PasskeyAnswer = { id: string; rawId: string; type: 'public-key'; response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string } };

/** RegistrationResponseJSON of Web Authentication, as far as it is looked at */
export type PasskeyMade = { id: string; rawId: string; type: 'public-key'; response: { clientDataJSON: string; attestationObject: string } };

/** RFC 9457 problem details; `kind` is one of the closed list of error kinds */
export type Problem = { type: string; title: string; status: number; detail?: string; instance?: string; kind?: string };

/** one row of the statute table that is in force */
export type Purpose = { purpose: string; title: { ja: string; en: string }; law: { ja: string; en: string }; article: string; requester: string; roles: string[]; opens: string[]; searchesBy: string[]; writes: string[]; events: Record<string, string[]>; history: boolean; bulkGrant: boolean; duty: boolean; hiddenDays: number | null };

/** the log has promised this line at this index; keep it */
export type Receipt = { statement: string; signature: string; index: number; leafHash: string; path: string[] };

/** never holds the value that was refused */
export type RefusedRow = { line: number; column: string | null; reason: string; kind: string | null; words: { ja: string; en: string } };

/** exactly one way to look a resident up */
export type SearchBy = { number: string } | { residentCode: string } | { reading: string; birthDate?: string } | { address: string } | { addressNumber: string };

/** a line of the journal; never the value of a field */
export type SeenLine = { index: number; at: number; kind: string; person?: string; body: Record<string, unknown> };

export type SessionState = { municipality: string; staff: string; role: string; office: string; terminal: string; startedAt: number; freshUntil: number; idleAt: number; expiresAt: number };

/** one who may sign in */
export type Staff = { staff: string; role: string; office: string; state: string; enrolledAt: number; passkeys: number };

/** a place to sign in at */
export type Terminal = { terminal: string; office: string; state: string; enrolledAt: number };

/** `ok`, or why the served log does not hold */
export type Verification = { verdict: string; size: number; at: number; staff: string };

/** how much was checked, and how many findings there are in all */
export type Verified = { lines: number; rows: number; findings: number };

/** an enrolment that a second person has to confirm */
export type WaitingEnrolment = { enrolment: string; staff: string; role: 'clerk' | 'supervisor' | 'registrar' | 'officer' | 'administrator' | 'resident'; office: string; publicKey: string; askedBy: string; expiresAt: number };

/** Every operation of the office, typed. Needs nothing but fetch. */
export class OfficeClient extends Sender {
  /** ask for a nonce to sign. 署名するノンスを求める */
  challenge(o: { body: { staff: string } }, signal?: AbortSignal): Promise<{ nonce: string }> {
    return this.send({ method: 'POST', path: '/v1/sign-in/challenge', body: o.body }, signal);
  }

  /** sign in. サインインする */
  signIn(o: { body: { staff: string; terminal: string; nonce: string; signature: string; pin: string } }, signal?: AbortSignal): Promise<{ session: string; expiresAt: number; role: string; office: string }> {
    return this.send({ method: 'POST', path: '/v1/sign-in', body: o.body }, signal);
  }

  /** sign out. サインアウトする */
  signOut(signal?: AbortSignal): Promise<Done> {
    return this.send({ method: 'POST', path: '/v1/sign-out', body: {} }, signal);
  }

  /** who is signed in here. 現在のサインインの状態 */
  currentSession(signal?: AbortSignal): Promise<SessionState> {
    return this.send({ method: 'GET', path: '/v1/session' }, signal);
  }

  /** change one’s own PIN; one’s other sessions end. 自分のPINを変える（ほかのサインインは終わる） */
  changePin(o: { body: { oldPin: string; newPin: string } }, signal?: AbortSignal): Promise<{ sessionsEnded: number }> {
    return this.send({ method: 'POST', path: '/v1/session/pin', body: o.body }, signal);
  }

  /** begin to ask for a passkey. パスキーの要求を始める */
  passkeyOptions(o: { body: { for: 'enrol'; invitation: string } | { for: 'sign-in' | 'step-up' } }, signal?: AbortSignal): Promise<{ options: Record<string, unknown> }> {
    return this.send({ method: 'POST', path: '/v1/passkeys/options', body: o.body }, signal);
  }

  /** enrol a passkey with a code. コードでパスキーを登録する */
  enrolPasskey(o: { body: { invitation: string; response: PasskeyMade } }, signal?: AbortSignal): Promise<{ signedIn: SessionState | null }> {
    return this.send({ method: 'POST', path: '/v1/passkeys/enrol', body: o.body }, signal);
  }

  /** sign in with a passkey. パスキーでサインインする */
  signInPasskey(o: { body: { response: PasskeyAnswer } }, signal?: AbortSignal): Promise<SessionState> {
    return this.send({ method: 'POST', path: '/v1/passkeys/sign-in', body: o.body }, signal);
  }

  /** show the passkey again. もう一度パスキーで確かめる */
  stepUp(o: { body: { response: PasskeyAnswer } }, signal?: AbortSignal): Promise<{ freshUntil: number }> {
    return this.send({ method: 'POST', path: '/v1/passkeys/step-up', body: o.body }, signal);
  }

  /** make a code for a member’s passkey. 職員の登録コードを作る */
  inviteStaff(o: { name: string }, signal?: AbortSignal): Promise<Invited> {
    return this.send({ method: 'POST', path: `/v1/staff/${encodeURIComponent(String(o.name))}/invitation`, body: {} }, signal);
  }

  /** make an address that makes a browser a terminal. 端末のブラウザを登録する住所を作る */
  inviteTerminal(o: { name: string }, signal?: AbortSignal): Promise<Invited> {
    return this.send({ method: 'POST', path: `/v1/terminals/${encodeURIComponent(String(o.name))}/invitation`, body: {} }, signal);
  }

  /** make a code for a resident’s passkey. 住民ポータルの登録コードを作る */
  invitePerson(o: { person: string; body: { caseId: string } }, signal?: AbortSignal): Promise<Invited> {
    return this.send({ method: 'POST', path: `/v1/residents/${encodeURIComponent(String(o.person))}/portal-invitation`, body: o.body }, signal);
  }

  /** stop all passkeys of a member. 職員のパスキーをすべて止める */
  stopStaffPasskeys(o: { name: string }, signal?: AbortSignal): Promise<{ stopped: number }> {
    return this.send({ method: 'POST', path: `/v1/staff/${encodeURIComponent(String(o.name))}/passkeys/stop`, body: {} }, signal);
  }

  /** stop all passkeys of a resident. 住民のパスキーをすべて止める */
  stopPersonPasskeys(o: { person: string; body: { caseId: string } }, signal?: AbortSignal): Promise<{ stopped: number }> {
    return this.send({ method: 'POST', path: `/v1/residents/${encodeURIComponent(String(o.person))}/passkeys/stop`, body: o.body }, signal);
  }

  /** purposes and legal bases in force. 今有効な目的と根拠条項 */
  purposes(signal?: AbortSignal): Promise<{ purposes: Purpose[] }> {
    return this.send({ method: 'GET', path: '/v1/purposes' }, signal);
  }

  /** cases of one’s own and of one’s office. 自分と自部署の事案 */
  cases(signal?: AbortSignal): Promise<{ cases: Case[] }> {
    return this.send({ method: 'GET', path: '/v1/cases' }, signal);
  }

  /** open a case. 事案を開く */
  openCase(o: { body: { purpose: string; note: string } }, signal?: AbortSignal): Promise<{ caseId: string; basis: string }> {
    return this.send({ method: 'POST', path: '/v1/cases', body: o.body }, signal);
  }

  /** what is left of the budget. 閲覧枠の残り */
  budget(o: { caseId: string }, signal?: AbortSignal): Promise<Budget> {
    return this.send({ method: 'GET', path: '/v1/budget', query: { caseId: o.caseId } }, signal);
  }

  /** close a case. 事案を閉じる */
  closeCase(o: { caseId: string }, signal?: AbortSignal): Promise<Done> {
    return this.send({ method: 'POST', path: `/v1/cases/${encodeURIComponent(String(o.caseId))}/close`, body: {} }, signal);
  }

  /** find residents; hits come back masked. 住民を探す（結果は伏せて示す） */
  searchResidents(o: { body: { caseId: string; by: SearchBy; limit?: number } }, signal?: AbortSignal): Promise<{ hits: Hit[]; line: number; budget?: BudgetLeft }> {
    return this.send({ method: 'POST', path: '/v1/residents/search', body: o.body }, signal);
  }

  /** open fields; journalled, with a receipt. 項目を開く（記録され、受領証が付く） */
  openFields(o: { person: string; body: { caseId: string; groups: string[]; grant?: string } }, signal?: AbortSignal): Promise<{ fields: Fields; receipt: Receipt; budget: BudgetLeft }> {
    return this.send({ method: 'POST', path: `/v1/residents/${encodeURIComponent(String(o.person))}/open`, body: o.body }, signal);
  }

  /** who opened what, with proofs. 誰が何を開いたか（証明付き） */
  residentHistory(o: { person: string; body: { caseId?: string; limit?: number; before?: number } }, signal?: AbortSignal): Promise<History> {
    return this.send({ method: 'POST', path: `/v1/residents/${encodeURIComponent(String(o.person))}/history`, body: o.body }, signal);
  }

  /** erase the keys of a person; cannot be undone. 鍵を消去する（取り消せない） */
  erasePerson(o: { person: string; body: { caseId: string; reason: string } }, signal?: AbortSignal): Promise<{ line: number; receipt: Receipt }> {
    return this.send({ method: 'POST', path: `/v1/residents/${encodeURIComponent(String(o.person))}/erase`, body: o.body }, signal);
  }

  /** enter a life event (move, birth, death, …). 異動を記録する（転入・出生・転居・死亡など） */
  lifeEvent(o: { body: LifeEvent }, signal?: AbortSignal): Promise<{ person: string; outcome: string; line: number | null }> {
    return this.send({ method: 'POST', path: '/v1/residents/events', body: o.body }, signal);
  }

  /** send a resident file (CSV); its import starts once it is in. 住民ファイル（CSV）を送る。受け取ると取込みを始める */
  importResidents(o: { caseId: string; encoding?: 'utf-8' | 'cp932'; acceptGood?: 'true' | 'false'; body: Upload }, signal?: AbortSignal): Promise<ImportState> {
    return this.send({ method: 'POST', path: '/v1/imports', query: { caseId: o.caseId, encoding: o.encoding, acceptGood: o.acceptGood }, body: o.body, upload: 'text/csv' }, signal);
  }

  /** state of an import. 取込みの状態 */
  importState(o: { importId: string }, signal?: AbortSignal): Promise<ImportState> {
    return this.send({ method: 'GET', path: `/v1/imports/${encodeURIComponent(String(o.importId))}` }, signal);
  }

  /** rows that were refused, with line, column and reason. 受け付けなかった行の一覧 */
  refusedRows(o: { importId: string; from?: number; limit?: number }, signal?: AbortSignal): Promise<{ rows: RefusedRow[]; total: number }> {
    return this.send({ method: 'GET', path: `/v1/imports/${encodeURIComponent(String(o.importId))}/refused`, query: { from: o.from, limit: o.limit } }, signal);
  }

  /** the bulk grants. 一括閲覧の許可の一覧 */
  grants(signal?: AbortSignal): Promise<{ grants: Grant[] }> {
    return this.send({ method: 'GET', path: '/v1/grants' }, signal);
  }

  /** ask for a bulk grant. 一括閲覧の許可を申請する */
  askGrant(o: { body: { caseId: string; groups: string[]; count: number; endsAt: number; reason: string } }, signal?: AbortSignal): Promise<{ grant: string }> {
    return this.send({ method: 'POST', path: '/v1/grants', body: o.body }, signal);
  }

  /** approve a grant (not by who asked). 許可を承認する（申請者とは別の人） */
  approveGrant(o: { grant: string }, signal?: AbortSignal): Promise<Grant> {
    return this.send({ method: 'POST', path: `/v1/grants/${encodeURIComponent(String(o.grant))}/approve`, body: {} }, signal);
  }

  /** revoke a grant. 許可を取り消す */
  revokeGrant(o: { grant: string }, signal?: AbortSignal): Promise<Grant> {
    return this.send({ method: 'POST', path: `/v1/grants/${encodeURIComponent(String(o.grant))}/revoke`, body: {} }, signal);
  }

  /** state of a grant. 許可の状態 */
  grant(o: { grant: string }, signal?: AbortSignal): Promise<Grant> {
    return this.send({ method: 'GET', path: `/v1/grants/${encodeURIComponent(String(o.grant))}` }, signal);
  }

  /** who may sign in. 職員の一覧 */
  staff(signal?: AbortSignal): Promise<{ staff: Staff[] }> {
    return this.send({ method: 'GET', path: '/v1/staff' }, signal);
  }

  /** enrol a member of staff. 職員を登録する */
  enrolStaff(o: { body: { staff: string; role: 'clerk' | 'supervisor' | 'registrar' | 'officer' | 'administrator' | 'resident'; office: string; requester?: string; publicKey?: string; pin?: string; person?: string } }, signal?: AbortSignal): Promise<Enrolled> {
    return this.send({ method: 'POST', path: '/v1/staff', body: o.body }, signal);
  }

  /** where one may sign in. 端末の一覧 */
  terminals(signal?: AbortSignal): Promise<{ terminals: Terminal[] }> {
    return this.send({ method: 'GET', path: '/v1/terminals' }, signal);
  }

  /** enrol a terminal. 端末を登録する */
  enrolTerminal(o: { body: { terminal: string; office: string } }, signal?: AbortSignal): Promise<Done> {
    return this.send({ method: 'POST', path: '/v1/terminals', body: o.body }, signal);
  }

  /** enrolments that wait for a second person. 確認を待つ職員登録 */
  enrolments(signal?: AbortSignal): Promise<{ enrolments: WaitingEnrolment[] }> {
    return this.send({ method: 'GET', path: '/v1/enrolments' }, signal);
  }

  /** confirm an enrolment (not by who asked). 職員登録を確認する（申請者とは別の人） */
  confirmEnrolment(o: { enrolment: string }, signal?: AbortSignal): Promise<{ staff: string }> {
    return this.send({ method: 'POST', path: `/v1/enrolments/${encodeURIComponent(String(o.enrolment))}/confirm`, body: {} }, signal);
  }

  /** suspend a member of staff or a terminal. 職員・端末を停止する */
  suspend(o: { name: string; target: 'staff' | 'terminal'; body: { reason: string } }, signal?: AbortSignal): Promise<{ sessionsEnded: number }> {
    return this.send({ method: 'POST', path: `/v1/suspensions/${encodeURIComponent(String(o.target))}/${encodeURIComponent(String(o.name))}`, body: o.body }, signal);
  }

  /** end a suspension. 停止を解除する */
  reinstate(o: { name: string; target: 'staff' | 'terminal'; body: { reason: string } }, signal?: AbortSignal): Promise<Done> {
    return this.send({ method: 'POST', path: `/v1/suspensions/${encodeURIComponent(String(o.target))}/${encodeURIComponent(String(o.name))}/end`, body: o.body }, signal);
  }

  /** what residents contest. 住民の申出 */
  contests(signal?: AbortSignal): Promise<{ contests: Contest[] }> {
    return this.send({ method: 'GET', path: '/v1/contests' }, signal);
  }

  /** read a contest one has taken; journalled. 受け付けた申出を読む（記録される） */
  readContest(o: { contest: string }, signal?: AbortSignal): Promise<{ text: string }> {
    return this.send({ method: 'POST', path: `/v1/contests/${encodeURIComponent(String(o.contest))}/read`, body: {} }, signal);
  }

  /** take a contest up. 申出を受け付ける */
  takeContest(o: { contest: string }, signal?: AbortSignal): Promise<{ state: ContestState }> {
    return this.send({ method: 'POST', path: `/v1/contests/${encodeURIComponent(String(o.contest))}/take`, body: {} }, signal);
  }

  /** answer a contest. 申出に回答する */
  answerContest(o: { contest: string; body: { state: 'accepted' | 'rejected'; answer: string } }, signal?: AbortSignal): Promise<{ state: ContestState }> {
    return this.send({ method: 'POST', path: `/v1/contests/${encodeURIComponent(String(o.contest))}/answer`, body: o.body }, signal);
  }

  /** heads of the journals. 記録簿の先頭 */
  journalHeads(signal?: AbortSignal): Promise<{ journals: JournalHead[] }> {
    return this.send({ method: 'GET', path: '/v1/journals' }, signal);
  }

  /** inclusion proof of a line in the latest witnessed head. 行の包含証明 */
  proveLine(o: { municipality: string; index: number }, signal?: AbortSignal): Promise<LineProof> {
    return this.send({ method: 'GET', path: `/v1/journals/${encodeURIComponent(String(o.municipality))}/lines/${encodeURIComponent(String(o.index))}/proof` }, signal);
  }

  /** look through the journal; journalled itself. 記録簿を探す（この照会も記録される） */
  searchLines(o: { body: LineFilter }, signal?: AbortSignal): Promise<{ lines: SeenLine[]; next: number | null }> {
    return this.send({ method: 'POST', path: '/v1/lines/search', body: o.body }, signal);
  }

  /** openings, searches, writes and refusals by the hour. 一時間ごとの件数 */
  journalActivity(o: { body: { from: number; to: number } }, signal?: AbortSignal): Promise<{ hours: Hour[]; total: { opened: number; searched: number; written: number; refused: number }; whole: boolean }> {
    return this.send({ method: 'POST', path: '/v1/lines/activity', body: o.body }, signal);
  }

  /** the last verification of the served log. 記録簿の前回の検証 */
  lastVerification(o: { municipality: string }, signal?: AbortSignal): Promise<{ last: Verification | null }> {
    return this.send({ method: 'GET', path: `/v1/journals/${encodeURIComponent(String(o.municipality))}/verification` }, signal);
  }

  /** verify the served log now. 公開中の記録簿を今検証する */
  verifyJournal(o: { municipality: string }, signal?: AbortSignal): Promise<Verification> {
    return this.send({ method: 'POST', path: `/v1/journals/${encodeURIComponent(String(o.municipality))}/verify`, body: {} }, signal);
  }

  /** hold every record against the journal. 台帳を記録簿と照合する */
  verifyRecords(signal?: AbortSignal): Promise<{ verified: Verified; findings: Finding[] }> {
    return this.send({ method: 'POST', path: '/v1/records/verify', body: {} }, signal);
  }

  /** the process is alive. プロセスが動いているか */
  health(signal?: AbortSignal): Promise<{ alive: true }> {
    return this.send({ method: 'GET', path: '/health' }, signal);
  }

  /** gate and database answer. 要求に応えられるか */
  ready(signal?: AbortSignal): Promise<{ ready: true }> {
    return this.send({ method: 'GET', path: '/ready' }, signal);
  }
}
