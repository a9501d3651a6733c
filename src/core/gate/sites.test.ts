import { describe, expect, it } from 'vitest';
import { siteIdentities } from './sites.ts';

describe('origins of the sites', () => {
  it('name the host that passkeys are made for', () => {
    const { desk, portal } = siteIdentities({
      desk: 'https://desk.town.example:8443',
      portal: 'http://portal.localhost:8611',
    });
    expect(desk).toEqual({
      site: 'desk',
      origin: 'https://desk.town.example:8443',
      rpId: 'desk.town.example',
    });
    expect(portal.rpId).toBe('portal.localhost');
  });
  it.each([
    ['', 'not-a-url'],
    ['desk.town.example', 'not-a-url'],
    ['https://desk.town.example/', 'not-an-origin'],
    ['https://desk.town.example/desk', 'not-an-origin'],
    ['https://DESK.town.example', 'not-an-origin'],
    ['http://desk.town.example', 'needs-https'],
    ['ftp://desk.localhost', 'needs-https'],
    ['https://127.0.0.1:8610', 'needs-a-name'],
    ['http://[::1]:8610', 'needs-https'],
  ])('%j: %s', (desk, reason) => {
    expect(() => siteIdentities({ desk, portal: 'https://portal.town.example' })).toThrow(reason);
  });
  it.each([
    ['https://town.example', 'https://town.example:8443'],
    ['https://town.example', 'https://portal.town.example'],
    ['https://desk.town.example', 'https://town.example'],
  ])('%s and %s are too near: one would be sent what the other keeps', (desk, portal) => {
    expect(() => siteIdentities({ desk, portal })).toThrow('hosts-overlap');
  });
});
