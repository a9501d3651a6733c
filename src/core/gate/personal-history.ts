import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { type DecodedLine, decodeLine, type StoredLine } from '../journal/index.ts';
import type { CompactLine, HistoryAnswer, HistoryTree } from '../journal/verify/index.ts';
import type { Authority } from './authority.ts';
import type { GateJournal } from './journal-port.ts';
import { type CoarseRule, type Telling, tellingOf } from './personal-lines.ts';
import type { SealedTable } from './sealed-table.ts';
import type { ShownHits } from './shown-hits.ts';

/** A line that tells of another person too: that it stands is proven, what it says is kept back. */
export interface CoarseLine extends Omit<CompactLine, 'payload' | 'salt'> {
  at: number;
  kind: string;
  rule: CoarseRule;
}

/** Lines that a law hides for now, and when they open (ms since 1970). */
export interface HiddenLines {
  count: number;
  opensAt: number;
}

/** A person's lines: whole with proofs, coarse with proofs, hidden by their number; and where each journal goes on. */
export interface PersonalAnswer extends HistoryAnswer {
  coarse: CoarseLine[];
  hidden: HiddenLines[];
  older: { municipality: MunicipalityCode; before: number }[];
}

export interface PageInput {
  limit?: number | undefined;
  /** Lines before this index; with it, `municipality` says in which journal. */
  before?: number | undefined;
  municipality?: MunicipalityCode | undefined;
}

interface Shown {
  municipality: MunicipalityCode;
  line: StoredLine;
  decoded: DecodedLine;
  rule?: CoarseRule;
}

/** What one journal has to tell: up to a page of lines, the hidden ones passed on the way, and where it stopped. */
interface Told {
  municipality: MunicipalityCode;
  start: number;
  shown: Shown[];
  hidden: { index: number; opensAt: number }[];
  /** Index to go on before; undefined where there is nothing further back. */
  cursor: number | undefined;
}

export interface PersonalHistoryParts {
  pool: pg.Pool;
  table: SealedTable;
  authority: Authority;
  shownHits: ShownHits;
  journalOf: (municipality: MunicipalityCode) => GateJournal | undefined;
  now: () => number;
}

const linesMax = 500;

/** The lines about a person, as he may be told of them. */
export class PersonalHistory {
  readonly #parts: PersonalHistoryParts;

  constructor(parts: PersonalHistoryParts) {
    this.#parts = parts;
  }

