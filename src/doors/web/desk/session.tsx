import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { useSameSession } from '../ui/same-session.ts';
import {
  type Budget,
  type Case,
  DeskClient,
  type DeskSession,
  OfficeError,
  type Purpose,
} from './desk-client.ts';

const ClientContext = createContext<DeskClient | null>(null);
const SessionContext = createContext<DeskSession | null>(null);

/** One client for the whole desk. */
export function ClientProvider({ children }: { children: ReactNode }) {
  const client = useMemo(() => new DeskClient(), []);
  const queries = useQueryClient();
  useEffect(() => {
    client.onSessionOver = () => forget(queries);
  }, [client, queries]);
  useSameSession(async () => {
    const known = queries.getQueryData<DeskSession | null>(['session']);
    if (!known) return true;
    const now = await client.session$().catch(() => null);
    return now === null || now.startedAt === known.startedAt;
  });
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** Whatever was read in a session goes with it. */
export function forget(queries: QueryClient): void {
  queries.setQueryData(['session'], null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
}

export function useDesk(): DeskClient {
  const client = useContext(ClientContext);
  if (client === null) throw new OfficeError(0, 'internal', {});
  return client;
}

/** The session of this browser; null when nobody is signed in. */
export function useSessionQuery() {
  const client = useDesk();
  return useQuery({
    queryKey: ['session'],
    queryFn: async (): Promise<DeskSession | null> => {
      try {
        return await client.session$();
      } catch (error) {
        if (error instanceof OfficeError && error.kind === 'session-invalid') return null;
        throw error;
      }
    },
    gcTime: Number.POSITIVE_INFINITY,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const SessionProvider = SessionContext.Provider;

/** Who is signed in; only below the frame, which shows the sign-in screen otherwise. */
export function useSession(): DeskSession {
  const session = useContext(SessionContext);
  if (session === null) throw new OfficeError(0, 'session-invalid', {});
  return session;
}

/** The purposes of the statute table: public law, kept while the page is open. */
export function usePurposes(): readonly Purpose[] {
  const client = useDesk();
  const { data } = useQuery({
    queryKey: ['purposes'],
    queryFn: () => client.purposes(),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return data?.purposes ?? [];
}

/** @param may not asked for where the role has none: each refusal is a line */
export function useCases(may = true) {
  const client = useDesk();
  return useQuery({
    queryKey: ['cases'],
    enabled: may,
    queryFn: async (): Promise<Case[]> => (await client.cases()).cases,
  });
}

export function useBudget(caseId: string) {
  const client = useDesk();
  return useQuery({
    queryKey: ['budget', caseId],
    queryFn: (): Promise<Budget> => client.budget({ caseId }),
    staleTime: 0,
  });
}
