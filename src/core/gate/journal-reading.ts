import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { type DecodedLine, decodeLine, isLineKind, type StoredLine } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Staff } from './staff.ts';
import type { Terminals } from './terminals.ts';

/** By what lines are looked for; what is left out does not matter. */
export interface LineFilter {
  /** ms since 1970 */
  from?: number | undefined;
  /** Excluded. */
  to?: number | undefined;
  person?: PersonId | undefined;
  /** Who did it, or to whom it was done. */
  staff?: string | undefined;
  office?: string | undefined;
  terminal?: string | undefined;
  purpose?: string | undefined;
  kinds?: string[] | undefined;
  outcome?: 'done' | 'refused' | undefined;
}

export interface SearchLinesInput extends LineFilter {
  session: string;
  limit: number;
  /** Lines before this index. */
  before?: number | undefined;
}

export interface SeenLine {
  index: number;
  at: number;
  kind: string;
  person?: PersonId;
  body: Record<string, unknown>;
}

export interface Counts {
  opened: number;
  searched: number;
  written: number;
  refused: number;
}

export interface Activity {
  /** Hours in which anything was done, in order; `at` is their beginning, ms since 1970. */
  hours: (Counts & { at: number })[];
  total: Counts;
  /** False where there were more lines than are counted at once: the latest are missing. */
  whole: boolean;
}

export interface JournalReadingParts {
  sessions: Sessions;
  authority: Authority;
  refusals: Refusals;
  staff: Staff;
  terminals: Terminals;
  journalOf: (session: Session) => GateJournal;
}

/** Lines looked at for one page: who filters hard gets a short page that goes on, not one that takes minutes. */
const scannedMax = 20_000;
/** Lines counted for one answer, and the longest stretch of it. */
const countedMax = 200_000;
const longestMs = 31 * 86_400_000;
const chunk = 1_000;
const hourMs = 3_600_000;

/** The security officer's eyes: lines of the journal by who, where, what for and when. Payloads are opened in here. */
export class JournalReading {
  readonly #parts: JournalReadingParts;

  constructor(parts: JournalReadingParts) {
    this.#parts = parts;
  }

  /**
   * Lines that fit, newest first. Narrowed to a resident, the lines about him; with the kind `search.made` named, also searches
   * that showed him among their hits. The look is a line, durable before the answer.
   * @returns `next`: the index to go on before; null at the beginning of the log
   */
  async search(input: SearchLinesInput, caller: string): Promise<{ lines: SeenLine[]; next: number | null }> {
    return await this.#act('search-lines', input.session, caller, async (session, journal) => {
      const range = await rangeOf(journal, input);
      const { lines, next } = await this.#page(journal, input, range);
      await journal.append({ lines: [this.#lookOf(session, caller, input, lines.length)] });
      return { lines, next };
    });
  }

  /** How much was opened, searched for, written and refused, hour by hour. Counts alone: no line. */
  async activity(input: { session: string; from: number; to: number }, caller: string): Promise<Activity> {
    return await this.#act('line-activity', input.session, caller, async (_session, journal) => {
      if (input.to <= input.from || input.to - input.from > longestMs)
        throw new SekishoError('bad-input', { at: 'to' });
      const range = await journal.rangeOf(input.from, input.to);
      const end = Math.min(range.to, range.from + countedMax);
      const hours = new Map<number, Counts>();
      const total = noCounts();
      for await (const stored of journal.read(range.from, end)) {
        if (stored.erased || stored.at < input.from || stored.at >= input.to) continue;
        const what = countedAs(decodeLine(stored.payload));
        if (what === undefined) continue;
        const at = stored.at - (stored.at % hourMs);
        const hour = hours.get(at) ?? noCounts();
        hours.set(at, hour);
        hour[what]++;
        total[what]++;
      }
      const sorted = [...hours].sort(([a], [b]) => a - b).map(([at, counts]) => ({ at, ...counts }));
      return { hours: sorted, total, whole: end === range.to };
    });
  }

  async #page(
    journal: GateJournal,
    input: SearchLinesInput,
    range: { from: number; to: number },
  ): Promise<{ lines: SeenLine[]; next: number | null }> {
    const fits = fitting(input);
    const lines: SeenLine[] = [];
    let left = scannedMax;
    let cursor = Math.min(input.before ?? range.to, range.to);
    for await (const stored of this.#backwards(journal, input, cursor, range.from)) {
      cursor = stored.index;
      left--;
      const line = stored.erased ? undefined : decodeLine(stored.payload);
      if (line !== undefined && fits(line)) lines.push(seen(stored, line));
      if (lines.length === input.limit || left === 0)
        return { lines, next: cursor > range.from ? cursor : null };
    }
    return { lines, next: null };
  }

  /** Candidates from the newest on: a resident's by their index, unless searches are asked for, which name him inside. */
  async *#backwards(
    journal: GateJournal,
    { person, kinds }: LineFilter,
    before: number,
    from: number,
  ): AsyncIterable<StoredLine> {
    let end = before;
    while (end > from) {
      const lines: StoredLine[] = [];
      if (person !== undefined && !kinds?.includes('search.made')) {
        lines.push(...(await journal.linesOf(person, { before: end, limit: chunk })));
        if (lines.length === 0) return;
        end = lines.at(-1)!.index;
      } else {
        const start = Math.max(from, end - chunk);
        for await (const line of journal.read(start, end)) lines.push(line);
        lines.reverse();
        end = start;
      }
      for (const line of lines) if (line.index >= from) yield line;
    }
  }

  /** The look as a line. What is typed is repeated only where the gate knows the word: it may be anything. */
  #lookOf(session: Session, caller: string, input: SearchLinesInput, lines: number) {
    const { staff, terminals, authority } = this.#parts;
    const { municipality } = session.member;
    const known = (isKnown: boolean, word: string) => (isKnown ? word : 'unknown');
    const filter: Record<string, unknown> = {};
    if (input.staff !== undefined)
      filter['staff'] = known(staff.find(input.staff)?.municipality === municipality, input.staff);
    if (input.office !== undefined)
      filter['office'] = known(hasOffice(staff, terminals, municipality, input.office), input.office);
    if (input.terminal !== undefined)
      filter['terminal'] = known(terminals.find(municipality, input.terminal) !== undefined, input.terminal);
    if (input.purpose !== undefined) filter['purpose'] = authority.table.word(input.purpose);
    if (input.kinds !== undefined) filter['kinds'] = input.kinds.map((kind) => known(isLineKind(kind), kind));
    if (input.outcome !== undefined) filter['outcome'] = input.outcome;
    if (input.before !== undefined) filter['before'] = input.before;
    const body = {
      ...actorOf(session, caller),
      filter,
      ...(input.from === undefined ? {} : { from: input.from }),
      ...(input.to === undefined ? {} : { to: input.to }),
      lines,
      outcome: 'read',
    };
    const { person } = input;
    return { kind: 'journal.read' as const, ...(person === undefined ? {} : { person }), body };
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
      this.#parts.authority.requireAct('readJournal', session);
      return await act(session, this.#parts.journalOf(session));
    } catch (error) {
      const body = { operation };
      throw await this.#parts.refusals.note('request.refused', error, { session, caller, body });
    }
  }
}

