import { join } from 'node:path';
import type { JournalKeys } from '../../core/gate/index.ts';
import { folderSource, newestLogFolder, nodePrimitives } from '../../core/journal/index.ts';
import { verifyLog } from '../../core/journal/verify/index.ts';
import { SekishoError } from '../../ground/errors.ts';

/**
 * The served logs, verified from their public files alone by the checker, which shares no code with the writer. One run a log:
 * who asks while one is under way waits for it.
 */
export class ServedLogs {
  readonly #folder: string;
  readonly #running = new Map<string, Promise<{ verdict: string; size: number }>>();

  /** @param folder with the mirror of each municipality's log */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns `ok` or why not, and the lines under the head that was checked (0 where no head holds) */
  async verify(keys: JournalKeys | undefined): Promise<{ verdict: string; size: number }> {
    if (keys === undefined) throw new SekishoError('not-found', { what: 'journal' });
    const { municipality, ...policy } = keys;
    const running = this.#running.get(municipality) ?? this.#start(municipality, policy);
    return await running;
  }

  #start(municipality: string, policy: Parameters<typeof verifyLog>[1]) {
    const run = async () => {
      const source = folderSource(newestLogFolder(join(this.#folder, municipality)));
      const verdict = await verifyLog(source, policy, undefined, nodePrimitives);
      return verdict.ok
        ? { verdict: 'ok', size: verdict.size }
        : { verdict: verdict.reason as string, size: 0 };
    };
    const running = run().finally(() => this.#running.delete(municipality));
    this.#running.set(municipality, running);
    return running;
  }
}
