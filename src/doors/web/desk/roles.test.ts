import { expect, it } from 'vitest';
import { mayEnrol, mayUse, type Screen, screens } from './roles.ts';

const offered = (role: string) => (Object.keys(screens) as Screen[]).filter((screen) => mayUse(screen, role));

it.each([
  ['clerk', ['grants']],
  ['supervisor', ['grants', 'contests']],
  ['registrar', ['imports']],
  ['officer', ['grants', 'contests', 'journal', 'people']],
  ['administrator', ['people']],
  ['resident', []],
  ['nobody', []],
])('%s is offered %j beside the cases', (role, expected) => expect(offered(role)).toEqual(expected));

it('only the administrator enrols', () => {
  expect(['clerk', 'supervisor', 'registrar', 'officer'].some(mayEnrol)).toBe(false);
  expect(mayEnrol('administrator')).toBe(true);
});
