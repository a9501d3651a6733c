import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import { type MunicipalityCode, uuidv7 } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import { decodeLine } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { Contest, ContestState, ContestStore } from './contest-store.ts';
import type { GateJournal } from './journal-port.ts';
import { tellingOf } from './personal-lines.ts';
import { type OwnInput, type ResidentActs, residentActor } from './resident-acts.ts';
import type { Resident } from './resident-sessions.ts';
import type { SealedTable } from './sealed-table.ts';

/** What is contested: a line of a journal, or what a group of one's record says. */
export type ContestAbout = { line: { municipality: MunicipalityCode; index: number } } | { group: string };

export interface OwnContest {
  contest: string;
  about: ContestAbout;
  openedAt: number;
  state: ContestState;
  answer?: string;
  answeredAt?: number;
}

export interface OwnContestsParts {
  acts: ResidentActs;
  contests: ContestStore;
  authority: Authority;
  table: SealedTable;
  journalOf: (municipality: MunicipalityCode) => GateJournal | undefined;
  clock: Clock;
  randomness: Randomness;
}

/** A resident may wait for this many answers at once. */
export const unansweredMax = 20;

/** A resident's contests: made about what he was told of, and answered by the desk that keeps the journal. */
export class OwnContests {
  readonly #parts: OwnContestsParts;

  constructor(parts: OwnContestsParts) {
    this.#parts = parts;
  }

  /**
   * Contests a line about him or a group of his record.
   * @throws not-found for a line he has not been told of: it tells him nothing of what stands there
   */
  async contest(
    input: OwnInput & { about: ContestAbout; text: string },
    caller: string,
  ): Promise<{ contest: string }> {
    return await this.#parts.acts.act('contest', input, caller, async (resident) => {
      const { contests, clock, randomness } = this.#parts;
      const { person } = resident;
      const { municipality, journal } = await this.#placeOf(input.about, resident);
      const waiting = (await contests.ofPerson(person)).filter(
        ({ state }) => state === 'open' || state === 'taken',
      );
      if (waiting.length >= unansweredMax)
        throw new SekishoError('too-large', { what: 'contests', limit: unansweredMax });
      if (input.text.trim() === '') throw new SekishoError('bad-input', { at: 'text' });
      const contestId = uuidv7(clock, randomness);
      const contest: Contest = {
        ...{ contestId, municipality, person, openedAt: clock.now(), state: 'open' },
        about: 'line' in input.about ? { line: input.about.line.index } : { group: input.about.group },
        text: await contests.seal({ municipality, contestId, person }, 'text', input.text.trim()),
        ...{ takenBy: null, answer: null, answeredAt: null },
      };
      const about =
        'line' in contest.about ? { about: contest.about.line } : { fields: [contest.about.group] };
      const body = { ...residentActor(resident, caller), contest: contestId, ...about, outcome: 'done' };
      await journal.append({
        lines: [{ kind: 'contest.opened', person, body }],
        within: (tx) => contests.insert(tx, contest),
      });
      return { contest: contestId };
    });
  }

  /** His contests, what became of them, and the answers. */
  async list(input: OwnInput, caller: string): Promise<{ contests: OwnContest[] }> {
    return await this.#parts.acts.act('own-contests', input, caller, async ({ person }) => {
      const { contests } = this.#parts;
      const found = await contests.ofPerson(person);
      return { contests: await Promise.all(found.map((contest) => this.#told(contest))) };
    });
  }

  async #told(contest: Contest): Promise<OwnContest> {
    const { contestId, municipality, about, openedAt, state, answeredAt } = contest;
    const answer = await this.#parts.contests.open(contest, 'answer');
    return {
      contest: contestId,
      about: aboutOf(municipality, about),
      ...{ openedAt, state },
      ...(answer === undefined ? {} : { answer }),
      ...(answeredAt === null ? {} : { answeredAt }),
    };
  }

  /** Where it is to be answered: by the desk whose journal the line stands in, or that of his own town. */
  async #placeOf(
    about: ContestAbout,
    resident: Resident,
  ): Promise<{ municipality: MunicipalityCode; journal: GateJournal }> {
    const { table, authority, journalOf, clock } = this.#parts;
    const municipality = 'line' in about ? about.line.municipality : resident.municipality;
    const journal = journalOf(municipality);
    const missing = new SekishoError('not-found', { what: 'line' });
    if (journal === undefined) throw missing;
    if ('group' in about) {
      if (!Object.hasOwn(table.groups, about.group)) throw new SekishoError('bad-input', { at: 'about' });
      return { municipality, journal };
    }
    const { index } = about.line;
    for await (const line of journal.read(index, index + 1)) {
      if (line.erased) break;
      const telling = tellingOf(decodeLine(line.payload), resident.person, authority.table, clock.now());
      if (telling === undefined || telling.as === 'hidden') break;
      return { municipality, journal };
    }
    throw missing;
  }
}

/** What a contest is about, with the journal its line stands in. */
export const aboutOf = (municipality: MunicipalityCode, about: Contest['about']): ContestAbout =>
  'line' in about ? { line: { municipality, index: about.line } } : about;
