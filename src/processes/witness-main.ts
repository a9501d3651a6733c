import { createPrivateKey, sign } from 'node:crypto';
import { logVerifierKey } from '../core/journal/index.ts';
import { WitnessServer } from '../core/journal/witness/index.ts';
import { systemClock } from '../ground/clock.ts';
import { createLog } from '../ground/log.ts';
import { runProcess } from './main.ts';
import { readJson, witnessConfig, witnessKeySchema } from './settings.ts';

await runProcess(
  witnessConfig,
  () => createLog({ process: 'witness' }),
  async (config, log) => {
    const key = await readJson(config.key_file, 'witness-key', witnessKeySchema);
    const privateKey = createPrivateKey(key.private_key_pem);
    const server = new WitnessServer({
      signer: {
        name: config.name,
        publicKey: Buffer.from(key.public_key, 'base64'),
        sign: (data) => sign(null, data, privateKey),
      },
      logs: config.logs.map(({ origin, public_key }) => ({
        origin,
        keys: [logVerifierKey({ name: origin, publicKey: Buffer.from(public_key, 'base64') })],
        successors: true,
      })),
      folder: config.state,
      clock: systemClock,
      log,
    });
    const port = await server.listen(config.listen.port, config.listen.host);
    return { url: `http://${config.listen.host}:${port}`, stop: () => server.close() };
  },
);
