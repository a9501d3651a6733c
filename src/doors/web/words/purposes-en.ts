import type { PurposeWords } from './purposes-ja.ts';

export const purposesEn = {
  'bango-7-1': { plain: 'to give an individual number', article: 'Number Use Act, art. 7(1)' },
  'bango-7-2': { plain: 'to change a number that leaked', article: 'Number Use Act, art. 7(2)' },
  'bango-16': {
    plain: 'to confirm that whoever shows a number is its holder',
    article: 'Number Use Act, art. 16',
  },
  'jukiho-5': {
    plain: 'to make and keep the resident register',
    article: 'Resident Registration Act, art. 5–7',
  },
  'jukiho-8': {
    plain: 'to record births, deaths and the like',
    article: 'Resident Registration Act, art. 8',
  },
  'jukiho-12': {
    plain: 'to issue a certificate of residence to the resident or his household',
    article: 'Resident Registration Act, art. 12',
  },
  'jukiho-12-special': {
    plain: 'to issue a certificate that carries the number or the resident record code',
    article: 'Resident Registration Act, art. 12(5)',
  },
  'jukiho-12-2': {
    plain: 'to answer a request of a national or local public body',
    article: 'Resident Registration Act, art. 12-2',
  },
  'jukiho-12-household': {
    plain: 'to see who is in one’s own household',
    article: 'Resident Registration Act, art. 12',
  },
  'jukiho-14': { plain: 'to put a wrong entry right', article: 'Resident Registration Act, art. 14' },
  'jukiho-22': {
    plain: 'to record a move into the municipality',
    article: 'Resident Registration Act, art. 22',
  },
  'jukiho-23': {
    plain: 'to record a move within the municipality',
    article: 'Resident Registration Act, art. 23',
  },
  'jukiho-24': { plain: 'to record a move out', article: 'Resident Registration Act, art. 24' },
  'jukiho-25': { plain: 'to record a change of household', article: 'Resident Registration Act, art. 25' },
  'jukiho-34': {
    plain: 'to look into whether an entry agrees with the facts',
    article: 'Resident Registration Act, art. 34',
  },
  'jukiho-order-34': {
    plain: 'to dispose of records past their retention',
    article: 'Enforcement Order of the Resident Registration Act, art. 34',
  },
  'keiso-197-2': {
    plain: 'to answer an inquiry in a criminal investigation',
    article: 'Code of Criminal Procedure, art. 197(2)',
  },
  'kojo-76': {
    plain: 'to see one’s own record',
    article: 'Act on the Protection of Personal Information, art. 76',
  },
  'kojo-76-desk': {
    plain: 'to show this history at the resident’s own request',
    article: 'Act on the Protection of Personal Information, art. 76',
  },
  'kojo-77-2': {
    plain: 'to check who the resident is and give access to the portal',
    article: 'Act on the Protection of Personal Information, art. 77(2)',
  },
} as const satisfies PurposeWords;
