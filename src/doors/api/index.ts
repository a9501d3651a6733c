export { createApi } from './create-api.ts';
export type { ApiPorts, GatePort, RegisterDesk } from './ports.ts';
