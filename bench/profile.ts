import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}
interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

/** Where BENCH_PROFILE asks for it, profiles a process that is under load now and tells where its time goes. */
export async function profileIfAsked(pid: number, ms: number, name: string): Promise<void> {
  const file = process.env.BENCH_PROFILE;
  if (file === undefined) return;
  const late = sleep(ms + 20_000).then(() => `no profile of ${name} in time`);
  const done = profile(pid, ms, `${file}-${name}.cpuprofile`).catch(String);
  console.error(await Promise.race([done, late]));
}

/**
 * Profiles a running node process of the bench through its inspector, which SIGUSR1 opens on loopback. For finding out why a
 * figure is missed; what is measured meanwhile does not count.
 */
async function profile(pid: number, ms: number, file: string): Promise<string> {
  process.kill(pid, 'SIGUSR1');
  await sleep(500);
  const answer = await fetch('http://127.0.0.1:9229/json');
  const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target!.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  let id = 0;
  const ask = (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    const number = ++id;
    return new Promise((resolve) => {
      const listen = (event: MessageEvent) => {
        const message = JSON.parse(String(event.data)) as { id?: number; result: Record<string, unknown> };
        if (message.id !== number) return;
        socket.removeEventListener('message', listen);
        resolve(message.result);
      };
      socket.addEventListener('message', listen);
      socket.send(JSON.stringify({ id: number, method, params }));
    });
  };
  await ask('Profiler.enable');
  await ask('Profiler.setSamplingInterval', { interval: 500 });
  await ask('Profiler.start');
  await sleep(ms);
  const { profile: found } = await ask('Profiler.stop');
  // The port is one for all processes of the machine, and the next to be profiled wants it. Later, for it waits for us to go.
  const close = "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 300)";
  await ask('Runtime.evaluate', { expression: close });
  socket.close();
  writeFileSync(file, JSON.stringify(found));
  return summaryOf(found as unknown as Profile);
}

const longestUs = 1_000;

/** Functions by their own time and by the time of all they call, in percent of the time that was not idle. */
export function summaryOf({ nodes, samples, timeDeltas }: Profile): string {
  const own = new Map<number, number>();
  // A longer pause between two samples is one in which the system ran somebody else.
  for (const [i, id] of samples.entries())
    own.set(id, (own.get(id) ?? 0) + Math.min(timeDeltas[i]!, longestUs));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const nameOf = ({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string =>
    `${functionName || '(anonymous)'} ${url.replace(/^.*\/(src|node_modules|bench)\//, '')}:${lineNumber + 1}`;
  const selfs = new Map<string, number>();
  const totals = new Map<string, number>();
  let busy = 0;
  const walk = (node: ProfileNode, above: ReadonlySet<string>): number => {
    const name = nameOf(node);
    const self = node.callFrame.functionName === '(idle)' ? 0 : (own.get(node.id) ?? 0);
    busy += self;
    selfs.set(name, (selfs.get(name) ?? 0) + self);
    const within = new Set(above).add(name);
    let sum = self;
    for (const child of node.children ?? []) sum += walk(byId.get(child)!, within);
    if (!above.has(name)) totals.set(name, (totals.get(name) ?? 0) + sum);
    return sum;
  };
  walk(nodes[0]!, new Set());
  const table = (title: string, of: Map<string, number>, count: number): string[] => [
    title,
    ...[...of]
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([name, us]) => `${((us / busy) * 100).toFixed(1).padStart(6)} %  ${name}`),
  ];
  return [...table('own time', selfs, 45), ...table('with callees', totals, 70)].join('\n');
}
