import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { useSameSession } from '../ui/same-session.ts';
import { OfficeError, OwnClient, type PortalSession } from './portal-client.ts';

const ClientContext = createContext<OwnClient | null>(null);

/** One client for the whole portal. */
export function ClientProvider({ children }: { children: ReactNode }) {
  const client = useMemo(() => new OwnClient(), []);
  const queries = useQueryClient();
  useEffect(() => {
    client.onSessionOver = () => forget(queries);
  }, [client, queries]);
  useSameSession(async () => {
    const known = queries.getQueryData<PortalSession | null>(['session']);
    if (!known) return true;
    const now = await client.sessionState().catch(() => null);
    return now === null || now.expiresAt === known.expiresAt;
  });
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** Whatever was read in a session goes with it. */
export function forget(queries: QueryClient): void {
  queries.setQueryData(['session'], null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
}

export function usePortal(): OwnClient {
  const client = useContext(ClientContext);
  if (client === null) throw new OfficeError(0, 'internal', {});
  return client;
}

/** The session of this browser; null when nobody is signed in. */
export function useSessionQuery() {
  const client = usePortal();
  return useQuery({
    queryKey: ['session'],
    queryFn: async (): Promise<PortalSession | null> => {
      try {
        return await client.sessionState();
      } catch (error) {
        if (error instanceof OfficeError && error.kind === 'session-invalid') return null;
        throw error;
      }
    },
    gcTime: Number.POSITIVE_INFINITY,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