  /** All municipalities where the person is or was registered. */
  async places(person: PersonId): Promise<MunicipalityCode[]> {
    const { rows } = await this.#parts.pool.query<{ municipality_code: MunicipalityCode }>({
      name: `gate-places-${this.#parts.table.name}`,
      text: `SELECT municipality_code FROM ${this.#parts.table.table} WHERE person_id = $1`,
      values: [person],
    });
    return rows.map((row) => row.municipality_code);
  }

  /**
   * A page of lines, newest first, 50 unless told. Hidden lines take no place on it: those between its lines are counted.
   * @param places journals to look into; `input.municipality` narrows them to one of them
   */
  async read(
    person: PersonId,
    places: readonly MunicipalityCode[],
    input: PageInput,
  ): Promise<PersonalAnswer> {
    const limit = Math.min(input.limit ?? 50, linesMax);
    const { municipality } = input;
    const asked = municipality === undefined ? places : places.filter((place) => place === municipality);
    const told = await Promise.all(asked.map((place) => this.#toldIn(place, person, limit, input.before)));
    const shown = told
      .flatMap((each) => each.shown)
      .sort((a, b) => b.line.at - a.line.at || b.line.index - a.line.index)
      .slice(0, limit);
    const proven = await this.#proven(shown);
    const counted = new Map<number, number>();
    const older: PersonalAnswer['older'] = [];
    for (const each of told) {
      const before = goesOnAt(each, shown);
      if (before !== undefined) older.push({ municipality: each.municipality, before });
      for (const { index, opensAt } of each.hidden)
        if (before === undefined || index >= before) counted.set(opensAt, (counted.get(opensAt) ?? 0) + 1);
    }
    const hidden = [...counted].sort(([a], [b]) => a - b).map(([opensAt, count]) => ({ count, opensAt }));
    return { ...proven, hidden, older };
  }

  async #toldIn(
    municipality: MunicipalityCode,
    person: PersonId,
    limit: number,
    before: number | undefined,
  ): Promise<Told> {
    const journal = this.#parts.journalOf(municipality);
    const start = before ?? journal?.head().size ?? 0;
    const told: Told = { municipality, start, shown: [], hidden: [], cursor: undefined };
    if (journal === undefined) return told;
    for await (const line of this.#candidates(journal, municipality, person, start, limit + 1)) {
      if (told.shown.length === limit) {
        told.cursor = told.shown.at(-1)!.line.index;
        // Hidden ones behind the last line shown belong to the next page.
        told.hidden = told.hidden.filter(({ index }) => index > told.cursor!);
        return told;
      }
      if (line.erased) continue;
      const decoded = decodeLine(line.payload);
      const telling = tellingOf(decoded, person, this.#parts.authority.table, this.#parts.now());
      if (telling !== undefined) put(told, line, decoded, telling);
    }
    return told;
  }

  /** The lines indexed under the person and the searches that showed him, as one stream from the newest on. */
  async *#candidates(
    journal: GateJournal,
    municipality: MunicipalityCode,
    person: PersonId,
    start: number,
    size: number,
  ): AsyncIterable<StoredLine> {
    let before = start;
    while (before > 0) {
      const page = { before, limit: size };
      const [lines, searches] = await Promise.all([
        journal.linesOf(person, page),
        this.#parts.shownHits.indexesOf(municipality, person, page),
      ]);
      // Down to where both are known: what lies below comes with the next look.
      const floor = Math.max(
        lines.length < size ? 0 : lines.at(-1)!.index,
        searches.length < size ? 0 : searches.at(-1)!,
      );
      const found = lines.filter(({ index }) => index >= floor);
      const known = new Set(found.map(({ index }) => index));
      for (const index of searches)
        if (index >= floor && !known.has(index))
          for await (const line of journal.read(index, index + 1)) found.push(line);
      found.sort((a, b) => b.index - a.index);
      yield* found;
      before = floor;
    }
  }

  /** Of each journal one checkpoint and each hash once; the payloads as the text they are. */
  async #proven(shown: readonly Shown[]): Promise<Pick<PersonalAnswer, 'trees' | 'lines' | 'coarse'>> {
    const trees: HistoryTree[] = [];
    const places = new Array<Omit<CompactLine, 'payload' | 'salt'>>(shown.length);
    for (const [municipality, of] of Map.groupBy(shown.keys(), (i) => shown[i]!.municipality)) {
      const journal = this.#parts.journalOf(municipality);
      if (!journal) throw new SekishoError('journal-unavailable', { municipality });
      const proof = await journal.proveTogether(of.map((i) => shown[i]!.line.index));
      const { size, checkpoint, leaves, paths } = proof;
      const tree = trees.push({ municipality, size, checkpoint, nodes: proof.nodes.toString('base64') }) - 1;
      for (const [at, i] of of.entries())
        places[i] = { tree, index: shown[i]!.line.index, leaf: leaves[at]!, path: paths[at]! };
    }
    const lines: CompactLine[] = [];
    const coarse: CoarseLine[] = [];
    for (const [i, { line, decoded, rule }] of shown.entries()) {
      const place = places[i]!;
      if (rule !== undefined) coarse.push({ ...place, at: decoded.at, kind: decoded.kind, rule });
      else
        lines.push({ ...place, payload: line.payload.toString('utf8'), salt: line.salt.toString('base64') });
    }
    return { trees, lines, coarse };
  }
}

function put(told: Told, line: StoredLine, decoded: DecodedLine, telling: Telling): void {
  if (telling.as === 'hidden') told.hidden.push({ index: line.index, opensAt: telling.opensAt });
  else
    told.shown.push({
      ...{ municipality: told.municipality, line, decoded },
      ...(telling.as === 'coarse' ? { rule: telling.rule } : {}),
    });
}

/** Where a journal goes on behind this page; undefined where it has told all. */
function goesOnAt({ shown, cursor, start }: Told, page: readonly Shown[]): number | undefined {
  const onPage = shown.filter((each) => page.includes(each));
  if (onPage.length === shown.length) return cursor;
  return onPage.at(-1)?.line.index ?? start;
}
