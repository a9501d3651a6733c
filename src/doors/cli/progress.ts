import { Presets, SingleBar } from 'cli-progress';
import type { Language } from '../words/index.ts';
import type { Terminal } from './terminal.ts';

/** How far long work has come. On a terminal a bar; in a pipe a plain line now and then; with --json nothing. */
export interface Progress {
  /** @param done units finished so far; @param total when it is known only now */
  update(done: number, total?: number): void;
  stop(): void;
}

export const silentProgress: Progress = { update: () => {}, stop: () => {} };

const LINE_EVERY_MS = 5_000;

/** `1:02:03`, `2:03`, `0:07`; never a negative time. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-:--';
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Rate since the start and the time left at that rate. Both are 0 or unknown before the first unit. */
export function paceOf(
  done: number,
  total: number,
  elapsedMs: number,
): { perSecond: number; leftSeconds: number } {
  const perSecond = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  return { perSecond, leftSeconds: perSecond > 0 ? (total - done) / perSecond : Number.POSITIVE_INFINITY };
}

const integer = (n: number) => Math.round(n).toLocaleString('en-US');

/** A bar on a terminal that is there for a person. */
function barProgress(
  terminal: Terminal,
  title: string,
  unit: string,
  total: number,
  language: Language,
): Progress {
  const left = language === 'ja' ? '残り' : 'left';
  const bar = new SingleBar(
    {
      stream: terminal.stderr as NodeJS.WritableStream,
      format: `${title} {bar} {percentage}%  {done}/{all} ${unit}  {rate}/s  ${left} {left}`,
      hideCursor: true,
      clearOnComplete: false,
      fps: 8,
    },
    Presets.shades_classic,
  );
  const started = terminal.elapsedMs();
  let all = total;
  const payload = (done: number) => {
    const pace = paceOf(done, all, terminal.elapsedMs() - started);
    return {
      done: integer(done),
      all: integer(all),
      rate: integer(pace.perSecond),
      left: formatDuration(pace.leftSeconds),
    };
  };
  bar.start(Math.max(1, all), 0, payload(0));
  return {
    update(done, newTotal) {
      if (newTotal !== undefined && newTotal !== all) {
        all = newTotal;
        bar.setTotal(Math.max(1, all));
      }
      bar.update(Math.min(done, all), payload(done));
    },
    stop: () => bar.stop(),
  };
}

/** Plain lines for logs and pipes: at most one in five seconds, and one at the end. */
function lineProgress(
  terminal: Terminal,
  title: string,
  unit: string,
  total: number,
  language: Language,
): Progress {
  const started = terminal.elapsedMs();
  let last = started;
  let all = total;
  let latest = 0;
  const line = (done: number, now: number) => {
    const pace = paceOf(done, all, now - started);
    const left = language === 'ja' ? '残り' : 'left';
    terminal.stderr.write(
      `${title} ${integer(done)}/${integer(all)} ${unit}, ${integer(pace.perSecond)}/s, ${left} ${formatDuration(pace.leftSeconds)}\n`,
    );
  };
  return {
    update(done, newTotal) {
      all = newTotal ?? all;
      latest = done;
      const now = terminal.elapsedMs();
      if (now - last < LINE_EVERY_MS) return;
      last = now;
      line(done, now);
    },
    stop() {
      if (latest > 0) line(latest, terminal.elapsedMs());
      latest = 0;
    },
  };
}

export interface ProgressOptions {
  terminal: Terminal;
  language: Language;
  json: boolean;
  title: string;
  /** Plural noun of what is counted, e.g. `rows`. */
  unit: string;
  total: number;
}

/** Starts showing progress on stderr, as fits the place it is shown in. */
export function startProgress(o: ProgressOptions): Progress {
  if (o.terminal.stderr.isTTY && !o.json)
    return barProgress(o.terminal, o.title, o.unit, o.total, o.language);
  if (o.json) return silentProgress;
  return lineProgress(o.terminal, o.title, o.unit, o.total, o.language);
}
