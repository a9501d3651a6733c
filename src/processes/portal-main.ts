import { GateClient } from '../core/gate/index.ts';
import { logVerifierKey, witnessVerifierKey } from '../core/journal/index.ts';
import { createPortalSite, type LogKeys } from '../doors/api/index.ts';
import { createLog, type Log } from '../ground/log.ts';
import { type Running, runProcess } from './main.ts';
import { pagesOf } from './pages.ts';
import { checkTls, type PortalConfig, portalConfig } from './settings.ts';

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** What a resident's browser checks lines with: as the house was made, not as the gate says today. */
function keysOf({ municipalities, log_public_key, witnesses }: PortalConfig): LogKeys[] {
  return municipalities.map(({ code, origin }) => ({
    municipality: code,
    origin,
    logKey: logVerifierKey({ name: origin, publicKey: bytes(log_public_key) }),
    witnessKeys: witnesses.map(({ name, public_key }) =>
      witnessVerifierKey({ name, publicKey: bytes(public_key) }),
    ),
    quorum: witnesses.length,
  }));
}

/** The residents' site. It has no database role: all it knows it asks of the gate, under its own name. */
async function start(config: PortalConfig, log: Log): Promise<Running> {
  checkTls(config.gate.tls, 'gate.tls');
  const gate = new GateClient({ url: config.gate.url, tls: config.gate.tls, peer: 'gate' });
  const app = createPortalSite({
    gate,
    log,
    site: { origin: config.site.origin, pages: config.site.pages ?? pagesOf('portal') },
    keys: keysOf(config),
  });
  try {
    const url = await app.listen(config.listen);
    return {
      url,
      stop: async () => {
        await app.close();
        await gate.close();
      },
    };
  } catch (error) {
    await gate.close();
    throw error;
  }
}

await runProcess(portalConfig, () => createLog({ process: 'portal' }), start);