/** The indexes that a filter's times leave. */
async function rangeOf(
  journal: GateJournal,
  { from, to }: LineFilter,
): Promise<{ from: number; to: number }> {
  if (from === undefined && to === undefined) return { from: 0, to: journal.head().size };
  return await journal.rangeOf(from ?? 0, to ?? Number.MAX_SAFE_INTEGER);
}

function hasOffice(
  staff: Staff,
  terminals: Terminals,
  municipality: MunicipalityCode,
  office: string,
): boolean {
  return [...staff.of(municipality), ...terminals.of(municipality)].some((each) => each.office === office);
}

/** Whether a line is one of those that are looked for. */
function fitting(filter: LineFilter): (line: DecodedLine) => boolean {
  const { from, to, person, staff, office, terminal, purpose, kinds, outcome } = filter;
  return ({ at, kind, person: about, body }) =>
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    (kinds === undefined || kinds.includes(kind)) &&
    (outcome === undefined || (body['outcome'] === 'refused') === (outcome === 'refused')) &&
    (staff === undefined || body['actor'] === staff || body['staff'] === staff) &&
    (office === undefined || body['office'] === office) &&
    (terminal === undefined || body['terminal'] === terminal) &&
    (purpose === undefined || body['purpose'] === purpose) &&
    (person === undefined || about === person || hitsOf(body).includes(person));
}

/** Whom a search showed. */
export const hitsOf = (body: Readonly<Record<string, unknown>>): readonly string[] =>
  Array.isArray(body['hits']) ? (body['hits'] as string[]) : [];

function seen({ index, at }: StoredLine, { kind, person, body }: DecodedLine): SeenLine {
  return { index, at, kind, ...(person === undefined ? {} : { person }), body };
}

const noCounts = (): Counts => ({ opened: 0, searched: 0, written: 0, refused: 0 });

function countedAs({ kind, body }: DecodedLine): keyof Counts | undefined {
  if (body['outcome'] === 'refused') return 'refused';
  if (kind === 'field.opened') return 'opened';
  if (kind === 'search.made') return 'searched';
  return /^(?:record\.|number\.changed$|person\.erased$)/.test(kind) ? 'written' : undefined;
}
