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

/** a line that tells of another person too: that it stands is proven, what it says is kept back */
export type CoarseLine = { tree: number; index: number; leaf: number; path: number[]; at: number; kind: string; rule: string };

/** a line of the journal, or what a field group says */
export type ContestAbout = { line: { municipality: string; index: number } } | { group: string };

/** how far the desk has got */
export type ContestState = 'open' | 'taken' | 'accepted' | 'rejected';

export type Done = { done: true };

/** field values by group and field */
export type Fields = Record<string, Record<string, string>>;

/** lines that a law hides for now, and when they open */
export type HiddenLines = { count: number; opensAt: number };

/** lines about one resident, newest first */
export type History = { trees: HistoryTree[]; lines: HistoryLine[]; coarse: CoarseLine[]; hidden: HiddenLines[]; older: ({ municipality: string; before: number })[] };

/** `expandHistory` of the checker gives each its whole proof */
export type HistoryLine = { tree: number; index: number; leaf: number; path: number[]; payload: string; salt: string };

/** what the proofs of the lines of one journal have in common */
export type HistoryTree = { municipality: string; size: number; checkpoint: string; nodes: string };

/** `name` and `relation` */
export type HouseholdMember = Record<string, string>;

/** whom a browser trusts when it checks lines; compare them elsewhere */
export type LogKeys = { municipality: string; origin: string; logKey: string; witnessKeys: string[]; quorum: number };

/** what one has contested, and what became of it */
export type OwnContest = { contest: string; about: ContestAbout; openedAt: number; state: ContestState; answer?: string; answeredAt?: number };

/** AuthenticationResponseJSON of Web Authentication, as far as it is looked at */
export type PasskeyAnswer = { id: string; rawId: string; type: 'public-key'; response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string } };

/** RegistrationResponseJSON of Web Authentication, as far as it is looked at */
export type PasskeyMade = { id: string; rawId: string; type: 'public-key'; response: { clientDataJSON: string; attestationObject: string } };

/** RFC 9457 problem details; `kind` is one of the closed list of error kinds */
export type Problem = { type: string; title: string; status: number; detail?: string; instance?: string; kind?: string };

/** the log has promised this line at this index; keep it */
export type Receipt = { statement: string; signature: string; index: number; leafHash: string; path: string[] };

/** Every operation of the portal, typed. Needs nothing but fetch. */
export class PortalClient extends Sender {
  /** whether somebody is signed in here. 現在のサインインの状態 */
  sessionState(signal?: AbortSignal): Promise<{ municipality: string; idleAt: number; expiresAt: number }> {
    return this.send({ method: 'GET', path: '/v1/session' }, signal);
  }

  /** sign out. サインアウトする */
  signOut(signal?: AbortSignal): Promise<Done> {
    return this.send({ method: 'POST', path: '/v1/sign-out', body: {} }, signal);
  }

  /** begin to ask for a passkey. パスキーの要求を始める */
  passkeyOptions(o: { body: { for: 'enrol'; invitation: string } | { for: 'sign-in' } }, signal?: AbortSignal): Promise<{ options: Record<string, unknown> }> {
    return this.send({ method: 'POST', path: '/v1/passkeys/options', body: o.body }, signal);
  }

  /** enrol a passkey with a code. コードでパスキーを登録する */
  enrolPasskey(o: { body: { invitation: string; response: PasskeyMade } }, signal?: AbortSignal): Promise<{ municipality: string; idleAt: number; expiresAt: number }> {
    return this.send({ method: 'POST', path: '/v1/passkeys/enrol', body: o.body }, signal);
  }

  /** sign in with a passkey. パスキーでサインインする */
  signInPasskey(o: { body: { response: PasskeyAnswer } }, signal?: AbortSignal): Promise<{ municipality: string; idleAt: number; expiresAt: number }> {
    return this.send({ method: 'POST', path: '/v1/passkeys/sign-in', body: o.body }, signal);
  }

  /** one’s own state. 自分の状態 */
  me(signal?: AbortSignal): Promise<{ municipality: string; person: string; status: string | null; lock: { until: number } | null; contests: number }> {
    return this.send({ method: 'GET', path: '/v1/me' }, signal);
  }

  /** open one’s own record; journalled. 自分の記録を開く（記録されます） */
  openOwn(o: { body: { groups: string[] } }, signal?: AbortSignal): Promise<{ fields: Fields; receipt: Receipt }> {
    return this.send({ method: 'POST', path: '/v1/me/open', body: o.body }, signal);
  }

  /** names and relations in one’s own household; journalled. 自分の世帯の氏名と続柄（記録されます） */
  household(signal?: AbortSignal): Promise<{ members: HouseholdMember[] }> {
    return this.send({ method: 'POST', path: '/v1/me/household', body: {} }, signal);
  }

  /** who looked at one’s record, with proofs. 自分の記録を誰が見たか（証明付き） */
  ownHistory(o: { body: { limit: number; before?: number; municipality?: string } }, signal?: AbortSignal): Promise<History> {
    return this.send({ method: 'POST', path: '/v1/me/history', body: o.body }, signal);
  }

  /** contest a line or a datum. 「これは違う」と申し出る */
  contest(o: { body: { about: ContestAbout; text: string } }, signal?: AbortSignal): Promise<{ contest: string }> {
    return this.send({ method: 'POST', path: '/v1/me/contests', body: o.body }, signal);
  }

  /** one’s contests and what became of them. 自分の申出とその回答 */
  ownContests(signal?: AbortSignal): Promise<{ contests: OwnContest[] }> {
    return this.send({ method: 'GET', path: '/v1/me/contests' }, signal);
  }

  /** lock look-ups that no law demands. 義務のない照会を止める */
  lockLookUps(o: { body: { until: number } }, signal?: AbortSignal): Promise<{ lock: { until: number } | null }> {
    return this.send({ method: 'POST', path: '/v1/me/lock', body: o.body }, signal);
  }

  /** unlock them again. 照会の停止を解く */
  unlockLookUps(signal?: AbortSignal): Promise<{ lock: { until: number } | null }> {
    return this.send({ method: 'POST', path: '/v1/me/unlock', body: {} }, signal);
  }

  /** public keys that lines are checked with. 記録簿を検証する公開鍵 */
  keys(signal?: AbortSignal): Promise<{ journals: LogKeys[] }> {
    return this.send({ method: 'GET', path: '/v1/keys' }, signal);
  }
}
