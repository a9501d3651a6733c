import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Bilingual, Language } from '../words/index.ts';
import type { BrowserPlace } from './browser-door.ts';

export const none = z.strictObject({});
export type None = typeof none;

/** What a handler is given: everything checked already. */
export interface Call<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  params: z.output<Params>;
  query: z.output<Query>;
  body: z.output<Body>;
  /** The bearer's session; '' on routes that need none. Only the gate can say whether it holds. */
  session: string;
  language: Language;
  /** Where a request is a browser's at the site: its cookies. */
  browser: BrowserPlace | undefined;
  /** The raw body of a route that takes a file. */
  stream: Readable;
  /** Aborted when the caller has gone. */
  signal: AbortSignal;
}

/** One operation of the API. */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** camelCase; the name of the method in the generated client. */
  operationId: string;
  method: 'GET' | 'POST';
  /** OpenAPI path, `{name}` for a parameter. Never holds a number, a name or another personal value. */
  path: string;
  tag: string;
  summary: Bilingual;
  /** True where a session is asked for. */
  signedIn: boolean;
  params: Params;
  query: Query;
  body: Body;
  answer: Answer;
  status: 200 | 201 | 202;
  /** Media type of a body that is a file and is streamed. */
  upload?: string;
  handle(call: Call<Params, Query, Body>): Promise<z.input<Answer>>;
}

type Given<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = Pick<
  Route<P, Q, B, A>,
  'operationId' | 'method' | 'path' | 'tag' | 'summary' | 'answer' | 'handle'
> &
  Partial<Pick<Route<P, Q, B, A>, 'signedIn' | 'params' | 'query' | 'body' | 'status' | 'upload'>>;

/** Types one operation; what is left out means: signed in, no parameters, no body, 200. */
export function route<
  Answer extends z.ZodType,
  Params extends z.ZodType = None,
  Query extends z.ZodType = None,
  Body extends z.ZodType = None,
>(given: Given<Params, Query, Body, Answer>): Route {
  const whole: Route<Params, Query, Body, Answer> = {
    signedIn: true,
    params: none as unknown as Params,
    query: none as unknown as Query,
    body: none as unknown as Body,
    status: 200,
    ...given,
  };
  // The table holds routes of many shapes; each was checked against its own handler above.
  return whole as unknown as Route;
}
