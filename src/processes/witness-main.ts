import { createPrivateKey, sign } from 'node:crypto';
import { logVerifierKey } from '../core/journal/index.ts';
import { WitnessServer } from '../core/journal/witness/index.ts';
import { systemClock } from '../ground/clock.ts';
import { createLog } from '../ground/log.ts';
import { readPrivateFile } from '../ground/private-file.ts';
import { runProcess } from './main.ts';
import { readJson, readPem, witnessConfig, witnessKeySchema } from './settings.ts';

/** @throws keystore-missing, keystore-unsafe (the key), config-invalid (the certificate) */
async function readTls(files: { key_file: string; cert_file: string }) {
  const key = await readPrivateFile(files.key_file, 'tls-key');
  return { key, cert: await readPem(files.cert_file, 'tls.cert_file') };
}

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
      ...(config.tls === undefined ? {} : { tls: await readTls(config.tls) }),
    });
    const port = await server.listen(config.listen.port, config.listen.host);
    return {
      url: `${config.tls === undefined ? 'http' : 'https'}://${config.listen.host}:${port}`,
      stop: () => server.close(),
    };
  },
);
