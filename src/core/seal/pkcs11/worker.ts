import { parentPort, workerData } from 'node:worker_threads';
import { asSekishoError } from '../../../ground/errors.ts';
import type { FromToken, TokenAccess, TokenReply, TokenRequest, ToToken } from './messages.ts';
import { Token } from './token.ts';

// The token's thread: PKCS #11 calls block, and the event loop of the gate must not. Reply 0 tells how the opening
// went; afterwards requests are answered in the order they came.
const port = parentPort;
if (port !== null) {
  const reply = (replies: FromToken) => port.postMessage(replies);
  try {
    const token = new Token(workerData as TokenAccess);
    port.on('message', (message: ToToken) => {
      if (message === 'close') {
        token.close();
        port.close();
      } else {
        reply(message.map((request) => answer(token, request)));
      }
    });
    reply([{ id: 0, value: true }]);
  } catch (error) {
    const { kind, facts } = asSekishoError(error);
    reply([{ id: 0, error: { kind, facts } }]);
    port.close();
  }
}

function answer(token: Token, request: TokenRequest): TokenReply {
  try {
    return { id: request.id, value: token.run(request) };
  } catch (error) {
    const { kind, facts } = asSekishoError(error);
    return { id: request.id, error: { kind, facts } };
  }
}
