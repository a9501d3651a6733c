import { connect, type TLSSocket } from 'node:tls';
import { gateServer } from '../../src/core/gate/index.ts';
import { systemClock } from '../../src/ground/clock.ts';
import { createAuthority, issueCertificate, type TlsMaterial } from '../../src/ground/http/index.ts';
import { type Log, silentLog } from '../../src/ground/log.ts';
import type { TestHouse } from '../house.ts';

/** The house's gate behind its server on loopback, and callers with certificates of its authority. */
export interface ServedGate {
  url: string;
  /** What a caller of this name presents. */
  certificate(name: string): Promise<TlsMaterial>;
  /** Sends bytes as they are and gives what came back until the other side closed, or fell silent. */
  raw(bytes: Buffer, tls: TlsMaterial): Promise<Buffer>;
  close(): Promise<void>;
}

const silentMs = 300;

export async function serveGate(house: TestHouse, log: Log = silentLog): Promise<ServedGate> {
  const authority = await createAuthority(systemClock, house.randomness);
  const certificate = (name: string) => issueCertificate(authority, name, ['localhost', '127.0.0.1']);
  const app = gateServer({ gate: house.gate, log, tls: await certificate('gate') });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const port = Number(new URL(address).port);
  return {
    url: `https://127.0.0.1:${port}`,
    certificate,
    raw: (bytes, tls) =>
      exchange(bytes, connect({ ...tls, host: '127.0.0.1', port, servername: 'localhost' })),
    close: async () => {
      await app.close();
    },
  };
}

function exchange(bytes: Buffer, socket: TLSSocket): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const end = () => {
      socket.destroy();
      resolve(Buffer.concat(parts));
    };
    socket.setTimeout(silentMs, end);
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', end);
    socket.on('close', end);
    socket.on('secureConnect', () => socket.write(bytes));
  });
}
