import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import { decodeLine, type LineKind } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { Contest, ContestState, ContestStore } from './contest-store.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf } from './lines.ts';
import { aboutOf, type ContestAbout } from './own-contests.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Staff } from './staff.ts';

export interface ContestInput {
  session: string;
  contest: string;
}

export interface ListedContest {
  contest: string;
  person: PersonId;
  about: ContestAbout;
  openedAt: number;
  state: ContestState;
  takenBy?: string;
}

export interface ContestDeskParts {
  sessions: Sessions;
  authority: Authority;
  contests: ContestStore;
  refusals: Refusals;
  staff: Staff;
  journalOf: (session: Session) => GateJournal;
  now: () => number;
}

/** An answered contest stays on the list this long. */
const shownAfterAnswerMs = 30 * 86_400_000;

/** Contests at the desk: seen, taken, answered; by nobody whose own act it is. Each reading of a text is a line about the resident. */
export class ContestDesk {
  readonly #parts: ContestDeskParts;

  constructor(parts: ContestDeskParts) {
    this.#parts = parts;
  }

  /** What waits, is taken or was lately answered. No text is opened by it. */
  async list(input: { session: string }, caller: string): Promise<{ contests: ListedContest[] }> {
    return await this.#act('contests', input.session, caller, async (session) => {
      const { contests, authority, now } = this.#parts;
      authority.requireAct('handleContest', session);
      const found = await contests.ofTown(session.member.municipality, now() - shownAfterAnswerMs);
      return { contests: found.map(listed) };
    });
  }

  /** Opens the text of a contest one has taken; the line is durable first. @throws conflict where one has not */
  async read(input: ContestInput, caller: string): Promise<{ text: string }> {
    return await this.#act('read-contest', input.session, caller, async (session, journal) => {
      const { contests } = this.#parts;
      const contest = await this.#handled(input, session, journal);
      requireTaken(contest, session);
      journal.assertFresh();
      await journal.append({ lines: [lineOf('contest.read', session, caller, contest, 'read')] });
      const text = await contests.open(contest, 'text');
      if (text === undefined) throw new SekishoError('key-erased', { what: 'contest' });
      return { text };
    });
  }

  /** Takes a contest up; one whose taker may work no more can be taken over. @throws conflict, policy-denied for one's own act */
  async take(input: ContestInput, caller: string): Promise<{ state: ContestState }> {
    return await this.#act('take-contest', input.session, caller, async (session, journal) => {
      const { contests, staff } = this.#parts;
      const contest = await this.#handled(input, session, journal);
      const left = contest.state === 'taken' && staff.find(contest.takenBy ?? '')?.state !== 'active';
      if (contest.state !== 'open' && !left)
        throw new SekishoError('conflict', { what: 'contest', state: contest.state });
      const taken: Contest = { ...contest, state: 'taken', takenBy: session.member.staffId };
      await journal.append({
        lines: [lineOf('contest.taken', session, caller, contest, 'done')],
        within: (tx) => contests.update(tx, contest, taken),
      });
      return { state: 'taken' };
    });
  }

  /** Answers a contest one has taken. @throws conflict where one has not */
  async answer(
    input: ContestInput & { state: 'accepted' | 'rejected'; answer: string },
    caller: string,
  ): Promise<{ state: ContestState }> {
    return await this.#act('answer-contest', input.session, caller, async (session, journal) => {
      const { contests, now } = this.#parts;
      const contest = await this.#handled(input, session, journal);
      requireTaken(contest, session);
      if (input.answer.trim() === '') throw new SekishoError('bad-input', { at: 'answer' });
      const answer = await contests.seal(contest, 'answer', input.answer.trim());
      const answered: Contest = { ...contest, state: input.state, answer, answeredAt: now() };
      await journal.append({
        lines: [lineOf('contest.answered', session, caller, contest, input.state)],
        within: (tx) => contests.update(tx, contest, answered),
      });
      return { state: input.state };
    });
  }

  /** The contest, where this member may handle it. */
  async #handled(input: ContestInput, session: Session, journal: GateJournal): Promise<Contest> {
    const { authority, contests } = this.#parts;
    authority.requireAct('handleContest', session);
    const contest = await contests.get(session.member.municipality, input.contest);
    const ownRequest = await this.#isOwnAct(contest, session, journal);
    authority.requireAct('handleContest', session, { ownRequest });
    return contest;
  }

  async #isOwnAct({ about }: Contest, { member }: Session, journal: GateJournal): Promise<boolean> {
    if ('group' in about) return false;
    for await (const line of journal.read(about.line, about.line + 1))
      return !line.erased && decodeLine(line.payload).body['actor'] === member.staffId;
    return false;
  }

  async #act<T>(
    operation: string,
    sessionId: string,
    caller: string,
    act: (session: Session, journal: GateJournal) => Promise<T>,
  ): Promise<T> {
    let session: Session | undefined;
    try {
      session = this.#parts.sessions.get(sessionId);
      return await act(session, this.#parts.journalOf(session));
    } catch (error) {
      const body = { operation };
      throw await this.#parts.refusals.note('request.refused', error, { session, caller, body });
    }
  }
}

function lineOf(kind: LineKind, session: Session, caller: string, contest: Contest, outcome: string) {
  const body = { ...actorOf(session, caller), contest: contest.contestId, outcome };
  return { kind, person: contest.person, body };
}

function requireTaken({ state, takenBy }: Contest, { member }: Session): void {
  if (state !== 'taken' || takenBy !== member.staffId)
    throw new SekishoError('conflict', { what: 'contest', state });
}

function listed({
  contestId: contest,
  municipality,
  person,
  about,
  openedAt,
  state,
  takenBy,
}: Contest): ListedContest {
  const told = { contest, person, about: aboutOf(municipality, about), openedAt, state };
  return takenBy === null ? told : { ...told, takenBy };
}
