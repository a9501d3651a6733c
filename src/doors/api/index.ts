export { createApi } from './create-api.ts';
export type { ApiPorts, GatePort, RegisterDesk, StatuteRow } from './ports.ts';
