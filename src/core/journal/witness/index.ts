export { type Fetch, WitnessClient, type WitnessClientOptions } from './client.ts';
export { WitnessServer, type WitnessServerOptions } from './server.ts';
export { FolderState, originHash, type WitnessState } from './state.ts';
export { type Answer, WitnessCore, type WitnessedLog } from './witness.ts';
