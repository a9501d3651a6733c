import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { OwnClient } from './portal-client.ts';

export async function signInWithPasskey(client: OwnClient): Promise<void> {
  const { options } = await client.signInOptions();
  const response = await startAuthentication({ optionsJSON: options });
  await client.signInPasskey({ body: { response } });
}

export async function enrolPasskey(client: OwnClient, invitation: string): Promise<void> {
  const { options } = await client.enrolOptions(invitation);
  const response = await startRegistration({ optionsJSON: options });
  await client.enrolPasskey({ body: { invitation, response } });
}
