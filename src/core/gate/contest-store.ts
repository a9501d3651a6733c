import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { openField, type PersonKeys, sealField } from '../seal/index.ts';
import type { MacValue, RowMacs } from './row-mac.ts';

export type ContestState = 'open' | 'taken' | 'accepted' | 'rejected';

/** A text under the key of the person it is about. */
export interface SealedText {
  keyVersion: number;
  sealed: Buffer;
}

/** What a resident says was not right. */
export interface Contest {
  contestId: string;
  municipality: MunicipalityCode;
  person: PersonId;
  /** Index of a line of this municipality's journal, or a group of the record. */
  about: { line: number } | { group: string };
  text: SealedText;
  openedAt: number;
  state: ContestState;
  takenBy: string | null;
  answer: SealedText | null;
  answeredAt: number | null;
}

interface ContestRow {
  municipality_code: MunicipalityCode;
  contest_id: string;
  person_id: PersonId;
  about_line: string | null;
  about_group: string | null;
  key_version: number;
  text_sealed: Buffer;
  opened_at_ms: string;
  state: ContestState;
  taken_by: string | null;
  answer_key_version: number | null;
  answer_sealed: Buffer | null;
  answered_at_ms: string | null;
  row_mac: Buffer;
}

const macValues = (contest: Contest): MacValue[] => [
  ...[contest.municipality, contest.contestId, contest.person],
  'line' in contest.about ? contest.about.line : null,
  'group' in contest.about ? contest.about.group : null,
  ...[contest.text.keyVersion, contest.text.sealed, contest.openedAt, contest.state, contest.takenBy],
  ...[contest.answer?.keyVersion ?? null, contest.answer?.sealed ?? null, contest.answeredAt],
];

/** Contests as they are stored. Text and answer lie under the person's own key and go with it; a row edited past the gate is none. */
export class ContestStore {
  readonly #pool: pg.Pool;
  readonly #macs: RowMacs;
  readonly #keys: PersonKeys;
  readonly #randomness: Randomness;

  constructor(o: { pool: pg.Pool; macs: RowMacs; keys: PersonKeys; randomness: Randomness }) {
    this.#pool = o.pool;
    this.#macs = o.macs;
    this.#keys = o.keys;
    this.#randomness = o.randomness;
  }

  /** A text for a contest, under the person's newest key. @throws key-erased */
  async seal(
    contest: Pick<Contest, 'municipality' | 'contestId' | 'person'>,
    what: 'text' | 'answer',
    text: string,
  ): Promise<SealedText> {
    const wrapped = (await this.#keys.fetchWrapped([contest.person])).get(contest.person);
    if (wrapped === undefined) throw new SekishoError('key-erased', { what: 'contest' });
    const key = await this.#keys.unwrap(wrapped);
    const place = placeOf(contest, what, wrapped.version);
    const sealed = sealField(key, place, Buffer.from(text, 'utf8'), this.#randomness);
    key.fill(0);
    return { keyVersion: wrapped.version, sealed };
  }

  /** Text or answer in the open; undefined where there is none or the person's keys are erased. @throws seal-broken */
  async open(contest: Contest, what: 'text' | 'answer'): Promise<string | undefined> {
    const text = contest[what];
    if (text === null) return undefined;
    const versions = (await this.#keys.fetchVersions([contest.person])).get(contest.person);
    const wrapped = versions?.find(({ version }) => version === text.keyVersion);
    if (wrapped === undefined) return undefined;
    const key = await this.#keys.unwrap(wrapped);
    const plain = openField(key, placeOf(contest, what, text.keyVersion), text.sealed);
    key.fill(0);
    return plain.toString('utf8');
  }

  /** Those of a person, wherever he made them, the newest first. */
  async ofPerson(person: PersonId): Promise<Contest[]> {
    return await this.#read('person_id = $1 ORDER BY opened_at_ms DESC, contest_id DESC', [person]);
  }

  /** Those of a municipality that wait, are taken, or were answered since then, the oldest first. */
  async ofTown(municipality: MunicipalityCode, since: number): Promise<Contest[]> {
    return await this.#read(
      `municipality_code = $1 AND (state IN ('open', 'taken') OR answered_at_ms >= $2)
       ORDER BY opened_at_ms, contest_id LIMIT 500`,
      [municipality, since],
    );
  }

  /** @throws not-found, for another municipality's too */
  async get(municipality: MunicipalityCode, contestId: string): Promise<Contest> {
    const [found] = await this.#read('municipality_code = $1 AND contest_id = $2', [municipality, contestId]);
    if (found === undefined) throw new SekishoError('not-found', { what: 'contest' });
    return found;
  }

  async insert(tx: pg.PoolClient, contest: Contest): Promise<void> {
    await tx.query(
      `INSERT INTO gate.contest (municipality_code, contest_id, person_id, about_line, about_group, key_version,
         text_sealed, opened_at_ms, state, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        contest.municipality,
        contest.contestId,
        contest.person,
        'line' in contest.about ? contest.about.line : null,
        'group' in contest.about ? contest.about.group : null,
        contest.text.keyVersion,
        contest.text.sealed,
        contest.openedAt,
        contest.state,
        await this.#mac(contest),
      ],
    );
  }

  /** @param from as it was read. @throws conflict where somebody was quicker */
  async update(tx: pg.PoolClient, from: Contest, to: Contest): Promise<void> {
    const { rowCount } = await tx.query(
      `UPDATE gate.contest SET state = $3, taken_by = $4, answer_key_version = $5, answer_sealed = $6,
         answered_at_ms = $7, row_mac = $8
       WHERE municipality_code = $1 AND contest_id = $2 AND row_mac = $9`,
      [
        to.municipality,
        to.contestId,
        to.state,
        to.takenBy,
        to.answer?.keyVersion ?? null,
        to.answer?.sealed ?? null,
        to.answeredAt,
        await this.#mac(to),
        await this.#mac(from),
      ],
    );
    if (rowCount !== 1) throw new SekishoError('conflict', { what: 'contest' });
  }

  #mac(contest: Contest): Promise<Buffer> {
    return this.#macs.of('gate.contest', macValues(contest));
  }

  async #read(where: string, values: unknown[]): Promise<Contest[]> {
    const { rows } = await this.#pool.query<ContestRow>(`SELECT * FROM gate.contest WHERE ${where}`, values);
    const read = rows.map((row) => ({ ...contestOf(row), row_mac: row.row_mac }));
    const own = await this.#macs.own('gate.contest', read, macValues);
    return own.map(({ row_mac: _mac, ...contest }) => contest);
  }
}

function contestOf(row: ContestRow): Contest {
  return {
    contestId: row.contest_id,
    municipality: row.municipality_code,
    person: row.person_id,
    about: row.about_line === null ? { group: row.about_group ?? '' } : { line: Number(row.about_line) },
    text: { keyVersion: row.key_version, sealed: row.text_sealed },
    openedAt: Number(row.opened_at_ms),
    state: row.state,
    takenBy: row.taken_by,
    answer:
      row.answer_sealed === null
        ? null
        : { keyVersion: row.answer_key_version ?? 0, sealed: row.answer_sealed },
    answeredAt: row.answered_at_ms === null ? null : Number(row.answered_at_ms),
  };
}

/** A text belongs to its contest: moved to another one it does not open. */
const placeOf = (
  { municipality, contestId, person }: Pick<Contest, 'municipality' | 'contestId' | 'person'>,
  what: 'text' | 'answer',
  keyVersion: number,
) => ({
  table: `gate.contest/${municipality}/${contestId}`,
  column: `${what}_sealed`,
  person,
  keyVersion,
});
