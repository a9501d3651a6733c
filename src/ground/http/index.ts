export { type Authority, createAuthority, issueCertificate, openAuthority } from './certificates.ts';
export { PeerClient, type PeerOptions } from './peer-client.ts';
export { errorOfProblem, type Problem, problemOf, problemType, statusOf, type Wording } from './problem.ts';
export {
  callerName,
  type HttpShell,
  httpShell,
  type OpenApiInfo,
  type ShellOptions,
  type TlsMaterial,
} from './shell.ts';
export { trustingFetch } from './trusting-fetch.ts';
